"""Load for the gateway: frames made in bulk by numpy, a client that costs little, a bare server to compare with.

python -m benchmarks.hj212_load bare PORT-FILE: the bare server: frames by length, answers 9014 with a right sum,
nothing else.
"""

from __future__ import annotations

import asyncio
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from qingyuan.gateway.hj212 import checksum

CODES = ("a01011", "a01012", "a01013", "a01014", "a19001", "a21002", "a21026", "a34013", "a00000", "a21005", "a21018",
         "a21024", "a20057")  # fmt: skip
"""Thirteen factors of a stack."""


def frames(mn: str, first: int, count: int) -> tuple[bytes, int]:
    """So many different frames of a device in one buffer, and the length of each; DataTime a second apart."""
    serial = np.arange(first, first + count)
    items = ";".join(f"{code}-Rtd={value:.3f},{code}-Flag=N" for value, code in enumerate(CODES, 10))
    head = "QN={0:017};ST=31;CN=2011;PW=123456;MN=" + mn + ";Flag=5;CP=&&DataTime={0:014};"
    segment = (head.format(0) + items + "&&").encode()
    rows = np.tile(np.frombuffer(b"##%04d%b0000\r\n" % (len(segment), segment), np.uint8), (count, 1))
    moments = np.datetime64("2026-01-01T00:00:00") + serial.astype("timedelta64[s]")
    digits = _digits(moments)
    rows[:, 9:23] = digits
    rows[:, 23:26] = 48 + np.stack([serial // 100 % 10, serial // 10 % 10, serial % 10], axis=1)
    at = 6 + segment.index(b"DataTime=") + 9
    rows[:, at : at + 14] = digits
    rows[:, -6:-2] = _sums(rows[:, 6:-6])
    return rows.tobytes(), rows.shape[1]


def _digits(moments: npt.NDArray[np.datetime64]) -> npt.NDArray[np.uint8]:
    text = np.datetime_as_string(moments, "s").astype("S19").view(np.uint8).reshape(-1, 19)
    return text[:, [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18]]


def _sums(segments: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The printed sums: bytes a multiple of 8 apart weigh the same, so each segment is folded to 8 bytes first."""
    length = segments.shape[1]
    missing = -length % 8
    padded = np.concatenate([np.zeros((len(segments), missing), np.uint8), segments], axis=1)
    folded = np.bitwise_xor.reduce(padded.reshape(len(segments), -1, 8), axis=1)
    # a sum of 16 + length % 8 bytes has the start where the whole has it
    texts = {row: checksum.text(_stretched(row, length)) for row in {each.tobytes() for each in folded}}
    joined = b"".join(texts[each.tobytes()] for each in folded)
    return np.frombuffer(joined, np.uint8).reshape(-1, 4)


def _stretched(folded: bytes, length: int) -> bytes:
    zeros = bytes(8 + length % 8) if length % 8 else bytes(8)
    return zeros + folded


@dataclass
class Line:
    """One connection of the client. at: frames sent of the buffer; sent, back: frames sent and answered in all."""

    line: socket.socket
    mn: str
    each: int
    endless: bool
    first: int = 0
    at: int = 0
    sent: int = 0
    back: int = 0
    owed: int = 0

    def __post_init__(self) -> None:
        self._fill()

    def _fill(self) -> None:
        made, self.size = frames(self.mn, self.first, self.each)
        self.buffer = memoryview(made)

    def send(self, count: int) -> int:
        """The next frames; gives how many there were."""
        if self.at == self.each and self.endless:
            self.first, self.at = self.first + self.each, 0
            self._fill()
        count = min(count, self.each - self.at)
        if count:
            self.line.sendall(self.buffer[self.at * self.size : (self.at + count) * self.size])
            self.at += count
            self.sent += count
        return count


@dataclass
class Load:
    """A client with so many connections, so many frames each in flight.

    frames_each: made beforehand for each connection; rate: frames a second in all, made anew as needed.
    """

    port: int
    connections: int = 50
    in_flight: int = 20
    seconds: float = 5.0
    frames_each: int = 12_000
    rate: float | None = None
    lines: list[Line] = field(default_factory=list)

    def prepare(self) -> Load:
        """Make the frames and connect, before the clock runs."""
        for number in range(self.connections):
            line = socket.create_connection(("127.0.0.1", self.port))
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.lines.append(Line(line, f"{number:024X}", self.frames_each, self.rate is not None))
        return self

    def run(self) -> float:
        """Send until the time is over or the frames are used up; gives frames answered a second."""
        watch = selectors.EpollSelector()
        for line in self.lines:
            watch.register(line.line, selectors.EVENT_READ, line)
            line.owed = self.in_flight
        begun = time.perf_counter()
        self._pay(self.lines, 0.0)
        while (passed := time.perf_counter() - begun) < self.seconds and not self._done():
            heard = [key.data for key, _ in watch.select(0.01)]
            for line in heard:
                answered = line.line.recv(1 << 16).count(b"\r\n")
                line.back += answered
                line.owed += answered
            self._pay(heard if self.rate is None else self.lines, passed)
        return self.answered() / passed

    def _pay(self, lines: list[Line], passed: float) -> None:
        """Send what is owed, as far as the rate allows."""
        allowed = 1 << 60 if self.rate is None else int(self.rate * passed) - sum(line.sent for line in self.lines)
        for line in lines:
            if line.owed and allowed > 0:
                paid = line.send(min(line.owed, allowed))
                line.owed -= paid
                allowed -= paid

    def _done(self) -> bool:
        return self.rate is None and all(line.back >= self.frames_each for line in self.lines)

    def answered(self) -> int:
        """Frames answered so far."""
        return sum(line.back for line in self.lines)

    def close(self) -> None:
        """Hear the last answers, hang up."""
        for line in self.lines:
            line.line.settimeout(5)
            while line.back < line.sent:
                line.back += line.line.recv(1 << 16).count(b"\r\n")
            line.line.close()


class _Bare(asyncio.Protocol):
    """Frames by length; each is answered at once with 9014."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.rest = transport, b""

    def data_received(self, data: bytes) -> None:
        buffer, at, replies = self.rest + data, 0, []
        while len(buffer) >= at + 12:
            stop = at + 6 + int(buffer[at + 2 : at + 6])
            if len(buffer) < stop + 6:
                break
            replies.append(_answer(buffer[at + 6 : stop]))
            at = stop + 6
        self.rest = buffer[at:]
        self.transport.write(b"".join(replies))  # type: ignore[attr-defined]


def _answer(segment: bytes) -> bytes:
    found = dict(item.split(b"=", 1) for item in segment[: segment.index(b"CP=")].split(b";") if item)
    told = b"QN=%b;ST=91;CN=9014;PW=%b;MN=%b;Flag=4;CP=&&&&" % (found[b"QN"], found[b"PW"], found[b"MN"])
    return b"##%04d%b%b\r\n" % (len(told), told, checksum.text(told))


async def _serve(port_file: Path) -> None:
    server = await asyncio.get_running_loop().create_server(_Bare, "127.0.0.1", 0)
    part = port_file.with_suffix(".part")
    part.write_text(str(server.sockets[0].getsockname()[1]))
    part.rename(port_file)
    await server.serve_forever()


def _bare(port_file: Path) -> None:
    try:
        import uvloop

        uvloop.run(_serve(port_file))
    except ImportError:
        asyncio.run(_serve(port_file))


if __name__ == "__main__":
    _bare(Path(sys.argv[2]))
