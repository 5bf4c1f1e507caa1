"""A gateway in a process of its own, a device that speaks to it, and the commands run on its data folder."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

from qingyuan.gateway.hj212 import checksum, replies

MN = "010000A8900016F000169DC0"
QINGYUAN = [sys.executable, "-m", "qingyuan.interfaces.cli"]


def command(data, *arguments, status=0, env=None):
    """Run a command on the data folder; gives its output."""
    done = subprocess.run(
        [*QINGYUAN, *arguments, "--data", str(data)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, **(env or {})},
    )
    assert done.returncode == status, (arguments, done.returncode, done.stderr)
    assert "Traceback" not in done.stderr
    return done.stdout


def exported(data, *arguments):
    """The journal's records."""
    return [json.loads(line) for line in command(data, "journal", "export", *arguments).splitlines()]


class Running:
    """A started gateway."""

    def __init__(self, data, *arguments, env=None):
        self.data = data
        self.process = subprocess.Popen(
            [*QINGYUAN, "gateway", "--listen", "127.0.0.1:0", "--data", str(data), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(env or {})},
        )
        line = self.process.stdout.readline()
        found = re.search(r":(\d+)$", line.strip())
        assert found, (line, self.process.poll(), self.process.stderr.read() if self.process.poll() else "")
        self.port = int(found[1])

    def terminate(self):
        """SIGTERM; gives the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def kill(self):
        """kill -9."""
        self.process.kill()
        self.process.wait(30)


@contextmanager
def gateway(data, *arguments, env=None):
    """A gateway that is stopped in the end."""
    running = Running(data, *arguments, env=env)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.terminate()
        running.process.stdout.close()
        running.process.stderr.close()


class Talker:
    """One connection of a device."""

    def __init__(self, port, wait=2.0):
        self.line = socket.create_connection(("127.0.0.1", port), 10)
        self.line.settimeout(wait)
        self.rest = b""

    def send(self, *frames):
        """Send frames or any bytes."""
        self.line.sendall(b"".join(frames))

    def hear(self, count=1):
        """So many replies."""
        while self.rest.count(b"\r\n") < count:
            more = self.line.recv(1 << 16)
            if not more:
                break
            self.rest += more
        *lines, self.rest = self.rest.split(b"\r\n")
        self.rest = b"".join(line + b"\r\n" for line in lines[count:]) + self.rest
        return [line + b"\r\n" for line in lines[:count]]

    def silent(self, seconds=0.7):
        """Whether nothing comes."""
        self.line.settimeout(seconds)
        try:
            return self.rest == b"" and self.line.recv(1) == b"?"
        except TimeoutError:
            return True

    def closed(self, seconds=5.0):
        """Whether the other side closes."""
        self.line.settimeout(seconds)
        try:
            return self.line.recv(1 << 16) == b""
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False

    def close(self):
        self.line.close()


def upload(
    serial, cn="2011", mn=MN, pw="123456", flag="5", items="a21026-{f}={v},a21026-Flag=N", moment=None, extra=""
):
    """A frame of one factor, the serial in QN, DataTime (a second, minute or hour apart) and value."""
    field = "Rtd" if cn == "2011" else "Avg"
    stamp = (
        moment or f"202601{1 + serial // 86400 % 28:02}{serial // 3600 % 24:02}{serial // 60 % 60:02}{serial % 60:02}"
    )
    text = items.format(f=field, v=serial)
    head = f"QN={stamp}{serial % 1000:03};ST=31;CN={cn};PW={pw};MN={mn};Flag={flag};{extra}"
    return replies.frame(f"{head}CP=&&DataTime={stamp};{text}&&".encode())


def expected_reply(frame):
    """The 9014 that a frame of 2017 or 2025 must get."""
    text = frame[6:-6].decode()
    qn, pw, mn, flag = (re.search(rf"\b{name}=([^;]*);", text)[1] for name in ("QN", "PW", "MN", "Flag"))
    segment = f"QN={qn};ST=91;CN=9014;PW={pw};MN={mn};Flag={int(flag) & 0xFC};CP=&&&&".encode()
    return b"##%04d%b%04X\r\n" % (len(segment), segment, checksum.checksum(segment))


def wait_for(condition, seconds=10.0):
    """What the condition gives as soon as it is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {condition}")
