"""Daily values of several cities as one matrix, and the stretches of a year within it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]

COMMON_DAYS = 30
"""Days on which a city must have stood beside all the others for its usual ratio to them to be known."""


@dataclass(frozen=True)
class History:
    """Daily values: rows = days from `first`, columns = cities; NaN where a city has no valid day.

    values: ug/m3, or 1.0 for a city-day that counts against the target and 0.0 for another.
    """

    first: date
    cities: tuple[str, ...]
    values: Values

    @property
    def last(self) -> date:
        """The last day."""
        return self.first + timedelta(days=len(self.values) - 1)

    def until(self, day: date) -> History:
        """What was known at the end of `day`: later rows are not there, nor cities that had not begun."""
        rows = self.values[: max((day - self.first).days + 1, 0)]
        begun = ~np.isnan(rows).all(axis=0)
        return History(self.first, tuple(np.array(self.cities)[begun].tolist()), rows[:, begun])

    def between(self, first: date, last: date) -> Values:
        """Rows of first..last; NaN for days outside the record."""
        days = max((last - first).days + 1, 0)
        found = np.full((days, len(self.cities)), np.nan)
        start = (first - self.first).days
        begin, end = max(start, 0), min(start + days, len(self.values))
        if begin < end:
            found[begin - start : end - start] = self.values[begin:end]
        return found


def of_records(records: Iterable[tuple[str, date, float]]) -> History:
    """A history from (city, day, value); of two values of one city-day the last one stands.

    ValueError when there is no record.
    """
    rows = list(records)
    if not rows:
        raise ValueError("no daily value")
    cities = tuple(sorted({city for city, _, _ in rows}))
    column = {city: index for index, city in enumerate(cities)}
    first, last = min(day for _, day, _ in rows), max(day for _, day, _ in rows)
    values = np.full(((last - first).days + 1, len(cities)), np.nan)
    for city, day, value in rows:
        values[(day - first).days, column[city]] = value
    return History(first, cities, values)


def whole(history: History) -> History:
    """The same history as one column: the mean over all cities, of each day.

    Where only some cities are valid (a city began later, or is silent) their mean is scaled by what all of them
    together usually are to those: the ratio over the days on which every city is valid.
    """
    values = history.values
    present = ~np.isnan(values)
    complete = present.all(axis=1)
    counted = present.sum(axis=1)
    means = np.divide(np.nansum(values, axis=1), counted, out=np.full(len(values), np.nan), where=counted > 0)
    usual = values[complete].mean(axis=0) if complete.sum() >= COMMON_DAYS else None
    if usual is not None and usual.mean() > 0:
        partial = (counted > 0) & ~complete
        share = np.where(present[partial], usual, 0).sum(axis=1) / counted[partial]
        means[partial] *= np.where(share > 0, usual.mean() / np.where(share > 0, share, 1), 1)
    return History(history.first, ("all",), means[:, None])
