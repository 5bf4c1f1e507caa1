"""A spell: one stretch of one series that a test has something to say about, with the evidence for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
"""One series on a grid of equal steps, NaN where there is no usable value; shape (slots,)."""

Mask = npt.NDArray[np.bool_]
"""One truth value a slot."""


@dataclass(frozen=True)
class Spell:
    """Slots begin ≤ t < end. statistic went past threshold; evidence: what a reader needs to check it."""

    begin: int
    end: int
    statistic: float
    threshold: float
    evidence: Mapping[str, Any] = field(default_factory=dict)


def runs(mask: Mask) -> list[tuple[int, int]]:
    """Begin and end of every unbroken run of true slots."""
    edges = np.diff(np.r_[False, mask, False].astype(np.int8))
    return list(zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True))


def strongest(spells: list[Spell], apart: int = 0) -> list[Spell]:
    """Spells that do not overlap (nor come closer than `apart` slots), the most telling first."""
    kept: list[Spell] = []
    for spell in sorted(spells, key=lambda one: -one.statistic):
        if all(spell.end + apart <= other.begin or other.end + apart <= spell.begin for other in kept):
            kept.append(spell)
    return kept
