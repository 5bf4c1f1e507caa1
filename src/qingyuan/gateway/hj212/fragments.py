"""Joining the parts of a split message, by what they share: (MN, ST, CN, DataTime, PNUM).

Each part has its own QN and can be read alone, so joining only says when a period is complete. Pure: the time
of each part and of each look is given by the caller.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from qingyuan.gateway.hj212.decode import Message, first

P = TypeVar("P")


class Key(NamedTuple):
    """What the parts of one message share."""

    mn: str
    st: str
    cn: str
    data_time: str
    pnum: int


class Joined(NamedTuple, Generic[P]):
    """A message's parts in their order; missing: numbers that have not come (empty when complete)."""

    key: Hashable
    parts: list[P]
    missing: tuple[int, ...]


@dataclass
class _Waiting(Generic[P]):
    since: float
    parts: dict[int, P] = field(default_factory=dict)


def part_of(message: Message) -> tuple[Key, int] | None:
    """The key and the number of a part; None for a message that is not split, or numbered impossibly."""
    sent = {name: first(value) for name, value in message.header.items()}
    pnum, pno = sent.get("PNUM", ""), sent.get("PNO", "")
    if not (pnum.isdecimal() and pno.isdecimal() and 1 <= int(pno) <= int(pnum) <= 9999):
        return None
    data_time = first(message.params.get("DataTime", sent.get("QN", "")))
    return Key(message.mn, sent.get("ST", ""), message.cn, data_time, int(pnum)), int(pno)


class Fragments(Generic[P]):
    """Parts waiting for the others. patience: seconds after the first part; most: messages kept waiting."""

    def __init__(self, patience: float = 600, most: int = 100_000) -> None:
        self._patience, self._most = patience, most
        self._waiting: dict[Key, _Waiting[P]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, key: Key, pno: int, part: P, at: float) -> list[Joined[P]]:
        """Take a part that came at a time (s): what is now complete, or given up for want of room.

        A part that comes again takes the place of the former.
        """
        waiting = self._waiting.setdefault(key, _Waiting(at))
        waiting.parts[pno] = part
        if len(waiting.parts) == key.pnum:
            return [self._give(key)]
        return [self._give(next(iter(self._waiting)))] if len(self._waiting) > self._most else []

    def expire(self, at: float) -> list[Joined[P]]:
        """Give up what has waited longer than the patience at a time (s): incomplete, with the missing numbers."""
        late = [key for key, waiting in self._waiting.items() if at - waiting.since > self._patience]
        return [self._give(key) for key in late]

    def _give(self, key: Key) -> Joined[P]:
        parts = self._waiting.pop(key).parts
        missing = tuple(number for number in range(1, key.pnum + 1) if number not in parts)
        return Joined(key, [parts[number] for number in sorted(parts)], missing)
