"""The value at the year's end: what is observed so far, and a forecast of the days that remain.

What is observed is not forecast; the indicator's own arithmetic puts it together with the remaining days, whose mean
is forecast (``rest.py``). So the value cannot leave what is still possible, and the last day leaves nothing open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from qingyuan.plans.forecast.history import History, Values
from qingyuan.plans.forecast.rest import Kind, Rest, rest_of_year

INTERVAL = 0.8


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
