"""One connection: bytes become frames, frames go to the journal, replies go back when they are on disk."""

from __future__ import annotations

import asyncio
from time import time_ns
from typing import TYPE_CHECKING, Any

from qingyuan.gateway import gate
from qingyuan.gateway.commits import Chunk
from qingyuan.gateway.hj212.framing import MODBUS, SEALED, VALID, Frame, Framer, Skipped
from qingyuan.gateway.hj212.head import Head, read
from qingyuan.gateway.hj212.replies import reply
from qingyuan.gateway.journal import Appended, Entry
from qingyuan.gateway.quarantine import tagged

if TYPE_CHECKING:
    from qingyuan.gateway.seen import Seen
    from qingyuan.gateway.server import Gateway

_new_entry = tuple.__new__


class Connection(asyncio.Protocol):
    """A device's connection. A logger that speaks for several devices may send under several MNs."""

    __slots__ = (
        "_begun",
        "_framer",
        "_heard",
        "_held",
        "_identity",
        "_mn",
        "_noise",
        "_refusal",
        "_seen",
        "_taken",
        "address",
        "gateway",
        "listener",
        "mns",
        "peer",
        "transport",
    )  # fmt: skip

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.transport: Any = None
        self.peer = ""
        self.address: Address = _NOWHERE
        self.mns: dict[str, Seen] = {}
        self.listener: Any = None
        self._framer = Framer()
        self._identity: tuple[Any, ...] | None = None
        self._mn, self._refusal = "", ""
        self._seen: Seen | None = None
        self._held: set[str] = set()
        self._heard = self._begun = 0.0
        self._noise = self._taken = 0

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
        chunk, aside, received = Chunk(self), Chunk(self), time_ns() // 1000
        for piece in pieces:
            if isinstance(piece, Frame):
                self._take(piece, received, chunk, aside)
            else:
                self._skip(piece)
        taken = len(chunk.entries)
        if taken:
            self._begun, self._noise = 0.0, 0
            if not self.gateway.accepted.put(chunk):
                self._hold("queue")
        if aside.entries and not self.gateway.refused.put(aside):
            self._hold("queue")
        self._count(taken, len(aside.entries))

    def _take(self, frame: Frame, received: int, chunk: Chunk, aside: Chunk) -> None:
        head = read(frame.segment)
        if head[3:5] != self._identity:
            self._identify(head)
        if self._refusal or frame.status != VALID:
            refusal = self._refusal or self._fault_of_sum(frame, head)
            if refusal:
                aside.entries.append(Entry(received, tagged(self.peer, refusal), self._mn, frame.raw))
                return
        seen: Seen = self._seen  # type: ignore[assignment]
        seen.frames += 1
        seen.received_bytes += len(frame.raw)
        seen.last, seen.changed = received, True
        chunk.entries.append(_new_entry(Entry, (received, self.peer, self._mn, frame.raw, head.rf == b"1")))
        chunk.replies.append(reply(head) or b"")
        if frame.odd or frame.status == MODBUS:
            names = (*frame.odd, "sum_modbus") if frame.status == MODBUS else frame.odd
            chunk.odd.append((len(chunk.entries) - 1, seen, names))
        if self.listener is not None:
            self.listener(head, frame)

    def _identify(self, head: Head) -> None:
        """A new name on this connection: see whether it may come in."""
        self._identity, self._mn = head[3:5], gate.name_of(head.mn)
        self._refusal = self.gateway.gate.refusal(head.mn, head.pw, self.address.host)
        self._seen = None
        if not self._refusal or head.mn in self.gateway.gate.devices:
            self._seen = self.gateway.meet(self, self._mn, head)

    def _fault_of_sum(self, frame: Frame, head: Head) -> str:
        """Empty when the sum is one that is answered: MODBUS (noted), or enciphered and right once opened."""
        if frame.status == MODBUS:
            return ""
        if frame.status == SEALED:
            return self.gateway.fault_of_sealed(frame, head)
        return gate.SUM

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
            self._count_refused(len(chunk.entries))
        elif appended.repeated:
            self._count_repeated(chunk, appended, begin)

    def _count_refused(self, frames: int) -> None:
        if self._seen:
            self._seen.quarantined += frames
            self._seen.changed = True

    def _count_repeated(self, chunk: Chunk, appended: Appended, begin: int) -> None:
        for place, entry in enumerate(chunk.entries, begin):
            if appended.numbers[place] == 0:
                seen = self.gateway.seen[entry.mn]
                seen.repeated += 1
                seen.frames -= 1

    def lost(self) -> None:
        """The frames could not be stored: the device, unanswered, sends them again."""
        self.transport.abort()

    def forget(self) -> None:
        """The register has changed: judge the next frame anew."""
        self._identity = None

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
