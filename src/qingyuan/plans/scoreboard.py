"""The scoreboard: every indicator of the plan with value, last year, target, distance, and what is left.

board = scoreboard(dataset.path, as_of)
board.rows[0].value, board.rows[0].left.allowed, board.rows[0].state
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from qingyuan.assessments import store
from qingyuan.base.rounding import round_half_even
from qingyuan.plans import division as divisions
from qingyuan.plans import wording
from qingyuan.plans.budget import Verdict
from qingyuan.plans.facts import Base, Indicator, Plan, Supplier, Target, Words, plan
from qingyuan.plans.indicators import ASSESSMENT, CityDay, Span, city_days, remaining, year_so_far
from qingyuan.plans.measures import MEASURES, Measured, measure
from qingyuan.plans.overlay import Figure, applied


@dataclass(frozen=True)
class Left:
    """What is left of the year for a target to hold.

    kind: mean (ug/m3) | days (city-days). allowed: None = the target is missed already, or the year is over.
    compared: what the same stretch used last year (basis "last_year"), or would use at this year's rate
    (basis "so_far", when last year's stretch was not observed); None = nothing to compare with.
    used: compared / allowed, for a bar. days: days remaining; city_days: the same over all cities.
    year_end: the published value when the rest of the year is like the stretch compared with.
    """

    kind: str
    allowed: Decimal | int | None
    compared: Decimal | int | None
    basis: str | None
    used: float | None
    span: Span
    days: int
    city_days: int
    year_end: Decimal | None


@dataclass(frozen=True)
class Row:
    """One indicator of the scoreboard. state: good | tight | bad | not_observed.

    value, last_year, distance: as published (rounded); exact: before rounding. distance: value less target.
    """

    indicator: Indicator
    state: Verdict
    target: Target
    value: Decimal | None
    exact: Fraction | None
    last_year: Decimal | None
    distance: Decimal | None
    left: Left | None
    city_days: int
    bad_days: int | None
    reason: Words

    @property
    def no(self) -> int:
        """Number of the indicator in the plan."""
        return self.indicator.no

    @property
    def base(self) -> Base | None:
        """Where the plan started from."""
        return self.indicator.base

    @property
    def supplier(self) -> Supplier:
        """Who supplies what is not observed."""
        return self.indicator.supplier

    @property
    def computed(self) -> bool:
        """Whether the platform computes this indicator from observations."""
        return self.indicator.method is not None


@dataclass(frozen=True)
class Scoreboard:
    """All indicators of a division as of a moment; so_far: days counted; version: of the stored results."""

    plan: Plan
    division: str
    as_of: datetime
    so_far: Span
    version: int
    rows: tuple[Row, ...]

    def row(self, no: int) -> Row:
        """The row of that indicator; KeyError when the plan has none."""
        return {row.no: row for row in self.rows}[no]

    def count(self, state: Verdict) -> int:
        """How many indicators are in a state."""
        return sum(row.state == state for row in self.rows)


@dataclass(frozen=True)
class Part:
    """One city-day behind a value: what it gives, and whether it counts (counted) and counts as bad (bad)."""

    city: str
    day: date
    pm25: Decimal | None
    aqi: int | None
    level: int | None
    hours: int | None
    edition: str
    counted: bool
    bad: bool


def scoreboard(dataset: Path, as_of: datetime, division: str = "22", figures: tuple[Figure, ...] = ()) -> Scoreboard:
    """All indicators of the plan as of the hour beginning at `as_of`; division: province or city code.

    figures: of the version of the plan in force, laid over those of the library.

    For a city the province's targets stand as the yardstick. WrongUsage when the code is neither.
    """
    version = store.version(dataset, ASSESSMENT)
    board = _scoreboard(dataset, version, year_so_far(as_of).last, divisions.normal(division), figures)
    return Scoreboard(board.plan, board.division, as_of, board.so_far, board.version, board.rows)


@lru_cache(maxsize=256)
def _scoreboard(dataset: Path, version: int, last_day: date, division: str, figures: tuple[Figure, ...]) -> Scoreboard:
    as_of = datetime(last_day.year, last_day.month, last_day.day, 23)
    facts = applied(plan(), figures)
    rows = tuple(_row(indicator, dataset, as_of, division) for indicator in facts.indicators)
    return Scoreboard(facts, division, as_of, year_so_far(as_of), version, rows)


def _row(indicator: Indicator, dataset: Path, as_of: datetime, division: str) -> Row:
    return judged(indicator, indicator.target(year_so_far(as_of).last), dataset, as_of, division)


def judged(indicator: Indicator, target: Target, dataset: Path, as_of: datetime, division: str) -> Row:
    """One indicator of a (normal) division against any target of it, a city's own share for instance."""
    if indicator.method is None:
        return _without_value(indicator, target, wording.to_be_supplied(indicator.supplier))
    measured = measure(indicator, target, _stretches(dataset, as_of, division), remaining(as_of).days)
    if measured.exact is None:
        return _without_value(indicator, target, wording.NO_DAYS)
    return _computed(indicator, target, measured, remaining(as_of))


def _stretches(dataset: Path, as_of: datetime, division: str) -> dict[str, tuple[CityDay, ...]]:
    """City-days of the year so far, of the same days last year, and of last year's same remaining stretch."""
    so_far, rest = year_so_far(as_of), remaining(as_of)
    spans = {"so_far": so_far, "last_year": so_far.year_before()}
    found = {name: city_days(dataset, division, span) for name, span in spans.items()}
    found["last_rest"] = city_days(dataset, division, rest.year_before()) if rest.days else ()
    return found


def _without_value(indicator: Indicator, target: Target, reason: Words) -> Row:
    return Row(indicator, "not_observed", target, None, None, None, None, None, 0, None, reason)


def _computed(indicator: Indicator, target: Target, measured: Measured, rest: Span) -> Row:
    def published(value: Fraction | None) -> Decimal | None:
        return None if value is None else round_half_even(value, indicator.decimals)

    value = published(measured.exact)
    left = Left(
        kind=measured.kind,
        allowed=measured.allowed,
        compared=_shown(measured.compared, measured.kind),
        basis=measured.basis,
        used=_used(measured),
        span=rest,
        days=rest.days,
        city_days=rest.days * measured.cities,
        year_end=published(measured.year_end),
    )
    return Row(
        indicator=indicator,
        state=measured.verdict,
        target=target,
        value=value,
        exact=measured.exact,
        last_year=published(measured.last_year),
        distance=None if value is None or target.value is None else value - target.value,
        left=left,
        city_days=measured.days,
        bad_days=measured.bad,
        reason=wording.reason(measured, rest.days),
    )


def _shown(compared: Fraction | None, kind: str) -> Decimal | int | None:
    if compared is None:
        return None
    rounded = round_half_even(compared, 1 if kind == "mean" else 0)
    return rounded if kind == "mean" else int(rounded)


def _used(measured: Measured) -> float | None:
    if not measured.allowed or measured.compared is None:
        return None
    return float(measured.compared / Fraction(measured.allowed))


def made_of(dataset: Path, no: int, as_of: datetime, division: str = "22") -> list[Part]:
    """The city-days behind a computed indicator's value, by city and day; empty for a supplied one.

    KeyError when the plan has no such indicator.
    """
    indicator = plan().indicator(no)
    if indicator.method is None:
        return []
    bound = MEASURES[indicator.method.by].bad_above
    rows = city_days(dataset, divisions.normal(division), year_so_far(as_of))
    return [_part(row, bound) for row in rows]


def _part(row: CityDay, bad_above: int | None) -> Part:
    counted = row.pm25 is not None if bad_above is None else row.aqi is not None
    bad = bad_above is not None and row.aqi is not None and row.aqi > bad_above
    return Part(row.city, row.day, row.pm25, row.aqi, row.level, row.hours, row.edition, counted, bad)
