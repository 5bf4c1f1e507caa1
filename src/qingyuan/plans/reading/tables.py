"""Where the indicator tables of a plan stand, and their rows as cells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from qingyuan.plans.reading import cells
from qingyuan.plans.reading.layout import block_at
from qingyuan.plans.reading.lines import Line
from qingyuan.plans.reading.mapped import EMPTY, Mapped, Span, join, mapped
from qingyuan.plans.reading.sources import Grid, Source
from qingyuan.plans.reading.vocabulary import any_of, vocabulary

_YEAR = re.compile(r"(?:到|至)?(20\d\d)年?(?:底|末)?(?:\D{0,8})?")
_GAP = 14
"""Lines without a word of nature that one row may take."""
_UP = 26
"""Lines above the first row in which the head of the table is looked for."""
_LONGEST_HEAD = 40
"""Characters of a cell of the head."""
_FEWEST = 3
"""Cells of a row, at least."""
_REST = re.compile(".{1,3}|（[^）]{1,6}）")
"""What a broken cell of the head may leave for its next line."""
_RULE = re.compile(r"[|\s:\-—+=]+")


@dataclass(frozen=True)
class Column:
    """What a column holds: no group name unit nature value change other; year of a value."""

    kind: str
    year: int | None = None
    role: str | None = None


@dataclass(frozen=True)
class Table:
    """An indicator table: its columns and its rows; loose: rows are chains of tokens, not cells of columns.

    starts: where its lines begin in the text.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Mapped, ...], ...]
    loose: bool
    lines: frozenset[int] = field(default_factory=frozenset)
    starts: frozenset[int] = field(default_factory=frozenset)


def tables(source: Source, lines: Sequence[Line]) -> list[Table]:
    """All indicator tables, drawn, separated by marks, or broken into lines."""
    drawn = list(_drawn(source, lines))
    taken = {index for table in drawn for index in table.lines}
    laid = list(_laid_out(source.text, lines, taken))
    taken |= {index for table in laid for index in table.lines}
    marked = list(_marked(source.text, lines, taken))
    taken |= {index for table in marked for index in table.lines}
    return [*drawn, *laid, *marked, *_broken(lines, taken)]


@lru_cache(maxsize=1)
def _words() -> dict[str, str]:
    header = vocabulary()["table"]["header"]
    return {word: kind for kind, words in header.items() for word in words}


def column(text: str) -> Column | None:
    """The column that a cell of the head announces; None when it is no such cell."""
    whole = text.replace(" ", "")
    if len(whole) > _LONGEST_HEAD:
        return None
    bare = re.sub(r"[（［〔][^）］〕]*[）］〕]$", "", whole).strip("*")
    inside = re.search(r"[（［〔](20\d\d)年?[）］〕]$", whole)
    kind = _words().get(bare)
    if re.fullmatch("[一二三四]级指标", bare):
        return Column("level")
    if inside and kind is None and re.search("目标|值|现状", bare):
        kind = "base" if re.search("现状|基", bare) else "value"
    if kind == "value":
        return Column("value", int(inside[1]) if inside else None)
    if kind in ("base", "target"):
        return Column("value", int(inside[1]) if inside else None, kind)
    if kind:
        return Column(kind)
    year = _YEAR.fullmatch(bare)
    if year:
        return Column("value", int(year[1]), "base" if re.search("基|现状", bare) else None)
    if (
        re.fullmatch(r"[“”十一二三四五六七]{4,6}(时期|期间)?(累计|目标|年均).*|.*(累计|年均).{0,6}", bare)
        and len(bare) <= 16
    ):
        return Column("change")
    return None


def _is_head(row: Sequence[Mapped]) -> bool:
    """Cells of the head of an indicator table: it names indicators and values or natures."""
    kinds = {found.kind for cell in row if cell and (found := column(cell.text))}
    return bool(kinds & {"name", "level"}) and bool(kinds & {"value", "nature"})


def _drawn(source: Source, lines: Sequence[Line]) -> Iterator[Table]:
    """Tables the file drew; one that goes on over the page without a head has the columns of the one before."""
    last: Table | None = None
    for number, grid in enumerate(source.grids):
        rows = [row for row in grid_rows(source.text, grid) if any(row)]
        inside = frozenset(index for index, line in enumerate(lines) if line.grid == number)
        table = _with_head(rows, inside) or _continued(rows, inside, last)
        if table is not None:
            yield table
        last = table


