"""The journal over a store of blocks: appended to by many, each frame once, anchored, read from any record on."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from qingyuan.base.errors import WrongUsage
from qingyuan.base.time import now
from qingyuan.gateway.journal.anchors import Anchor, Anchors
from qingyuan.gateway.journal.blocks import KEY, Block, Columns, Entry, Record, leaf, seal
from qingyuan.gateway.journal.store import Overtaken, Store, Tail
from qingyuan.gateway.journal.window import Window


@dataclass(frozen=True)
class Appended:
    """last: number of the newest record; numbers: of each entry in turn, 0 for one that was known before."""

    last: int
    numbers: Sequence[int]

    @property
    def stored(self) -> int:
        """How many entries were new."""
        return len(self.numbers) - self.repeated

    @property
    def repeated(self) -> int:
        """How many were known before."""
        return 0 if isinstance(self.numbers, range) else sum(number == 0 for number in self.numbers)


class Journal:
    """One journal; safe for threads, and for several processes each with its own."""

    def __init__(self, store: Store, anchors: Anchors, window: int) -> None:
        self.store, self.anchors = store, anchors
        self._window_size = window
        self._lock = threading.Lock()
        self._window: Window | None = None
        self._tail = Tail()
        self._anchored = Tail()

    def append(self, entries: Sequence[Entry]) -> Appended:
        """Store entries, on disk when it returns; a frame stored before (same device, same bytes) is not stored again.

        Of an error nothing is stored.
        """
        return self.append_columns(Columns.of(entries))

    def append_columns(self, columns: Columns) -> Appended:
        """The same for entries side by side, which is what many at once are cheapest in."""
        with self._lock:
            numbers = [self._append(part) for part in self._parts(columns)]
            told = numbers[0] if len(numbers) == 1 else [each for some in numbers for each in some]
            return Appended(self._tail.last, told)

    def _parts(self, columns: Columns) -> Iterator[Columns]:
        begin = size = 0
        for place, raw in enumerate(columns.raws):
            size += len(raw)
            if size > self.store.largest and place > begin:
                yield columns.part(begin, place)
                begin, size = place, len(raw)
        if begin < len(columns.raws):
            yield columns.part(begin, len(columns.raws)) if begin else columns

    def _append(self, columns: Columns) -> Sequence[int]:
        leaves = list(map(leaf, columns.mns, columns.raws))
        while True:
            try:
                return self._append_new(columns, leaves)
            except Overtaken:
                continue

    def _append_new(self, columns: Columns, leaves: Sequence[bytes]) -> Sequence[int]:
        with self.store.alone():
            tail, window = self._caught_up()
            chosen, given = _new(leaves, window), len(leaves)
            if not chosen:
                return [0] * given
            day = max(tail.day, now().date().isoformat())
            if day != tail.day:
                self._begin_day(day, tail)
            if len(chosen) < given:
                columns, leaves = columns.take(chosen), [leaves[place] for place in chosen]
            block = seal(columns, leaves, tail.last + 1, day, tail.head)
            self.store.append(block)
        self._tail = Tail(block.last, day, block.head)
        window.add([each[:KEY] for each in leaves])
        return _numbered(chosen, given, block.first)

    def _caught_up(self) -> tuple[Tail, Window]:
        """The end of the chain and the window, with what other processes have appended."""
        tail = self.store.tail()
        if self._window is None:
            self._window = Window(self._window_size)
            self._window.load(self.store.newest_keys(self._window_size))
        elif tail != self._tail:
            for block in self.store.blocks(self._tail.last):
                self._window.add([block.keys[at : at + KEY] for at in range(0, len(block.keys), KEY)])
        self._tail = tail
        return tail, self._window

    def _begin_day(self, day: str, tail: Tail) -> None:
        self._write_anchor(tail)
        head = tail.head.hex()
        self.anchors.write(Anchor(day, tail.last + 1, tail.last, head, head))

    def anchor(self) -> None:
        """Sign how far the journal has come, if it has moved on since."""
        with self._lock, self.store.alone():
            tail = self.store.tail()
            if tail != self._anchored:
                self._write_anchor(tail)

    def _write_anchor(self, tail: Tail) -> None:
        begun = self.anchors.day(tail.day) if tail.day else None
        if begun is not None and begun.last < tail.last:
            self.anchors.write(Anchor(tail.day, begun.first, tail.last, begun.before, tail.head.hex()))
        self._anchored = tail

    def read(self, after: int = 0, limit: int | None = None) -> Iterator[Record]:
        """Records numbered above `after`, in order, at most `limit`."""
        found = (record for block in self.store.blocks(after) for record in block.records() if record.id > after)
        return islice(found, limit)

    def blocks(self, after: int = 0, *, late_only: bool = False) -> Iterator[Block]:
        """Whole blocks that hold records above `after`: what ingest reads."""
        return self.store.blocks(after, late_only=late_only)

    def record(self, number: int) -> Record | None:
        """One record, None when there is none of that number (any more)."""
        found = next(self.read(number - 1, 1), None)
        return found if found and found.id == number else None

    def newest(self, mn: str, limit: int, within: int = 5_000) -> list[Record]:
        """The newest records of a device, newest first, as far as they are in the newest `within` blocks."""
        found: list[Record] = []
        for block in islice(self.store.newest(), within):
            if mn in block.mns:
                found += reversed([record for record in block.records() if record.mn == mn])
            if len(found) >= limit:
                break
        return found[:limit]

    def count(self) -> int:
        """How many records are kept."""
        first, last = self.store.span()
        return last - first + 1

    def last(self) -> int:
        """Number of the newest record, 0 in an empty journal."""
        return self.store.tail().last

    def head(self) -> str:
        """The head of the chain, hex."""
        return self.store.tail().head.hex()

    def retain(self, days: int, ingested: int) -> int:
        """Remove whole days older than `days`, never beyond record `ingested`; their anchors stay. Gives how many.

        WrongUsage for fewer than one day.
        """
        if days < 1:
            raise WrongUsage(f"{days} days cannot be kept", "Keep at least one day")
        today = now().date()
        removed = 0
        for anchor in self.anchors.all():
            old = (today - today.fromisoformat(anchor.day)).days > days
            if old and anchor.last <= ingested and not anchor.removed and anchor.day != self.store.tail().day:
                self.anchors.mark_removed(anchor, today.isoformat())
                self.store.remove(anchor.last)
                removed += anchor.last - anchor.first + 1
        return removed

    def close(self) -> None:
        """Anchor and let go."""
        self.anchor()
        self.store.close()


def _new(leaves: Sequence[bytes], window: Window) -> list[int]:
    """Places of the leaves that are neither in the window nor earlier among themselves."""
    keys = [each[:KEY] for each in leaves]
    known = window.known(keys)
    if len(set(keys)) == len(keys):
        return [place for place, seen in enumerate(known) if not seen]
    first = {key: place for place, key in reversed(list(enumerate(keys)))}
    return [place for place, key in enumerate(keys) if not known[place] and first[key] == place]


def _numbered(chosen: Sequence[int], given: int, first: int) -> Sequence[int]:
    """The numbers of all given entries when the chosen ones are numbered from `first`."""
    if len(chosen) == given:
        return range(first, first + given)
    numbers = [0] * given
    for number, place in enumerate(chosen, first):
        numbers[place] = number
    return numbers
