"""One connection: bytes become frames, frames go to the journal, replies go back when they are on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import time_ns
from typing import Any, Protocol

from qingyuan.gateway import gate
from qingyuan.gateway.commits import Chunk, Commits
from qingyuan.gateway.hj212.framing import MISMATCH, MODBUS, SEALED, VALID, Frame, Framer, Skipped
from qingyuan.gateway.hj212.head import Head, read
from qingyuan.gateway.hj212.replies import INTERACTION, answerer, reply
from qingyuan.gateway.journal import Appended
from qingyuan.gateway.limits import Limits
from qingyuan.gateway.quarantine import tagged
from qingyuan.gateway.seen import Seen
from qingyuan.gateway.talks import Talks

Listener = Callable[[Head, Frame], None]

HARDWARE, KEY_WANTED = b"1001", b"1014"
"""Uploads of 2025 that ask the host for something: an MN, a new key."""

MOST_ROUTES = 256
"""Heads remembered for a connection."""

LONGEST_HEAD = 140
"""Bytes before CP of a head that is remembered."""


class Host(Protocol):
    """The gateway as a connection sees it."""

    loop: asyncio.AbstractEventLoop
    limits: Limits
    gate: gate.Gate
    accepted: Commits
    refused: Commits
    seen: dict[str, Seen]
    talks: Talks

    def admit(self, connection: Connection, host: str) -> bool:
        """Whether there is room for one more."""

    def leave(self, connection: Connection) -> None:
        """The connection has ended."""

    def meet(self, connection: Connection, mn: str, head: Head) -> Seen:
        """The totals of a device that speaks on a connection."""

    def fault_of_sealed(self, frame: Frame, head: Head) -> str:
        """Why an enciphered frame is set aside, else empty."""


class Route:
    """The way of frames with one head: their device, and what answers them."""

    __slots__ = ("answer", "late", "mn", "seen")

    def __init__(self, mn: str, late: bool, seen: Seen) -> None:
        self.mn, self.late, self.seen = mn, late, seen
        self.answer: Callable[[bytes], bytes] | None = None


class Connection(asyncio.Protocol):
    """A device's connection. A logger that speaks for several devices may send under several MNs."""

    __slots__ = (
        "_begun", "_framer", "_heard", "_held", "_identity", "_lent", "_listener", "_mn", "_noise", "_refusal",
        "_routes", "_seen", "_taken", "address", "gateway", "mns", "peer", "transport",
    )  # fmt: skip

    def __init__(self, gateway: Host) -> None:
        self.gateway = gateway
        self.transport: Any = None
        self.peer = ""
        self.address: Address = _NOWHERE
        self.mns: dict[str, Seen] = {}
        self._listener: Listener | None = None
        self._routes: dict[bytes, Route] = {}
        self._framer = Framer()
        self._identity: tuple[Any, ...] | None = None
        self._mn, self._refusal = "", ""
        self._lent: tuple[bytes | None, str] = (None, "")
        self._seen: Seen | None = None
        self._held: set[str] = set()
        self._heard = self._begun = 0.0
        self._noise = self._taken = 0

    @property
    def listener(self) -> Listener | None:
        """Who hears every frame while a talk is under way."""
        return self._listener

    @listener.setter
    def listener(self, listener: Listener | None) -> None:
        self._listener = listener
        self._routes.clear()

    # what asyncio tells

    def connection_made(self, transport: Any) -> None:
        """Note the peer; too many connections are closed at once."""
        self.transport = transport
        peer = transport.get_extra_info("peername") or ("?", 0)
        self.peer, self._heard = f"{peer[0]}:{peer[1]}", self.gateway.loop.time()
        transport.set_write_buffer_limits(high=self.gateway.limits.unsent_bytes)
        if not self.gateway.admit(self, peer[0]):
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        self._heard = self.gateway.loop.time()
        self._handle(self._framer.feed(data))

    def connection_lost(self, _problem: Exception | None) -> None:
        """Take what is left over and leave."""
        if self.address is not _NOWHERE:
            self._handle(self._framer.close())
            self.gateway.leave(self)

    def pause_writing(self) -> None:
        """The device does not take its replies: it is not read either."""
        self._hold("unsent")

    def resume_writing(self) -> None:
        """It takes them again."""
        self._release("unsent")

    # from bytes to the journal

    def _handle(self, pieces: list[Frame | Skipped]) -> None:
        if not pieces:
            return
        received = time_ns() // 1000
        chunk, aside = Chunk(self, received), Chunk(self, received)
        for piece in pieces:
            if isinstance(piece, Frame):
                self._take(piece, chunk, aside)
            else:
                self._skip(piece)
        taken = len(chunk.raws)
        if taken:
            self._begun, self._noise = 0.0, 0
            if not self.gateway.accepted.put(chunk):
                self._hold("queue")
        if aside.raws and not self.gateway.refused.put(aside):
            self._hold("queue")
        self._count(taken, len(aside.raws))

    def _take(self, frame: Frame, chunk: Chunk, aside: Chunk) -> None:
        """A frame like one before but for QN and CP goes the same way; any other is looked at."""
        segment = frame.segment
        number = segment[:20]
        route = self._routes.get(segment[20 : segment.find(b"CP=&&")])
        if route is None or frame.status != VALID or not (number[3:].isdigit() and number.startswith(b"QN=")):
            self._look(frame, chunk, aside)
            return
        self._accept(frame, route, route.answer(number) if route.answer else b"", chunk)

    def _accept(self, frame: Frame, route: Route, answer: bytes, chunk: Chunk) -> None:
        seen = route.seen
        seen.frames += 1
        seen.received_bytes += len(frame.raw)
        seen.last, seen.changed = chunk.received, True
        chunk.mns.append(route.mn)
        chunk.raws.append(frame.raw)
        chunk.lates.append(route.late)
        chunk.replies.append(answer)
        if frame.odd or frame.status == MODBUS:
            names = (*frame.odd, "sum_modbus") if frame.status == MODBUS else frame.odd
            chunk.odd.append((len(chunk.raws) - 1, seen, names))

    def _look(self, frame: Frame, chunk: Chunk, aside: Chunk) -> None:
        """Who sends it, whether it may come in, and which way frames like it go."""
        head = read(frame.segment)
        if frame.status == MISMATCH:  # nothing in it can be relied on, not even the name
            self._set_aside(frame, gate.name_of(head.mn), gate.SUM, aside)
            return
        if head[3:5] != self._identity:
            self._identify(head)
        refusal = self._refusal or (self.gateway.fault_of_sealed(frame, head) if frame.status == SEALED else "")
        mn = self._awaited(head, frame.segment) if refusal else self._mn
        if not mn or (self._seen is None and not refusal):
            self._set_aside(frame, self._mn, refusal, aside)
            return
        seen = self._seen if self._seen and not refusal else self.gateway.meet(self, mn, head)
        route = Route(mn, head.rf == b"1", seen)
        self._accept(frame, route, reply(head) or b"", chunk)
        if head.cn == KEY_WANTED:
            self.gateway.talks.want_key(mn)
        if self.listener is not None:
            self.listener(head, frame)
        elif head.cn != KEY_WANTED:
            self._remember(frame.segment, head, route)

    def _awaited(self, head: Head, segment: bytes) -> str:
        """The MN a logger without one is to be given: it is known by its hardware, then by what it answers."""
        if head.cn == HARDWARE and head.edition == "2025":
            device = self.gateway.gate.awaits(segment, self.address.host)
            if device:
                self._lent = (head.mn, device.mn)
                self.gateway.talks.knock(self, device.mn, head)
            return device.mn if device else ""
        lent_to, mn = self._lent
        return mn if mn and head.mn == lent_to and head.cn in INTERACTION else ""

    def _remember(self, segment: bytes, head: Head, route: Route) -> None:
        """Let frames like this one go the same way. Those of 2005, and with QN elsewhere, are looked at each time."""
        end = segment.find(b"CP=&&")
        plain = head.qn is not None and len(head.qn) == 17 and segment.startswith(b"QN=" + head.qn + b";")
        if not plain or head.flag is None or head.flag < 4 or not 20 < end < LONGEST_HEAD:
            return
        if len(self._routes) >= MOST_ROUTES:
            self._routes.clear()
        if head.wants_reply and head.cn not in INTERACTION:
            route.answer = answerer(head)
        self._routes[segment[20:end]] = route

    def _identify(self, head: Head) -> None:
        """A new name on this connection: see whether it may come in."""
        self._identity, self._mn = head[3:5], gate.name_of(head.mn)
        self._refusal = self.gateway.gate.refusal(head.mn, head.pw, self.address.host)
        self._seen = None
        if not self._refusal or head.mn in self.gateway.gate.devices:
            self._seen = self.gateway.meet(self, self._mn, head)

    def _set_aside(self, frame: Frame, mn: str, reason: str, aside: Chunk) -> None:
        aside.peers.append(tagged(self.peer, reason))
        aside.mns.append(mn)
        aside.raws.append(frame.raw)
        aside.lates.append(False)

    def _skip(self, piece: Skipped) -> None:
        self._noise += len(piece.raw) if piece.reason != "blank" else 0
        if self._seen:
            self._seen.skipped_bytes += len(piece.raw)
        if self._noise > self.gateway.limits.noise_bytes:
            self.transport.close()

    # from the journal back

    def committed(self, chunk: Chunk, appended: Appended, begin: int) -> None:
        """The frames are on disk: answer them."""
        if chunk.replies and not self.transport.is_closing():
            self.transport.write(b"".join(chunk.replies))
        for place, seen, names in chunk.odd:
            seen.note(names, appended.numbers[begin + place])
        if not chunk.replies:
            self._count_refused(len(chunk.raws))
        elif appended.repeated:
            self._count_repeated(chunk, appended, begin)

    def _count_refused(self, frames: int) -> None:
        if self._seen:
            self._seen.quarantined += frames
            self._seen.changed = True

    def _count_repeated(self, chunk: Chunk, appended: Appended, begin: int) -> None:
        for place, mn in enumerate(chunk.mns, begin):
            if appended.numbers[place] == 0:
                seen = self.gateway.seen[mn]
                seen.repeated += 1
                seen.frames -= 1

    def lost(self) -> None:
        """The frames could not be stored: the device, unanswered, sends them again."""
        self.transport.abort()

    def forget(self) -> None:
        """The register has changed: judge the next frame anew."""
        self._identity = None
        self._routes.clear()

    # how fast, how long

    def _count(self, taken: int, aside: int) -> None:
        limits, address = self.gateway.limits, self.address
        self._taken += taken
        address.taken += taken
        address.aside += aside
        if (
            self._taken > limits.frames_per_device
            or address.taken > limits.frames_per_address
            or address.aside > limits.unknown_per_address
        ):
            self._hold("rate")

    def tick(self, moment: float) -> None:
        """Once a second: rates begin anew, silence and slowness are judged."""
        limits, silent = self.gateway.limits, moment - self._heard
        self._taken = 0
        self._release("rate")
        if not self._framer.pending:
            self._begun = 0.0
            if silent > limits.idle_seconds:
                self.transport.close()
        elif silent > limits.pause_seconds:
            self._handle(self._framer.close())
        else:
            self._begun = self._begun or moment
            if moment - self._begun > limits.frame_seconds:
                self.transport.abort()

    def _hold(self, reason: str) -> None:
        if not self._held and not self.transport.is_closing():
            self.transport.pause_reading()
        self._held.add(reason)

    def _release(self, reason: str) -> None:
        if reason in self._held:
            self._held.discard(reason)
            if not self._held and not self.transport.is_closing():
                self.transport.resume_reading()

    def stop_reading(self) -> None:
        """The gateway ends: nothing more is taken."""
        self._hold("end")

    def resume(self) -> None:
        """The queue before the disk has room again."""
        self._release("queue")


class Address:
    """What came from one address: connections now, frames taken and set aside in this second."""

    __slots__ = ("aside", "connections", "host", "taken")

    def __init__(self, host: str) -> None:
        self.host = host
        self.connections = self.taken = self.aside = 0


_NOWHERE = Address("")