def grid_rows(raw: str, grid: Grid) -> list[tuple[Mapped, ...]]:
    """The rows of a drawn table as cells."""
    return [tuple(mapped(raw[start:end], start) for start, end in row) for row in grid.rows]


def _continued(rows: list[tuple[Mapped, ...]], inside: frozenset[int], last: Table | None) -> Table | None:
    natures = sum(any(cells.nature(cell.text) for cell in row) for row in rows)
    if last is None or not rows or natures * 2 < len(rows) or len(rows[0]) != len(last.columns):
        return None
    return Table(last.columns, tuple(rows), False, inside)


def _with_head(rows: Sequence[tuple[Mapped, ...]], inside: frozenset[int]) -> Table | None:
    """The table below its head, which may take two rows."""
    for index, row in enumerate(rows[:4]):
        second = rows[index + 1] if index + 1 < len(rows) else ()
        if not _is_head(row) and not (second and _is_head(_stacked(row, second)) and not _is_head(second)):
            continue
        columns = [_column_or_other(cell) for cell in row]
        below = rows[index + 1 :]
        if second and _is_second_head(row, second):
            columns = [_column_or_other(low if low else high) for high, low in zip(row, second, strict=False)]
            below = rows[index + 2 :]
        body = tuple(each for each in below if not _is_head(each))
        return Table(tuple(_filled(columns)), body, False, inside)
    return None


def _stacked(high: Sequence[Mapped], low: Sequence[Mapped]) -> list[Mapped]:
    return [below or above for above, below in zip(high, low, strict=False)]


def _is_second_head(high: Sequence[Mapped], low: Sequence[Mapped]) -> bool:
    """Under 目标 the years: cells of a head, and none that is a figure or a nature."""
    found = [column(cell.text) for cell in low if cell]
    others = [cell for cell in low if cell and not column(cell.text)]
    plain = not any(cells.is_figure(cell.text) or cells.nature(cell.text) for cell in others)
    return any(found) and plain and len(others) < len(low) / 2 and len(low) == len(high)


def _column_or_other(cell: Mapped) -> Column:
    return column(cell.text) or Column("blank" if not cell else "other")


def _filled(columns: list[Column]) -> Iterator[Column]:
    """A blank beside 指标 is of the joined cell: the first is the group, the last the name.

    A 类型 that stands after the values is the nature. Of 一级指标, 二级指标 ... the last is the name.
    """
    columns = _by_level(columns)
    for place, each in enumerate(columns):
        if each.kind == "group" and any(before.kind == "value" for before in columns[:place]):
            yield Column("nature")
            continue
        following = columns[place + 1 : place + 2]
        if each.kind == "name" and following and following[0].kind in ("blank", "name"):
            yield Column("group")
        elif each.kind == "blank" and place and columns[place - 1].kind in ("name", "group", "no"):
            yield Column("name")
        else:
            yield each


def _by_level(columns: list[Column]) -> list[Column]:
    """The outermost of several levels of names is the group, those between are nothing, the innermost is the name."""
    places = [place for place, each in enumerate(columns) if each.kind == "level"]
    kinds = ["group", *["other"] * (len(places) - 2), "name"] if len(places) > 1 else ["name"] * len(places)
    levels = dict(zip(places, kinds, strict=True))
    return [Column(levels[place]) if place in levels else each for place, each in enumerate(columns)]


def _marked(raw: str, lines: Sequence[Line], taken: set[int]) -> Iterator[Table]:
    """Rows of cells told apart by pipes, tabs or wide gaps."""
    index = 0
    while index < len(lines):
        row = () if index in taken or lines[index].grid is not None else _head_of(raw, lines[index])
        if not row:
            index += 1
            continue
        end, rows = _rows_below(raw, lines, index, row)
        end = _after_remarks(lines, end)
        table = _with_head(rows, frozenset(range(index, end)))
        if table is not None and table.rows:
            yield table
        index = max(end, index + 1)


def _laid_out(raw: str, lines: Sequence[Line], taken: set[int]) -> Iterator[Table]:
    """Tables of which every cell stands at its place across the line, wrapped over several lines."""
    index = 0
    while index < len(lines):
        found = None if index in taken else block_at(raw, lines, index, lambda text: column(text) is not None)
        table = _with_head(found.rows, found.lines) if found else None
        if found and table and table.rows:
            end = _after_remarks(lines, max(found.lines) + 1)
            yield replace(table, lines=frozenset(range(index, end)))
            index = end
        else:
            index += 1


