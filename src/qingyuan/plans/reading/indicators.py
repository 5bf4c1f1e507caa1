"""Rows of indicator tables as indicators."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from qingyuan.plans.reading import cells, units
from qingyuan.plans.reading.cells import Cell
from qingyuan.plans.reading.mapped import EMPTY, Mapped, Span, join, width
from qingyuan.plans.reading.tables import Column, Table, span_of

_NO = re.compile(r"[（(]?(\d{1,2})[）).、]?")
_UNIT = re.compile(r"[（［]([^（）［］]*(?:（[^）]*）)?)[）］](?:\d|[①-⑳]|\*)*$")
_FOOT = re.compile(r"(?<=[一-龥）])(?:[①-⑳★☆▲△※◆●#]+|\*+|［\d］)$")
_WORD = re.compile(
    r"达到|完成|国家|考核|目标|要求|任务|持续|下降|上升|提升|提高|保持|稳定|良好|优良|保障|不降|不减|不增|有效|基本|力争|省级?下达|优于|改善|消除|全面|进一步|遏制|控制|满足|按照|全覆盖|以上|降低|水平|增加"
)

_LONGEST_GROUP = 14
"""Characters of the title of a group."""


@dataclass(frozen=True)
class Row:
    """One indicator as printed; values by column of the table."""

    no: int | None
    group: str | None
    name: str
    unit: str | None
    values: tuple[tuple[Column, Cell], ...]
    nature: str | None
    span: Span
    places: tuple[Mapped, ...] = field(default=())


def rows(table: Table) -> list[Row]:
    """The indicators of a table."""
    return list(_loose(table) if table.loose else _by_column(table))


def _by_column(table: Table) -> Iterator[Row]:
    group: str | None = None
    for row in table.rows:
        held = list(zip(table.columns, row, strict=False))
        name = _cell(held, "name")
        values = [(column, cell) for column, cell in held if column.kind in ("value", "change")]
        said = next((cells.nature(cell.text) for column, cell in held if cells.nature(cell.text)), None)
        titled = _cell(held, "group") or EMPTY
        if not any(cell for _, cell in values) and said is None:
            group = _group_row(row, titled or name) or group
            continue
        group = titled.text or group
        if name:
            yield _row(_cell(held, "no"), group, name, _cell(held, "unit"), values, said, span_of(row))


def _cell(held: Sequence[tuple[Column, Mapped]], kind: str) -> Mapped:
    return next((cell for column, cell in held if column.kind == kind and cell), EMPTY)


def _group_row(row: Sequence[Mapped], name: Mapped) -> str | None:
    """A row with a single filled cell is the title of those below: （一）环境质量."""
    filled = [cell for cell in row if cell]
    if len(filled) != 1 or filled[0].text.startswith("注"):
        return None
    return re.sub(r"^[（(]?[一二三四五六七八九十\d]{1,2}[）)、.]\s*", "", (name or filled[0]).text)


def _row(
    no: Mapped,
    group: str | None,
    name: Mapped,
    unit: Mapped,
    values: Sequence[tuple[Column, Mapped]],
    said: str | None,
    span: Span,
) -> Row:
    number = _NO.fullmatch(no.text)
    inner = re.match(r"(\d{1,2})[.、](?=[一-龥“])", name.text)
    if inner:
        name = name[inner.end() :]
    bare, bracketed = _without_unit(name)
    read = tuple((column, cells.read_cell(cell)) for column, cell in values)
    printed = unit.text.strip("（）()") or bracketed or next((cell.unit for _, cell in read if cell.unit), None)
    return Row(
        no=int(number[1]) if number else int(inner[1]) if inner else None,
        group=_bare_group(group),
        name=bare,
        unit=None if not printed or cells.nothing(printed) else printed,
        values=read,
        nature=said,
        span=span,
    )


def _bare_group(group: str | None) -> str | None:
    return re.sub(r"^(?:[（(]?[一二三四五六七八九十]{1,2}[）)、]|\d{1,2}[.、])", "", group) if group else None


def _without_unit(name: Mapped) -> tuple[str, str | None]:
    """The name, and the unit that stands in brackets behind it."""
    text = _FOOT.sub("", name.text.strip())
    found = _UNIT.search(text)
    if found and units.is_unit(found[1].replace(" ", "")):
        return _FOOT.sub("", text[: found.start()]), found[1].replace(" ", "")
    plain = re.search(r"[：:,，](%|‰|[一-龥/]{1,8})$", text)
    if plain and units.is_unit(plain[1]):
        return text[: plain.start()], plain[1]
    return text, None


def _loose(table: Table) -> Iterator[Row]:
    """Chains of tokens: [group] [no] name [unit] values nature, in the order of the columns."""
    kinds = [column.kind for column in table.columns]
    group: str | None = None
    expected = 1
    full = _full(table)
    for chain in table.rows:
        before, no, after = _at_number(chain, expected)
        number = int(_NO.fullmatch(no.text)[1]) if no else None  # type: ignore[index]
        tokens = [token for token in after if not cells.nature(token.text)]
        said = next(cells.nature(token.text) for token in chain if cells.nature(token.text))
        names, values = _parted(tokens, table)
        if before:
            group = "".join(token.text for token in before)
        elif "group" in kinds and not (no and kinds.index("group") < _at(kinds, "no")):
            title, names = _title_of_group(names, full, table.starts)
            group = title or group
        if not names:
            continue
        expected = (number or expected) + 1
        name, unit = _name_and_unit(names)
        yield _row(no, group, name, unit, values, said, span_of(chain))


def _full(table: Table) -> int:
    """Columns of the widest piece of a name that stands on one line."""
    pieces = (token for chain in table.rows for token in chain if not _value_like(token.text))
    whole = (token for token in pieces if not any(place in table.starts for place in token.at[1:]))
    return max((width(token.text) for token in whole), default=0)


def _at_number(chain: Sequence[Mapped], expected: int) -> tuple[Sequence[Mapped], Mapped, Sequence[Mapped]]:
    """What stands before the row's number, the number, and what follows it."""
    for place, token in enumerate(chain):
        found = _NO.fullmatch(token.text)
        if found and int(found[1]) == expected and place + 1 < len(chain) and not _value_like(chain[place + 1].text):
            return chain[:place], token, chain[place + 1 :]
        stuck = re.match(rf"{expected}[.、]?(?=[一-龥“])", token.text)
        if stuck:
            end = len(stuck[0])
            return chain[:place], token[: len(str(expected))], [token[end:], *chain[place + 1 :]]
    return (), EMPTY, chain


