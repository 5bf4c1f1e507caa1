"""Values that may be in the lake already: known ones are left out, changed ones become amendments.

Any value may come again under another QN, after a time-out or, weeks later, as back-fill. Of minute, hour and day
values the lake holds one a point, property, averaging and time; of real-time readings each that was sent, none twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qingyuan.observations import lake
from qingyuan.observations.schema import KEY

FREE = ("rtd", "sample")
"""Averagings of which different values of one time stand side by side."""


class Settled(NamedTuple):
    """fresh: to append; changed: to amend; known: how many rows are stored with the same value.

    ordered: the fresh rows stand as they were given.
    """

    fresh: pa.Table
    changed: pa.Table
    known: int
    ordered: bool = False


@dataclass
class Newest:
    """Per dataset, point and averaging the latest time this process has put into the lake: what is later is new."""

    times: dict[tuple[str, str, str], np.datetime64] = field(default_factory=dict)

    def settle(self, dataset: Path, rows: pa.Table) -> Settled:
        """Sort rows (schema of `rows.observations`) into new, changed and known ones."""
        free = pc.is_in(rows["averaging"], pa.array(FREE))
        if pc.all(free).as_py():
            readings = self._readings(dataset, rows)
            return Settled(readings, rows.slice(0, 0), rows.num_rows - readings.num_rows, ordered=readings is rows)
        given, bound = rows.filter(free), rows.filter(pc.invert(free))
        readings = self._readings(dataset, given)
        doubtful = self._doubtful(str(dataset), bound)
        sure = pa.concat_tables([_plain(readings), _plain(bound.filter(pa.array(~doubtful)))])
        repeated = given.num_rows - readings.num_rows
        if not doubtful.any():
            return Settled(sure, rows.slice(0, 0), repeated)
        found = _compared(dataset, bound.filter(pa.array(doubtful)))
        together = pa.concat_tables([sure, found.fresh.cast(sure.schema)])
        return Settled(together, found.changed, found.known + repeated)

    def _readings(self, dataset: Path, rows: pa.Table) -> pa.Table:
        """Real-time readings without those that are there with the same value; the same table when all are new."""
        doubted = self._doubted(str(dataset), rows)
        if not doubted:
            return rows
        doubtful = pc.is_in(rows["point"], pa.array(doubted))
        asked = rows.filter(doubtful)
        unknown = _unknown(dataset, asked)
        if unknown.num_rows == asked.num_rows:
            return rows
        sure = _plain(rows.filter(pc.invert(doubtful)))
        return pa.concat_tables([sure, unknown.cast(sure.schema)])

    def _doubted(self, dataset: str, rows: pa.Table) -> list[str]:
        """Points of which a frame is not later than all before it, or two frames have one time."""
        frames = rows.filter(pc.equal(rows["line"], 1))
        times = [("phenomenon_time", how) for how in ("min", "max", "count", "count_distinct")]
        doubted = []
        for row in frames.group_by(["point", "averaging"]).aggregate(times).to_pylist():
            different = row["phenomenon_time_count"] == row["phenomenon_time_count_distinct"]
            if not (self._later(dataset, row) and different):
                doubted.append(str(row["point"]))
        return doubted

    def _later(self, dataset: str, row: Mapping[str, Any]) -> bool:
        """Whether the times of a point and averaging are later than all before; the latest is noted."""
        place = (dataset, str(row["point"]), str(row["averaging"]))
        before = self.times.get(place)
        first, last = (np.datetime64(row[f"phenomenon_time_{how}"]) for how in ("min", "max"))
        self.times[place] = last if before is None else max(before, last)
        return before is not None and bool(first > before)

    def _doubtful(self, dataset: str, rows: pa.Table) -> np.ndarray:
        """Which rows have a time that is not later than all before them of their point and averaging."""
        grouped = rows.group_by(["point", "averaging"]).aggregate(
            [("phenomenon_time", "min"), ("phenomenon_time", "max")]
        )
        firm: dict[tuple[str, str], bool] = {}
        keys = rows.group_by([*KEY]).aggregate([]).num_rows
        for row in grouped.to_pylist():
            firm[str(row["point"]), str(row["averaging"])] = self._later(dataset, row)
        if keys < rows.num_rows:
            return np.ones(rows.num_rows, np.bool_)
        places = zip(rows["point"].to_pylist(), rows["averaging"].to_pylist(), strict=True)
        return np.fromiter((not firm[place] for place in places), np.bool_, rows.num_rows)


_COMPARED = f"""
WITH given AS (SELECT *, row_number() OVER key_of AS nth, lag(value) OVER key_of AS before_value,
                      lag(flag) OVER key_of AS before_flag
               FROM given WINDOW key_of AS (PARTITION BY {", ".join(KEY)} ORDER BY record)),
judged AS (SELECT g.*, CASE WHEN nth > 1 THEN before_value ELSE s.value END AS old_value,
                  CASE WHEN nth > 1 THEN before_flag ELSE s.flag END AS old_flag, nth > 1 OR s.point IS NOT NULL AS met
           FROM given g LEFT JOIN stored s USING ({", ".join(KEY)}))
SELECT *, CASE WHEN NOT met THEN 'fresh'
               WHEN value IS NOT DISTINCT FROM old_value AND flag IS NOT DISTINCT FROM old_flag THEN 'known'
               ELSE 'changed' END AS outcome
FROM judged
"""


_UNKNOWN = f"""
SELECT g.* FROM given g
WHERE NOT EXISTS (SELECT 1 FROM stored s WHERE {" AND ".join(f"s.{name} = g.{name}" for name in KEY)}
                  AND s.value IS NOT DISTINCT FROM g.value AND s.flag IS NOT DISTINCT FROM g.flag)
QUALIFY row_number() OVER (PARTITION BY {", ".join(f"g.{name}" for name in KEY)}, g.value, g.flag ORDER BY g.record) = 1
ORDER BY g.record, g.line
"""


def _stored(dataset: Path, rows: pa.Table) -> pa.Table:
    """What the lake holds of the points and times of rows."""
    span = pc.min_max(rows["phenomenon_time"]).as_py()
    points = pc.unique(rows["point"].cast(pa.string())).to_pylist()
    return lake.read_arrow(dataset, points=points, first=span["min"], last=span["max"], flagged=True)


def _unknown(dataset: Path, rows: pa.Table) -> pa.Table:
    """Rows that neither the lake has nor an earlier one says with the same value and flag."""
    stored = _stored(dataset, rows)
    with duckdb.connect(config={"threads": 1}) as engine:
        engine.register("given", _plain(rows))
        engine.register("stored", stored)
        return engine.execute(_UNKNOWN).to_arrow_table()


def _compared(dataset: Path, rows: pa.Table) -> Settled:
    """Rows against what the lake holds of the same points and times."""
    stored = _stored(dataset, rows)
    with duckdb.connect(config={"threads": 1}) as engine:
        engine.register("given", _plain(rows))
        engine.register("stored", stored)
        judged = engine.execute(_COMPARED).to_arrow_table()
    fresh, changed, known = (judged.filter(pc.equal(judged["outcome"], name)) for name in ("fresh", "changed", "known"))
    return Settled(fresh.select(rows.column_names), changed.select(rows.column_names), known.num_rows)


def _plain(rows: pa.Table) -> pa.Table:
    kinds = [each.type.value_type if pa.types.is_dictionary(each.type) else each.type for each in rows.schema]
    return rows.cast(pa.schema(list(zip(rows.column_names, kinds, strict=True))))
