"""Ingest: the journal's frames, a batch at a time, decoded together and put into the lake exactly once.

Fresh data go first; back-fill (``RF=1``) has a lane of its own that is served when the fresh one is empty, and now and
then between. What cannot be decoded goes into quarantine with its reason.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from qingyuan.base.locking import alone
from qingyuan.gateway import accounts, decoding, positions
from qingyuan.gateway.journal import Block, Journal, Record, open_journal
from qingyuan.gateway.positions import Position, Positions
from qingyuan.gateway.settling import Newest
from qingyuan.observations import lake

BATCH = 40_000
"""Most frames taken at a time."""

LATE_SHARE = 8
"""After so many batches of fresh data one of back-fill has its turn."""

PAUSE = 2.0
"""Seconds between the beginnings of rounds while batches are not full: each is a commit of every lake it touches."""

JOIN_EVERY = 20
"""Rounds after which small files of the lakes are joined."""


@dataclass(frozen=True)
class Round:
    """What a round did. frames: read; rows: put into lakes; faults: records into quarantine."""

    frames: int = 0
    rows: int = 0
    faults: int = 0


@dataclass(frozen=True)
class Batch:
    """Records of one lane after the positions reached, and the position they lead to."""

    records: Sequence[Record]
    to: Position
    late: bool


class Ingest:
    """One ingest on a data folder. Several processes take turns, round by round."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.journal: Journal = open_journal(data, window=0)
        self.newest = Newest()
        self._turn = 0
        self._touched: set[str] = set()
        self._positions: Positions | None = None
        self._written = 0

    def round(self) -> Round:
        """One batch, fresh or late; Round() when there is nothing to do."""
        with alone(self.data / "ingest" / "lock"):
            where = self._where()
            batch = self._batch(where)
            if batch is None:
                return Round()
            done = self._put(batch, where)
            where.reached = batch.to
            where.save(self.data, self._touched)
            self._written = where.file.stat().st_mtime_ns
        if self._turn % JOIN_EVERY == 0:
            for slug in self._touched:
                lake.join_small_files(decoding.folder_of(self.data, slug))
        return done

    def _where(self) -> Positions:
        """The positions; read anew when another process has moved them."""
        file = positions.file_of(self.data)
        written = file.stat().st_mtime_ns if file.exists() else 0
        if self._positions is None or written != self._written:
            self._positions, self._written, self.newest = positions.read(self.data), written, Newest()
        return self._positions

    def _batch(self, where: Positions) -> Batch | None:
        self._turn += 1
        order = (True, False) if self._turn % LATE_SHARE == 0 else (False, True)
        for late in order:
            batch = self._late(where.reached) if late else self._fresh(where.reached)
            if batch:
                return batch
        return None

    def _fresh(self, reached: Position) -> Batch | None:
        taken = _some(self.journal.blocks(reached.fresh))
        if not taken:
            return None
        last = taken[-1].last
        records = [each for each in _records(taken) if each.id > reached.fresh and not each.late]
        return Batch(records, Position(last, reached.late), late=False)

    def _late(self, reached: Position) -> Batch | None:
        blocks = self.journal.blocks(reached.late, late_only=True)
        taken = _some(block for block in blocks if block.last <= reached.fresh)
        if not taken:
            return None
        last = taken[-1].last
        records = [each for each in _records(taken) if each.id > reached.late and each.late]
        return Batch(records, Position(reached.fresh, last), late=True)

    def _put(self, batch: Batch, where: Positions) -> Round:
        """Decode, append to each lake what it has not yet, account for it."""
        decoded = decoding.decode(batch.records, *accounts.known_sites(self.data))
        stored = sum(self._store(slug, table, batch, where) for slug, table in decoded.tables.items())
        self._touched = set(decoded.tables)
        accounts.settle(batch.records, batch.to, decoded.faults, decoded.deviations, decoded.by_record())
        return Round(len(batch.records), stored, len(decoded.faults))

    def _store(self, slug: str, table: pa.Table, batch: Batch, where: Positions) -> int:
        """Append the rows of records beyond the lake's own position; gives how many."""
        own = where.of(slug)
        mine = table.filter(pc.greater(table["record"], own.late if batch.late else own.fresh))
        if not mine.num_rows:
            return 0
        folder = decoding.folder_of(self.data, slug)
        settled = self.newest.settle(folder, mine)
        fresh, changed = settled.fresh, settled.changed
        note = batch.to.note()
        if changed.num_rows:
            reason = "sent again by the device with another value"
            lake.amend(folder, changed.drop_columns("record"), reason=reason, by="ingest", source=None)
        lake.append(folder, fresh.drop_columns("record"), source=note, ordered=settled.ordered)
        where.lakes[slug] = batch.to
        return fresh.num_rows + changed.num_rows

    def close(self) -> None:
        """Let go of the journal."""
        self.journal.store.close()


def _some(blocks: Iterator[Block]) -> list[Block]:
    """Blocks from the front, up to a batch."""
    taken: list[Block] = []
    count = 0
    for block in blocks:
        taken.append(block)
        count += block.last - block.first + 1
        if count >= BATCH:
            break
    return taken


def _records(blocks: Sequence[Block]) -> Iterator[Record]:
    return (record for block in blocks for record in block.records())


def position(data: Path) -> int:
    """Up to which record everything is in the lakes: retention may remove what is before."""
    file = positions.file_of(data)
    reached = positions.read(data).reached if file.exists() else Position()
    with closing(open_journal(data, window=0).store) as store:
        waiting = next((block for block in store.blocks(reached.late, late_only=True)), None)
    return min(reached.fresh, waiting.first - 1) if waiting else reached.fresh


def run(data: Path, once: bool, tell: Callable[[Round], None], stopped: Callable[[], bool] = lambda: False) -> None:
    """Round after round; with `once` until the journal is exhausted, else until stopped."""
    with closing(Ingest(data)) as ingest:
        while not stopped():
            begun = time.monotonic()
            done = ingest.round()
            if done.frames:
                tell(done)
            elif once and not _more(ingest):
                return
            if not once and done.frames < BATCH // 2:
                _wait(begun + PAUSE, stopped)


def _wait(until: float, stopped: Callable[[], bool]) -> None:
    while not stopped() and (left := until - time.monotonic()) > 0:
        time.sleep(min(left, 0.2))


def _more(ingest: Ingest) -> bool:
    """Whether a round without frames has moved on all the same (a block with back-fill only)."""
    where = ingest._where()
    return where.reached.fresh < ingest.journal.last()
