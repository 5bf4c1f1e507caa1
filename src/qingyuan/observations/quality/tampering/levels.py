"""Steps of level with sharp edges: a stretch multiplied by a factor, or thinned with air or water.

A departure from the expected is read as a process that forgets at a steady rate. A stretch multiplied by a factor
shows three times in its innovations: a step where it begins, a small push in every slot, the step back where it
ends. The three are weighed together against the innovations of the series itself, whose heavy tails are allowed for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qingyuan.observations.quality.spells import Mask, Spell, Values, runs, strongest
from qingyuan.observations.quality.tampering.expectation import Expectation
from qingyuan.observations.quality.tampering.lattice import Lattice, digit_gains

FREEDOM = 3.0
"""Degrees of freedom of the t distribution that innovations are measured by."""

DAY = 24
"""Slots in the middle that count in full; of longer stretches the gain grows with the fourth root of the length."""

ROUND_FACTORS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 1.1, 1.15, 1.2, 1.25, 1.3, 1.4, 1.5, 2.0)
"""Factors people take, whose products betray themselves by their last digits."""

_BLOCK = 72
"""Slots whose level is taken out before the memory is measured: a slow drift is no memory."""


@dataclass(frozen=True)
class Innovations:
    """What each slot brought that the one before did not let expect; width: usual size there; memory: 0 … 1."""

    brought: Values
    width: Values
    memory: float


def innovations(expected: Expectation, still: Mask, around: int) -> Innovations:
    """Innovations of a departure; slots that stand still or have no value are made too wide to tell anything.

    around: slots over which the usual size is taken.
    """
    unknown = np.isnan(expected.departure)
    departure = np.where(unknown, 0.0, expected.departure)
    memory = _memory(departure)
    brought = np.r_[0.0, departure[1:] - memory * departure[:-1]]
    width = _width(brought, expected.novelty, ~unknown, around)
    return Innovations(brought, np.where(unknown | still, 10 * width + 1, width), memory)


@dataclass(frozen=True)
class Bounds:
    """What counts as scaled: shortest and longest stretch in slots, smallest step of the logarithm, least gain
    of each edge, most gain the middle may bring, least gain of all together (in units of log-likelihood).

    digits: how many times a gain of last digits counts, whose odds are exact, against one of the level, which
    wanders more than its model says; climb: gain of last digits from which they lead the search; briefest: shortest
    stretch they may lead to; lean: most the middle may bring
    where they stand in for an edge.
    """

    shortest: int
    longest: int
    step: float
    edge: float
    middle: float
    total: float
    digits: float = 1.0
    climb: float = 3.0
    briefest: int = 12
    lean: float = 20.0


def scaled(series: Innovations, bounds: Bounds, digits: Lattice | None = None) -> list[Spell]:
    """Stretches multiplied by a factor; evidence: the factor and what beginning, middle, end and last digits gain.

    Any factor is looked for by its steps alone; where digits are given, round ones by both together.
    """
    found = _found([series], bounds)
    if digits is not None:
        for factor in ROUND_FACTORS:
            found += _with_digits(series, digit_gains(digits, factor), float(np.log(factor)), bounds)
    return strongest(found, apart=bounds.shortest)


def diluted(concentration: Innovations, thinning: Innovations, bounds: Bounds) -> list[Spell]:
    """Stretches where a concentration falls by the factor by which the gas or water was thinned.

    thinning: innovations of log(21 − O2) or of −log(flow), which fall by the same step at the same edges.
    """
    found = strongest(_found([concentration, thinning], bounds), apart=bounds.shortest)
    return [spell for spell in found if spell.evidence["factor"] < 1]


def _found(series: list[Innovations], bounds: Bounds) -> list[Spell]:
    steps = np.arange(bounds.step, 0.72, 0.03)
    return [spell for step in np.r_[-steps, steps].tolist() for spell in _with_step(series, step, bounds)]


def _with_step(series: list[Innovations], step: float, bounds: Bounds) -> list[Spell]:
    gains = [level_gains(one, step) for one in series]
    together = Gains(*(np.sum([gain[part] for gain in gains], axis=0) for part in range(3)))
    begins = np.flatnonzero(np.all([gain[0] >= bounds.edge for gain in gains], axis=0))
    ends = np.flatnonzero(np.all([gain[2] >= bounds.edge for gain in gains], axis=0))
    return _weighed(together, step, bounds, *_pairs(begins, ends, bounds.shortest, bounds.longest))


def _with_digits(series: Innovations, digits: Values, step: float, bounds: Bounds) -> list[Spell]:
    """Stretches within climbs of the digits' gain; of one beyond the longest only the whole is looked at."""
    pairs = []
    for first, last in _climbs(digits, bounds.climb):
        if last - first > bounds.longest:
            pairs.append((np.array([first]), np.array([last])))
        else:
            slots = np.arange(first, min(last + 1, len(digits)))
            pairs.append(_pairs(slots, slots, bounds.briefest, bounds.longest))
    if not pairs:
        return []
    begins, ends = (np.concatenate(part) for part in zip(*pairs, strict=True))
    gains = Gains(*level_gains(series, step), bounds.digits * digits)
    return _weighed(gains, step, bounds, begins, np.minimum(ends, len(digits) - 1))


