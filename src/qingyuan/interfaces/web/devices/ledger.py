"""The ledger as people read it: a calendar of days against properties, and the account of one day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from qingyuan.base.time import now
from qingyuan.gateway import scope
from qingyuan.gateway.models import Device
from qingyuan.interfaces.web import context
from qingyuan.interfaces.web.devices import rates, words
from qingyuan.observations import ledgers
from qingyuan.people.rights import Rights

Row = dict[str, Any]
COUNTS = ("expected", "received", "stored", "quarantined", "repeated", "valid", "difference")
GOOD, TIGHT = 0.95, 0.75
"""Rates from which a day is shown as good, and below which as bad: for the eye, no rule of law."""


@dataclass(frozen=True)
class Cell:
    """One day of a property. state: good, tight, bad, none (not due, not over, or no ledger); share in percent."""

    day: date
    state: str
    share: float | None
    uneven: bool = False


def state_of(share: float | None) -> str:
    """The word of state of a rate (0 to 1)."""
    if share is None:
        return "none"
    return "good" if share >= GOOD else "tight" if share >= TIGHT else "bad"


def rows_of(device: Device, first: date, last: date) -> list[Row]:
    """Ledger rows of a device, without the extremes that come with a mean (``-Min``, ``-Max``)."""
    dataset = next((each for each in context.datasets() if each.slug == device.dataset), None)
    if dataset is None:
        return []
    found = ledgers.kept(dataset.path, first, last, device.place)
    return [row for row in found if row["property"] is None or "-" not in row["property"]]


def days_of(first: date, last: date) -> list[date]:
    """The days of a stretch."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def calendar(rows: Sequence[Row], days: Sequence[date]) -> list[tuple[str, str, list[Cell]]]:
    """Property by property (name, averaging) the cells of the days: the share of the due values that are valid."""
    series: dict[tuple[str, str], dict[date, Row]] = defaultdict(dict)
    for row in rows:
        if row["property"] and row["expected"] is not None:
            series[row["property"], row["averaging"]][row["day"]] = row
    ordered = sorted(series.items(), key=lambda each: (each[0][1] != rates.JUDGED, each[0]))
    return [
        (words.property_name(slug), words.averaging(averaging), [_cell(day, found.get(day)) for day in days])
        for (slug, averaging), found in ordered
    ]


def _cell(day: date, row: Row | None) -> Cell:
    if row is None:
        return Cell(day, "none", None)
    share = row["effective_rate"]
    state = "none" if day == now().date() else state_of(share)
    return Cell(day, state, None if share is None else 100 * share, row["difference"] != 0)


def account(rows: Sequence[Row], day: date) -> list[dict[str, Any]]:
    """The lines of one day."""
    return [
        {
            "row": row,
            "name": words.property_name(row["property"]) if row["property"] else "",
            "averaging": words.averaging(row["averaging"]),
            "state": "none" if day == now().date() else state_of(row["effective_rate"]),
            **{name: None if row[name] is None else 100 * row[name] for name in _RATES},
        }
        for row in rows
        if row["day"] == day
    ]


_RATES = ("transmission_rate", "valid_rate", "effective_rate")


def totals(lines: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Sums of the counts over the lines of a day."""
    return {name: sum(line["row"][name] or 0 for line in lines) for name in COUNTS}


def of_all(rights: Rights, first: date, last: date) -> list[tuple[Device, list[Cell]]]:
    """Every device somebody may see with its days: the share of the due hourly values that are valid."""
    found, days = rates.days(first, last), days_of(first, last)
    return [
        (each, [_of_day(day, found.get(((each.dataset, each.place), day))) for day in days])
        for each in scope.devices(rights)
    ]


def _of_day(day: date, row: Row | None) -> Cell:
    share = row["effective_rate"] if row else None
    state = "none" if day == now().date() else state_of(share)
    return Cell(day, state, None if share is None else 100 * share, bool(row and row["uneven"]))
