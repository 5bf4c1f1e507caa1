"""Keys given twice: with one value they count once, with different values none of them is used.

Groups of rows (one series and year) that hold as many values as hours and overlap no other group need no look;
only the series of the others are compared row by row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from qingyuan.observations.intake.survey import HOURS, Group, Series, slot_us

KEY = "point, property, averaging, phenomenon_time"

_GROUPS = f"""SELECT point, property, averaging, slot // {HOURS}, count(*),
  bit_count(bitstring_agg((slot % {HOURS})::INT, 0, {HOURS - 1})), min(phenomenon_time), max(phenomenon_time)
FROM (SELECT *, epoch_us(phenomenon_time) // {slot_us("averaging")} AS slot FROM ({{select}})) GROUP BY ALL"""

_TWICE = f"""CREATE OR REPLACE TEMP TABLE twice AS
WITH asked AS (FROM everything SEMI JOIN suspected USING (point, property, averaging)),
keys AS (SELECT {KEY} FROM asked GROUP BY ALL HAVING count(*) > 1)
SELECT {KEY}, count(DISTINCT (value, coalesce(flag, ''))) > 1 AS differs, count(*) AS given,
  min({{'file': file, 'line': line}}) AS kept, list({{'file': file, 'line': line, 'value': value}}) AS those
FROM asked SEMI JOIN keys USING ({KEY}) GROUP BY {KEY}"""

_CONFLICTS = f"""CREATE OR REPLACE TEMP TABLE conflicts AS
SELECT e.file, e.line, e.point, 'given ' || given || ' times with different values, none is used; also '
  || array_to_string([place(o) FOR o IN those IF o.file <> e.file OR o.line <> e.line][:3], ', ') AS reason
FROM everything e JOIN twice t USING ({KEY}) WHERE differs"""

_PLACE = """CREATE OR REPLACE TEMP MACRO place(o) AS
  parse_filename(o.file) || ' line ' || o.line || ' (' || o.value || ')'"""


@dataclass(frozen=True)
class Doubled:
    """How many rows have a key given with different values, and how many merely repeat another row."""

    differing: int
    repeating: int

    @property
    def rows(self) -> int:
        """All rows that must not be used."""
        return self.differing + self.repeating


def groups_of(engine: duckdb.DuckDBPyConnection, select: str) -> list[Group]:
    """The groups of already judged rows."""
    rows = engine.execute(_GROUPS.format(select=select)).fetchall()
    return [Group((point, prop, averaging), *rest) for point, prop, averaging, *rest in rows]


def suspected(groups: Iterable[Group]) -> set[Series]:
    """Series in which a key may stand twice."""
    by_series: Mapping[Series, list[Group]] = defaultdict(list)
    for group in groups:
        by_series[group.series].append(group)
    return {series for series, own in by_series.items() if _may_repeat(own)}


def _may_repeat(groups: Sequence[Group]) -> bool:
    if any(group.hours < group.rows for group in groups):
        return True
    spans = sorted((group.first, group.last) for group in groups)
    return any(following[0] <= before[1] for before, following in zip(spans, spans[1:], strict=False))


def find_twice(engine: duckdb.DuckDBPyConnection, select: str, series: set[Series]) -> Doubled:
    """Put keys given twice into the temporary table ``twice``, their rows that differ into ``conflicts``.

    select: all good rows; series: those to compare row by row.
    """
    columns = [pa.array(list(column), pa.string()) for column in zip(*sorted(series), strict=True)]
    engine.register("suspected", pa.table(columns, names=["point", "property", "averaging"]))
    engine.execute(f"CREATE OR REPLACE TEMP VIEW everything AS {select}")
    engine.execute(_TWICE)
    engine.execute(_PLACE)
    engine.execute(_CONFLICTS)
    found = engine.execute(
        "SELECT coalesce(sum(given) FILTER (differs), 0), coalesce(sum(given - 1) FILTER (NOT differs), 0) FROM twice"
    ).fetchone()
    return Doubled(int(found[0]), int(found[1])) if found else Doubled(0, 0)


def without_twice(select: str, kept: str) -> str:
    """SELECT of the rows of `select` without those given twice; kept: SQL of the table ``twice``."""
    return (
        f"SELECT e.* FROM ({select}) e LEFT JOIN {kept} t USING ({KEY})"
        " WHERE t.kept IS NULL OR (NOT t.differs AND e.file = t.kept.file AND e.line = t.kept.line)"
    )