def _head_of(raw: str, line: Line) -> tuple[Mapped, ...]:
    """The cells of a head, parted by marks or gaps, or where every one is known by single spaces; else none."""
    row = cells_of(raw, line)
    if len(row) >= _FEWEST and _is_head(row):
        return row
    row = cells_of(raw, line, spaces=1)
    known = len(row) >= _FEWEST and all(column(cell.text) for cell in row)
    return row if known and _is_head(row) and not any(cells.nature(cell.text) for cell in row) else ()


def cells_of(raw: str, line: Line, spaces: int = 2) -> tuple[Mapped, ...]:
    """The cells of a line; one cell when nothing tells them apart. spaces: how many at least are a gap."""
    text = raw[line.start : line.end]
    if "|" in text or "｜" in text or "│" in text:
        marks = re.compile(r"[|｜│]")
        start = line.start + len(text) - len(text.lstrip())
        trimmed = text.strip()
        left = 1 if trimmed[0] in "|｜│" else 0
        right = 1 if trimmed[-1] in "|｜│" else 0
        return _cut(trimmed[left : len(trimmed) - right], start + left, marks)
    if text.strip("\n").count("\t") >= (2 if line.grid is None else 1):
        return _cut(text, line.start, re.compile("\t"))
    inner = text.strip()
    return _cut(inner, line.start + text.index(inner[0]), re.compile(rf"[ \u3000\xa0]{{{spaces},}}"))


def _cut(text: str, start: int, marks: re.Pattern[str]) -> tuple[Mapped, ...]:
    edges = [0, *(edge for found in marks.finditer(text) for edge in found.span()), len(text)]
    return tuple(mapped(text[a:b], start + a) for a, b in zip(edges[::2], edges[1::2], strict=True))


def _rows_below(
    raw: str, lines: Sequence[Line], index: int, head: Sequence[Mapped]
) -> tuple[int, list[tuple[Mapped, ...]]]:
    """The index after the table and its rows, the head first."""
    rows: list[tuple[Mapped, ...]] = []
    while index < len(lines):
        line = lines[index]
        row = cells_of(raw, line)
        if len(row) < len(head):
            spaced = cells_of(raw, line, spaces=1)
            row = spaced if len(spaced) == len(head) else row
        if not _RULE.fullmatch(raw[line.start : line.end]):
            if not max(3, len(head) - 2) <= len(row) <= len(head) + 1:
                break
            rows.append(_filled_up(row, head))
        index += 1
    return index, rows


def _filled_up(row: tuple[Mapped, ...], head: Sequence[Mapped]) -> tuple[Mapped, ...]:
    """A row short of cells lacks that of the group, which is joined with the row above, or those on the left."""
    missing = [EMPTY] * (len(head) - len(row))
    kinds = [found.kind if (found := column(cell.text)) else "" for cell in head]
    at = kinds.index("group") if missing and "group" in kinds else 0
    return (*row[:at], *missing, *row[at:])


def _broken(lines: Sequence[Line], taken: set[int]) -> Iterator[Table]:
    """Tables of which only the words are left, line after line, found by the natures (约束性 ...) of their rows."""
    index = 0
    while index < len(lines):
        if index in taken or lines[index].grid is not None or not _has_nature(lines[index]):
            index += 1
            continue
        end = _end_of_broken(lines, index)
        start, columns = _head_above(lines, index)
        own = [at for at in range(start, end) if not (_head_columns(lines[at]) or _rest_of_head(lines, at))]
        tokens = [token for at in own for token in _tokens(lines[at])]
        after = _after_remarks(lines, end)
        yield Table(
            columns, tuple(_chains(tokens, columns)), True, frozenset(range(start, after)), _starts(lines[start:end])
        )
        index = after


def _starts(lines: Sequence[Line]) -> frozenset[int]:
    return frozenset(line.text.at[0] for line in lines)


def _after_remarks(lines: Sequence[Line], end: int) -> int:
    """Remarks below a table (注：…) are of the table, with the lines they are broken into."""
    if end >= len(lines) or not lines[end].plain.startswith("注"):
        return end
    while end < len(lines) and lines[end].plain[-1] not in "。）" and lines[end].width >= 60:
        end += 1
    return end + 1


def _has_nature(line: Line) -> bool:
    return any(cells.nature(token.text) and len(token) > 2 for token in _tokens(line))


