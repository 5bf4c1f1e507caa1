"""Tests of single values and of single series: one small pure function each, values are only looked at."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from qingyuan.observations.quality.spells import Mask, Spell, Values, runs

_TO_DEVIATION = 1.4826
"""Standard deviation of a normal distribution for a median absolute deviation of 1."""


def out_of_range(values: Values, low: float | None, high: float | None) -> Mask:
    """Values that nature or the instrument cannot give; the bounds themselves are possible."""
    return (values < (-np.inf if low is None else low)) | (values > (np.inf if high is None else high))


def negative(values: Values, tolerance: float) -> Mask:
    """Values below zero by more than the zero drift that is tolerated."""
    return values < -tolerance


def below_detection(values: Values, limit: float | None) -> Mask:
    """Values below what the method can tell from nothing."""
    return np.zeros(len(values), bool) if limit is None else (values < limit) & (values >= 0)


def spikes(values: Values, at_most: float | None, factor: float) -> Mask:
    """Single values that jump up or down and back again, by more than either bound.

    at_most: largest believable change from one slot to the next, in the value's unit; without it the bound is
    `factor` times the series' own typical change.
    """
    steps = np.diff(values)
    bound = at_most if at_most is not None else factor * _TO_DEVIATION * _median(np.abs(steps))
    if not bound > 0:
        return np.zeros(len(values), bool)
    before, after = np.r_[np.nan, steps], np.r_[steps, np.nan]
    return (np.minimum(np.abs(before), np.abs(after)) > bound) & (before * after < 0)


def flat_line(values: Values, at_least: int) -> list[Spell]:
    """Runs of exactly equal values of at least so many slots; a gap ends a run."""
    same = np.r_[False, np.diff(values) == 0]
    spells = [(begin - 1, end) for begin, end in runs(same)]
    return [
        Spell(begin, end, end - begin, at_least, {"value": float(values[begin])})
        for begin, end in spells
        if end - begin >= at_least
    ]


def missing(values: Values) -> list[Spell]:
    """Gaps between the first and the last value."""
    there = np.flatnonzero(~np.isnan(values))
    if not len(there):
        return []
    gaps = runs(np.isnan(values))
    return [Spell(begin, end, end - begin, 1) for begin, end in gaps if there[0] < begin and end <= there[-1]]


def clock_skew(
    phenomenon: npt.NDArray[np.datetime64],
    result: npt.NDArray[np.datetime64],
    step: np.timedelta64 | None,
    tolerance: np.timedelta64,
) -> Mask:
    """Rows that came before their interval was over, or whose interval does not start where such intervals start.

    phenomenon, result: times a row (+08:00 wall clock); an unknown result time (NaT) tells nothing. step: length of
    the interval, None for readings of a moment, which may only not come before it.
    """
    if step is None:
        return np.asarray(result + tolerance < phenomenon)
    early = result + tolerance < phenomenon + step
    whole = np.timedelta64(1, "D") if step >= np.timedelta64(1, "D") else step
    past = (phenomenon - phenomenon.astype("datetime64[D]")) % whole
    return early | (np.minimum(past, whole - past) > tolerance)


def _median(values: Values) -> float:
    there = values[~np.isnan(values)]
    return float(np.median(there)) if len(there) else 0.0
