"""The one driver: a long table in, the same rows out with their codes of quality, and findings with evidence.

Nothing is deleted and no value is altered. `flag` holds why a value must not be used (null: it may be), `quality`
every code that was found, by precedence. Statistics see usable values only.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qingyuan.base.errors import UnreadableInput, WrongUsage
from qingyuan.observations.quality import plain
from qingyuan.observations.quality.declared import Sites, codes, declared, meant_by, suspected, thresholds
from qingyuan.observations.quality.grid import Column, Grid, Laid, laid_out, wall_clock
from qingyuan.observations.quality.relations import apart_from_neighbours, part_exceeds_whole
from qingyuan.observations.quality.spells import Mask, Spell, Values
from qingyuan.observations.quality.suspicion import suspicions

FINDING = pa.schema(
    [
        ("code", pa.string()),
        ("point", pa.string()),
        ("property", pa.string()),
        ("averaging", pa.string()),
        ("begin", pa.timestamp("us")),  # start of the first interval, +08:00 wall clock
        ("end", pa.timestamp("us")),  # end of the last interval
        ("rows", pa.int64()),  # rows with a value in it
        ("statistic", pa.float64()),
        ("threshold", pa.float64()),
        ("evidence", pa.string()),  # JSON: what a reader needs to check it
    ]
)
"""Schema of the findings."""

NEEDED = ("point", "property", "averaging", "phenomenon_time", "value")
"""Columns a table must have; unit, flag and result_time are used where they are there."""


@dataclass(frozen=True)
class Checked:
    """table: the rows as given, with `flag` and `quality`; findings: stretches, schema FINDING."""

    table: pa.Table
    findings: pa.Table


def flag(
    table: pa.Table,
    *,
    sites: Sites | None = None,
    neighbours: Mapping[str, Sequence[str]] | None = None,
    tests: Collection[str] | None = None,
) -> Checked:
    """Test a long table of observations.

    table: columns NEEDED in any row order (schema.OBSERVATION fits); gaps, duplicates and NaN are allowed.
    sites: thresholds of the sites' records; neighbours: point → points it is compared with (rows of them must be
    in the table); tests: codes to try, all when None. Raises UnreadableInput for a missing column, WrongUsage for
    an unknown code.
    """
    _refuse_unfit(table, tests)
    notes = _Notes(table, frozenset(codes()) if tests is None else frozenset(tests))
    laid = laid_out(table, notes.usable())
    notes.mark(laid.conflict, "conflict")
    notes.mark(laid.repeated, "repeated")
    for grid in laid.grids:
        _test_grid(grid, sites or {}, notes)
    _test_neighbours(laid, neighbours or {}, sites or {}, notes)
    return Checked(notes.flagged(), notes.findings())


def _refuse_unfit(table: pa.Table, tests: Collection[str] | None) -> None:
    absent = [name for name in NEEDED if name not in table.column_names]
    if absent:
        raise UnreadableInput(f"The table has no column {absent[0]!r}", f"It needs {', '.join(NEEDED)}")
    unknown = [name for name in tests or () if name not in codes()]
    if unknown:
        raise WrongUsage(f"There is no test {unknown[0]!r}", f"Use some of {', '.join(codes())}")


class _Notes:
    """What was found so far: codes of every row (one bit a code, by precedence) and findings."""

    def __init__(self, table: pa.Table, wanted: frozenset[str]) -> None:
        self.table, self.wanted = table, wanted
        self._bit = {code: np.int64(1) << number for number, code in enumerate(codes())}
        self._unusable = sum(int(bit) for code, bit in self._bit.items() if codes()[code].unusable)
        self._bits = self._of_marks()
        self._found: list[dict[str, Any]] = []
        self._skew = self._clock_times()

    def usable(self) -> Mask:
        """Rows whose value may be used so far."""
        return np.asarray((self._bits & self._unusable) == 0)

    def mark(self, rows: Mask | npt.NDArray[np.int64], code: str) -> None:
        """Put a code to rows (a mask or numbers)."""
        if code in self.wanted:
            self._bits[rows] |= self._bit[code]

    def slots(self, grid: Grid, column: Column, mask: Mask, code: str, threshold: float) -> None:
        """Put a code to the rows of slots, and one finding a run of them."""
        rows = column.rows[mask & (column.rows >= 0)]
        self.mark(rows, code)
        if len(rows):
            extreme = (
                float(np.nanmax(np.abs(column.values[mask]))) if (~np.isnan(column.values[mask])).any() else np.nan
            )
            first, last = np.flatnonzero(mask)[[0, -1]]
            self.tell(
                grid, column, Spell(int(first), int(last) + 1, extreme, threshold, {"slots": int(mask.sum())}), code
            )

    def spell(self, grid: Grid, column: Column, spell: Spell, code: str) -> None:
        """Put a code to the rows of a spell, and a finding."""
        rows = column.rows[spell.begin : spell.end]
        self.mark(rows[rows >= 0], code)
        self.tell(grid, column, spell, code)

    def tell(self, grid: Grid, column: Column, spell: Spell, code: str) -> None:
        """Add a finding."""
        if code not in self.wanted:
            return
        self._found.append(
            {
                "code": code,
                "point": grid.point,
                "property": column.prop,
                "averaging": grid.averaging,
                "begin": grid.times[spell.begin].astype("datetime64[us]").item(),
                "end": (grid.times[spell.end - 1] + grid.step).astype("datetime64[us]").item(),
                "rows": int((~np.isnan(column.values[spell.begin : spell.end])).sum()),
                "statistic": spell.statistic,
                "threshold": spell.threshold,
                "evidence": json.dumps(_evidence(grid, spell), ensure_ascii=False),
            }
        )

    def askew(self, column: Column, grid: Grid, minutes: float) -> Mask:
        """Slots whose row has a clock that does not fit."""
        phenomenon, result = self._skew
        rows = np.maximum(column.rows, 0)
        tolerance = np.timedelta64(int(minutes * 60), "s")
        skew = plain.clock_skew(phenomenon[rows], result[rows], grid.step if grid.due else None, tolerance)
        return np.asarray(skew & (column.rows >= 0))

    def flagged(self) -> pa.Table:
        """The table with flag (the first unusable code, a device's own mark as sent) and quality."""
        kinds, inverse = np.unique(self._bits, return_inverse=True)
        names = [[code for code, bit in self._bit.items() if kind & int(bit)] for kind in kinds.tolist()]
        first = [next((name for name in found if codes()[name].unusable), None) for found in names]
        index = pa.array(inverse.astype(np.int32))
        flags = pa.array(first, pa.string()).take(index)
        sent = (
            self.table.column("flag").combine_chunks().cast(pa.string()) if "flag" in self.table.column_names else None
        )
        if sent is not None:
            flags = pa.compute.if_else(pa.compute.equal(pa.compute.fill_null(flags, ""), "mark"), sent, flags)
        quality = pa.array([";".join(found) or None for found in names], pa.string()).take(index)
        rest = self.table.drop_columns([name for name in ("quality",) if name in self.table.column_names])
        at = rest.column_names.index("flag") if "flag" in rest.column_names else -1
        rest = rest.set_column(at, "flag", flags) if at >= 0 else rest.append_column("flag", flags)
        return rest.append_column("quality", quality)

    def findings(self) -> pa.Table:
        """Findings by code's precedence, point, property and time."""
        ranks = {code: number for number, code in enumerate(codes())}
        ordered = sorted(
            self._found,
            key=lambda one: (ranks[one["code"]], one["point"], one["property"], one["averaging"], one["begin"]),
        )
        return pa.Table.from_pylist(ordered, schema=FINDING)

    def _of_marks(self) -> npt.NDArray[np.int64]:
        """Bits of what the devices sent; N is no reservation, an unknown mark is one."""
        bits = np.zeros(self.table.num_rows, np.int64)
        if "flag" not in self.table.column_names:
            return bits
        encoded = self.table.column("flag").combine_chunks().cast(pa.string()).dictionary_encode()
        numbers = encoded.indices.to_numpy(zero_copy_only=False)
        for number, word in enumerate(encoded.dictionary.to_pylist()):
            code = word if word in self._bit else word.upper() if word.upper() in self._bit else "mark"
            if word.strip() not in ("", "N", "n"):
                bits[numbers == number] = self._bit[code]
        return bits

    def _clock_times(self) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.datetime64]]:
        return wall_clock(self.table, "phenomenon_time"), wall_clock(self.table, "result_time")


