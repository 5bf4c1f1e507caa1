"""Tests of values against other values: of the same point, and of the neighbouring points."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from qingyuan.observations.quality.spells import Mask, Spell, Values, runs


def part_exceeds_whole(part: Values, whole: Values, tolerance: float) -> Mask:
    """Where a part (PM2.5, NO2, ammonia nitrogen) is larger than what contains it (PM10, NOx, total nitrogen).

    tolerance: share of the whole that two instruments may differ by. Both in one unit.
    """
    return part > whole * (1 + tolerance)


def apart_from_neighbours(
    values: Values, others: npt.NDArray[np.float64], factor: float, at_least: int, fewest: int = 2
) -> list[Spell]:
    """Stretches where a series leaves its neighbours by `factor` times its usual distance from them.

    others: shape (neighbours, slots). Distances are ratios to the neighbours' median; slots with fewer than
    `fewest` neighbours tell nothing.
    """
    enough = (~np.isnan(others)).sum(axis=0) >= fewest
    middle = np.full(len(values), np.nan)
    if enough.any():
        middle[enough] = np.nanmedian(others[:, enough], axis=0)
    usable = (values > 0) & (middle > 0)
    distance = np.full(len(values), np.nan)
    distance[usable] = np.log(values[usable] / middle[usable])
    if usable.sum() < 10 * at_least:
        return []
    usual = float(np.nanmedian(distance))
    width = max(1.4826 * float(np.nanmedian(np.abs(distance - usual))), 0.02)
    score = np.abs(distance - usual) / width
    far = [run for run in runs(score > factor) if run[1] - run[0] >= at_least]
    return [_apart(begin, end, score, distance - usual, factor) for begin, end in far]


def _apart(begin: int, end: int, score: Values, distance: Values, factor: float) -> Spell:
    ratio = float(np.exp(np.median(distance[begin:end])))
    return Spell(begin, end, float(np.median(score[begin:end])), factor, {"ratio_to_usual": round(ratio, 3)})
