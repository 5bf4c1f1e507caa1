"""A stretch whose clock was moved: it fits what is expected an hour or more earlier or later far better."""

from __future__ import annotations

import numpy as np

from qingyuan.observations.quality.spells import Spell, Values, strongest
from qingyuan.observations.quality.tampering.levels import Innovations, log_density


def clock_shifted(
    values: Values, departure: Values, series: Innovations, furthest: int, shortest: int, longest: int, gain: float
) -> list[Spell]:
    """Stretches that fit their expectation better when moved by 1 … furthest slots.

    values: positive; departure: log(value) − expected log; series: its innovations. gain: least gain of
    log-likelihood of the stretch. A stretch that would fit best even further off has not merely been moved.
    Evidence: by how many slots the values came late (negative: early).
    """
    logs = np.log(np.where(values > 0, values, np.nan))
    expected = logs - departure
    still = log_density(series.brought / series.width)
    spells: list[Spell] = []
    for late in [*range(-furthest - 2, 0), *range(1, furthest + 3)]:
        moved = _moved(logs, late) - expected
        brought = moved - series.memory * np.r_[np.nan, moved[:-1]]
        better = log_density(brought / series.width) - still
        spells += _excursions(np.where(np.isnan(better), 0.0, better), late, shortest, longest, gain)
    found = strongest(spells, apart=shortest)
    return [spell for spell in found if abs(spell.evidence["late_by_slots"]) <= furthest]


def _excursions(better: Values, late: int, shortest: int, longest: int, gain: float) -> list[Spell]:
    """Where the sum of gains climbs by at least `gain` within shortest … longest slots."""
    sums = np.r_[0.0, np.cumsum(better)]
    spells = []
    for length in sorted({shortest, 2 * shortest, 4 * shortest, longest}):
        if length >= len(sums):
            continue
        climbs = sums[length:] - sums[:-length]
        spells += [
            Spell(at, at + length, float(climbs[at]), gain, {"late_by_slots": late})
            for at in np.flatnonzero(climbs >= gain).tolist()
        ]
    return strongest(spells)


def _moved(logs: Values, late: int) -> Values:
    """What stands `late` slots later."""
    moved = np.full(len(logs), np.nan)
    if late > 0:
        moved[:-late] = logs[late:]
    else:
        moved[-late:] = logs[:late]
    return moved
