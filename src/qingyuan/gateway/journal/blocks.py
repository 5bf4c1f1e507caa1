"""A block: the frames of one commit, side by side in columns, with the hash that chains it to the block before.

Each record's leaf is SHA-256 over its device and its bytes. The head of a block is SHA-256 over the head before, the
block's place and day, every other column and all leaves, so that nothing can be changed, moved, added or taken out
without every later head changing. The first 16 bytes of a leaf are kept with the block: they tell which record of a
changed block is the bad one, and a frame that comes again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any, NamedTuple

import numpy as np

START = bytes(32)
"""The head before the first block."""

KEY = 16
"""Bytes of a leaf kept as the key of a record."""


class Entry(NamedTuple):
    """What a door hands in. received: microseconds since 1970 (UTC); late: back-fill that must not hold up the rest."""

    received: int
    peer: str
    mn: str
    raw: bytes
    late: bool = False


class Columns(NamedTuple):
    """Entries side by side."""

    received: list[int]
    peers: list[str]
    mns: list[str]
    raws: list[bytes]
    lates: list[bool]

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> Columns:
        """Entries in columns."""
        columns: Any = [[each[place] for each in entries] for place in range(len(cls._fields))]
        return cls(*columns)

    @classmethod
    def together(cls, parts: Sequence[Columns]) -> Columns:
        """Several one after another."""
        columns: Any = [list(chain.from_iterable(column)) for column in zip(*parts, strict=True)]
        return cls(*columns)

    def take(self, places: Sequence[int]) -> Columns:
        """Those at some places."""
        columns: Any = [[column[place] for place in places] for column in self]
        return Columns(*columns)

    def part(self, begin: int, end: int) -> Columns:
        """Those from `begin` to before `end`."""
        columns: Any = [column[begin:end] for column in self]
        return Columns(*columns)


class Record(NamedTuple):
    """An entry in the journal, with its number."""

    id: int
    received: int
    peer: str
    mn: str
    raw: bytes
    late: bool


@dataclass(frozen=True)
class Block:
    """Records first ... last of a day in columns: sizes 4 bytes each, received 8, keys 16, lates 1."""

    first: int
    last: int
    day: str
    late: int
    head: bytes
    keys: bytes
    received: bytes
    sizes: bytes
    lates: bytes
    peers: str
    mns: str
    raw: bytes

    def records(self) -> Iterator[Record]:
        """The records one by one."""
        received = np.frombuffer(self.received, "<i8").tolist()
        peers, mns = self.peers.split("\n"), self.mns.split("\n")
        rows = zip(received, peers, mns, self.frames(), self.lates, strict=True)
        for number, (moment, peer, mn, raw, late) in enumerate(rows, self.first):
            yield Record(number, moment, peer, mn, raw, bool(late))

    def frames(self) -> list[bytes]:
        """The bytes of each record."""
        raw = self.raw
        return [raw[begin:end] for begin, end in pairwise(self.ends())]

    def ends(self) -> list[int]:
        """Where each record begins in `raw`, and the end."""
        ends: list[int] = np.cumsum(np.frombuffer(self.sizes, "<u4"), dtype=np.int64).tolist()
        return [0, *ends]

    def leaves(self) -> list[bytes]:
        """The leaves as they follow from what is stored."""
        return [leaf(mn, raw) for mn, raw in zip(self.mns.split("\n"), self.frames(), strict=True)]


def leaf(mn: str, raw: bytes) -> bytes:
    """The hash of one record."""
    return hashlib.sha256(b"%b\n%b" % (mn.encode(), raw)).digest()


def seal(columns: Columns, leaves: Sequence[bytes], first: int, day: str, before: bytes) -> Block:
    """The entries as a block that follows the head `before`."""
    raws = columns.raws
    block = Block(
        first,
        first + len(raws) - 1,
        day,
        sum(columns.lates),
        b"",
        b"".join([each[:KEY] for each in leaves]),
        np.array(columns.received, "<i8").tobytes(),
        np.fromiter(map(len, raws), "<u4", len(raws)).tobytes(),
        bytes(columns.lates),
        "\n".join(columns.peers),
        "\n".join(columns.mns),
        b"".join(raws),
    )
    object.__setattr__(block, "head", head_of(block, leaves, before))
    return block


def head_of(block: Block, leaves: Sequence[bytes], before: bytes) -> bytes:
    """The head that a block with these leaves must have after the head `before`."""
    parts = (
        f"{block.first}-{block.last} {block.day}".encode(),
        block.received,
        block.sizes,
        block.lates,
        block.peers.encode(),
        block.mns.encode(),
        b"".join(leaves),
    )
    chained = hashlib.sha256(before)
    for part in parts:
        chained.update(len(part).to_bytes(8, "little"))
        chained.update(part)
    return chained.digest()
