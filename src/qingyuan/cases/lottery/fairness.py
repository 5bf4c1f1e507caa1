"""The fairness sheet: who was expected to be drawn, who was, and how usual the difference is.

Expected counts are sums of exact probabilities. How far counts may stray is taken from the design itself: the same
roll drawn again with other seeds, by the same method. The interval and the p-value are of those draws.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qingyuan.cases.lottery import drawing
from qingyuan.cases.lottery.roll import Entry, Roll
from qingyuan.places import divisions

DRAWS = 2000
TAIL = 0.025


@dataclass(frozen=True)
class Line:
    """One group: how many are in the lottery, how many expected and drawn, the range of 95 of 100 other draws."""

    group: str
    listed: int
    expected: float
    drawn: int
    low: int
    high: int

    @property
    def usual(self) -> bool:
        """Whether what was drawn is within the range."""
        return self.low <= self.drawn <= self.high


@dataclass(frozen=True)
class Part:
    """A grouping (county, sector, size): its lines, and how many of 100 other draws stray as far as this one."""

    by: str
    lines: tuple[Line, ...]
    p: float


GROUPS: dict[str, Callable[[Entry], str]] = {
    "county": lambda entry: entry.division[:6].ljust(6, "0"),
    "sector": lambda entry: entry.sector,
    "size": lambda entry: entry.size,
}


def sheet(roll: Roll, drawn: Sequence[str], targeted: Sequence[str]) -> list[Part]:
    """The sheet of a draw, over those in the lottery (the targeted are certain and stand apart)."""
    rest = [each for each in roll.entries if each.id not in set(targeted)]
    if not rest or not roll.quota.random:
        return []
    chances = np.array(drawing.probabilities([each.risk for each in rest], roll.quota.random, roll.quota.least), float)
    again = _draws(chances, np.random.default_rng(1949))
    here = np.isin([each.id for each in rest], list(drawn))
    return [_part(by, [of(each) for each in rest], chances, here, again) for by, of in GROUPS.items()]


def _draws(chances: npt.NDArray[np.float64], chance: np.random.Generator) -> npt.NDArray[np.bool_]:
    """DRAWS × entries: what other seeds would have drawn."""
    count = round(float(chances.sum()))
    drawn = np.zeros((DRAWS, len(chances)), bool)
    for row in drawn:
        order = chance.permutation(len(chances))
        ends = np.cumsum(chances[order])
        points = np.arange(count) + chance.random()
        row[order[np.minimum(np.searchsorted(ends, points, side="right"), len(order) - 1)]] = True
    return drawn


def _part(
    by: str,
    groups: list[str],
    chances: npt.NDArray[np.float64],
    here: npt.NDArray[np.bool_],
    again: npt.NDArray[np.bool_],
) -> Part:
    names = sorted(set(groups))
    member = np.array([[each == name for name in names] for each in groups], float)
    expected, drawn, others = chances @ member, here @ member, again @ member
    low, high = np.quantile(others, [TAIL, 1 - TAIL], axis=0, method="inverted_cdf")
    strayed = ((others - expected) ** 2 / expected).sum(axis=1)
    far = ((drawn - expected) ** 2 / expected).sum()
    lines = (
        Line(name, int(member[:, i].sum()), float(expected[i]), int(drawn[i]), int(low[i]), int(high[i]))
        for i, name in enumerate(names)
    )
    return Part(by, tuple(lines), float((1 + (strayed >= far - 1e-9).sum()) / (1 + DRAWS)))


def place(code: str) -> str:
    """Name of a county's code, the code itself where the list does not hold it."""
    try:
        return divisions.division(code).name_zh
    except divisions.UnknownDivision:
        return code
