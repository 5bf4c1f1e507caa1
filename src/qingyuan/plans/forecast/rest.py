"""The days that remain of a year: two expectations, weighed by how each did in earlier years, with what they missed.

The first expects each day to be as usual for its season. The second expects that times the ratio of this year so far
to what was usual, of which the less is believed the fewer days have been seen. Made again for every earlier year from
what was known then, they get weights by their squared errors (Bates and Granger), declared ones to begin with; and what
the weighted forecast missed in those years is the width of the interval, with a declared prior for years there
are not, in Student's t. All on a scale on which an error means the same everywhere: logarithms of means, the arcsine
of the root of shares, which ends where the possible ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np

from qingyuan.base.time import in_year
from qingyuan.plans.forecast.history import History, Values, whole
from qingyuan.plans.forecast.season import season

Kind = Literal["mean", "share"]

SEEN = 0.8
"""Part of the remaining days that must be known by their season, or observed for a year to judge the forecast."""
HALF_BELIEVED = 40
"""Days of this year after which the second expectation believes half of the ratio to the usual."""
AT_FIRST = (2, 1)
"""Weights of the two expectations while no earlier year has judged them."""
YEARS_APART: dict[Kind, float] = {"mean": 0.08, "share": 0.20}
"""Prior: how far a stretch lies from its expectation because years differ, as a part of it (of the rarer side)."""
PRIOR_YEARS = 5
"""How many years' worth of evidence that prior is."""
BLOCK = 15
"""Days taken together for the uncertainty of the days themselves: beyond them, hardly any memory."""
MEMORY = 5
"""Days that count as one where a stretch is too short for blocks."""


@dataclass(frozen=True)
class Rest:
    """Forecast of the mean of the remaining days: on the scale of its kind Student's t (centre, scale, freedom)."""

    kind: Kind
    centre: float
    scale: float
    freedom: float
    years: tuple[int, ...]

    def quantile(self, part: float) -> float:
        """The mean that is not exceeded with this probability; within the possible (0 and more; a share: to 1)."""
        from scipy.stats import t

        return _back(self.centre + self.scale * float(t.ppf(part, self.freedom)), self.kind)

    def at_most(self, mean: float) -> float:
        """Probability that the mean of the remaining days is at most this."""
        from scipy.stats import t

        if mean < 0 or (self.kind == "share" and mean >= 1):
            return float(mean > 0)
        return float(t.cdf((_scaled(mean, self.kind) - self.centre) / self.scale, self.freedom))


@dataclass(frozen=True)
class _Made:
    """The expectations of one year's rest, as seen on the day of the origin in it; actual is NaN while unknown."""

    year: int
    expected: Values
    actual: float


def rest_of_year(known: History, origin: date, kind: Kind, end: date) -> Rest | None:
    """Forecast of the mean of the days after `origin` until `end`; None when earlier years do not tell of them."""
    one = whole(known)
    made = list(_made(one, origin, end, kind))
    if not made or made[-1].year != origin.year:
        return None
    mixed, missed = _weighed(made, kind)
    stretches = {year: _rest(one, origin, end, year) for year in range(one.first.year, origin.year)}
    learnt = tuple(year for year, stretch in stretches.items() if _seen(stretch) > 0)
    days = [stretches[year] for year in learnt] or [one.values[:, 0]]
    prior = _of_years(mixed, kind) + _of_days(days, mixed, kind, (end - origin).days)
    freedom = PRIOR_YEARS + len(missed)
    scale = np.sqrt((PRIOR_YEARS * prior + sum(each**2 for each in missed)) / freedom)
    return Rest(kind, _scaled(mixed, kind), float(scale), freedom, learnt)


def _made(one: History, origin: date, end: date, kind: Kind) -> Iterator[_Made]:
    """Every year up to the origin's of which the years before it tell enough."""
    for year in range(one.first.year + 1, origin.year + 1):
        expected = _expected(one, in_year(origin, year), in_year(end, year), kind)
        if expected is not None:
            rest = _rest(one, origin, end, year) if year < origin.year else np.array([])
            yield _Made(year, expected, float(np.nanmean(rest)) if _seen(rest) >= SEEN else np.nan)


