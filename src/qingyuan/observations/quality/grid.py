"""The long table laid out: for every point and averaging one grid of equal steps with a column a property."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qingyuan.observations.quality.spells import Mask, Values

Rows = npt.NDArray[np.int64]
"""Row of the long table in every slot of a series, -1 where there is none; shape (slots,)."""

_STEPS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "day": 86400, "month": 2629746, "mda8": 86400}
_SPARSE = 6
"""A grid with so many times more slots than times is not laid out: its times stand side by side instead."""


@dataclass(frozen=True)
class Column:
    """One series: property, unit, values (NaN where unusable or none) and their rows."""

    prop: str
    unit: str
    values: Values
    rows: Rows


@dataclass(frozen=True)
class Grid:
    """Series of one point and averaging. times: start of every slot (+08:00 wall clock).

    due: whether the averaging says when values are due (real-time readings are not); even: equal steps.
    """

    point: str
    averaging: str
    step: np.timedelta64
    due: bool
    times: npt.NDArray[np.datetime64]
    even: bool
    columns: tuple[Column, ...]

    @property
    def years(self) -> float:
        """Length in years, at least a month's."""
        seconds = (self.times[-1] - self.times[0] + self.step) / np.timedelta64(1, "s")
        return max(float(seconds) / 31_556_952, 1 / 12)

    @property
    def slots_per_day(self) -> int:
        """Slots a day, at least one."""
        return max(1, round(86400 / float(self.step / np.timedelta64(1, "s"))))


@dataclass(frozen=True)
class Laid:
    """Grids of a table, and which rows repeat or contradict an earlier row of the same interval."""

    grids: tuple[Grid, ...]
    repeated: Mask
    conflict: Mask


def laid_out(table: pa.Table, usable: Mask) -> Laid:
    """Lay a long table out. usable: rows whose value may be used; row order and duplicates do not matter."""
    times = wall_clock(table, "phenomenon_time")
    words = [_coded(table, name) for name in ("point", "averaging", "property")]
    values = _floats(table)
    order = np.lexsort((np.arange(len(times)), times, *(number for number, _ in reversed(words))))
    same = _same_as_before([number for number, _ in words], times, order)
    repeated, conflict = _duplicates(values, order, same)
    kept = order[~repeated[order] & ~np.isnat(times[order])]
    values = np.where(usable & ~conflict, values, np.nan)
    units = table.column("unit").combine_chunks() if "unit" in table.column_names else pa.nulls(len(times), pa.string())
    return Laid(tuple(_grids(words, times, values, units, kept)), repeated, conflict)


def wall_clock(table: pa.Table, name: str) -> npt.NDArray[np.datetime64]:
    """Times of a column as the naive wall clock of +08:00; NaT where the table has no such column."""
    if name not in table.column_names:
        return np.full(table.num_rows, np.datetime64("NaT"), "datetime64[us]")
    column = table.column(name)
    if getattr(column.type, "tz", None):
        column = pc.local_timestamp(column.cast(pa.timestamp("us", "+08:00")))
    return np.asarray(column.cast(pa.timestamp("us")).to_numpy().astype("datetime64[us]"))


def step_of(averaging: str, times: npt.NDArray[np.datetime64]) -> np.timedelta64:
    """Length of the interval: by the word (``1h``, ``10min``), else the commonest distance of the times."""
    found = _length(averaging)
    if found:
        return np.timedelta64(int(found[1] or 1) * _STEPS[found[2] or found[4]], "s")
    distances = np.diff(np.unique(times)).astype("timedelta64[s]").astype(np.int64)
    return np.timedelta64(int(np.median(distances)) if len(distances) else 3600, "s")


def _length(averaging: str) -> re.Match[str] | None:
    return re.fullmatch(r"(\d+)(s|min|h|d)|()(day|month|mda8)", averaging)


def _coded(table: pa.Table, name: str) -> tuple[Rows, list[str]]:
    column = table.column(name).combine_chunks()
    encoded = pc.dictionary_encode(pc.fill_null(column.cast(pa.string()), ""))
    encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
    return encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64), encoded.dictionary.to_pylist()


def _floats(table: pa.Table) -> Values:
    values = table.column("value").cast(pa.float64()).to_numpy().copy()
    values[~np.isfinite(values)] = np.nan
    return np.asarray(values)


def _same_as_before(numbers: list[Rows], times: npt.NDArray[np.datetime64], order: Rows) -> Mask:
    """In sorted order: whether a row has the key of the row before it."""
    same = np.ones(len(order), bool)
    same[:1] = False
    for key in (*numbers, times):
        same[1:] &= key[order][1:] == key[order][:-1]
    return same


def _duplicates(values: Values, order: Rows, same: Mask) -> tuple[Mask, Mask]:
    """Rows that say again what the first row of their interval says, and rows of intervals with several values."""
    group = np.cumsum(~same) - 1
    first = values[order][~same][group]
    differs = same & ~((values[order] == first) | (np.isnan(values[order]) & np.isnan(first)))
    torn = np.zeros(int(group[-1]) + 1 if len(group) else 0, bool)
    torn[group[differs]] = True
    repeated, conflict = np.zeros(len(order), bool), np.zeros(len(order), bool)
    repeated[order[same]] = True
    conflict[order] = torn[group] if len(group) else False
    return repeated & ~conflict, conflict


def _grids(
    words: list[tuple[Rows, list[str]]], times: npt.NDArray[np.datetime64], values: Values, units: pa.Array, kept: Rows
) -> Iterator[Grid]:
    (point, points), (averaging, averagings), (prop, props) = words
    frame = point[kept] * len(averagings) + averaging[kept]
    for rows in np.split(kept, np.flatnonzero(np.diff(frame)) + 1):
        if len(rows):
            name = averagings[averaging[rows[0]]]
            step = step_of(name, times[rows])
            starts, even = _starts(times[rows], step)
            columns = []
            for part in np.split(rows, np.flatnonzero(np.diff(prop[rows])) + 1):
                at = _slots(times[part], starts, step, even)
                columns.append(
                    _column(props[prop[part[0]]], units[int(part[0])].as_py() or "", part, at, values, len(starts))
                )
            due = _length(name) is not None
            yield Grid(points[point[rows[0]]], name, step, due, starts, even, tuple(columns))


def _starts(times: npt.NDArray[np.datetime64], step: np.timedelta64) -> tuple[npt.NDArray[np.datetime64], bool]:
    unique = np.unique(times)
    slots = int((unique[-1] - unique[0]) // step) + 1
    if slots > _SPARSE * len(unique) + 100 or slots < len(unique) / 2:
        return unique, False
    return unique[0] + np.arange(slots + 1) * step, True


def _slots(
    times: npt.NDArray[np.datetime64], starts: npt.NDArray[np.datetime64], step: np.timedelta64, even: bool
) -> Rows:
    if not even:
        return np.searchsorted(starts, times)
    return np.rint((times - starts[0]) / step).astype(np.int64)


def _column(prop: str, unit: str, rows: Rows, at: Rows, values: Values, slots: int) -> Column:
    laid, numbers = np.full(slots, np.nan), np.full(slots, -1, np.int64)
    laid[at], numbers[at] = values[rows], rows
    return Column(prop, unit, laid, numbers)
