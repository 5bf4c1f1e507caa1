"""What any sequence of reports adds up to: the latest of every organisation, corrections taken, and the whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ORDER = ("blocked", "not_started", "under_way", "done")
"""States from the worst to the best: a whole stands as its worst part does, and is done when all are."""

Key = tuple[str, str]


@dataclass(frozen=True)
class Report:
    """One reported row: number grows with time; replaces: number of the row it corrects."""

    number: int
    kind: str
    key: str
    organisation: int
    last_day: date
    value: Decimal | None = None
    progress: Decimal | None = None
    amount: Decimal | None = None
    status: str = ""
    replaces: int | None = None


@dataclass(frozen=True)
class Whole:
    """An item over its organisations. progress: their mean; value, amount: sums of the latest; count: of reports."""

    last_day: date
    value: Decimal | None
    progress: Decimal | None
    amount: Decimal | None
    status: str
    count: int


def latest(reports: Iterable[Report]) -> dict[Key, dict[int, Report]]:
    """By item and organisation the report of the last period, as corrected last."""
    given = list(reports)
    gone = {each.replaces for each in given}
    found: dict[Key, dict[int, Report]] = {}
    for each in sorted((one for one in given if one.number not in gone), key=lambda one: (one.last_day, one.number)):
        found.setdefault((each.kind, each.key), {})[each.organisation] = each
    return found


def wholes(reports: Iterable[Report]) -> dict[Key, Whole]:
    """Every item as its latest reports add up."""
    return {key: whole(parts) for key, parts in latest(reports).items()}


def whole(parts: Mapping[int, Report]) -> Whole:
    """One item of its organisations' latest reports; done counts as 100 %."""
    rows = list(parts.values())
    progress = [Decimal(100) if each.status == "done" else each.progress for each in rows]
    known = [each for each in progress if each is not None]
    states = [each.status for each in rows if each.status in ORDER]
    return Whole(
        last_day=max(each.last_day for each in rows),
        value=_sum(each.value for each in rows),
        progress=(sum(known, Decimal(0)) / len(known)).quantize(Decimal("0.1")) if known else None,
        amount=_sum(each.amount for each in rows),
        status=min(states, key=ORDER.index) if states else "",
        count=len(rows),
    )


def _sum(values: Iterable[Decimal | None]) -> Decimal | None:
    known = [each for each in values if each is not None]
    return sum(known, Decimal(0)) if known else None