def _climbs(gains: Values, least: float) -> list[tuple[int, int]]:
    """Where the sum of gains climbs by at least so much before it has lost all again: begin and end of each climb."""
    sums = np.r_[0.0, np.cumsum(gains)]
    low = np.minimum.accumulate(sums)
    found = []
    for first, last in runs(sums > low):
        top = first + int(sums[first:last].argmax())
        if sums[top] - low[first] >= least:
            found.append((first - 1, top))
    return found


@dataclass(frozen=True)
class Gains:
    """Gain of log-likelihood a slot, if the stretch began, went on or had just ended there; and of its last digits."""

    begin: Values
    middle: Values
    end: Values
    digits: Values | None = None


def _weighed(
    gains: Gains, step: float, bounds: Bounds, begin: npt.NDArray[np.int64], end: npt.NDArray[np.int64]
) -> list[Spell]:
    """The best stretch for every beginning, of those with enough gain."""
    if not len(begin):
        return []
    sums = np.r_[0.0, np.cumsum(gains.middle)]
    middle = (sums[end] - sums[begin + 1]) * np.minimum(1, DAY / (end - begin)) ** 0.75
    edged = np.minimum(gains.begin[begin], gains.end[end]) >= bounds.edge
    middle = np.minimum(middle, np.where(edged, bounds.middle, bounds.lean))
    digits = np.r_[0.0, np.cumsum(np.zeros(len(sums) - 1) if gains.digits is None else gains.digits)]
    told = digits[end] - digits[begin]
    total = gains.begin[begin] + gains.end[end] + middle + told
    parts = {"begin": gains.begin[begin], "middle": middle, "end": gains.end[end]}
    if gains.digits is not None:
        parts["digits"] = told
    return [
        Spell(
            int(begin[at]),
            int(end[at]),
            float(total[at]),
            bounds.total,
            {"factor": round(float(np.exp(step)), 2)}
            | {f"gain_{name}": round(float(part[at]), 2) for name, part in parts.items()},
        )
        for at in _best_end(begin, total, bounds.total)
    ]


def _pairs(
    begins: npt.NDArray[np.int64], ends: npt.NDArray[np.int64], shortest: int, longest: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Every beginning with every end that makes a stretch of a length between the two bounds."""
    first = np.searchsorted(ends, begins + shortest)
    count = np.searchsorted(ends, begins + longest, side="right") - first
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(begins, count), ends[np.repeat(first, count) + within]


def _best_end(begin: npt.NDArray[np.int64], total: Values, least: float) -> npt.NDArray[np.int64]:
    """Of the stretches with enough gain, the best for every beginning."""
    enough = np.flatnonzero(total >= least)
    order = enough[np.lexsort((-total[enough], begin[enough]))]
    return order[np.unique(begin[order], return_index=True)[1]]


def level_gains(series: Innovations, step: float, done: bool = False) -> tuple[Values, Values, Values]:
    """Gain of log-likelihood a slot, if the stretch began, went on or had just ended there.

    done: what the gains would be if it had (the series taken to be free of steps now).
    """
    pushes = (step, (1 - series.memory) * step, -series.memory * step)
    plain = None if done else log_density(series.brought / series.width)
    begin, middle, end = (_gain(series.brought + push * done, series.width, push, plain) for push in pushes)
    return begin, middle, end


def _gain(brought: Values, width: Values, push: float, plain: Values | None) -> Values:
    stayed = log_density(brought / width) if plain is None else plain
    return np.asarray(log_density((brought - push) / width) - stayed)


def log_density(score: Values) -> Values:
    """Logarithm of the t density, up to a constant."""
    return np.asarray(-(FREEDOM + 1) / 2 * np.log1p(score * score / FREEDOM))


def _memory(departure: Values) -> float:
    """Correlation of neighbouring slots within blocks."""
    blocks = [departure[begin : begin + _BLOCK] for begin in range(0, len(departure), _BLOCK)]
    held = np.clip(np.concatenate([block - np.median(block) for block in blocks]), -0.3, 0.3)
    return min(max(float((held[1:] * held[:-1]).sum() / max(float((held**2).sum()), 1e-12)), 0.0), 0.95)


def _width(brought: Values, novelty: Values, known: Mask, around: int) -> Values:
    """Usual size of the innovations: wider where the other series move, and in restless weeks."""
    classes = 12 if len(brought) > 3000 else 4
    rank = np.argsort(np.argsort(novelty, kind="stable"), kind="stable") * classes // len(novelty)
    size = np.abs(brought)
    middle, tail = (
        _of_classes(size, rank, known, classes, share) / scale for share, scale in ((0.5, 0.765), (0.9, 2.353))
    )
    width = np.maximum(middle, tail)[rank]
    restless = _moving_mean(np.where(known, np.minimum(size / width, 3), np.nan), around)
    return np.asarray(width * np.clip(restless / np.median(restless), 0.6, 3))


def _of_classes(size: Values, rank: npt.NDArray[np.int64], known: Mask, classes: int, share: float) -> Values:
    found = [size[(rank == one) & known] for one in range(classes)]
    sizes = np.array([np.quantile(part, share) if len(part) else 0.0 for part in found])
    return np.maximum(np.maximum.accumulate(sizes), 1e-6)


def _moving_mean(values: Values, around: int) -> Values:
    """Mean over `around` slots, NaN left out; 1 where there is none."""
    window = np.ones(min(around, len(values)))
    known = ~np.isnan(values)
    counts = np.convolve(known.astype(float), window, "same")
    sums = np.convolve(np.where(known, values, 0.0), window, "same")
    return np.where(counts > 0, sums / np.maximum(counts, 1), 1.0)
