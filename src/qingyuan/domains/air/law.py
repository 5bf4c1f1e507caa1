"""What the law says for air on a day, gathered for the formulas: one place that asks the library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import TypeVar

import ibis
import ibis.expr.types as ir

from qingyuan.assessments.declaration import Extent
from qingyuan.base.errors import WrongUsage
from qingyuan.standards import law
from qingyuan.standards.grading import GOOD_UP_TO
from qingyuan.standards.law import Breakpoints, Level

ITEMS = ("so2", "no2", "pm10", "co", "o3", "pm25")
"""The six basic items, in the order of the daily report (HJ 633)."""

DAILY_AVERAGING = {"so2": "24h", "no2": "24h", "pm10": "24h", "co": "24h", "o3": "mda8", "pm25": "24h"}
"""Averaging of the daily report's concentrations; ozone stands for its largest 8-hour mean."""

HOURLY_TABLE = {"so2": "1h", "no2": "1h", "pm10": "24h", "co": "1h", "o3": "1h", "pm25": "24h"}
"""Column of the breakpoint table an hourly value is read in: particles use the 24-hour column."""

DAILY_TABLE = {"so2": "24h", "no2": "24h", "pm10": "24h", "co": "24h", "o3": "8h", "pm25": "24h"}
"""Column of the breakpoint table a daily value is read in."""

V = TypeVar("V", bound=ir.Value)


@dataclass(frozen=True)
class Era:
    """A stretch of days judged by one edition: first <= day <= last (None: open)."""

    edition: str
    first: date | None
    last: date | None


@dataclass(frozen=True)
class IndexLaw:
    """HJ 633 of one edition: tables by item, levels, the rule of missing items, and the clause to cite."""

    edition: str
    tables: dict[str, Breakpoints]
    levels: tuple[Level, ...]
    complete_only_up_to: int | None
    primary_above: int
    clause: str


@cache
def index_law(edition: str, per: str) -> IndexLaw:
    """HJ 633 of an edition for hourly or daily reports (per: hour|day)."""
    columns = HOURLY_TABLE if per == "hour" else DAILY_TABLE
    tables = {item: law.breakpoints("HJ 633", item, columns[item], edition=edition) for item in ITEMS}
    missing = law.rule("HJ 633", "missing_item", edition=edition)
    return IndexLaw(
        edition=edition,
        tables=tables,
        levels=tuple(law.levels("HJ 633", edition=edition)),
        complete_only_up_to=GOOD_UP_TO if missing.value == "only_above_100" else None,
        primary_above=int(law.number("HJ 633", "primary.above", edition=edition)),
        clause=tables["pm25"].citation,
    )


def eras(code: str, edition: str, extent: Extent) -> list[Era]:
    """Editions of a standard needed for the days of a series, oldest first; one when an edition is demanded."""
    editions = law.editions(code)
    if edition != "by-date":
        if edition not in {each.name for each in editions}:
            raise WrongUsage(f"{code} has no edition {edition}", f"Use one of {[e.name for e in editions]} or by-date")
        return [Era(edition, None, None)]
    spans = []
    for position, each in enumerate(editions):
        first = each.effective if position else None
        last = editions[position + 1].effective - timedelta(days=1) if position + 1 < len(editions) else None
        if (first is None or extent.last >= first) and (last is None or extent.first <= last):
            spans.append(Era(each.name, first, last))
    return spans


def by_era(day: ir.TimestampValue, spans: list[Era], build: Callable[[Era], V]) -> V:
    """A column built by the edition of each row's own day."""
    if len(spans) == 1:
        return build(spans[0])
    until = [
        (day < ibis.timestamp(f"{era.last + timedelta(days=1)} 00:00:00"), build(era)) for era in spans if era.last
    ]
    return ibis.cases(*until, else_=build(spans[-1]))


def grade2(item: str, averaging: str, era: Era, on: date) -> Decimal:
    """Grade-2 limit of GB 3095 on a day, of the era's edition."""
    return law.limit("GB 3095", item, averaging, on=on, edition=era.edition).value


@cache
def most_values(item: str) -> int:
    """Values a day has when nothing is missing: 24 hours, or the 8-hour windows of an ozone day (HJ 663)."""
    if DAILY_AVERAGING[item] == "24h":
        return 24
    return 25 - int(law.number("HJ 663", "mda8.first_window_end_hour", edition="2013"))


def validity_rule(item: str, day: date) -> law.Rule:
    """The rule of how many hours, or ozone windows, a valid day needs (GB 3095 table 4; HJ 663)."""
    code, name = ("GB 3095", "24h.min_hours") if DAILY_AVERAGING[item] == "24h" else ("HJ 663", "mda8.min_windows")
    return law.rule(code, name, on=day)


@cache
def step(item: str) -> Decimal:
    """Last digit of the law for an item: 1 ug/m3, 0.1 mg/m3 for CO (HJ 633)."""
    return law.breakpoints("HJ 633", item, DAILY_TABLE[item], edition="2026").step
