"""The scoreboard: every indicator of the plan with value, last year, target, distance, and what is left.

board = scoreboard(dataset.path, as_of)
board.rows[0].value, board.rows[0].left.allowed, board.rows[0].state
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from qingyuan.assessments import store
from qingyuan.base.rounding import round_half_even
from qingyuan.plans import division as divisions
from qingyuan.plans import judging, sections, wording
from qingyuan.plans.budget import Verdict
from qingyuan.plans.decomposing.rules import rules as splits
from qingyuan.plans.division import is_county
from qingyuan.plans.facts import Base, Indicator, Plan, Supplier, Target, Words, plan
from qingyuan.plans.indicators import ASSESSMENT, CityDay, Span, days_of, points_written, remaining, year_so_far
from qingyuan.plans.judging import NO_SHARE
from qingyuan.plans.measures import MEASURES, Measured, measure
from qingyuan.plans.overlay import Figure, applied
from qingyuan.plans.told import LIBRARY, Came, Known, Share, Told


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
    """One indicator of the scoreboard. state: good | tight | bad | not_observed | not_judged.

    value, last_year, distance: as published (rounded); exact: before rounding. distance: value less target.
    came: where the value comes from; share: of the place, where one was handed down; issued: whether the target is
    the place's to meet; years: the value of earlier years.
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
    came: Came | None = None
    share: Share | None = None
    issued: bool = True
    years: tuple[tuple[int, Decimal], ...] = ()

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
        """Whether the platform computes this indicator from city-days."""
        return self.indicator.method is not None


@dataclass(frozen=True)
class Scoreboard:
    """All indicators of a division as of a moment; so_far: days counted; version: of the stored results.

    figures: whose base and targets these are, in words.
    """

    plan: Plan
    division: str
    as_of: datetime
    so_far: Span
    version: int
    rows: tuple[Row, ...]
    figures: Words = LIBRARY

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


def scoreboard(
    dataset: Path,
    as_of: datetime,
    division: str = "22",
    figures: tuple[Figure, ...] = (),
    known: Known | None = None,
) -> Scoreboard:
    """All indicators of the plan as of the hour beginning at `as_of`; division: province, city or county code.

    figures: of the version of the plan in force, laid over those of the library. known: what the store knows beside
    the dataset (`live.look`); then a place below the province is judged by its own share of a target, or not at all.
    Without it the province's targets stand as the yardstick. WrongUsage when the code is none.
    """
    place, last_day = divisions.exact(division), year_so_far(as_of).last
    facts = applied(plan(), figures)
    seen = _Seen(dataset, last_day, place, place == facts.division, known)
    rows = tuple(_row(indicator, seen) for indicator in facts.indicators)
    version = store.version(dataset, ASSESSMENT)
    board = Scoreboard(facts, place, as_of, year_so_far(as_of), version, rows)
    return board if known is None else replace(board, figures=known.version)


@dataclass(frozen=True)
class _Seen:
    """Where and when a row looks. whole: the place is that of the plan itself."""

    dataset: Path
    last_day: date
    place: str
    whole: bool
    known: Known | None

    @property
    def as_of(self) -> datetime:
        """The last hour of the last day."""
        return datetime.combine(self.last_day, time(23))


def _row(indicator: Indicator, seen: _Seen) -> Row:
    target = indicator.target(seen.last_day)
    share = None if seen.known is None or seen.whole else seen.known.share(seen.place, indicator.no, target)
    issued = seen.whole or seen.known is None or share is not None
    if share is not None:
        target = replace(target, value=share.target)
    if indicator.method is not None:
        row = judged(indicator, target, seen.dataset, seen.as_of, seen.place)
    else:
        row = _told_row(indicator, target, seen, share)
    row = replace(row, share=share, issued=issued)
    return row if issued else _not_judged(row)


def _not_judged(row: Row) -> Row:
    """A value without a target to meet; where there is no value, the reason for that stays."""
    if row.value is None:
        return row
    return replace(row, state="not_judged", reason=NO_SHARE, left=None, distance=None)


