"""What the other series of a point let expect of one series: a regression on its own past and future.

Each block of slots is predicted by a fit that has not seen it nor its surroundings, so a tampered stretch cannot
explain itself. All in natural logarithms of the predicted series: a multiplication becomes a step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qingyuan.observations.quality.spells import Mask, Values

Matrix = npt.NDArray[np.float64]
"""shape (slots, columns)."""

WIDEST = 100
"""Most columns a fit may have; beyond, the telling ones are chosen first."""

CHOSEN = 12
"""Columns that are then chosen."""


@dataclass(frozen=True)
class Expectation:
    """Departure of the logarithm from what was expected, NaN where there is no value; novelty: how much the
    other series moved since the slot before (in their usual movements)."""

    departure: Values
    novelty: Values


def expectation(values: Values, others: Sequence[Values], day: int, block: int, half: int, guard: int) -> Expectation:
    """Compare a positive series with the other series of its point.

    day: slots a day (the hour of the day is a column where there are several); block, half, guard: slots
    predicted at once, slots before and behind it that are learnt from, and slots next to it that are left out.
    """
    logs = np.log(np.where(values > 0, values, np.nan))
    filled, _ = _filled(logs)
    columns = [_filled(other)[0] for other in others if (~np.isnan(other)).mean() > 0.5 and np.nanstd(other) > 0]
    table = np.column_stack(columns) if columns else np.empty((len(values), 0))
    design = _design(table, day)
    known = ~np.isnan(logs)
    if design.shape[1] > WIDEST:
        design = _telling(design, _held(filled, 0.005))
    predicted = _predicted(np.column_stack([np.ones(len(values)), design]), filled, known, block, half, guard)
    return Expectation(np.where(known, logs - predicted, np.nan), _novelty(table))


def _design(table: Matrix, day: int) -> Matrix:
    """Columns, their logarithms' and pairs' products, their changes, and the hour of the day."""
    standard = np.clip(_standard(table), -4, 4)
    first, second = np.triu_indices(table.shape[1])
    parts = [standard, standard[:, first] * standard[:, second], np.clip(_changes(standard), -2, 2)]
    if table.shape[1] > 0 and len(first) + 2 * table.shape[1] > WIDEST:
        positive = table.min(axis=0) > 0
        parts = [standard, _standard(np.log(table[:, positive])), _standard(table[:, first] * table[:, second])]
    if day > 2:
        hour = 2 * np.pi * np.arange(len(table)) / day
        parts += [np.column_stack([np.sin(hour), np.cos(hour), np.sin(2 * hour), np.cos(2 * hour)])]
    return np.clip(np.column_stack(parts), -6, 16)


def _predicted(design: Matrix, target: Values, known: Mask, block: int, half: int, guard: int) -> Values:
    predicted = np.empty(len(target))
    for begin in range(0, len(target), block):
        end = min(begin + block, len(target))
        near = np.r_[
            max(0, begin - half) : max(0, begin - guard), min(len(target), end + guard) : min(len(target), end + half)
        ]
        near = near[known[near]]
        if len(near) <= 2 * design.shape[1]:
            predicted[begin:end] = np.nan
        else:
            predicted[begin:end] = design[begin:end] @ _robust_fit(design[near], target[near])
    return predicted


def _robust_fit(design: Matrix, target: Values) -> Values:
    """Ridge regression, refitted with less weight on what lies far off."""
    weights = np.ones(len(target))
    ridge = 3e-3 * len(target) * np.eye(design.shape[1])
    if len(target) < 100 * design.shape[1]:
        ridge *= 0.1
    ridge[0, 0] = 1e-9
    solution: Values = np.zeros(design.shape[1])
    for _ in range(3):
        weighted = design * weights[:, None]
        solution = np.asarray(np.linalg.solve(weighted.T @ design + ridge, weighted.T @ target), float)
        off = np.abs(target - design @ solution)
        weights = 1 / np.maximum(1, off / (2 * 1.4826 * np.median(off) + 1e-9)) ** 2
    return solution


def _telling(design: Matrix, target: Values) -> Matrix:
    """The columns chosen one after another, each the one that explains most of what is left."""
    chosen: list[int] = []
    left = target - target.mean()
    for _ in range(min(CHOSEN, design.shape[1])):
        score = np.abs(design.T @ left)
        score[chosen] = 0
        chosen.append(int(score.argmax()))
        part = np.column_stack([np.ones(len(target)), design[:, chosen]])
        normal = part.T @ part + 1e-6 * len(target) * np.eye(part.shape[1])
        left = target - part @ np.linalg.solve(normal, part.T @ target)
    return design[:, chosen]


def _novelty(table: Matrix) -> Values:
    if not table.shape[1]:
        return np.zeros(len(table))
    steps = np.abs(_changes(table))
    usual = 1.4826 * np.median(steps, axis=0) + 1e-9 + 1e-6 * table.std(axis=0)
    return np.asarray(np.sqrt((np.minimum(steps / usual, 50) ** 2).mean(axis=1)))


def _standard(table: Matrix) -> Matrix:
    return np.asarray((table - np.median(table, axis=0)) / (table.std(axis=0) + 1e-9))


def _changes(table: Matrix) -> Matrix:
    return np.diff(table, axis=0, prepend=table[:1])


def _held(values: Values, share: float) -> Values:
    low, high = np.quantile(values, [share, 1 - share])
    return np.clip(values, low, high)


def _filled(values: Values) -> tuple[Values, Mask]:
    """Gaps bridged in a straight line, and where they were."""
    known = ~np.isnan(values)
    if not known.any():
        return np.zeros(len(values)), ~known
    at = np.arange(len(values))
    return np.interp(at, at[known], values[known]), ~known
