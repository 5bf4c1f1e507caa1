"""Which item of one version is which of another: by number, title and text. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from qingyuan.plans.book.entries import Entry

ENOUGH = 0.5
"""Likeness from which two items are the same one reworded."""
NUMBER_COUNTS = 0.08
"""What the same number adds: it decides between two that are alike, and never makes strangers the same."""
NUMBERED = ("indicator",)
SHORT = {
    "chapter": "c", "section": "s", "task": "t", "box": "b", "project": "p", "indicator": "i", "target": "q"
}  # fmt: skip


@lru_cache(maxsize=20_000)
def _pairs(text: str) -> Counter[str]:
    plain = "".join(each for each in text if each.isalnum())
    return Counter(plain[at : at + 2] for at in range(max(1, len(plain) - 1)))


def alike(one: str, other: str) -> float:
    """Share of the pairs of signs that two texts have in common, 0 to 1 (Dice)."""
    first, second = _pairs(one), _pairs(other)
    together = first.total() + second.total()
    return 2 * (first & second).total() / together if together else 0.0


def likeness(one: Entry, other: Entry) -> float:
    """How alike two entries of a kind are: the title counts most, the text where both have one."""
    titles = alike(one.title, other.title)
    texts = alike(one.text, other.text) if one.text and other.text else titles
    number = NUMBER_COUNTS if one.number and one.number == other.number else 0.0
    return 0.6 * max(titles, texts) + 0.4 * min(titles, texts) + number


def matched(old: Sequence[Entry], new: Sequence[Entry]) -> dict[int, int]:
    """Index of the new entry → index of the old one it continues; each at most once, the likest first."""
    found = [
        (likeness(one, other), -abs(i - j), i, j)
        for kind in SHORT
        for i, one in _of(old, kind)
        for j, other in _of(new, kind)
    ]
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for value, _near, i, j in sorted((each for each in found if each[0] >= ENOUGH), reverse=True):
        if value >= ENOUGH and i not in taken and j not in pairs:
            pairs[j] = i
            taken.add(i)
    return pairs


def _of(entries: Sequence[Entry], kind: str) -> list[tuple[int, Entry]]:
    return [(index, entry) for index, entry in enumerate(entries) if entry.kind == kind]


def keys(old: Sequence[Entry], new: Sequence[Entry], used: Iterable[str] = ()) -> list[str]:
    """The key of each new entry: that of the old one it continues, else a new one that was never used in the plan."""
    pairs = matched(old, new)
    taken = {*used, *(entry.key for entry in old)}
    last = {letter: max((_count(key) for key in taken if key[:1] == letter), default=0) for letter in SHORT.values()}
    made = []
    for index, entry in enumerate(new):
        if index in pairs:
            made.append(old[pairs[index]].key)
            continue
        letter = SHORT[entry.kind]
        last[letter] += 1
        made.append(f"{letter}{last[letter]:03}")
    return made


def _count(key: str) -> int:
    return int(key[1:]) if key[1:].isdecimal() else 0
