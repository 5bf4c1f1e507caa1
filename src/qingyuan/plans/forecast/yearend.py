"""The value at the year's end: what is observed so far, and a forecast of the days that remain.

The rest of the year is taken to be what the same stretch was in earlier years (a later year weighs more), times the
ratio of this year so far to those years, of which the less is believed the fewer days have been seen. Both are one
regression of logarithms whose slope is a declared prior, so that a single year of history is enough. The interval
holds three uncertainties: of the days themselves (from how far half-months lie apart), of years among one another
(a declared prior, learnt from the years there are), and of the estimate; Student's t, for the years are few.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np

from qingyuan.plans.forecast.history import History, Values, in_year, whole

Kind = Literal["mean", "share"]

SEEN = 0.8
"""Part of the remaining days which an earlier year must have observed to be learnt from."""
HALF_BELIEVED = 250
"""Days of this year after which half of its ratio to earlier years is believed to last."""
FADES = 0.7
"""Weight of a year against that of the year after it."""
YEARS_APART: dict[Kind, float] = {"mean": 0.10, "share": 0.25}
"""Prior: standard deviation of the logarithm of a stretch's mean between years, after the ratio is taken out."""
PRIOR_YEARS = 5
"""How many years' worth of evidence that prior is."""
BLOCK = 15
"""Days taken together for the uncertainty of the days themselves: beyond them, hardly any memory."""
INTERVAL = 0.8


@dataclass(frozen=True)
class Rest:
    """Forecast of the mean of the remaining days: log(mean + offset) is Student's t (centre, scale, freedom)."""

    centre: float
    scale: float
    freedom: float
    offset: float
    years: tuple[int, ...]

    def quantile(self, part: float) -> float:
        """The mean that is not exceeded with this probability; never below zero."""
        from scipy.stats import t

        return max(float(np.exp(self.centre + self.scale * t.ppf(part, self.freedom))) - self.offset, 0.0)

    def at_most(self, mean: float) -> float:
        """Probability that the mean of the remaining days is at most this."""
        from scipy.stats import t

        if mean < 0:
            return 0.0
        return float(t.cdf((np.log(mean + self.offset) - self.centre) / self.scale, self.freedom))


@dataclass(frozen=True)
class YearEnd:
    """The year's end as expected: value with its 80 % interval, in the indicator's unit, not rounded.

    so_far: the value of the days observed. years: the earlier years learnt from. days: days that remain.
    probability: that the target holds, None when there is no target.
    """

    value: float
    low: float
    high: float
    so_far: float
    probability: float | None
    years: tuple[int, ...]
    days: int


@dataclass(frozen=True)
class TooShort:
    """No forecast: no earlier year has observed enough of the days that remain (or nothing is observed this year)."""

    reason: Literal["no_earlier_year", "nothing_this_year"]


@dataclass(frozen=True)
class Aim:
    """The bound a published value must keep: at most (down) or at least (up); the half digit is already in it."""

    bound: float
    direction: Literal["down", "up"]

    def held_by(self, value: float) -> bool:
        """Whether a value keeps the bound."""
        return value <= self.bound if self.direction == "down" else value >= self.bound


def forecast(
    history: History, origin: date, kind: Kind, aim: Aim | None = None, direction: str = "down", end: date | None = None
) -> YearEnd | TooShort:
    """The year's end as seen at the end of the day `origin`; later days of the history are not looked at.

    end: an earlier day of the year up to which the value is wanted (for the course until the year's end).

    kind mean: the mean over the cities of each city's mean. share: per cent of the city-days that count as bad,
    or of the others when `direction` is up.
    """
    known = history.until(origin)
    end = end or date(origin.year, 12, 31)
    so_far = known.between(date(origin.year, 1, 1), origin)
    if not len(known.cities) or np.isnan(so_far).all():
        return TooShort("nothing_this_year")
    days = (end - origin).days
    arithmetic = Arithmetic(so_far, days, kind, up=kind == "share" and direction == "up")
    value_so_far = arithmetic.value(None)
    if not days:
        held = None if aim is None else float(aim.held_by(value_so_far))
        return YearEnd(value_so_far, value_so_far, value_so_far, value_so_far, held, (), 0)
    rest = rest_of_year(known, origin, kind, end)
    if rest is None:
        return TooShort("no_earlier_year")
    edges = [arithmetic.value(rest.quantile(part)) for part in (0.5, (1 - INTERVAL) / 2, (1 + INTERVAL) / 2)]
    probability = None if aim is None else _holds(rest, arithmetic, aim)
    return YearEnd(edges[0], min(edges), max(edges), value_so_far, probability, rest.years, days)