def _value_like(text: str) -> bool:
    return cells.nothing(text) or cells.is_figure(text)


def _parted(tokens: Sequence[Mapped], table: Table) -> tuple[list[Mapped], list[tuple[Column, Mapped]]]:
    """The tokens of name and unit, and the values with their columns."""
    columns = [column for column in table.columns if column.kind in ("value", "change")]
    count = len(columns)
    for place, groups in _ways(tokens, any(column.kind == "unit" for column in table.columns)):
        if len(groups) == count:
            return list(tokens[:place]), list(zip(columns, groups, strict=True))
    said = _said_twice(tokens) if count == 2 else 0
    if said:
        values = [join(tokens[-2 * said : -said]), join(tokens[-said:])]
        return list(tokens[: -2 * said]), list(zip(columns, values, strict=True))
    first = next((place for place in range(1, len(tokens)) if _value_like(tokens[place].text)), None)
    if count and len(tokens) > count and first is None:
        return list(tokens[:-count]), list(zip(columns, tokens[-count:], strict=True))
    if first is None:
        return list(tokens), []
    found = _groups(tokens[first:], True) or list(tokens[first:])
    named = columns if len(columns) == len(found) else _unnamed(len(found))
    return list(tokens[:first]), list(zip(named, found, strict=False))


def _said_twice(tokens: Sequence[Mapped]) -> int:
    """How many tokens at the end repeat those before them: 动态 清零 动态 清零 → 2."""
    texts = [token.text for token in tokens]
    return next((size for size in (2, 3, 4) if len(texts) > 2 * size and texts[-size:] == texts[-2 * size : -size]), 0)


def _ways(tokens: Sequence[Mapped], united: bool) -> Iterator[tuple[int, list[Mapped]]]:
    """Where the values may begin, and the values then; behind a unit first, where there is a column of units."""
    places = range(1, len(tokens))
    behind = [
        at for at in places if units.is_unit(tokens[at - 1].text.strip("（）")) or cells.nothing(tokens[at - 1].text)
    ]
    for merge in (False, True) if united else ():
        for place in behind:
            groups = _groups(tokens[place:], merge)
            if groups:
                yield place, groups
    for place in places:
        groups = _groups(tokens[place:], True)
        if groups:
            yield place, groups


def _unnamed(count: int) -> list[Column]:
    """Without a head: the first value is the base, the last the target."""
    roles = ["base", *[None] * (count - 2), "target"] if count > 1 else ["target"]
    return [Column("value", None, role) for role in roles]


def _groups(tokens: Sequence[Mapped], merge: bool) -> list[Mapped] | None:
    """Values; merge: words that follow one another are one; None when a token is no value."""
    groups: list[Mapped] = []
    words = False
    for token in tokens:
        if _value_like(token.text):
            groups.append(token)
            words = False
        elif _WORD.search(token.text) and not units.is_unit(token.text.strip("（）")):
            groups[-1:] = [join([*groups[-1:], token])] if words and merge else [*groups[-1:], token]
            words = True
        else:
            return None
    return groups


def _at(kinds: Sequence[str], kind: str) -> int:
    """The place of a column; before all where there is none."""
    return kinds.index(kind) if kind in kinds else -1


def _title_of_group(names: list[Mapped], full: int, starts: frozenset[int]) -> tuple[str | None, list[Mapped]]:
    """The group and the rest: a cell ends with its first line that is not full; the last cell is the name.

    full: columns of the widest line of the table; starts: where lines begin.
    """
    ends = [
        place + 1
        for place, (one, other) in enumerate(zip(names, names[1:], strict=False))
        if _ends_cell(one.text, other.text, full, other.at[0] in starts)
    ]
    if not ends or sum(len(each) for each in names[: ends[-1]]) > _LONGEST_GROUP:
        return None, names
    return "".join(each.text for each in names[: ends[-1]]), names[ends[-1] :]


def _ends_cell(line: str, following: str, full: int, begins: bool) -> bool:
    """Two cells meet here: what follows is on the same line, or there was room for it; no unit, nor a cut off part."""
    if units.is_unit(following.strip("（）")) or cells.nothing(following) or following[0] in "（％%）、":
        return False
    room = width(line) < full - 1 if begins else bool(re.search("[一-龥]$", line))
    return room and line[-1] not in "的及与和、（"


def _name_and_unit(names: list[Mapped]) -> tuple[Mapped, Mapped]:
    last = names[-1]
    if len(names) > 1 and (units.is_unit(last.text) or cells.nothing(last.text)):
        return join(names[:-1]), last
    return join(names), EMPTY
