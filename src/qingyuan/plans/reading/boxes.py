"""Boxes 专栏: where one begins, where it ends, and its numbered items."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from qingyuan.plans.reading.headings import LONGEST, Marker, marker, rank
from qingyuan.plans.reading.mapped import EMPTY, Mapped, join
from qingyuan.plans.reading.notes import notes
from qingyuan.plans.reading.numerals import whole
from qingyuan.plans.reading.paragraphs import Paragraph
from qingyuan.plans.reading.tables import cells_of

_BOX = re.compile(r"专栏 ?(?P<no>\d{1,3}(?:[-.—]\d{1,2})?|[一二三四五六七八九十]{1,3})?[：:、.]?")
_TABLE = re.compile(
    r"(?:附?表|(?:重点|重大|主要)(?:工程|项目)) ?"
    r"(?P<no>\d{1,2}(?:[-—.]\d{1,2})?|[一二三四五六七八九十]{1,2})[：:、.]?"
)
_WORKS = re.compile(r"[^，。；：]{0,24}(重点|重大|主要)(工程|项目)[^，。；：]{0,6}")
_NAMES = re.compile(r"(?:重点|重大|主要|建设)*(?:工程|项目|任务|行动)(?:名称)?|名称")
"""The head of the column that names the projects of a table."""
_NUMBER = re.compile(r"[（(]?(\d{1,3})[）)、.]?")
_PROJECTS = re.compile(r"^(?!.*(?:分工|任务|分解|指标)).*(?:工程|项目)")
"""The title of a table of projects, not of duties."""
_INLINE = re.compile(r"(?<=[。；])(?=(?:\d{1,2}[.、](?!\d)|（\d{1,2}）|（[一二三四五六七八九十]{1,3}）|[①-⑳]))")
_BULLETS = re.compile(r"[\ue000-\uf8ff●■◆★▲◎○·•➢√]|——+|[一二三四五六七八九]是(?=[一-龥])")


@dataclass(frozen=True)
class BoxTitle:
    """The number a box has, its title, and the paragraphs the two take."""

    no: int | None
    title: Mapped
    paragraphs: int


@dataclass(frozen=True)
class Piece:
    """A stretch of text in a box that begins with a number or a bullet, or continues the one before.

    name: the cell of a table's row that names the project.
    """

    marker: Marker | None
    bullet: bool
    text: Mapped
    name: Mapped | None = None


@dataclass(frozen=True)
class Item:
    """A numbered line of a box with all that follows it; level: 1 for the outermost numbers."""

    level: int
    marker: Marker | None
    text: Mapped
    name: Mapped | None


def box_title(paragraphs: Sequence[Paragraph], index: int) -> BoxTitle | None:
    """The title of a box at this paragraph, if one begins here."""
    text = paragraphs[index].text
    found = _BOX.match(text.text)
    if found is None:
        return _other_title(paragraphs, index)
    rest = text[found.end() :].strip(" 　：:")
    if not _is_title(rest) or (not found["no"] and rest.text[:1] in "中和的内所"):
        return None
    if rest:
        return BoxTitle(_no(found["no"]), rest, 1)
    following = paragraphs[index + 1] if index + 1 < len(paragraphs) else None
    if following and following.marker is None and _is_title(following.text):
        return BoxTitle(_no(found["no"]), following.text, 2)
    return BoxTitle(_no(found["no"]), EMPTY, 1)


def _other_title(paragraphs: Sequence[Paragraph], index: int) -> BoxTitle | None:
    """表2 …工程, 重点工程1：… or a bare line …重点工程, when numbered items or the table of projects follow at once."""
    this = paragraphs[index]
    following = paragraphs[index + 1] if index + 1 < len(paragraphs) else None
    first = following.marker if following else None
    begins = first is not None and first.no == 1 and not first.strong
    drawn = following is not None and following.grid is not None and bool(_PROJECTS.search(this.text.text))
    if this.marker is not None or this.level is not None or this.grid is not None or not (begins or drawn):
        return None
    table = _TABLE.match(this.text.text)
    if table and _is_title(this.text):
        return BoxTitle(_no(table["no"]), this.text[table.end() :].strip(), 1)
    return BoxTitle(None, this.text, 1) if _WORKS.fullmatch(this.text.text) else None


def _is_title(text: Mapped) -> bool:
    return len(text) <= LONGEST and not re.search(r"[。；]", text.text)


def _no(printed: str | None) -> int | None:
    return whole(re.split(r"[-.—]", printed)[-1]) if printed else None


def end_of_box(paragraphs: Sequence[Paragraph], start: int, outline: Mapping[str, int], raw: str) -> int:
    """Index of the first paragraph after the box whose text begins at `start`.

    outline: the last number of each kind of heading that is open around the box.
    """
    first = paragraphs[start].grid if start < len(paragraphs) else None
    if first is not None and start and paragraphs[start - 1].grid in (first, None):
        return _end_of_grid(paragraphs, start)
    counts: dict[str, int] = {}
    for index in range(start, len(paragraphs)):
        each = paragraphs[index]
        if _surely_outside(paragraphs, index) or _goes_on_outside(each.marker, counts, outline):
            return index
        if index > start and notes(each.text, raw):
            return _back_to_start(paragraphs, index, start)
        if each.marker:
            counts[each.marker.kind] = each.marker.no
    return len(paragraphs)


def _end_of_grid(paragraphs: Sequence[Paragraph], start: int) -> int:
    """After the table; what follows it at once is its part on the next page."""
    index = start
    while index < len(paragraphs) and paragraphs[index].grid is not None:
        index += 1
    return index


def _surely_outside(paragraphs: Sequence[Paragraph], index: int) -> bool:
    each = paragraphs[index]
    if (each.marker and each.marker.strong) or each.level:
        return True
    return box_title(paragraphs, index) is not None


def _goes_on_outside(found: Marker | None, counts: Mapping[str, int], outline: Mapping[str, int]) -> bool:
    """The number continues the outline and not the box."""
    if found is None or outline.get(found.kind, -1) + 1 != found.no:
        return False
    return counts.get(found.kind, 0) + 1 != found.no


def _back_to_start(paragraphs: Sequence[Paragraph], index: int, start: int) -> int:
    """A note belongs to the text after the box: the box ends where that text begins."""
    place = index
    while place > start and paragraphs[place].marker is None and paragraphs[place].text.text[0] in "（【［":
        place -= 1
    return place


def items(paragraphs: Sequence[Paragraph], raw: str) -> list[Item]:
    """The items of a box; bullets or unnumbered paragraphs where nothing is numbered."""
    pieces = list(_pieces(paragraphs, raw))
    kinds = sorted({piece.marker.kind for piece in pieces if piece.marker}, key=rank)
    if kinds:
        starts = [piece.marker is not None for piece in pieces]
    elif any(piece.bullet or piece.name for piece in pieces):
        starts = [piece.bullet or piece.name is not None for piece in pieces]
    else:
        starts = [True] * len(pieces)
    found: list[Item] = []
    for piece, begins in zip(pieces, starts, strict=True):
        if begins:
            level = kinds.index(piece.marker.kind) + 1 if piece.marker else 1
            found.append(Item(level, piece.marker, piece.text, piece.name))
        elif found:
            found[-1] = _with_text(found[-1], piece.text)
    return found


def _with_text(item: Item, text: Mapped) -> Item:
    """The item with a paragraph under it; a line without a mark that stood alone is its name."""
    bare = item.text[item.marker.length if item.marker else 0 :].strip(" 　：:")
    alone = item.name is None and len(bare) <= LONGEST and not re.search(r"[，。；：]", bare.text)
    return replace(item, text=join([item.text, text]), name=bare if alone else item.name)


def _pieces(paragraphs: Sequence[Paragraph], raw: str) -> Iterator[Piece]:
    column: int | None = None
    for each in paragraphs:
        if each.is_row:
            cells = cells_of(raw, each.lines[0])
            named = [place for place, cell in enumerate(cells) if _NAMES.fullmatch(cell.text)]
            column = named[0] if named else column
            if not named:
                yield _row(each, cells, column)
            continue
        cuts = [0, *(found.start() for found in _INLINE.finditer(each.text.text)), len(each.text)]
        for start, end in zip(cuts, cuts[1:], strict=False):
            text = each.text[start:end]
            yield Piece(marker(text), bool(_BULLETS.match(text.text)), text)


def _row(row: Paragraph, cells: Sequence[Mapped], column: int | None) -> Piece:
    """A row of a table: its project is named in the column of names, else in the first cell that is no number."""
    filled = [cell for cell in cells if cell]
    number = _NUMBER.fullmatch(filled[0].text) if filled else None
    words = [cell for cell in filled if not _NUMBER.fullmatch(cell.text)]
    name = cells[column] if column is not None and column < len(cells) and cells[column] else None
    no = Marker("1.", int(number[1]), len(filled[0])) if number else None
    return Piece(no, False, row.text, name or (words[0] if words else None))
