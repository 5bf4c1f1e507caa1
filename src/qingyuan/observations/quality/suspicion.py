"""The tampering patterns on one grid: which are tried on which series, and with which bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from qingyuan.observations.quality.declared import declared, meant_by, suspected
from qingyuan.observations.quality.grid import Column, Grid
from qingyuan.observations.quality.spells import Mask, Spell, Values
from qingyuan.observations.quality.tampering.clock import clock_shifted
from qingyuan.observations.quality.tampering.copies import replayed, resembling
from qingyuan.observations.quality.tampering.digits import clipped, constant, finer_digits, fluctuation
from qingyuan.observations.quality.tampering.expectation import Expectation, expectation
from qingyuan.observations.quality.tampering.lattice import lattice
from qingyuan.observations.quality.tampering.levels import Bounds, Innovations, diluted, innovations, scaled

Suspicion = tuple[str, Column, Spell]
"""Code, series, spell."""

Patterns = Mapping[str, Mapping[str, float]]

_HOUR = np.timedelta64(1, "h")
_SAME_EDGE = 3
"""Slots within which two series count as stepping at once."""


def suspicions(grid: Grid, values: Mapping[str, Values]) -> list[Suspicion]:
    """Everything that looks like tampering on a grid. values: series by property, unusable slots NaN."""
    patterns = _patterns(grid)
    looked_at = [column for column in grid.columns if suspected(column.unit)]
    found: list[Suspicion] = []
    for column in looked_at:
        found += [(code, column, spell) for code, spell in _alone(values[column.prop], grid, patterns)]
    if grid.step >= _HOUR and grid.even:
        found += _against_others(grid, looked_at, values, patterns)
    return found


def _patterns(grid: Grid) -> Patterns:
    """Bounds of the patterns for this averaging; lengths of short averagings are those of hours, in slots."""
    found = declared().tampering["daily" if grid.step > 4 * _HOUR else "hourly"]
    if grid.step >= _HOUR:
        return found
    times = int(_HOUR / grid.step)
    lengths = {"at_least", "reach", "plateau", "window"}
    return {
        name: {key: value * times if key in lengths else value for key, value in bounds.items()}
        for name, bounds in found.items()
        if name != "resembling"
    }


def _alone(values: Values, grid: Grid, patterns: Patterns) -> Iterator[tuple[str, Spell]]:
    """What a series betrays by itself."""
    years = grid.years
    ways = {
        "constant": lambda b: constant(values, int(b["at_least"]), years, b["chance"]),
        "clipped": lambda b: clipped(values, years=years, **_whole(b)),
        "fluctuation": lambda b: fluctuation(values, int(b["window"]), b["share"], b["relative"]),
        "finer_digits": lambda b: finer_digits(values, int(b["at_least"]), years, b["chance"]),
        "replayed": lambda b: replayed(values, int(b["at_least"]), years, b["chance"]),
        "resembling": lambda b: resembling(values, int(b["window"]), b["distance"], b["share"]),
    }
    for name, way in ways.items():
        if name in patterns:
            code = "replayed" if name == "resembling" else name
            yield from ((code, spell) for spell in way(patterns[name]))


def _against_others(
    grid: Grid, looked_at: list[Column], values: Mapping[str, Values], patterns: Patterns
) -> list[Suspicion]:
    """What a series betrays against the other series of its point."""
    stepped: list[Suspicion] = []
    moved: list[Suspicion] = []
    for column in looked_at:
        series = values[column.prop]
        others = [values[other.prop] for other in grid.columns if other is not column]
        if (series > 0).sum() < 100 or not others:
            continue
        expected = _expected(series, others, grid, patterns)
        brought = innovations(expected, still(series), int(patterns["scaled"]["around"]))
        stepped += [
            ("scaled", column, spell) for spell in scaled(brought, _bounds(patterns["scaled"]), lattice(series))
        ]
        if "clock_shifted" in patterns:
            bounds = patterns["clock_shifted"]
            shifted = clock_shifted(series, expected.departure, brought, **_whole(bounds))
            moved += [("clock_shifted", column, spell) for spell in shifted]
    return [*_without_echo(stepped), *moved, *_dilutions(grid, looked_at, values, patterns)]


def _dilutions(
    grid: Grid, looked_at: list[Column], values: Mapping[str, Values], patterns: Patterns
) -> Iterator[Suspicion]:
    """Concentrations that fall as oxygen or flow rises by the same factor."""
    words = declared().thinning
    process = [column for column in grid.columns if column not in looked_at]
    for column in process:
        way = next((name for name, meant in words.items() if meant_by(column.prop, meant)), None)
        if way is None or (values[column.prop] > 0).sum() < 100:
            continue
        rest = [values[other.prop] for other in process if other is not column]
        thinning = _brought(_thinness(way, values[column.prop]), rest, grid, patterns)
        for diluted_column in looked_at:
            series = values[diluted_column.prop]
            if (series > 0).sum() >= 100:
                falling = _brought(series, rest, grid, patterns)
                for spell in diluted(falling, thinning, _bounds(patterns["dilution"])):
                    yield "dilution", diluted_column, replace(spell, evidence={**spell.evidence, "with": column.prop})


def _thinness(way: str, values: Values) -> Values:
    """What falls by the factor of thinning: 21 − O2, or the reciprocal of the flow."""
    if way == "oxygen":
        return np.where(values < 20.9, 21 - values, np.nan)
    return np.divide(1.0, values, out=np.full(len(values), np.nan), where=values > 0)


def _brought(series: Values, others: list[Values], grid: Grid, patterns: Patterns) -> Innovations:
    expected = _expected(series, others, grid, patterns)
    return innovations(expected, still(series), int(patterns["dilution"]["around"]))


def _expected(series: Values, others: list[Values], grid: Grid, patterns: Patterns) -> Expectation:
    return expectation(series, others, grid.slots_per_day, **_whole(patterns["expectation"]))


def _whole(bounds: Mapping[str, float]) -> Any:
    """The bounds that are lengths as whole numbers, to be given by name."""
    return {name: int(value) if value >= 1 else value for name, value in bounds.items()}


def _bounds(bounds: Mapping[str, float]) -> Bounds:
    given: dict[str, Any] = {name: value for name, value in bounds.items() if name != "around"}
    lengths = {name: int(given[name]) for name in ("shortest", "longest", "briefest") if name in given}
    return Bounds(**given | lengths)


def still(values: Values) -> Mask:
    """Slots in stretches that stand still or were bridged in a straight line: they tell nothing of the process."""
    with np.errstate(invalid="ignore", divide="ignore"):
        digits = 10.0 ** (np.floor(np.log10(np.abs(values))) - 4)
    bends = np.abs(np.diff(values, 2, prepend=np.nan, append=np.nan)) <= 1.5 * np.nan_to_num(digits)
    return np.convolve(bends, np.ones(3), "same") >= 2


def _without_echo(found: list[Suspicion]) -> list[Suspicion]:
    """A step of one series echoes in those that lean on it: of steps at the same edges the strongest is kept."""
    kept: list[Suspicion] = []
    for code, column, spell in sorted(found, key=lambda one: -one[2].statistic):
        edges = (spell.begin, spell.end)
        echo = any(
            abs(edges[0] - other.begin) <= _SAME_EDGE and abs(edges[1] - other.end) <= _SAME_EDGE
            for _, _, other in kept
        )
        if not echo:
            kept.append((code, column, spell))
    return kept