class Arithmetic:
    """The indicator's own arithmetic: its value as a function of the mean of the remaining days."""

    def __init__(self, so_far: Values, days: int, kind: Kind, up: bool) -> None:
        begun = so_far[:, ~np.isnan(so_far).all(axis=0)]
        self.sums, self.counts = np.nansum(begun, axis=0), (~np.isnan(begun)).sum(axis=0)
        self.days, self.kind, self.up = days, kind, up

    def value(self, rest: float | None) -> float:
        """Value with every remaining day at `rest` (a mean, or a part of one), or of the days so far (None)."""
        more = 0 if rest is None else self.days
        sums, counts = self.sums + (rest or 0.0) * more, self.counts + more
        if self.kind == "mean":
            return float((sums / counts).mean())
        bad = 100 * float(sums.sum() / counts.sum())
        return 100 - bad if self.up else bad


def _holds(rest: Rest, arithmetic: Arithmetic, aim: Aim) -> float:
    """Probability that the target holds: the value is linear in the mean of the rest."""
    at_zero = arithmetic.value(0.0)
    slope = arithmetic.value(1.0) - at_zero
    most = (aim.bound - at_zero) / slope
    return rest.at_most(most) if (slope > 0) == (aim.direction == "down") else 1 - rest.at_most(most)


def rest_of_year(known: History, origin: date, kind: Kind, end: date) -> Rest | None:
    """Forecast of the mean of the days after `origin` until `end`; None when no earlier year saw enough of them."""
    one = whole(known)
    offset = 0.0 if kind == "mean" else 0.5 / ((end - origin).days * len(known.cities))
    then = {year: one.between(*_rest(origin, end, year)) for year in range(known.first.year, origin.year)}
    years = [year for year, stretch in then.items() if _seen(stretch) >= SEEN]
    if not years:
        return None
    weights = np.array([FADES ** (origin.year - year) for year in years])
    weights /= weights.sum()
    so_far = one.between(date(origin.year, 1, 1), origin)
    believed = len(so_far) / (len(so_far) + HALF_BELIEVED)
    levels = np.array([_log(then[year], offset) for year in years])
    levels += believed * np.array([_ratio(one, origin, year, so_far, kind) for year in years])
    centre, freedom = float(weights @ levels), PRIOR_YEARS + len(years) - 1
    spread = float(weights @ (levels - centre) ** 2)
    between = (PRIOR_YEARS * YEARS_APART[kind] ** 2 + (len(years) - 1) * spread) / freedom
    within = np.array([_of_days(then[year], offset) for year in years])
    scale = float(np.sqrt(weights**2 @ (within + between) + within.mean() + between))
    return Rest(centre, scale, freedom, offset, tuple(years))


def _rest(origin: date, end: date, year: int) -> tuple[date, date]:
    """An earlier year's days after the same day."""
    return in_year(origin, year) + timedelta(days=1), in_year(end, year)


def _seen(stretch: Values) -> float:
    return float((~np.isnan(stretch)).mean()) if len(stretch) else 0.0


def _log(stretch: Values, offset: float) -> float:
    return float(np.log(max(float(np.nanmean(stretch)), 1e-9) + offset))


def _ratio(one: History, origin: date, year: int, so_far: Values, kind: Kind) -> float:
    """Logarithm of this year so far to the same days of a year; 0 where those were not observed."""
    then = one.between(date(year, 1, 1), in_year(origin, year))
    if _seen(then) < SEEN:
        return 0.0
    offset = 0.0 if kind == "mean" else 0.5 / len(so_far)
    return _log(so_far, offset) - _log(then, offset)


def _of_days(stretch: Values, offset: float) -> float:
    """Variance of the logarithm of the stretch's mean, from how neighbouring half-months differ."""
    column = stretch[~np.isnan(stretch[:, 0]), 0]
    mean = float(column.mean()) + max(offset, 1e-9)
    if len(column) < 3 * BLOCK:
        return float(column.var()) * min(BLOCK / 3, len(column)) / len(column) / mean**2
    blocks = np.array([part.mean() for part in np.array_split(column, len(column) // BLOCK)])
    return float((np.diff(blocks) ** 2).mean() / 2 / len(blocks)) / mean**2
