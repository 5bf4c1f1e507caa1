"""Replayed stretches: values that are a copy of an earlier stretch of the same series."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from qingyuan.observations.quality.spells import Spell, Values, strongest

_TRUSTED = 20
"""Occurrences from which a value's own way to go on counts for more than the usual one."""

_COARSE = 0.03
"""Share of slots that only repeat the one before, from which a series is too coarse to judge likenesses."""

_BLOCK = 512
"""Windows compared with all others at once: bounds the memory."""


def replayed(values: Values, at_least: int, years: float, chance: float) -> list[Spell]:
    """Stretches equal, value by value, to an earlier stretch, and longer than the series would repeat itself.

    Gaps are stepped over, so a copy that carries its gap along is found too. Evidence: slots of the original.
    """
    there = np.flatnonzero(~np.isnan(values))
    if len(there) < 3 * at_least:
        return []
    codes = np.unique(values[there], return_inverse=True)[1]
    habits = _Habits(codes)
    spells = []
    for begin, earlier, length in _matches(codes):
        if length < at_least:
            continue
        by_chance = habits.chance(begin, length) / years
        if by_chance <= chance:
            told = {"original": int(there[earlier]), "by_chance": by_chance, "alike": "equal"}
            spells.append(Spell(int(there[begin]), int(there[begin + length - 1]) + 1, length, at_least, told))
    return strongest(spells)


class _Habits:
    """How a series goes on from each of its values: what a stretch would be worth as a coincidence."""

    def __init__(self, codes: npt.NDArray[np.int64]) -> None:
        steps = _joined(codes)
        self._singles = np.bincount(codes)[codes].astype(float)
        self._doubles = np.unique(steps, return_counts=True)[1][_ranked(steps)].astype(float)
        self._usual = (_pairs(steps) + 0.5) / (_pairs(codes) + 1.0)

    def chance(self, begin: int, length: int) -> float:
        """Expected number of stretches like this one that come twice by themselves.

        A step is as likely as it is elsewhere in the series, without the stretch and its original; rare values are
        given the usual chance instead of their own.
        """
        steps = slice(begin, begin + length - 1)
        seen = np.maximum(self._singles[steps] - 2, 0)
        went = np.maximum(self._doubles[steps] - 2, 0)
        likely = (went + _TRUSTED * self._usual) / (seen + _TRUSTED)
        return float(len(self._singles) * self._singles[begin] * np.prod(likely))


def resembling(values: Values, window: int, distance: float, share: float) -> list[Spell]:
    """Stretches that follow an earlier one far closer than the series ever follows itself: a copy made unlike.

    Windows of so many slots are compared in logarithms with their level taken out, so a copy that was scaled or
    dressed with a little noise still shows. distance: largest mean distance, in usual changes from slot to slot;
    share: and in standard deviations of the window itself. A coarse series resembles itself and is not judged.
    """
    logs = np.log(np.where(values > 0, values, np.nan))
    if len(logs) < 3 * window:
        return []
    views = np.lib.stride_tricks.sliding_window_view(logs, window)
    usable = np.flatnonzero(~np.isnan(views).any(axis=1))
    steps = np.abs(np.diff(logs))
    usual = 1.4826 * float(np.nanmedian(steps)) if not np.isnan(steps).all() else 0.0
    if len(usable) < 2 * window or not usual > 0 or np.mean(steps[~np.isnan(steps)] == 0) > _COARSE:
        return []
    shapes = (views[usable] - views[usable].mean(axis=1, keepdims=True)).astype(np.float32)
    spread = np.sqrt((shapes**2).mean(axis=1)) / usual
    nearest, twin = _nearest_earlier(shapes, usable, window)
    apart = np.sqrt(np.maximum(nearest, 0) / window) / usual
    alike = (apart < distance) & (apart < share * spread)
    found = [
        Spell(
            int(usable[at]),
            int(usable[at]) + window,
            float(1 / max(apart[at], 1e-3)),
            1 / distance,
            {"original": int(usable[twin[at]]), "distance": round(float(apart[at]), 4), "alike": "nearly"},
        )
        for at in np.flatnonzero(alike)
    ]
    return _joined_spells(strongest(found))


def _nearest_earlier(
    shapes: npt.NDArray[np.float32], at: npt.NDArray[np.int64], window: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Squared distance to the nearest window that ended before this one began, and which one that is."""
    norms = (shapes**2).sum(axis=1)
    nearest, twin = np.full(len(shapes), np.inf, np.float32), np.zeros(len(shapes), np.int64)
    for begin in range(0, len(shapes), _BLOCK):
        rows = slice(begin, min(begin + _BLOCK, len(shapes)))
        before = int(np.searchsorted(at, at[rows][-1] - window, side="right"))
        if before == 0:
            continue
        squares = norms[rows, None] + norms[None, :before] - 2 * shapes[rows] @ shapes[:before].T
        squares[at[None, :before] > at[rows, None] - window] = np.inf
        twin[rows] = squares.argmin(axis=1)
        nearest[rows] = squares[np.arange(squares.shape[0]), twin[rows]]
    return nearest, twin


def _joined_spells(spells: list[Spell]) -> list[Spell]:
    """Neighbouring windows that copy neighbouring originals, as one spell."""
    joined: list[Spell] = []
    for spell in sorted(spells, key=lambda one: one.begin):
        lag = spell.begin - spell.evidence["original"]
        last = joined[-1] if joined else None
        if last and spell.begin <= last.end and lag == last.begin - last.evidence["original"]:
            joined[-1] = Spell(
                last.begin, spell.end, max(last.statistic, spell.statistic), last.threshold, last.evidence
            )
        else:
            joined.append(spell)
    return joined


def _joined(codes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Numbers of neighbouring pairs."""
    return np.asarray(codes[:-1]) * (int(codes.max()) + 1) + codes[1:]


def _pairs(codes: npt.NDArray[np.int64]) -> float:
    counts = np.unique(codes, return_counts=True)[1].astype(float)
    return float((counts * (counts - 1) / 2).sum())


def _matches(codes: npt.NDArray[np.int64]) -> list[tuple[int, int, int]]:
    """Longest equal stretches: begin of the copy, begin of the earlier one, length. Standing still is no match.

    Only the latest earlier occurrence of each three values is followed.
    """
    triples = _joined(_ranked(_joined(codes)))
    order = np.argsort(triples, kind="stable")
    same = triples[order][1:] == triples[order][:-1]
    earlier, later = order[:-1][same], order[1:][same]
    moving = (codes[later] != codes[later + 1]) | (codes[later + 1] != codes[later + 2])
    apart = later - earlier >= 3
    earlier, later = earlier[moving & apart], later[moving & apart]
    sort = np.lexsort((later, later - earlier))
    earlier, later = earlier[sort], later[sort]
    lag = later - earlier
    breaks = np.flatnonzero((np.diff(later) != 1) | (np.diff(lag) != 0)) + 1
    found = []
    for group in np.split(np.arange(len(later)), breaks):
        if len(group):
            length = min(len(group) + 2, int(lag[group[0]]))
            found.append((int(later[group[0]]), int(earlier[group[0]]), length))
    return found


def _ranked(codes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.unique(codes, return_inverse=True)[1]
