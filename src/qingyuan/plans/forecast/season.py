"""What each day of a year is usually like: the same season of the years before it, a later year weighing more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qingyuan.plans.forecast.history import Values

YEAR = 365.2425
FADES = 0.7
"""Weight of a year against that of the year after it."""
SMOOTH = 10
"""Days: standard deviation of the bell over which days of one season are taken together."""
SUPPORT = 0.4
"""A day is known when as much is observed beside it as this part of the season of one year."""


@dataclass(frozen=True)
class Season:
    """Days of a year in their order: usual value, and whether enough was observed beside it in earlier years."""

    values: Values
    known: npt.NDArray[np.bool_]


def season(values: Values, start: int, days: int) -> Season:
    """The season of the `days` days from row `start` on, learnt from the rows before it.

    values: one column, NaN where nothing was observed; rows from `start` on are not looked at.
    """
    total, weight = np.zeros(days), np.zeros(days)
    sums, counts = (_smooth(each) for each in (np.nan_to_num(values[:start]), ~np.isnan(values[:start])))
    lag = 1
    while (shift := round(lag * YEAR)) < start + days:
        rows = np.arange(start, start + days) - shift
        inside = (rows >= 0) & (rows < start)
        total[inside] += FADES ** (lag - 1) * sums[rows[inside]]
        weight[inside] += FADES ** (lag - 1) * counts[rows[inside]]
        lag += 1
    return Season(np.divide(total, weight, out=np.zeros(days), where=weight > 0), weight >= SUPPORT)


def _smooth(rows: Values) -> Values:
    """Bell-weighted sums over neighbouring days, with weights of sum 1; beyond the ends there is nothing."""
    reach = np.arange(-3 * SMOOTH, 3 * SMOOTH + 1)
    bell = np.exp(-((reach / SMOOTH) ** 2) / 2)
    return np.convolve(rows, bell / bell.sum())[3 * SMOOTH : 3 * SMOOTH + len(rows)]
