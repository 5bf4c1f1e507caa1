"""From connections to the journal and back: handed over together, answered when it is on disk."""

from __future__ import annotations

import asyncio
import sys
from typing import Protocol

from qingyuan.gateway.journal import Appended, Columns
from qingyuan.gateway.journal.apart import JournalApart
from qingyuan.gateway.seen import Seen


class Source(Protocol):
    """A connection as the commits see it."""

    peer: str

    def committed(self, chunk: Chunk, appended: Appended, begin: int) -> None:
        """The chunk's frames are on disk; theirs are the numbers from `begin` on."""
        ...

    def lost(self) -> None:
        """They could not be stored."""
        ...

    def resume(self) -> None:
        """The queue has room again."""
        ...


class Chunk:
    """Frames that came together: what the journal is to have, replies to send when it has them.

    peers: of each, when they differ; odd: place of a frame, its device, and names of what is not by the standard.
    """

    __slots__ = ("lates", "mns", "odd", "peers", "raws", "received", "replies", "source")

    def __init__(self, source: Source, received: int) -> None:
        self.source, self.received = source, received
        self.peers: list[str] = []
        self.mns: list[str] = []
        self.raws: list[bytes] = []
        self.lates: list[bool] = []
        self.replies: list[bytes] = []
        self.odd: list[tuple[int, Seen, tuple[str, ...]]] = []


def _together(chunks: list[Chunk]) -> Columns:
    columns = Columns([], [], [], [], [])
    for chunk in chunks:
        count = len(chunk.raws)
        columns.received.extend([chunk.received] * count)
        columns.peers.extend(chunk.peers or [chunk.source.peer] * count)
        columns.mns.extend(chunk.mns)
        columns.raws.extend(chunk.raws)
        columns.lates.extend(chunk.lates)
    return columns


class Commits:
    """The queue before one journal: what comes in one turn of the loop is handed over together."""

    def __init__(self, journal: JournalApart, most: int) -> None:
        self.journal, self.most = journal, most
        self.waiting = 0
        self.failed = ""
        self._chunks: list[Chunk] = []
        self._paused: set[Source] = set()
        self._running: set[asyncio.Task[None]] = set()
        self._called = False

    def put(self, chunk: Chunk) -> bool:
        """Hand in a chunk; False when the queue is long and its source should stop reading until `resume`."""
        self._chunks.append(chunk)
        self.waiting += len(chunk.raws)
        self._call()
        if self.waiting < self.most:
            return True
        self._paused.add(chunk.source)
        return False

    def _call(self) -> None:
        """Send what waits once everything that came in this turn of the loop is here."""
        if self._chunks and not self._called:
            self._called = True
            asyncio.get_running_loop().call_soon(self._send)

    def _send(self) -> None:
        self._called = False
        chunks, self._chunks = self._chunks, []
        task = asyncio.get_running_loop().create_task(self._commit(chunks))
        self._running.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._call()
        if self.waiting < self.most // 2:
            paused, self._paused = self._paused, set()
            for source in paused:
                source.resume()

    async def _commit(self, chunks: list[Chunk]) -> None:
        columns = _together(chunks)
        try:
            appended = await self.journal.append_columns(columns)
        except Exception as wrong:  # whatever it was, the frames are not on disk: no reply, and the devices told
            self._lose(chunks, wrong)
            return
        finally:
            self.waiting -= len(columns.raws)
        self.failed, begin = "", 0
        for chunk in chunks:
            chunk.source.committed(chunk, appended, begin)
            begin += len(chunk.raws)

    def _lose(self, chunks: list[Chunk], wrong: Exception) -> None:
        self.failed = f"{type(wrong).__name__}: {wrong}"
        print(f"gateway: frames could not be stored and are not answered ({self.failed})", file=sys.stderr, flush=True)
        for source in {chunk.source for chunk in chunks}:
            source.lost()

    async def drained(self) -> None:
        """Wait until what came is stored and answered."""
        while self._running or self._called:
            await asyncio.sleep(0.01)

    async def close(self) -> None:
        """Store what is waiting, anchor, let go."""
        await self.drained()
        await self.journal.close()