def _evidence(grid: Grid, spell: Spell) -> dict[str, Any]:
    """Slots named in the evidence, as times."""
    told = dict(spell.evidence)
    if "original" in told:
        told["original"] = str(grid.times[told["original"]].astype("datetime64[s]")) + "+08:00"
    return {key: round(value, 6) if isinstance(value, float) else value for key, value in told.items()}


def _test_grid(grid: Grid, sites: Sites, notes: _Notes) -> None:
    usable: dict[str, Values] = {}
    for column in grid.columns:
        bounds = thresholds(grid.point, column.prop, column.unit, sites)
        usable[column.prop] = _test_column(grid, column, bounds, notes)
    _test_wholes(grid, usable, notes)
    if any(codes()[code].kind == "tampering" for code in notes.wanted):
        for code, column, spell in suspicions(grid, usable):
            notes.spell(grid, column, spell, code)


def _test_column(grid: Grid, column: Column, bounds: Mapping[str, float], notes: _Notes) -> Values:
    """Tests of one series; returns its values without those found unusable."""
    values = column.values
    low, high = bounds.get("low"), bounds.get("high")
    above_zero = low == 0 or (low is None and suspected(column.unit))
    impossible = plain.out_of_range(values, None if above_zero else low, high)
    notes.slots(grid, column, impossible, "range", high if high is not None else np.nan)
    below = plain.negative(values, bounds["negative_tolerance"]) if above_zero else np.zeros(len(values), bool)
    notes.slots(grid, column, below, "negative", -bounds["negative_tolerance"])
    limit = bounds.get("detection_limit")
    notes.slots(grid, column, plain.below_detection(values, limit), "below_detection", limit or 0.0)
    notes.slots(grid, column, notes.askew(column, grid, bounds["skew_minutes"]), "clock_skew", bounds["skew_minutes"])
    rest = np.where(impossible | below, np.nan, values)
    at_most = bounds.get("spike")
    notes.slots(
        grid, column, plain.spikes(rest, at_most, bounds["spike_factor"]), "spike", at_most or bounds["spike_factor"]
    )
    hours = bounds["flat_line_hours"] / max(float(grid.step / np.timedelta64(1, "h")), 1e-9)
    moving = np.where(rest <= (limit or 0.0), np.nan, rest) if above_zero else rest
    for spell in plain.flat_line(moving, max(int(np.ceil(hours)), 4)):
        notes.spell(grid, column, spell, "flat_line")
    if grid.even and grid.due:
        for spell in plain.missing(np.where(column.rows >= 0, 0.0, np.nan)):
            notes.tell(grid, column, spell, "missing")
    return rest


