"""The trend of a pollutant without the weather's share in it, or the answer that the two cannot be told apart.

Out-of-sample gradient boosting (scikit-learn) learns from weather and season, on months it has not seen, both the
logarithm of the concentration and the day's place in time; the trend is the slope of what remains of the first on what
remains of the second (Robinson's partialling out), with an interval from resampling whole months. What is left of the
concentration after the weather, on its usual level, is the normalised series.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Values = npt.NDArray[np.float64]
Answer = Literal["trend", "no_trend", "not_separable", "could_not_ask", "too_short"]

WEATHER = ("temperature", "pressure", "dew_point", "precipitation", "wind_speed", "wind_east", "wind_north")
"""Columns of a day's weather: means, precipitation as its sum; the direction as the two parts of the wind."""

DAYS_NEEDED = 600
"""Fewer days with value and weather: the seasons have not come round twice."""
EXPLAINED_NEEDED = 0.25
"""Out-of-sample R2 below which the weather that was observed does not explain the series: nothing to take out."""
TIME_LEFT_NEEDED = 0.3
"""Part of the variance of time the weather must leave: below it the weather itself moved with the years."""
BLOCK = 30
FOLDS = 6
RESAMPLED = 2000
SEED = 2026


@dataclass(frozen=True)
class Trend:
    """What was found. slope, low, high: per cent a year with its 95 % interval; None when there is no answer.

    explained: out-of-sample R2 of the weather and season. time_left: part of the variance of time left to them.
    days: the days used; normalised: their concentrations as in average weather, in the unit of the series.
    """

    answer: Answer
    slope: float | None
    low: float | None
    high: float | None
    explained: float | None
    time_left: float | None
    days: tuple[date, ...]
    normalised: tuple[float, ...]


def normalise(days: Sequence[date], values: Sequence[float], weather: Mapping[str, Sequence[float]]) -> Trend:
    """The trend of daily values (> 0) beside daily weather; columns of WEATHER that are absent are not used.

    NaN marks what was not observed. could_not_ask: no weather column at all.
    """
    columns = [np.asarray(weather[name], dtype=float) for name in WEATHER if name in weather]
    columns = [column for column in columns if not np.isnan(column).all()]
    if not columns:
        return _none("could_not_ask")
    concentration = np.asarray(values, dtype=float)
    use = np.flatnonzero((concentration > 0) & ~np.isnan(concentration))
    if len(use) < DAYS_NEEDED:
        return _none("too_short")
    when = np.array([days[int(index)].toordinal() for index in use], dtype=np.float64)
    features: Values = np.column_stack([_season(when), *(column[use] for column in columns)])
    return _found([days[int(index)] for index in use], when, np.log(concentration[use]), features)


def _none(answer: Answer) -> Trend:
    return Trend(answer, None, None, None, None, None, (), ())


def _season(when: Values) -> Values:
    turn = 2 * np.pi * when / 365.2425
    return np.column_stack([np.sin(turn), np.cos(turn), np.sin(2 * turn), np.cos(2 * turn), when % 7])


def _found(days: list[date], when: Values, logs: Values, features: Values) -> Trend:
    years = (when - when.mean()) / 365.2425
    blocks = ((when - when[0]) // BLOCK).astype(int)
    rest = logs - _expected(features, logs, blocks)
    time = years - _expected(features, years, blocks)
    explained, left = 1 - rest.var() / logs.var(), min(time.var() / years.var(), 1.0)
    slopes = _slope(time, rest, blocks)
    # learnt again without the trend: months left out would otherwise be set against the other years' level
    still = logs - slopes[0] * years
    normalised = np.exp(logs - _expected(features, still, blocks) + still.mean())
    slope, low, high = (_per_cent(each) for each in slopes)
    answer: Answer = "trend" if low * high > 0 else "no_trend"
    if explained < EXPLAINED_NEEDED or left < TIME_LEFT_NEEDED:
        answer = "not_separable"
    return Trend(answer, slope, low, high, float(explained), float(left), tuple(days), tuple(normalised.tolist()))


def _expected(features: Values, wanted: Values, blocks: npt.NDArray[np.int_]) -> Values:
    """What weather and season say of each day, learnt from other months only."""
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.model_selection import GroupKFold, cross_val_predict
    from threadpoolctl import threadpool_limits

    model = HistGradientBoostingRegressor(
        max_iter=150, learning_rate=0.05, max_leaf_nodes=15, min_samples_leaf=15, l2_regularization=1.0,
        random_state=SEED,
    )  # fmt: skip
    folds = GroupKFold(FOLDS, shuffle=True, random_state=SEED)
    with threadpool_limits(1):  # so small a table is only slowed down by threads waiting for one another
        found: Values = cross_val_predict(model, features, wanted, groups=blocks, cv=folds)
    return found


def _slope(time: Values, rest: Values, blocks: npt.NDArray[np.int_]) -> tuple[float, float, float]:
    """Slope of the logarithm a year, and its 95 % interval by resampling blocks of days."""
    both = np.bincount(blocks, (time - time.mean()) * (rest - rest.mean()))
    own = np.bincount(blocks, (time - time.mean()) ** 2)
    drawn = np.random.default_rng(SEED).integers(len(own), size=(RESAMPLED, len(own)))
    slopes = both[drawn].sum(axis=1) / own[drawn].sum(axis=1)
    low, high = np.quantile(slopes, [0.025, 0.975])
    return float(both.sum() / own.sum()), float(low), float(high)


def _per_cent(slope: float) -> float:
    return float(100 * np.expm1(slope))
