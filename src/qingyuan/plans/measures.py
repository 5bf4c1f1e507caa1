"""How a computed indicator is measured: value, last year's, budget, from three stretches of city-days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from qingyuan.plans import budget
from qingyuan.plans.budget import DayCount, Direction, Goal, Verdict
from qingyuan.plans.facts import Indicator, Target
from qingyuan.plans.indicators import CityDay, bad_days, city_means
from qingyuan.standards.grading import GOOD_UP_TO, HEAVY_ABOVE

Stretches = Mapping[str, tuple[CityDay, ...]]
"""so_far, last_year (the same days) and last_rest (last year's same remaining stretch)."""

ENOUGH = Fraction(9, 10)
"""Part of the remaining city-days that last year's stretch must have observed to be compared with."""


@dataclass(frozen=True)
class Method:
    """bad_above: the AQI above which a city-day counts as bad; None = a mean of concentrations."""

    bad_above: int | None


MEASURES = {"city_mean": Method(None), "good_days": Method(GOOD_UP_TO), "heavy_days": Method(HEAVY_ABOVE)}


@dataclass(frozen=True)
class Measured:
    """Exact results of one indicator; see Left and Row of the scoreboard for the meaning of each."""

    kind: str
    exact: Fraction | None
    last_year: Fraction | None
    allowed: Decimal | int | None
    compared: Fraction | None
    basis: str | None
    year_end: Fraction | None
    verdict: Verdict
    cities: int
    days: int
    bad: int | None
    over: bool


def measure(indicator: Indicator, target: Target, stretches: Stretches, rest_days: int) -> Measured:
    """The indicator measured over the stretches; rest_days: days that remain of the year."""
    if indicator.method is None or target.value is None:
        raise ValueError(f"indicator {indicator.no} is not computed")
    direction: Direction = "up" if indicator.direction == "up" else "down"
    goal = Goal(target.value, direction, indicator.decimals, target.bound == "above")
    bad_above = MEASURES[indicator.method.by].bad_above
    if bad_above is None:
        return _mean(goal, stretches, rest_days)
    return _days(goal, stretches, rest_days, bad_above)


def _mean(goal: Goal, stretches: Stretches, rest_days: int) -> Measured:
    cities = city_means(stretches["so_far"], rest_days)
    last_rest = city_means(stretches["last_rest"])
    exact = budget.mean_of_cities(cities)
    enough = _enough(sum(city.days for city in last_rest), rest_days * len(cities))
    compared = budget.mean_of_cities(last_rest) if enough else exact
    allowed = budget.allowed_mean(cities, goal)
    return Measured(
        kind="mean",
        exact=exact,
        last_year=budget.mean_of_cities(city_means(stretches["last_year"])),
        allowed=allowed,
        compared=compared if rest_days else None,
        basis=_basis(enough, rest_days),
        year_end=None if compared is None else budget.mean_of_cities(cities, compared),
        verdict=_verdict(goal, exact, allowed, compared, rest_days),
        cities=len(cities),
        days=sum(city.days for city in cities),
        bad=None,
        over=not rest_days,
    )


def _days(goal: Goal, stretches: Stretches, rest_days: int, bad_above: int) -> Measured:
    count = bad_days(stretches["so_far"], bad_above, rest_days)
    last_rest = bad_days(stretches["last_rest"], bad_above)
    exact = budget.share(count, goal.direction)
    enough = _enough(last_rest.days, count.remaining)
    compared = Fraction(last_rest.bad) if enough else _at_rate_of(count, count.remaining)
    allowed = budget.allowed_days(count, goal)
    return Measured(
        kind="days",
        exact=exact,
        last_year=budget.share(bad_days(stretches["last_year"], bad_above), goal.direction),
        allowed=allowed,
        compared=compared if rest_days else None,
        basis=_basis(enough, rest_days),
        year_end=None if compared is None else _with_rest(count, goal.direction, compared),
        verdict=_verdict(goal, exact, allowed, compared, rest_days),
        cities=len({row.city for row in stretches["so_far"]}),
        days=count.days,
        bad=count.bad,
        over=not rest_days,
    )


def _at_rate_of(count: DayCount, remaining: int) -> Fraction | None:
    """Bad days among `remaining` at the rate of the days so far."""
    return Fraction(count.bad * remaining, count.days) if count.days else None


def _with_rest(count: DayCount, direction: Direction, rest_bad: Fraction) -> Fraction:
    days = count.days + count.remaining
    bad = count.bad + rest_bad
    return 100 * (bad if direction == "down" else days - bad) / days


def _enough(observed: int, remaining: int) -> bool:
    return remaining > 0 and observed >= ENOUGH * remaining


def _basis(enough: bool, rest_days: int) -> str | None:
    if not rest_days:
        return None
    return "last_year" if enough else "so_far"


def _verdict(
    goal: Goal,
    exact: Fraction | None,
    allowed: Decimal | int | None,
    compared: Fraction | None,
    rest_days: int,
) -> Verdict:
    if exact is None:
        return "not_observed"
    if not rest_days:
        return "good" if goal.met_by(exact) else "bad"
    return budget.verdict(allowed, compared)