def _test_wholes(grid: Grid, values: Mapping[str, Values], notes: _Notes) -> None:
    """Parts that exceed their wholes: both rows get the code."""
    for rule in declared().wholes:
        parts = [column for column in grid.columns if meant_by(column.prop, rule.part)]
        wholes = [column for column in grid.columns if meant_by(column.prop, rule.whole)]
        for part, whole in ((part, whole) for part in parts for whole in wholes if part.unit == whole.unit):
            over = part_exceeds_whole(values[part.prop], values[whole.prop], rule.tolerance)
            notes.slots(grid, part, over, "cross_parameter", rule.tolerance)
            notes.mark(whole.rows[over & (whole.rows >= 0)], "cross_parameter")


def _test_neighbours(laid: Laid, neighbours: Mapping[str, Sequence[str]], sites: Sites, notes: _Notes) -> None:
    series = {(grid.point, grid.averaging, one.prop): (grid, one) for grid in laid.grids for one in grid.columns}
    for (point, averaging, prop), (grid, column) in series.items():
        near = [
            series[other, averaging, prop] for other in neighbours.get(point, ()) if (other, averaging, prop) in series
        ]
        if not near:
            continue
        bounds = thresholds(point, prop, column.unit, sites)
        others = np.vstack([_aligned(grid, other, one.values) for other, one in near])
        at_least = max(1, int(bounds["neighbour_hours"] * grid.slots_per_day / 24))
        for spell in apart_from_neighbours(column.values, others, bounds["neighbour_factor"], at_least):
            notes.spell(grid, column, spell, "neighbour")


def _aligned(grid: Grid, other: Grid, values: Values) -> Values:
    """Another grid's values at this grid's times."""
    at = np.searchsorted(other.times, grid.times)
    at = np.minimum(at, len(other.times) - 1)
    return np.where(other.times[at] == grid.times, values[at], np.nan)