def judged(indicator: Indicator, target: Target, dataset: Path, as_of: datetime, division: str) -> Row:
    """A computed indicator of an (exact) division against any target of it, a city's own share for instance."""
    stands = (store.version(dataset, ASSESSMENT), points_written(dataset))
    return _judged(indicator, target, dataset, stands, year_so_far(as_of).last, division)


@lru_cache(maxsize=4096)
def _judged(
    indicator: Indicator, target: Target, dataset: Path, _stands: tuple[int, int], last_day: date, division: str
) -> Row:
    as_of = datetime.combine(last_day, time(23))
    measured = measure(indicator, target, _stretches(dataset, as_of, division), remaining(as_of).days)
    if measured.exact is None:
        return _without_value(indicator, target, wording.NO_STATION if is_county(division) else wording.NO_DAYS)
    row = _computed(indicator, target, measured, remaining(as_of))
    return replace(row, came=_came(indicator, measured, last_day, division))


def _came(indicator: Indicator, measured: Measured, last_day: date, division: str) -> Came:
    name = indicator.sources[-1].name
    return Came("assessment", wording.made_of(measured, is_county(division)), name, last_day)


def _stretches(dataset: Path, as_of: datetime, division: str) -> dict[str, tuple[CityDay, ...]]:
    """City-days of the year so far, of the same days last year, and of last year's same remaining stretch."""
    so_far, rest = year_so_far(as_of), remaining(as_of)
    spans = {"so_far": so_far, "last_year": so_far.year_before()}
    found = {name: days_of(dataset, division, span) for name, span in spans.items()}
    found["last_rest"] = days_of(dataset, division, rest.year_before()) if rest.days else ()
    return found


def _told_row(indicator: Indicator, target: Target, seen: _Seen, share: Share | None) -> Row:
    """An indicator of sections, of a register, or reported."""
    told = _told(indicator, seen)
    if told is None:
        return _without_value(indicator, target, _why(indicator, seen))
    base = judging.base_of(indicator) if seen.whole or share is None else share.base
    if share is not None and splits()[indicator.no].from_nothing:
        base = Decimal(0)
    state, reason = judging.judge(indicator, target, told.exact, base, seen.last_day)
    value = round_half_even(told.exact, indicator.decimals)
    before = None if told.last_year is None else round_half_even(told.last_year, indicator.decimals)
    return Row(
        indicator, state, target, value, told.exact, before, None if target.value is None else value - target.value,
        None, 0, None, reason, told.came,
        years=tuple((year, round_half_even(each, indicator.decimals)) for year, each in told.years),
    )  # fmt: skip


def _told(indicator: Indicator, seen: _Seen) -> Told | None:
    """What is computed of sections, else what the store knows."""
    source = indicator.source(seen.last_day)
    stored = None if seen.known is None else seen.known.values.get((seen.place, indicator.no))
    if source.by != "assessment" or (source.reported_first and stored is not None):
        return stored
    return sections.told(seen.dataset, divisions.six(seen.place), seen.last_day, source.measure) or stored


def _why(indicator: Indicator, seen: _Seen) -> Words:
    """Why there is no value: who was asked, or has to supply it."""
    if seen.known is None:
        return wording.to_be_supplied(indicator.supplier)
    own = seen.known.missing.get((seen.place, indicator.no))
    if own is not None:
        return own
    return wording.to_be_supplied(indicator.supplier) if seen.whole else wording.NOT_HERE


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
    rows = days_of(dataset, divisions.exact(division), year_so_far(as_of))
    return [_part(row, bound) for row in rows]


def _part(row: CityDay, bad_above: int | None) -> Part:
    counted = row.pm25 is not None if bad_above is None else row.aqi is not None
    bad = bad_above is not None and row.aqi is not None and row.aqi > bad_above
    return Part(row.city, row.day, row.pm25, row.aqi, row.level, row.hours, row.edition, counted, bad)