def _end_of_broken(lines: Sequence[Line], first: int) -> int:
    """After the last nature that follows the others at no more than a row's distance."""
    last = first
    index = first + 1
    while index < len(lines) and index - last <= _GAP:
        if _has_nature(lines[index]):
            last = index
        elif lines[index].width >= 40 and lines[index].plain[-1] in "。；":
            break
        index += 1
    return last + 1


def _head_above(lines: Sequence[Line], first: int) -> tuple[int, tuple[Column, ...]]:
    """The topmost line of the head and its columns."""
    for index in range(first, max(first - _UP, -1), -1):
        if not _head_columns(lines[index]):
            continue
        top = index
        while top > 0 and (_head_columns(lines[top - 1]) or _rest_of_head(lines, top - 1)):
            top -= 1
        columns = [each for line in lines[top : index + 1] for each in _head_columns(line)]
        return top, tuple(_two_lines(columns))
    return first, ()


def _rest_of_head(lines: Sequence[Line], index: int) -> bool:
    """The last letters of a cell of the head that was broken: 年均增速/累 计, or a bracket below it: （基期）."""
    between = 0 < index < len(lines) - 1 and bool(_REST.fullmatch(lines[index].plain))
    return between and bool(_head_columns(lines[index - 1]) and _head_columns(lines[index + 1]))


def _two_lines(columns: list[Column]) -> list[Column]:
    """2025年 above 现状值 and 2030年 above 目标值 are two columns, whose heads take two lines each."""
    pairs = [
        place
        for place, (high, low) in enumerate(zip(columns, columns[1:], strict=False))
        if high.kind == low.kind == "value" and high.year and not high.role and low.role and not low.year
    ]
    if len(pairs) < 2:
        return columns
    joined = {place: Column("value", columns[place].year, columns[place + 1].role) for place in pairs}
    return [joined.get(place, each) for place, each in enumerate(columns) if place - 1 not in joined]


def _head_columns(line: Line) -> list[Column]:
    """The columns of a line that is nothing but head."""
    text = re.sub(r"(?<![^ ])([一-龥]) (?=[一-龥](?![^ ]))", r"\1", line.text.text)
    text = re.sub(r"(20\d\d) 年", r"\1年", text)
    found = [column(token) for token in text.split(" ")]
    return [each for each in found if each] if all(found) else []


def _tokens(line: Line) -> list[Mapped]:
    """Words of a line, a value that is stuck to a bracket or a nature parted from it."""
    text = line.text
    natures = any_of([word for words in vocabulary()["table"]["natures"].values() for word in words if len(word) == 3])
    return text.split(re.compile(rf" |(?<=[）］])(?=[\d—≥≤><])|(?<=[\d%—左右以上])(?=(?:{natures})$)"))


def _chains(tokens: Sequence[Mapped], columns: Sequence[Column]) -> Iterator[tuple[Mapped, ...]]:
    """The tokens of each row: up to its nature, or up to its last value where the nature stands before the values."""
    kinds = [each.kind for each in columns]
    after = 0
    if "nature" in kinds and "value" in kinds:
        after = sum(kind in ("value", "change") for kind in kinds[kinds.index("nature") :])
    chain: list[Mapped] = []
    left = -1
    for token in _whole_natures(list(_closed(tokens))):
        chain.append(token)
        if left > 0:
            left -= 1
        elif cells.nature(token.text):
            left = after
        if left == 0:
            yield tuple(chain)
            chain, left = [], -1


def _whole_natures(tokens: Sequence[Mapped]) -> Iterator[Mapped]:
    """约束性指 and 标 on the next line are one word."""
    place = 0
    while place < len(tokens):
        pair = join(tokens[place : place + 2])
        broken = cells.nature(tokens[place].text) is not None and cells.is_nature(pair.text)
        yield pair if broken else tokens[place]
        place += 2 if broken and place + 1 < len(tokens) else 1


def _closed(tokens: Sequence[Mapped]) -> Iterator[Mapped]:
    """A bracket that was broken over two tokens is one."""
    waiting: list[Mapped] = []
    for token in tokens:
        waiting.append(token)
        text = "".join(each.text for each in waiting)
        if sum(map(text.count, "（［〔")) <= sum(map(text.count, "）］〕")) or len(waiting) > 3:
            yield join(waiting)
            waiting = []
    yield from waiting


def span_of(row: Sequence[Mapped]) -> Span:
    """From the first filled cell of a row to the end of the last."""
    filled = [cell for cell in row if cell]
    return min(cell.span[0] for cell in filled), max(cell.span[1] for cell in filled)
