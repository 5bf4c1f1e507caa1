"""The forecast judged by the past: made again at month ends as if the rest were unknown, against two naive ones.

Naive: the value of the year before ("same as last year"), and the value of the year so far ("year to date"), each as
it would be published. A forecast sees nothing after its origin: neither do its weights and the width of its interval.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np

from qingyuan.plans.forecast.history import History
from qingyuan.plans.forecast.rest import Kind
from qingyuan.plans.forecast.yearend import Arithmetic, TooShort, forecast

Naive = Literal["last_year", "year_to_date"]

WHOLE = 0.8
"""Part of a year's days that must be observed for its value to judge a forecast, or to be repeated by one."""


@dataclass(frozen=True)
class Trial:
    """One forecast made in the past, in the indicator's unit; low, high: its 80 % interval."""

    origin: date
    actual: float
    forecast: float
    low: float
    high: float
    last_year: float
    year_to_date: float

    @property
    def inside(self) -> bool:
        """Whether the interval held."""
        return self.low <= self.actual <= self.high


@dataclass(frozen=True)
class Skill:
    """Mean absolute errors over trials, and the part of the intervals that held."""

    trials: int
    forecast: float
    last_year: float
    year_to_date: float
    coverage: float

    @property
    def no_better_than(self) -> list[Naive]:
        """The naive forecasts whose error is not above the forecast's."""
        errors: dict[Naive, float] = {"last_year": self.last_year, "year_to_date": self.year_to_date}
        return [name for name, error in errors.items() if error <= self.forecast]

    @property
    def beats_both(self) -> bool:
        """Whether the forecast's error is below both naive ones."""
        return not self.no_better_than


def month_ends(year: int) -> list[date]:
    """The last days of January to November."""
    return [date(year, month + 1, 1) - timedelta(days=1) for month in range(1, 12)]


def backtest(
    history: History, kind: Kind, direction: str = "down", origins: Sequence[date] | None = None
) -> list[Trial]:
    """Trials at the origins (else all month ends) of every year that is over and observed, as is the one before."""
    years = range(history.first.year, history.last.year + 1)
    chosen = [day for year in years for day in month_ends(year)] if origins is None else origins
    found = (_trial(history, day, kind, direction) for day in chosen)
    return [trial for trial in found if trial is not None]


def _trial(history: History, origin: date, kind: Kind, direction: str) -> Trial | None:
    if history.last < date(origin.year, 12, 31):
        return None
    actual, before = (of_year(history, year, kind, direction) for year in (origin.year, origin.year - 1))
    made = forecast(history, origin, kind, direction=direction)
    if actual is None or before is None or isinstance(made, TooShort):
        return None
    return Trial(origin, actual, made.value, made.low, made.high, before, made.so_far)


def of_year(history: History, year: int, kind: Kind, direction: str) -> float | None:
    """The value of a whole year; None when too little of it was observed."""
    days = history.between(date(year, 1, 1), date(year, 12, 31))
    if (~np.isnan(days)).any(axis=1).mean() < WHOLE:
        return None
    return Arithmetic(days, 0, kind, up=kind == "share" and direction == "up").value(None)


def skill(trials: Iterable[Trial]) -> Skill | None:
    """The errors of trials taken together; None of none."""
    rows = list(trials)
    if not rows:
        return None

    def error(name: str) -> float:
        return float(np.mean([abs(getattr(row, name) - row.actual) for row in rows]))

    coverage = float(np.mean([row.inside for row in rows]))
    return Skill(len(rows), error("forecast"), error("last_year"), error("year_to_date"), coverage)


def by_year(trials: Iterable[Trial]) -> dict[int, Skill]:
    """The errors of each year apart."""
    years: dict[int, list[Trial]] = {}
    for trial in trials:
        years.setdefault(trial.origin.year, []).append(trial)
    return {year: found for year, rows in years.items() if (found := skill(rows))}
