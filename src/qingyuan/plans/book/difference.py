"""What differs between two versions of a plan, or between two plans: added, dropped, changed. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from qingyuan.plans.book.entries import KINDS, Entry
from qingyuan.plans.book.likeness import matched

What = Literal["added", "dropped", "changed"]
TOKEN = re.compile(r"[0-9０-９]+(?:[.．·,，][0-9０-９]+)*[%％‰]?|[A-Za-z]+|\s+|.", re.DOTALL)
FIGURE = re.compile(r"[0-9０-９]")
UNSAID = ("note", "quantities", "base_printed", "target_printed", "level", "resolved", "en")
"""Facts that say the same as the text or how it was read; they are no change of the plan."""


@dataclass(frozen=True)
class Piece:
    """A stretch of text: same, added or dropped; figure: whether a number stands in it."""

    text: str
    how: str
    figure: bool = False


@dataclass(frozen=True)
class Changed:
    """One field of an item before and after, with the pieces to read it by."""

    field: str
    before: str
    after: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Line:
    """One item that differs. old, new: index in the two lists, None where it is not there."""

    what: What
    kind: str
    old: int | None
    new: int | None
    fields: tuple[Changed, ...] = ()


def by_key(old: Sequence[Entry], new: Sequence[Entry]) -> dict[int, int]:
    """Pairs of the versions of one plan: index of the new entry → of the old one with the same kind and key."""
    known = {(entry.kind, entry.key): index for index, entry in enumerate(old)}
    pairs = ((index, known.get((entry.kind, entry.key))) for index, entry in enumerate(new))
    return {index: other for index, other in pairs if other is not None}


def difference(old: Sequence[Entry], new: Sequence[Entry], *, same_plan: bool) -> list[Line]:
    """What differs, by kind and in the order of the newer text; of two plans, items are paired by their likeness."""
    pairs = by_key(old, new) if same_plan else matched(old, new)
    gone = set(range(len(old))) - set(pairs.values())
    lines = [line for index, entry in enumerate(new) if (line := _line(old, entry, index, pairs.get(index)))]
    lines += [Line("dropped", old[index].kind, index, None) for index in sorted(gone)]
    return sorted(lines, key=lambda line: KINDS.index(line.kind))


def _line(old: Sequence[Entry], entry: Entry, index: int, before: int | None) -> Line | None:
    if before is None:
        return Line("added", entry.kind, None, index)
    fields = tuple(changed(old[before], entry))
    return Line("changed", entry.kind, before, index, fields) if fields else None


def changed(one: Entry, other: Entry) -> list[Changed]:
    """The fields of two entries that differ."""
    before, after = _fields(one), _fields(other)
    names = [name for name in {**before, **after} if _plain(before.get(name, "")) != _plain(after.get(name, ""))]
    return [_changed(name, before.get(name, ""), after.get(name, "")) for name in names]


def _plain(text: str) -> str:
    """Blanks and line ends of the print are no difference."""
    return re.sub(r"\s+", "", text)


def _changed(name: str, before: str, after: str) -> Changed:
    return Changed(name, before, after, pieces(before, after))


def _fields(entry: Entry) -> dict[str, str]:
    facts = {name: _told(value) for name, value in entry.facts.items() if name not in UNSAID}
    departments = {"lead": "、".join(entry.leads), "departments": "、".join(entry.departments)}
    return {"title": entry.title, "text": entry.text, **(departments if entry.kind == "task" else {}), **facts}


def _told(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_told(each)}" for key, each in value.items())
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def pieces(before: str, after: str) -> tuple[Piece, ...]:
    """Two texts as one reading: numbers stay whole, everything else is compared sign by sign."""
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    made: list[Piece] = []
    for tag, i, k, j, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            made.append(_piece(new[j:m], "same"))
            continue
        made += [_piece(part, how) for part, how in ((old[i:k], "dropped"), (new[j:m], "added")) if part]
    return tuple(made)


def _piece(tokens: Sequence[str], how: str) -> Piece:
    text = "".join(tokens)
    return Piece(text, how, bool(FIGURE.search(text)))
