"""The gateway beside a bare server in one run, end to end into the lake, and with idle connections.

python -m benchmarks.gateway [--seconds N] [--rate N]: seconds of the end-to-end run, frames a second offered in it.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.hj212_load import CODES, Load
from qingyuan.gateway import positions
from qingyuan.observations import lake

QINGYUAN = [sys.executable, "-m", "qingyuan.interfaces.cli"]
ROUNDS = 3
IDLE = 10_000


def bare(folder: Path) -> tuple[subprocess.Popen, int]:
    """A started bare server and its port."""
    told = folder / f"port-{time.monotonic_ns()}"
    running = subprocess.Popen([sys.executable, "-m", "benchmarks.hj212_load", "bare", str(told)])
    while not told.exists():
        time.sleep(0.05)
    return running, int(told.read_text())


def gateway(data: Path) -> tuple[subprocess.Popen, int]:
    """A started gateway and its port."""
    command = [*QINGYUAN, "gateway", "--listen", "127.0.0.1:0", "--data", str(data), "--accept-unknown"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    return running, int(re.search(r":(\d+)$", running.stdout.readline().strip())[1])  # type: ignore[union-attr,index]


def acknowledged(folder: Path) -> None:
    """Durable acknowledged frames a second against the bare server, turn by turn; medians."""
    rates: dict[str, list[float]] = {"bare": [], "gateway": []}
    for number in range(ROUNDS):
        for name in rates:
            running, port = bare(folder) if name == "bare" else gateway(folder / f"ratio-{number}")
            load = Load(port).prepare()
            rates[name].append(load.run())
            load.close()
            running.terminate()
            running.wait()
    middle = {name: statistics.median(each) for name, each in rates.items()}
    print(
        f"acknowledged frames/s, 50 connections x 20 in flight: bare server {middle['bare']:,.0f}, "
        f"gateway (durable) {middle['gateway']:,.0f}: ratio {middle['gateway'] / middle['bare']:.2f}",
        flush=True,
    )


def end_to_end(folder: Path, seconds: float, rate: float) -> None:
    """Frames of 13 factors acknowledged, decoded and in the lake, until the last one is there."""
    data = folder / "flow"
    running, port = gateway(data)
    ingest = subprocess.Popen([*QINGYUAN, "ingest", "--quiet", "--data", str(data)], stdout=subprocess.DEVNULL)
    load = Load(port, seconds=seconds, frames_each=2_000, rate=rate).prepare()
    begun = time.perf_counter()
    load.run()
    load.close()
    sent = load.answered()
    acknowledged = time.perf_counter() - begun
    while positions.read(data).reached.fresh < sent:
        time.sleep(0.1)
    passed = time.perf_counter() - begun
    for each in (running, ingest):
        each.terminate()
        each.wait()
    rows = lake.read(data / "datasets" / "sources", flagged=True).count().execute()
    assert rows == sent * len(CODES), (rows, sent)
    print(
        f"end to end, {len(CODES)} factors a frame: {sent:,} frames acknowledged in {acknowledged:.0f} s, all in the lake "
        f"{passed - acknowledged:.1f} s later: {sent / passed:,.0f} frames/s, {rows / passed:,.0f} rows/s",
        flush=True,
    )


def idle(folder: Path) -> None:
    """Memory of the gateway's processes with idle connections."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    running, port = gateway(folder / "idle")
    lines = [socket.create_connection(("127.0.0.1", port)) for _ in range(IDLE)]
    time.sleep(2)
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
    used = sum(_resident(pid) for pid in [str(running.pid), *children])
    print(f"{len(lines):,} idle connections: {used:,.0f} MB in {1 + len(children)} processes", flush=True)
    running.terminate()
    running.wait()
    for line in lines:
        line.close()


def _resident(pid: str) -> float:
    """Resident memory of a process in MB."""
    return int(re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1]) / 1024  # type: ignore[index]


def main() -> None:
    """All three."""
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=120)
    options.add_argument("--rate", type=float, default=22_000)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="qingyuan-gateway-", dir=os.environ.get("TMPDIR")) as folder:
        acknowledged(Path(folder))
        end_to_end(Path(folder), given.seconds, given.rate)
        idle(Path(folder))


if __name__ == "__main__":
    main()
