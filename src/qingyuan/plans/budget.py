"""What is left: the mean the remaining days may have, or the bad days still allowed, for a target to hold.

Pure and exact. The target speaks of the published value, rounded by GB/T 8170, and holds when that does: a
share of 92.26 % meets 92.3 % and a mean of 29.55 does not meet 29.5 (the tie goes to the even digit).
All remaining days are taken to be valid; the reader is told so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from qingyuan.base.rounding import round_half_even

Direction = Literal["down", "up"]
Verdict = Literal["good", "tight", "bad", "not_observed", "not_judged"]
"""not_judged: there is a value, and nothing to judge it by (no target was handed down, or it is a wording)."""

ROOM = Fraction(1, 10)
"""Good: last year's same stretch would leave at least this part of what is allowed; tight: less, but fits."""


@dataclass(frozen=True)
class Goal:
    """A target for a published value: at most (down) or at least (up) `value`, rounded to `decimals`."""

    value: Decimal
    direction: Direction
    decimals: int
    strict: bool = False

    def met_by(self, exact: Fraction) -> bool:
        """Whether the value, rounded as it is published, meets the target."""
        rounded = round_half_even(exact, self.decimals)
        if rounded == self.value:
            return not self.strict
        return (rounded < self.value) == (self.direction == "down")


@dataclass(frozen=True)
class CityMean:
    """One city so far: sum of its valid daily means, number of valid days, days remaining in the year."""

    total: Fraction
    days: int
    remaining: int


@dataclass(frozen=True)
class DayCount:
    """City-days so far: valid ones, those that count against the target, days remaining in the year."""

    days: int
    bad: int
    remaining: int


def mean_of_cities(cities: Sequence[CityMean], rest: Fraction | None = None) -> Fraction | None:
    """Mean over the cities of each city's mean; with `rest`, as if every remaining day had that mean.

    A city without a single day does not take part; None when none does.
    """
    means = [_mean(city, rest) for city in cities]
    known = [mean for mean in means if mean is not None]
    return sum(known, Fraction(0)) / len(known) if known else None


def _mean(city: CityMean, rest: Fraction | None) -> Fraction | None:
    if rest is None:
        return city.total / city.days if city.days else None
    days = city.days + city.remaining
    return (city.total + rest * city.remaining) / days if days else None


def allowed_mean(cities: Sequence[CityMean], goal: Goal, step: Decimal = Decimal("0.1")) -> Decimal | None:
    """The largest mean, in whole steps, the remaining days may have for the goal (downwards) to hold.

    None when no day remains, or when even air without any particles would miss the goal.
    """
    if not any(city.remaining for city in cities):
        return None
    at_zero = _required(mean_of_cities(cities, Fraction(0)))
    slope = _required(mean_of_cities(cities, Fraction(1))) - at_zero
    near = (Fraction(goal.value) + half_digit(goal.decimals) - at_zero) / slope / Fraction(step)
    for steps in (near // 1, near // 1 - 1):
        if steps >= 0 and goal.met_by(at_zero + slope * steps * Fraction(step)):
            return steps * step
    return None


def _required(value: Fraction | None) -> Fraction:
    if value is None:
        raise ValueError("a city with remaining days has a mean")
    return value


def half_digit(decimals: int) -> Fraction:
    """Half of the last published digit."""
    return Fraction(1, 2 * 10**decimals)


def share(count: DayCount, direction: Direction, rest_bad: int | None = None) -> Fraction | None:
    """Per cent of bad days (down) or of the others (up); with `rest_bad`, at the end of the year.

    None without a single valid day.
    """
    days = count.days + (0 if rest_bad is None else count.remaining)
    if not days:
        return None
    bad = count.bad + (rest_bad or 0)
    return Fraction(100 * (bad if direction == "down" else days - bad), days)


def allowed_days(count: DayCount, goal: Goal) -> int | None:
    """The largest number of remaining days that may be bad for the goal to hold.

    None when no day remains, or when the goal is missed even without another bad day.
    """

    def holds(bad: int) -> bool:
        value = share(count, goal.direction, bad)
        return value is not None and goal.met_by(value)

    if not count.remaining or not holds(0):
        return None
    fits, breaks = 0, count.remaining + 1
    while breaks - fits > 1:
        middle = (fits + breaks) // 2
        fits, breaks = (middle, breaks) if holds(middle) else (fits, middle)
    return fits


def verdict(allowed: Decimal | int | None, expected: Fraction | None) -> Verdict:
    """The declared rule: what the remaining stretch is expected to use against what is allowed.

    allowed None: nothing is left, the goal is missed. expected None: nothing to compare with.
    """
    if allowed is None:
        return "bad"
    if expected is None:
        return "not_observed"
    if expected > Fraction(allowed):
        return "bad"
    return "good" if expected <= Fraction(allowed) * (1 - ROOM) else "tight"
