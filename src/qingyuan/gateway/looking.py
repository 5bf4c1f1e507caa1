"""Records looked at by people: the newest of a device, and where one stands in the chain."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from qingyuan.gateway.journal import Journal, Record, exists, open_journal
from qingyuan.gateway.journal.blocks import KEY, START, Block, head_of, leaf

DEPTH = 40_000
"""How many of the newest records a device is looked for in."""


@dataclass(frozen=True)
class Place:
    """A record in the chain. first, last, day, head: of its block; fits: its hash is the one stored with it;
    chained: the block's head follows from its records and the head before (None: that head is not kept any more).
    """

    first: int
    last: int
    day: str
    head: str
    fits: bool
    chained: bool | None


def newest(data: Path, mn: str, limit: int) -> list[Record]:
    """The newest records of a device in the main journal, newest first; none when it is not among the last 40,000."""
    if not exists(data):
        return []
    found: list[Record] = []
    journal = open_journal(data, window=0)
    with closing(journal.store), closing(_newest_blocks(journal)) as blocks:
        for block in blocks:
            if mn in block.mns:
                found += reversed([record for record in block.records() if record.mn == mn])
            if len(found) >= limit:
                break
    return found[:limit]


def _newest_blocks(journal: Journal) -> Generator[Block, None, None]:
    """Blocks from the newest on backwards, as far as a device is looked for."""
    last = journal.last()
    for block in journal.store.newest():
        if last - block.last >= DEPTH:
            return
        yield block


def placed(data: Path, name: str, number: int) -> tuple[Record, Place] | None:
    """One record of a journal with its place in the chain; None when it is not kept (any more)."""
    if number < 1 or not exists(data, name):
        return None
    journal = open_journal(data, name, window=0)
    with closing(journal.store):
        block = next(journal.blocks(number - 1), None)
        if block is None or not block.first <= number <= block.last:
            return None
        before = next(journal.blocks(block.first - 2), None) if block.first > 1 else None
        return next(each for each in block.records() if each.id == number), _place(block, before, number)


def _place(block: Block, before: Block | None, number: int) -> Place:
    record = next(each for each in block.records() if each.id == number)
    at = (number - block.first) * KEY
    fits = leaf(record.mn, record.raw)[:KEY] == block.keys[at : at + KEY]
    return Place(block.first, block.last, block.day, block.head.hex(), fits, _chained(block, before))


def _chained(block: Block, before: Block | None) -> bool | None:
    if block.first == 1:
        return head_of(block, block.leaves(), START) == block.head
    if before is None or before.last != block.first - 1:
        return None
    return head_of(block, block.leaves(), before.head) == block.head
