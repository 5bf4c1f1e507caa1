"""What the likelihood ratio of a scaled stretch tells at one false alarm a series-year: a yardstick for the test.

The likelihood ratio of a stretch (steps at its edges, level between them, last digits) is the best any test can do
with this evidence, as far as its model of the level holds. Its threshold is the one that the clean series itself
passes once a year: at the places looked at when begin, end and factor are known; at the best begin and round factor
of every stretch's length when only the length is known. A test that knows none of them will hardly do better than
the second without better evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from qingyuan.observations.quality.declared import declared
from qingyuan.observations.quality.simulated import as_sent
from qingyuan.observations.quality.spells import Values
from qingyuan.observations.quality.suspicion import still
from qingyuan.observations.quality.tampering.expectation import expectation
from qingyuan.observations.quality.tampering.lattice import Lattice, digit_gains, lattice
from qingyuan.observations.quality.tampering.levels import ROUND_FACTORS, Innovations, innovations, level_gains

WEIGHTS = ((1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (0.5, 1.0))
"""How level and digits may be weighed; the best for each series counts."""


@dataclass(frozen=True)
class Evidence:
    """A clean series, what it brought against the others of its point, its digits, and its length in years."""

    values: Values
    brought: Innovations
    digits: Lattice | None
    years: float


def evidence(values: Values, others: Sequence[Values], slots_per_day: int) -> Evidence:
    """What the scaled test sees of a clean series."""
    bounds = declared().tampering["daily" if slots_per_day < 6 else "hourly"]
    sizes = {name: int(size) for name, size in bounds["expectation"].items()}
    expected = expectation(values, others, slots_per_day, **sizes)
    brought = innovations(expected, still(values), int(bounds["scaled"]["around"]))
    return Evidence(values, brought, lattice(values), len(values) / slots_per_day / 365.25)


def share_told(seen: Evidence, factor: float, slots: int, told: bool) -> float:
    """Share of stretches of so many slots, each multiplied by the factor, that the likelihood ratio tells.

    told: whether the test is told begin, end and factor; else the length only.
    """
    starts = np.arange(1, len(seen.values) - slots, slots)
    starts = np.array([at for at in starts if (~np.isnan(seen.values[at : at + slots])).mean() > 0.7], int)
    if not len(starts):
        return float("nan")
    scaled = _ratios(seen, factor, starts, slots, True)
    best = 0.0
    for weights in WEIGHTS:
        clean = weights @ _ratios(seen, factor, starts, slots, False) if told else _searched(seen, weights, slots)
        threshold = np.sort(clean)[::-1][min(round(seen.years), len(clean) - 1)]
        best = max(best, float((weights @ scaled > threshold).mean()))
    return best


def _searched(seen: Evidence, weights: tuple[float, float], slots: int) -> npt.NDArray[np.float64]:
    """The largest ratio of the clean series in each span of so many slots, over every begin and round factor."""
    starts = np.arange(1, len(seen.values) - slots)
    best = np.max([weights @ _ratios(seen, one, starts, slots, False) for one in ROUND_FACTORS], axis=0)
    return np.maximum.reduceat(best, np.arange(0, len(best), slots))


def _ratios(
    seen: Evidence, factor: float, starts: npt.NDArray[np.int64], slots: int, done: bool
) -> npt.NDArray[np.float64]:
    """Log-likelihood ratios of level and of digits, shape (2, stretches); done: whether they were multiplied."""
    begin, middle, end = level_gains(seen.brought, float(np.log(factor)), done)
    sums = np.r_[0.0, np.cumsum(middle)]
    level = begin[starts] + sums[starts + slots] - sums[starts + 1] + end[starts + slots]
    digits = np.r_[0.0, np.cumsum(_of_digits(seen, factor, done))]
    return np.vstack([level, digits[starts + slots] - digits[starts]])


def _of_digits(seen: Evidence, factor: float, done: bool) -> Values:
    if seen.digits is None:
        return np.zeros(len(seen.values))
    if not done:
        return digit_gains(seen.digits, factor)
    return digit_gains(replace(seen.digits, values=as_sent(seen.values * factor, seen.values)), factor)
