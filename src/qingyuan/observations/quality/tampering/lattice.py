"""What last digits tell of a factor: rounded products leave out numbers that measured values do not, or come too often.

An instrument sends whole multiples of a unit. Multiplied by 1.2 and rounded, one number of six can no longer occur;
by 0.8, one of four comes twice as often; even numbers turn odd. None of this depends on the level of the series.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qingyuan.observations.quality.spells import Mask, Values
from qingyuan.observations.quality.tampering.digits import instrument_units, sent_digits

PERIODS = (10, 100)
"""Last digit, last two digits: what habits of a series are learnt of. A series must usually move by as many units
from one value to the next, else its last digits only repeat its level."""

_STRAY = 0.01
"""Share of values in a multiplied stretch that may be something else."""


@dataclass(frozen=True)
class Lattice:
    """A series as whole multiples of its instrument's unit.

    digits: what the instrument keeps to (see sent_digits); telling: slots whose digits tell something; habit: how
    often each number of last digits comes (mean 1).
    """

    values: Values
    digits: tuple[bool, int]
    telling: Mask
    habit: Values


def lattice(values: Values) -> Lattice | None:
    """Read a series as multiples of a unit; None when it moves too little for its digits to be more than its level."""
    known = ~np.isnan(values) & (values > 0)
    if known.sum() < 100:
        return None
    digits = sent_digits(values[known])
    unit = instrument_units(values, digits)
    count = np.where(known, values, 0.0) / unit
    whole = np.rint(count)
    telling = known & (np.abs(count - whole) < 1e-4) & (np.r_[np.nan, values[:-1]] != values)
    step = float(np.median(np.abs(np.diff(values[known])) / unit[known][1:]))
    if telling.sum() < 50 or step < PERIODS[0]:
        return None
    return Lattice(values, digits, telling, _habit(whole[telling].astype(np.int64), step))


def digit_gains(series: Lattice, factor: float) -> Values:
    """Gain of log-likelihood a slot, by its last digits alone, if it was multiplied by the factor and rounded."""
    at = series.telling
    values = series.values[at]
    unit, before = (instrument_units(size, series.digits) for size in (values, values / factor))
    low, high = ((values + push * unit) / factor / before for push in (-0.5, 0.5))
    sources = (_between(series.habit, low - 1e-6, high + 1e-6) + _between(series.habit, low + 1e-6, high - 1e-6)) / 2
    own = series.habit[np.rint(values / unit).astype(np.int64) % len(series.habit)]
    gains = np.zeros(len(series.values))
    gains[at] = np.log(_STRAY + (1 - _STRAY) * factor * before / unit * sources / own)
    return gains


def _between(habit: Values, low: Values, high: Values) -> Values:
    """Sum of the habit over the whole numbers of low … high."""
    sums = np.r_[0.0, np.cumsum(habit)]
    period = len(habit)

    def below(number: Values) -> Values:
        full, rest = np.divmod(number.astype(np.int64), period)
        return np.asarray(full * sums[-1] + sums[rest])

    return below(np.floor(high) + 1) - below(np.ceil(low))


def _habit(numbers: npt.NDArray[np.int64], step: float) -> Values:
    """How often each ending comes, mean 1: as seen where a series has habits, as the shorter ending says where not."""
    habit = np.ones(1)
    for period in PERIODS:
        if step >= period:
            expected = np.tile(habit, period // len(habit)) / period
            habit = period * _drawn(np.bincount(numbers % period, minlength=period), expected)
    return habit


def _drawn(counts: npt.NDArray[np.int64], expected: Values) -> Values:
    """Shares seen, drawn towards the expected ones as far as chance alone would explain the difference."""
    total = counts.sum()
    excess = float(((counts - total * expected) ** 2 / (total * expected)).sum() / (len(counts) - 1)) - 1
    if excess <= 2 * np.sqrt(2 / (len(counts) - 1)):
        return expected
    weight = max(total / excess, 1.0)
    return np.asarray((counts + weight * expected) / (total + weight))