def _expected(one: History, origin: date, end: date, kind: Kind) -> Values | None:
    """Both expectations of the mean of the days after the origin; rows after it are not looked at."""
    begin = date(origin.year, 1, 1)
    days = (end - begin).days + 1
    usual = season(one.values[:, 0], (begin - one.first).days, days)
    so_far = one.between(begin, origin)[:, 0]
    coming = slice(len(so_far), None)
    if usual.known[coming].mean() < SEEN:
        return None
    seen = ~np.isnan(so_far) & usual.known[: len(so_far)]
    as_usual = float(usual.values[coming][usual.known[coming]].mean())
    ratio = _ratio(so_far[seen], usual.values[: len(so_far)][seen], kind) if seen.any() else 0.0
    believed = seen.sum() / (seen.sum() + HALF_BELIEVED)
    both = as_usual * np.exp([0.0, believed * ratio])
    return both if kind == "mean" else np.minimum(both, 1.0)


def _ratio(so_far: Values, usual: Values, kind: Kind) -> float:
    """Logarithm of this year so far to the usual of the same days; of a share, half a day is added to both."""
    half = 1e-9 if kind == "mean" else 0.5 / len(so_far)
    return float(np.log((so_far.mean() + half) / (usual.mean() + half)))


def _weighed(made: list[_Made], kind: Kind) -> tuple[float, list[float]]:
    """The last year's expectations weighed by the errors before, and what so weighed ones missed in earlier years."""
    errors, judged, missed, mixed = np.zeros(2), 0, [], np.nan
    for each in made:
        weights = np.array(AT_FIRST) / (1 + judged * errors / (errors.mean() or 1.0))
        mixed = float(weights @ each.expected / weights.sum())
        if not np.isnan(each.actual):
            missed.append(_scaled(each.actual, kind) - _scaled(mixed, kind))
            errors, judged = errors + (each.actual - each.expected) ** 2, judged + 1
    return mixed, missed


def _rest(one: History, origin: date, end: date, year: int) -> Values:
    """A year's days after the day of the origin."""
    return one.between(in_year(origin, year) + timedelta(days=1), in_year(end, year))[:, 0]


def _seen(stretch: Values) -> float:
    return float((~np.isnan(stretch)).mean()) if len(stretch) else 0.0


def _scaled(mean: float, kind: Kind) -> float:
    return float(np.log(max(mean, 1e-9)) if kind == "mean" else np.arcsin(np.sqrt(min(max(mean, 0.0), 1.0))))


def _back(value: float, kind: Kind) -> float:
    return float(np.exp(value) if kind == "mean" else np.sin(min(max(value, 0.0), np.pi / 2)) ** 2)


def _of_years(mean: float, kind: Kind) -> float:
    """Prior variance between years, on the scale of the kind."""
    if kind == "mean":
        return YEARS_APART[kind] ** 2
    rarer = min(mean, 1 - mean)
    return (YEARS_APART[kind] * rarer) ** 2 / (4 * rarer * (1 - rarer)) if rarer > 0 else 0.0


def _of_days(stretches: list[Values], mean: float, kind: Kind, days: int) -> float:
    """Variance that days make in the mean of a stretch: of the one to come, and of what is usual; scaled.

    Of a share at least that of days drawn one by one, of which half a one may have been bad where none was.
    """
    each = [_of_mean(stretch[~np.isnan(stretch)]) for stretch in stretches]
    of_means = float(np.mean(each)) * (1 + 1 / len(each))
    if kind == "mean":
        return of_means / max(mean, 1e-9) ** 2
    least = 0.5 / max(sum(map(len, stretches)), 4 * BLOCK)
    rare = min(max(mean, least), 1 - least)
    one_by_one = min(1 / (4 * days), rare * (1 - rare) * (np.pi / 2) ** 2)
    return max(of_means / (4 * rare * (1 - rare)), one_by_one)


def _of_mean(column: Values) -> float:
    """Variance of the mean of days, from how neighbouring half-months differ."""
    if len(column) < 3 * BLOCK:
        return float(column.var()) * min(MEMORY, len(column)) / len(column)
    blocks = np.array([part.mean() for part in np.array_split(column, len(column) // BLOCK)])
    return float((np.diff(blocks) ** 2).mean() / 2 / len(blocks))
