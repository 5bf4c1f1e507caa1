"""The lake: one long Delta table of observations and one of amendments a dataset, appended to by many processes.

Nothing is altered or deleted. An amendment stands beside the value it corrects and wins when the lake is read. A
commit counts as written only when its files and its log entry are on disk.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pyarrow.compute as pc

from qingyuan.base.errors import QingyuanError
from qingyuan.base.small_reads import small_read
from qingyuan.base.time import month_of
from qingyuan.observations.schema import AMENDMENT, KEY, OBSERVATION
from qingyuan.observations.tables import LakeTable, StoredFile, alone

TABLES = {"observations": OBSERVATION, "amendments": AMENDMENT}
SORTED = [("property", "ascending"), ("point", "ascending"), ("phenomenon_time", "ascending")]

MEMORY = "2GB"
"""What a reader may hold before it spills to the disk."""

SIZES = (10_000, 150_000)
"""Rows of files that are joined with others up to the same size: so a row is rewritten a few times only."""

MANY_FILES = 40
"""Most small files joined at a time, so that who appends beside it is not held up."""

FEW_FILES = 20
"""So many files of one size are left as they are."""

COMPACTED = "compacted"
"""Note of a commit that only joins files: what is read stays the same."""


def table_of(dataset: Path, name: str) -> LakeTable:
    """The table observations or amendments of a dataset."""
    return _table((dataset / name).resolve(), name)


@cache
def _table(folder: Path, name: str) -> LakeTable:
    return LakeTable(folder, TABLES[name], by_month=True)


def append(dataset: Path, observations: pa.Table, *, source: str | None = None, ordered: bool = False) -> int:
    """Append observations (schema OBSERVATION; `month` may be missing); returns a version that holds them.

    On disk when it returns, all rows in one commit. source: id remembered with the commit, so that an import can see
    whether it was done. ordered: the rows stand by property and point already, which saves half of the time.
    """
    return _write(dataset, "observations", _with_month(observations, OBSERVATION), source, ordered)


def amend(dataset: Path, amendments: pa.Table, *, reason: str, by: str, source: str | None = None) -> int:
    """Put new values beside old ones; for a key the amendment with the latest result_time is read.

    amendments: columns of OBSERVATION. reason and by stay with every row.
    """
    rows = amendments.num_rows
    told = amendments.append_column("reason", pa.array([reason] * rows, pa.string()))
    told = told.append_column("amended_by", pa.array([by] * rows, pa.string()))
    return _write(dataset, "amendments", _with_month(told, AMENDMENT), source)


def _with_month(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    if "month" not in rows.column_names:
        rows = rows.append_column("month", pc.strftime(rows["phenomenon_time"], "%Y-%m"))
    try:
        return rows.select(schema.names).cast(schema)
    except (KeyError, pa.ArrowInvalid) as wrong:
        raise QingyuanError(
            f"The rows do not have the columns of the lake ({wrong})", f"Give {schema.names}"
        ) from wrong


def _write(dataset: Path, name: str, rows: pa.Table, source: str | None, ordered: bool = False) -> int:
    table = table_of(dataset, name)
    if not rows.num_rows:
        return table.version()
    months = sorted(pc.unique(rows["month"]).to_pylist())
    note = {"months": ",".join(months), "rows": str(rows.num_rows)} | ({"source": source} if source else {})
    return table.append(rows if ordered else rows.sort_by(SORTED), note)


def version(dataset: Path, name: str = "observations") -> int:
    """Version of one of the tables, -1 while it does not exist."""
    return table_of(dataset, name).version()


def versions(dataset: Path) -> str:
    """Where the lake stands, as a token ``observations.amendments``: changes with every append and amendment."""
    return f"{version(dataset)}.{version(dataset, 'amendments')}"


def changed_months(dataset: Path, since: str | None) -> set[str]:
    """Months touched since a token of `versions`; all months of the lake when since is None."""
    if since is None:
        return set(months(dataset))
    changed: set[str] = set()
    for name, seen in zip(TABLES, (int(part) for part in since.split(".")), strict=True):
        notes = table_of(dataset, name).notes_since(seen)
        if notes is None:
            return set(months(dataset))
        changed |= _months_of(notes)
    return changed


def _months_of(notes: Iterable[Mapping[str, Any]]) -> set[str]:
    listed = (str(note.get("months", "")).split(",") for note in notes if COMPACTED not in note)
    return {month for some in listed for month in some if month}


@dataclass(frozen=True)
class Touched:
    """A line of the lake with new or amended rows. first, last: of them, phenomenon time."""

    point: str
    property: str
    averaging: str
    first: datetime
    last: datetime


def touched(dataset: Path, since: str) -> list[Touched] | None:
    """The lines with rows newer than a token of `versions`; None when the log does not reach back so far."""
    files: list[str] = []
    for name, seen in zip(TABLES, (int(part) for part in since.split(".")), strict=True):
        added = table_of(dataset, name).added_since(seen)
        if added is None:
            return None
        files += added
    return _lines(_source(files)) if files else []


def lines(dataset: Path, averaging: str, first: date, last: date | None = None) -> list[Touched]:
    """The lines with rows of an averaging in a time, flagged ones too, each with its first and last row there."""
    window = _window(None, None, averaging, first, last)
    return _lines(f"({_query(dataset, window, flagged=True)})")


def _lines(source: str) -> list[Touched]:
    asked = f"""SELECT point, property, averaging, min(phenomenon_time), max(phenomenon_time) FROM {source}
      GROUP BY ALL ORDER BY ALL"""
    with small_read() as engine:
        return [Touched(*row) for row in engine.execute(asked).fetchall()]


def committed_sources(dataset: Path) -> set[str]:
    """Ids of the sources whose rows are in the lake, as far as the log reaches back."""
    notes = [note for name in TABLES for note in table_of(dataset, name).notes_since(-1) or []]
    return {str(note["source"]) for note in notes if "source" in note}


def months(dataset: Path) -> list[str]:
    """Months with observations or amendments, oldest first."""
    return sorted({file.month for name in TABLES for file in table_of(dataset, name).files()[1] if file.month})


@dataclass(frozen=True)
class _Window:
    """What is asked of the lake: None asks for all. first, last: both included, a day as a whole."""

    properties: tuple[str, ...] | None
    points: tuple[str, ...] | None
    averaging: str | None
    first: date | None
    last: date | None

    def condition(self) -> str:
        """SQL of the rows asked for."""
        where = ["true"]
        if self.properties is not None:
            where.append(f"property IN ({_quoted(self.properties)})")
        if self.points is not None:
            where.append(f"point IN ({_quoted(self.points)})")
        if self.averaging is not None:
            where.append(f"averaging = {_quoted([self.averaging])}")
        if self.first is not None:
            where.append(f"phenomenon_time >= TIMESTAMP '{_stamp(self.first)}'")
        if self.last is not None:
            where.append(f"phenomenon_time < TIMESTAMP '{_stamp(_after(self.last))}'")
        return " AND ".join(where)

    def files(self, dataset: Path, name: str) -> list[str]:
        """The files that can hold such rows, of one snapshot."""
        low = month_of(self.first) if self.first else ""
        high = month_of(self.last) if self.last else "9999"
        stored = table_of(dataset, name).files()[1]
        return [file.path for file in stored if low <= (file.month or "") <= high and self._may_hold(file)]

    def _may_hold(self, file: StoredFile) -> bool:
        averagings = None if self.averaging is None else (self.averaging,)
        asked = {"property": self.properties, "point": self.points, "averaging": averagings}
        return all(_overlaps(file, column, words) for column, words in asked.items() if words is not None)


def _overlaps(file: StoredFile, column: str, words: Iterable[str]) -> bool:
    low, high = file.lowest.get(column), file.highest.get(column)
    return low is None or high is None or any(low <= word <= high for word in words)


def _query(dataset: Path, window: _Window, flagged: bool) -> str:
    """One SELECT over the files that can matter, with amendments in place of what they correct."""
    condition, columns, keys = window.condition(), ", ".join(OBSERVATION.names), ", ".join(KEY)
    amended = window.files(dataset, "amendments")
    found = _rows(window.files(dataset, "observations"), condition)
    if amended:
        latest = f"""SELECT * FROM {_source(amended)} WHERE {condition}
          QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY result_time DESC, source DESC, line DESC) = 1"""
        found = f"""WITH latest AS ({latest}), base AS ({found})
          SELECT {columns} FROM base ANTI JOIN latest USING ({keys}) UNION ALL SELECT {columns} FROM latest"""
    return found if flagged else f"SELECT * FROM ({found}) WHERE flag IS NULL"


def _rows(files: list[str], condition: str) -> str:
    if not files:
        columns = ", ".join(f"NULL::{_sql_type(field.type)} AS {field.name}" for field in OBSERVATION)
        return f"SELECT {columns} WHERE false"
    return f"SELECT {', '.join(OBSERVATION.names)} FROM {_source(files)} WHERE {condition}"


def _source(files: list[str]) -> str:
    return f"read_parquet([{_quoted(files)}], hive_partitioning = true, hive_types = {{'month': VARCHAR}})"


def _sql_type(kind: pa.DataType) -> str:
    names = {pa.string(): "VARCHAR", pa.float64(): "DOUBLE", pa.int64(): "BIGINT"}
    return names.get(kind, "TIMESTAMP")


def _quoted(words: Iterable[str]) -> str:
    return ", ".join("'" + str(word).replace("'", "''") + "'" for word in words) or "NULL"


def _stamp(moment: date) -> str:
    return moment.isoformat(sep=" ") if isinstance(moment, datetime) else moment.isoformat()


def _after(last: date) -> date:
    return last + timedelta(microseconds=1) if isinstance(last, datetime) else last + timedelta(days=1)


def read(
    dataset: Path,
    *,
    properties: Iterable[str] | None = None,
    points: Iterable[str] | None = None,
    averaging: str | None = None,
    first: date | None = None,
    last: date | None = None,
    flagged: bool = False,
) -> ibis.Table:
    """Observations as an Ibis table (DuckDB), only the months' files that can matter opened.

    first, last: days, or moments, both included. flagged: also rows that must not be used. Amendments win.
    """
    spill = str(Path(tempfile.gettempdir()) / "qingyuan-spill")
    backend = ibis.duckdb.connect(preserve_insertion_order=False, memory_limit=MEMORY, temp_directory=spill)
    window = _window(properties, points, averaging, first, last)
    return backend.sql(_query(dataset, window, flagged))


def read_arrow(
    dataset: Path,
    *,
    properties: Iterable[str] | None = None,
    points: Iterable[str] | None = None,
    averaging: str | None = None,
    first: date | None = None,
    last: date | None = None,
    flagged: bool = False,
) -> pa.Table:
    """The same rows as an Arrow table, ordered by point, property and time: for small windows and pages."""
    query = _query(dataset, _window(properties, points, averaging, first, last), flagged)
    with small_read() as engine:
        return engine.execute(f"SELECT * FROM ({query}) ORDER BY point, property, phenomenon_time").to_arrow_table()


def _window(
    properties: Iterable[str] | None,
    points: Iterable[str] | None,
    averaging: str | None,
    first: date | None,
    last: date | None,
) -> _Window:
    return _Window(_fixed(properties), _fixed(points), averaging, first, last)


def _fixed(words: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if words is None else tuple(words)


def compact(dataset: Path) -> None:
    """Join the files of each month into one, sorted; what is read stays the same, and appends may go on meanwhile.

    The old files stay for a day, for readers that began before.
    """
    _join(dataset, [(0, sys.maxsize)], few=1)


def join_small_files(dataset: Path) -> None:
    """Join a month's small files, those of one size together: for who appends every few seconds."""
    _join(dataset, list(pairwise((0, *SIZES))), few=FEW_FILES, most=MANY_FILES)


def _join(dataset: Path, sizes: list[tuple[int, int]], few: int, most: int | None = None) -> None:
    """Join the files with above < rows <= size where a month has more than a few; one process at a time."""
    for name, schema in TABLES.items():
        table, joined = table_of(dataset, name), False
        with alone(dataset / f".joining-{name}"):
            for above, size in sizes:
                stored = [file for file in table.files()[1] if above < file.rows <= size]
                for month in sorted({file.month for file in stored if file.month}):
                    parts = [file for file in stored if file.month == month][:most]
                    if len(parts) > few:
                        table.rewrite(month, _whole(parts, schema), parts, {COMPACTED: month})
                        joined = True
            if joined:
                table.tidy()


def _whole(parts: list[StoredFile], schema: pa.Schema) -> pa.Table:
    with duckdb.connect() as engine:
        return engine.execute(
            f"SELECT {', '.join(schema.names)} FROM {_source([file.path for file in parts])}"
            " ORDER BY property, point, phenomenon_time"
        ).to_arrow_table()
