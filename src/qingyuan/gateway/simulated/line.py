"""One simulated device at the end of its TCP line: it calls, sends what is due, listens, and makes good an outage.

New data first: what could not be sent while the line was broken follows with ``RF=1`` (edition 2025), a little at
a time. Data are kept until the host has answered 9014 and sent again when the answer is late. A logger without a number
names its hardware first and waits for one; a small one sends in parts and now and then mislays one for a while.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from qingyuan.base.errors import QingyuanError
from qingyuan.gateway.hj212 import head
from qingyuan.gateway.hj212.decode import Message, decode
from qingyuan.gateway.hj212.dialogue import exchange
from qingyuan.gateway.hj212.framing import Frame, Framer
from qingyuan.gateway.simulated.answering import answers
from qingyuan.gateway.simulated.fleet import Device
from qingyuan.gateway.simulated.readings import offline, silent
from qingyuan.gateway.simulated.speaking import HEARTBEAT, LENGTHS, UNNUMBERED, Speaker

BACKLOG_AT_ONCE = 4
"""Messages of the backlog that may wait for their answers together."""

LONGEST_BACKLOG = 2000
CALL_AGAIN = 2.0
"""Seconds until a device calls again when nobody took the call."""

MISLAID_EVERY, MISLAID_SECONDS = 12, 900.0
"""Of so many split messages one part comes only so many real seconds later."""

_MOMENTARY = ("2011", "9015")
"""What is said of a moment and lost when the line is broken."""
_ANSWERS = ("9011", "9012", "9013", "9014")


@dataclass
class Tally:
    """What all devices did together."""

    connected: int = 0
    sent: int = 0
    acknowledged: int = 0
    resent: int = 0
    given_up: int = 0
    backlog: int = 0
    commands: int = 0


@dataclass
class _Waiting:
    frame: bytes
    since: float
    tries: int
    late: bool


class Line:
    """A device's line. clock: the simulated time now; speed: simulated seconds in a real one."""

    def __init__(self, device: Device, clock: Callable[[], datetime], speed: float, tally: Tally) -> None:
        self.speaker = Speaker(device)
        self._clock, self._speed, self._tally = clock, speed, tally
        self._backlog: deque[tuple[str, datetime]] = deque(maxlen=LONGEST_BACKLOG)
        self._waiting: OrderedDict[str, _Waiting] = OrderedDict()
        self._due: dict[str, datetime] = {}
        self._split = 0
        self._mislaid: deque[tuple[float, bytes]] = deque()

    async def run(self, host: str, port: int) -> None:
        """Call again and again, until cancelled."""
        began = self._clock()
        await asyncio.sleep(self.speaker.device.number % 50 / 50)
        beats = ("9015",) if self.speaker.device.edition == "2025" else ()
        for name in ("2011", "2051", "2061", "2031", *beats):
            self._due[name] = self._next(name, began)
        while True:
            await self._wait_while_offline()
            with contextlib.suppress(OSError):
                await self._call(host, port)
            await asyncio.sleep(CALL_AGAIN)

    async def _call(self, host: str, port: int) -> None:
        reader, writer = await asyncio.open_connection(host, port)
        self._tally.connected += 1
        listening = asyncio.create_task(self._listen(reader, writer))
        try:
            await self._be_numbered(writer)
            self._send(writer, self.speaker.started(self._clock()))
            while not listening.done() and not offline(self.speaker.device, self._clock()):
                self._send_due(writer)
                self._send_backlog(writer)
                self._send_mislaid(writer)
                self._send_again(writer)
                await writer.drain()
                await asyncio.sleep(self._pause())
        finally:
            self._tally.connected -= 1
            listening.cancel()
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await asyncio.gather(listening, return_exceptions=True)

    async def _be_numbered(self, writer: asyncio.StreamWriter) -> None:
        """Name the hardware and wait for a number; where none is given it is the one from the register after all."""
        if self.speaker.mn != UNNUMBERED:
            return
        self._send(writer, self.speaker.hardware(self._clock()))
        for _ in range(int(self.speaker.patience * 3 / 0.1)):
            if self.speaker.mn != UNNUMBERED:
                return
            await asyncio.sleep(0.1)
        self.speaker.mn = self.speaker.device.mn

    async def _wait_while_offline(self) -> None:
        """What falls due in the meantime goes into the backlog, but for real-time data, which are lost."""
        self._waiting.clear()
        while True:
            now = self._clock()
            for name, begin in self._fallen_due(now):
                if name not in _MOMENTARY:
                    self._backlog.append((name, begin))
            if not offline(self.speaker.device, now):
                break
            await asyncio.sleep(self._pause())

    def _pause(self) -> float:
        """Real seconds until something can fall due, at most one."""
        left = min(due - self._clock() for due in self._due.values()).total_seconds() / self._speed
        return min(max(left, 0.02), 1.0)

    def _fallen_due(self, now: datetime) -> list[tuple[str, datetime]]:
        """What fell due: command, and begin of its interval (the moment itself for real-time data)."""
        fallen = []
        for name, due in list(self._due.items()):
            while due <= now:
                fallen.append((name, due if name in _MOMENTARY else due - self._length(name)))
                due = self._next(name, due)
            self._due[name] = due
        return fallen

    def _next(self, name: str, after: datetime) -> datetime:
        if name in _MOMENTARY:
            return after + (HEARTBEAT if name == "9015" else timedelta(seconds=self.speaker.seconds))
        midnight = after.replace(hour=0, minute=0, second=0, microsecond=0)
        length = self._length(name)
        return midnight + ((after - midnight) // length + 1) * length

    def _length(self, name: str) -> timedelta:
        return LENGTHS.get(name, timedelta(minutes=self.speaker.minutes))

    def _send_due(self, writer: asyncio.StreamWriter) -> None:
        speaker, now = self.speaker, self._clock()
        for name, begin in self._fallen_due(now):
            if name == "9015":
                self._send(writer, speaker.heartbeat(now))
                continue
            if name == "2011":
                if speaker.real_time and not silent(speaker.device, begin):
                    self._send(writer, speaker.real_time_data(begin))
                continue
            self._send(writer, speaker.mean_data(name, begin, now))
            if name == "2051" and speaker.states:
                self._send(writer, speaker.running_state(now))

    def _send_backlog(self, writer: asyncio.StreamWriter) -> None:
        """A few of the backlog, after what is new, as the answers to those before come."""
        unanswered = sum(waiting.late for waiting in self._waiting.values())
        for _ in range(min(BACKLOG_AT_ONCE - unanswered, len(self._backlog))):
            name, begin = self._backlog.popleft()
            self._tally.backlog += 1
            self._send(writer, self.speaker.mean_data(name, begin, self._clock(), resent=True), late=True)

    def _send(self, writer: asyncio.StreamWriter, frames: list[bytes], *, late: bool = False) -> None:
        for frame in self._without_mislaid(frames):
            writer.write(frame)
            self._tally.sent += 1
            asked = head.read(frame[6:-6])
            if asked.wants_reply and asked.qn and asked.cn not in (b"9011", b"9012"):
                self._waiting[asked.qn.decode()] = _Waiting(frame, _seconds(), 1, late)

    def _without_mislaid(self, frames: list[bytes]) -> list[bytes]:
        """The parts of a message but for one that now and then comes later."""
        if len(frames) < 2:
            return frames
        self._split += 1
        if self._split % MISLAID_EVERY:
            return frames
        self._mislaid.append((_seconds() + MISLAID_SECONDS, frames[1]))
        return [frames[0], *frames[2:]]

    def _send_mislaid(self, writer: asyncio.StreamWriter) -> None:
        while self._mislaid and self._mislaid[0][0] <= _seconds():
            self._send(writer, [self._mislaid.popleft()[1]])

    def _send_again(self, writer: asyncio.StreamWriter) -> None:
        """Frames whose answer is late, the same bytes again; after the last try they are given up."""
        for number, waiting in list(self._waiting.items()):
            if _seconds() - waiting.since < self.speaker.patience:
                break
            if waiting.tries > self.speaker.resends:
                del self._waiting[number]
                self._tally.given_up += 1
                continue
            writer.write(waiting.frame)
            self._tally.resent += 1
            self._waiting[number] = replace(waiting, since=_seconds(), tries=waiting.tries + 1)
            self._waiting.move_to_end(number)

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        framer = Framer()
        while data := await reader.read(65536):
            for piece in framer.feed(data):
                if isinstance(piece, Frame):
                    self._hear(piece, writer)

    def _hear(self, frame: Frame, writer: asyncio.StreamWriter) -> None:
        try:
            message = decode(frame, [self.speaker.key] if self.speaker.key else [])
        except QingyuanError:
            return
        if message.cn in _ANSWERS:
            self._acknowledged(message)
            return
        self._tally.commands += 1
        for each in answers(self.speaker, message, self._clock()):
            writer.write(each)
            self._tally.sent += 1

    def _acknowledged(self, message: Message) -> None:
        number = exchange(message)
        if message.cn in ("9013", "9014") and number in self._waiting:
            del self._waiting[number]
            self._tally.acknowledged += 1


def _seconds() -> float:
    return asyncio.get_running_loop().time()
