"""What if another edition held: indices of stored concentrations by the tables of that edition."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from qingyuan.domains.air.law import ITEMS, IndexLaw, index_law
from qingyuan.domains.air.methods import individual_index

Row = dict[str, Any]


def restate(rows: Iterable[Row], edition: str, per: str) -> list[Row]:
    """The rows judged by `edition` ("2012"|"2026"); per is ``hour`` or ``day``. Concentrations stay as they are."""
    book = index_law(edition, per)
    return [_judged(row, book, edition) for row in rows]


def _judged(row: Row, book: IndexLaw, edition: str) -> Row:
    indices = {item: _index(row[item], item, book) for item in ITEMS}
    largest = max((index for index in indices.values() if index is not None), default=None)
    limit = book.complete_only_up_to
    if largest is not None and limit is not None and None in indices.values() and largest <= limit:
        largest = None
    return {
        **row,
        **{f"iaqi_{item}": index for item, index in indices.items()},
        "aqi": largest,
        "level": next((each.level for each in book.levels if largest <= each.high), None)
        if largest is not None
        else None,
        "primary": _primary(indices, largest, book),
        "valid": largest is not None,
        "edition": edition,
        "clause": book.clause,
    }


def _index(value: float | None, item: str, book: IndexLaw) -> int | None:
    return None if value is None else individual_index(Decimal(str(value)), book.tables[item])


def _primary(indices: dict[str, int | None], largest: int | None, book: IndexLaw) -> str:
    if largest is None or largest <= book.primary_above:
        return ""
    return ";".join(item for item, index in indices.items() if index == largest)
