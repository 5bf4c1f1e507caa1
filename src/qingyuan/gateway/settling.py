"""Values that may be in the lake already: known ones are left out, changed ones become amendments.

Real-time readings are all kept as sent. Minute, hour and day values may come again under another QN, after a time-out
or as back-fill; the lake holds one value a point, property, averaging and time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qingyuan.observations import lake
from qingyuan.observations.schema import KEY

FREE = ("rtd", "sample")
"""Averagings of which every value stands."""


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
            return Settled(rows, rows.slice(0, 0), 0, ordered=True)
        bound = rows.filter(pc.invert(free))
        doubtful = self._doubtful(str(dataset), bound)
        sure = pa.concat_tables([rows.filter(free), bound.filter(pa.array(~doubtful))])
        if not doubtful.any():
            return Settled(sure, rows.slice(0, 0), 0)
        found = _compared(dataset, bound.filter(pa.array(doubtful)))
        together = pa.concat_tables([_plain(sure), found.fresh.cast(_plain(sure.slice(0, 0)).schema)])
        return Settled(together, found.changed, found.known)

    def _doubtful(self, dataset: str, rows: pa.Table) -> np.ndarray:
        """Which rows have a time that is not later than all before them of their point and averaging."""
        grouped = rows.group_by(["point", "averaging"]).aggregate(
            [("phenomenon_time", "min"), ("phenomenon_time", "max")]
        )
        firm: dict[tuple[str, str], bool] = {}
        keys = rows.group_by([*KEY]).aggregate([]).num_rows
        for row in grouped.to_pylist():
            place = (dataset, str(row["point"]), str(row["averaging"]))
            before = self.times.get(place)
            first, last = np.datetime64(row["phenomenon_time_min"]), np.datetime64(row["phenomenon_time_max"])
            firm[place[1:]] = before is not None and bool(first > before)
            self.times[place] = last if before is None else max(before, last)
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


def _compared(dataset: Path, rows: pa.Table) -> Settled:
    """Rows against what the lake holds of the same points and times."""
    span = pc.min_max(rows["phenomenon_time"]).as_py()
    points = pc.unique(rows["point"].cast(pa.string())).to_pylist()
    stored = lake.read_arrow(dataset, points=points, first=span["min"], last=span["max"], flagged=True)
    with duckdb.connect(config={"threads": 1}) as engine:
        engine.register("given", _plain(rows))
        engine.register("stored", stored)
        judged = engine.execute(_COMPARED).to_arrow_table()
    fresh, changed, known = (judged.filter(pc.equal(judged["outcome"], name)) for name in ("fresh", "changed", "known"))
    return Settled(fresh.select(rows.column_names), changed.select(rows.column_names), known.num_rows)


def _plain(rows: pa.Table) -> pa.Table:
    kinds = [each.type.value_type if pa.types.is_dictionary(each.type) else each.type for each in rows.schema]
    return rows.cast(pa.schema(list(zip(rows.column_names, kinds, strict=True))))
