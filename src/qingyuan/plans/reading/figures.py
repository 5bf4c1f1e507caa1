"""Indicators and quantities with their doubtful figures settled, each by all the others."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from qingyuan.plans.reading import indicators as printed
from qingyuan.plans.reading.cells import Cell
from qingyuan.plans.reading.doubtful import TEXT, Figure, Settled, settle
from qingyuan.plans.reading.draft import Doubt, Indicator, Quantity
from qingyuan.plans.reading.mapped import Span
from qingyuan.plans.reading.tables import Column, Table

_PRIVATE = re.compile("[\ue000-\uf8ff]")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True)
class Years:
    """First and last year of the plan, where they are known."""

    first: int | None
    last: int | None


@dataclass(frozen=True)
class _Read:
    """A row with its columns told apart: base, target, and the years between."""

    row: printed.Row
    table: int
    columns: Mapping[str, tuple[Column, Cell]]

    def cell(self, field: str) -> Cell:
        return self.columns[field][1] if field in self.columns else Cell(None)

    def year(self, field: str) -> int | None:
        return self.columns[field][0].year if field in self.columns else None


def settled(
    tables: Sequence[Table], quantities: Sequence[Quantity], years: Years, raw: str
) -> tuple[list[Indicator], list[Quantity]]:
    """The indicators of the tables and the quantities of the text."""
    read = [
        _told_apart(row, number, years) for number, table in enumerate(tables) for row in printed.rows(table)
        if _of_this_plan(table, years)
    ]  # fmt: skip
    answers = settle([*_in_tables(read, raw), *_in_text(quantities, raw)])
    made = [_indicator(each, place, answers, years, raw) for place, each in enumerate(read)]
    return made, [_quantity(each, answers.get((TEXT, place))) for place, each in enumerate(quantities)]


def _of_this_plan(table: Table, years: Years) -> bool:
    """Not the table of the plan before: it looks further than the first year."""
    known = [column.year for column in table.columns if column.year]
    return not known or years.first is None or max(known) >= years.first


def _told_apart(row: printed.Row, table: int, years: Years) -> _Read:
    values = [pair for pair in row.values if pair[0].kind == "value"] or list(row.values)
    target = _target(values, years)
    base = _base([pair for pair in values if pair is not target], years)
    columns: dict[str, tuple[Column, Cell]] = {}
    for pair in values:
        field = "target" if pair is target else "base" if pair is base else str(pair[0].year or pair[0].kind)
        columns[field] = pair
    if target is not None and target[1].value is None:
        columns = _with_sum(columns, row)
    return _Read(row, table, columns)


def _with_sum(columns: dict[str, tuple[Column, Cell]], row: printed.Row) -> dict[str, tuple[Column, Cell]]:
    """Where the last year's column is empty, the column of the whole period holds the target."""
    sums = [pair for pair in row.values if pair[0].kind == "change" and pair[1].value is not None]
    if not sums:
        return columns
    cell = replace(sums[0][1], cumulative=True)
    return {**columns, "target": (replace(sums[0][0], year=columns["target"][0].year), cell)}


def _target(values: Sequence[tuple[Column, Cell]], years: Years) -> tuple[Column, Cell] | None:
    for pair in values:
        if pair[0].role == "target" or (pair[0].year is not None and pair[0].year == years.last):
            return pair
    return values[-1] if values else None


def _base(values: Sequence[tuple[Column, Cell]], years: Years) -> tuple[Column, Cell] | None:
    for pair in values:
        early = pair[0].year is not None and years.first is not None and pair[0].year < years.first
        if pair[0].role == "base" or early:
            return pair
    return values[0] if values and years.first is None else None


def _in_tables(read: Sequence[_Read], raw: str) -> Iterator[Figure]:
    for place, each in enumerate(read):
        for field, (_, cell) in each.columns.items():
            if isinstance(cell.value, Decimal):
                yield Figure(
                    key=(place, field),
                    scope=each.table,
                    row=place,
                    name=each.row.name,
                    unit=each.row.unit,
                    printed=cell.printed or "",
                    value=cell.value,
                    glyph=_glyph(raw, cell.span),
                    operator=cell.operator,
                )


def _in_text(quantities: Sequence[Quantity], raw: str) -> Iterator[Figure]:
    for place, each in enumerate(quantities):
        number = _NUMBER.match(each.text)
        if number and each.value is not None:
            glyph = _glyph(raw, each.text_span)
            yield Figure(
                (TEXT, place), TEXT, place, each.subject, each.unit, number[0], each.value, glyph, each.operator
            )


def _glyph(raw: str, span: Span) -> bool:
    return bool(_PRIVATE.search(raw[slice(*span)]))


def _indicator(each: _Read, place: int, answers: Mapping[Hashable, Settled], years: Years, raw: str) -> Indicator:
    row = each.row
    values = {field: _as_printed(_value(each, place, field, answers), each.cell(field), raw) for field in each.columns}
    others = [field for field in each.columns if field not in ("base", "target")]
    base, target = each.cell("base"), each.cell("target")
    return Indicator(
        no=row.no or place + 1,
        group=row.group,
        name=row.name,
        unit=row.unit,
        base=values.get("base"),
        target=values.get("target"),
        nature=row.nature,
        base_year=each.year("base") or (years.first - 1 if years.first else None),
        target_year=each.year("target") or years.last,
        base_operator=base.operator,
        target_operator=target.operator,
        base_printed=base.printed,
        target_printed=target.printed,
        cumulative=target.cumulative,
        milestones={field: values[field] for field in others},
        text_span=row.span,
        doubtful=tuple(_doubts(each, place, answers)),
    )


def _value(each: _Read, place: int, field: str, answers: Mapping[Hashable, Settled]) -> Decimal | str | None:
    answer = answers.get((place, field))
    return answer.value if answer else each.cell(field).value


def _as_printed(value: Decimal | str | None, cell: Cell, raw: str) -> Decimal | str | None:
    """Words with the marks of the file, where no other cell's text stands between their lines."""
    printed = "".join(raw[slice(*cell.span)].split())
    return printed if isinstance(value, str) and len(printed) == len(value) else value


def _doubts(each: _Read, place: int, answers: Mapping[Hashable, Settled]) -> Iterator[Doubt]:
    for field in each.columns:
        answer = answers.get((place, field))
        if answer and answer.doubt:
            yield replace(answer.doubt, field=field)


def _quantity(each: Quantity, answer: Settled | None) -> Quantity:
    if answer is None:
        return each
    return replace(each, value=answer.value, doubtful=(answer.doubt,) if answer.doubt else ())
