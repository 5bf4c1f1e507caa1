"""Tables whose cells keep their place across the line, as a PDF's text is laid out; wrapped cells take several lines.

The head tells the columns; each line's pieces go to the columns in order, where they stand closest; a row is what
stands around its anchor, the line with its number or its nature.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from qingyuan.plans.reading import cells
from qingyuan.plans.reading.headings import marker
from qingyuan.plans.reading.lines import Line
from qingyuan.plans.reading.mapped import EMPTY, Mapped, join, mapped

_GAP = re.compile(r"(?:(?! {2}| ?\u3000).)+")
_MARKS = re.compile(r"[\t|｜│]")
_FEWEST = 3
"""Cells that the first line of a head has at least."""
_OVER = 12
"""How far the last cell may stand out over its head."""
_DEEPEST = 5
"""Lines that a head may take."""

Cells = tuple[Mapped, ...]


@dataclass(frozen=True)
class Piece:
    """Text between gaps; start, end: its place across the line."""

    text: Mapped
    start: int
    end: int


@dataclass(frozen=True)
class Block:
    """A table: its rows, the head first, and the indices of its lines."""

    rows: tuple[Cells, ...]
    lines: frozenset[int]


def block_at(raw: str, lines: Sequence[Line], first: int, known: Callable[[str], bool]) -> Block | None:
    """The table that begins with its head at the line `first`; None where there is none, or no cell is wrapped.

    known: says of a text that it is a head of a column.
    """
    top = pieces(raw, lines[first])
    if _MARKS.search(raw, lines[first].start, lines[first].end):
        return None
    if len(top) < _FEWEST or not any(known(each.text.text) for each in top):
        return None
    end = _end(raw, lines, first, top, known)
    deep = _depth(raw, lines[first:end], top, known)
    head = _cells([pieces(raw, line) for line in lines[first : first + deep]], top)
    if sum(known(each.text) for each in head) < _FEWEST:
        return None
    body = [_placed(pieces(raw, line), top) for line in lines[first + deep : end]]
    anchor = _anchor(head, body)
    if anchor is None:
        return None
    anchors = [place for place, row in enumerate(body) if _is_anchor(row.get(anchor, EMPTY))]
    if not anchors or len(anchors) == len(body):
        return None
    owners = _owners(lines[first + deep : end], anchors)
    held: dict[int, list[dict[int, Mapped]]] = defaultdict(list)
    for row, owner in zip(body, owners, strict=True):
        held[owner].append(row)
    rows = [_joined(held[each], top) for each in anchors]
    return Block((head, *rows), frozenset(range(first, end)))


def pieces(raw: str, line: Line) -> list[Piece]:
    """The stretches of a line between gaps of two spaces or more."""
    text = raw[line.start : line.end]
    found = [(each.start(), each.end()) for each in _GAP.finditer(text) if each[0].strip()]
    return [Piece(mapped(text[a:b], line.start + a), a + _left(text[a:b]), b) for a, b in found]


def _left(text: str) -> int:
    return len(text) - len(text.lstrip())


def _end(raw: str, lines: Sequence[Line], first: int, top: Sequence[Piece], known: Callable[[str], bool]) -> int:
    """After the last line that fits the columns: several pieces, or one that does not fill more than its column."""
    index = first + 1
    while index < len(lines) and lines[index].grid is None:
        found = pieces(raw, lines[index])
        if len(found) > len(top) or (len(found) == 1 and _outside(raw, lines, index, found[0], top, known)):
            break
        index += 1
    return index


def _outside(
    raw: str, lines: Sequence[Line], index: int, alone: Piece, top: Sequence[Piece], known: Callable[[str], bool]
) -> bool:
    """A line of one piece that is no cell: too long for its column, after a blank line, or a heading above text."""
    if alone.start >= top[1].start:
        return alone.end > top[-1].end + _OVER
    if alone.end > top[1].start or lines[index].blank_before:
        return True
    below = pieces(raw, lines[index + 1]) if index + 1 < len(lines) else []
    row = len(below) >= len(top) - 1 and not any(known(each.text.text) for each in below)
    return marker(lines[index].text) is not None and not row


def _depth(raw: str, lines: Sequence[Line], top: Sequence[Piece], known: Callable[[str], bool]) -> int:
    """How many lines the head takes: so many that most of its cells are heads of columns."""
    best, most = 1, -1
    for count in range(1, min(_DEEPEST, len(lines)) + 1):
        heads = _cells([pieces(raw, line) for line in lines[:count]], top)
        right = sum(known(each.text) for each in heads)
        if right >= most:
            best, most = count, right
    return best


def _cells(rows: Sequence[Sequence[Piece]], top: Sequence[Piece]) -> Cells:
    return _joined([_placed(row, top) for row in rows], top)


def _joined(rows: Sequence[dict[int, Mapped]], top: Sequence[Piece]) -> Cells:
    return tuple(join([row[place] for row in rows if place in row]) for place in range(len(top)))


def _placed(row: Sequence[Piece], top: Sequence[Piece]) -> dict[int, Mapped]:
    """Each piece in the column it stands closest to, in order, at most one a column."""
    row = row[: len(top)]

    @cache
    def best(piece: int, column: int) -> tuple[int, tuple[int, ...]]:
        if piece == len(row):
            return 0, ()
        if len(top) - column < len(row) - piece:
            return 1 << 30, ()
        cost, rest = best(piece + 1, column + 1)
        here = (cost + _distance(row[piece], top[column]), (column, *rest))
        return min(here, best(piece, column + 1))

    return {column: row[place].text for place, column in enumerate(best(0, 0)[1])}


def _distance(piece: Piece, column: Piece) -> int:
    middle = abs(piece.start + piece.end - column.start - column.end) // 2
    return min(abs(piece.start - column.start), middle)


def _anchor(head: Cells, body: Sequence[dict[int, Mapped]]) -> int | None:
    """The column that every row fills once: the one of numbers or natures."""
    counts = {
        place: sum(_is_anchor(row.get(place, EMPTY)) for row in body)
        for place, cell in enumerate(head)
        if cell.text in ("序号", "编号", "序") or "性" in cell.text
    }
    return max(counts, key=lambda place: counts[place], default=None)


def _is_anchor(cell: Mapped) -> bool:
    return bool(re.fullmatch(r"\d{1,3}", cell.text)) or cells.nature(cell.text) is not None


def _owners(lines: Sequence[Line], anchors: Sequence[int]) -> list[int]:
    """The anchor that each line belongs to: by blank lines, else as the cells stand to it: below, above or around."""
    groups = [0]
    for line in lines[1:]:
        groups.append(groups[-1] + line.blank_before)
    held = {groups[anchor]: anchor for anchor in anchors}
    if len(held) == len(anchors) and groups[-1] + 1 == len(anchors):
        return [held[group] for group in groups]
    before, after = anchors[0], len(lines) - 1 - anchors[-1]
    return [_owner(place, anchors, before, after) for place in range(len(lines))]


def _owner(place: int, anchors: Sequence[int], before: int, after: int) -> int:
    at = bisect_right(anchors, place)
    above, below = anchors[max(at - 1, 0)], anchors[min(at, len(anchors) - 1)]
    if not before or place == above:
        return above
    if not after:
        return below
    return min((above, below), key=lambda each: abs(each - place))
