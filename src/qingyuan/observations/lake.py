"""The lake: one long Delta table of observations and one of amendments a dataset, appended to by many processes.

Nothing is altered or deleted. An amendment stands beside the value it corrects and wins when the lake is read. A
commit counts as written only when its files are on disk: the Delta writer makes no fsync, so it is made here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import CommitProperties, DeltaTable, WriterProperties, write_deltalake
from deltalake.exceptions import DeltaError

from qingyuan.base.errors import QingyuanError
from qingyuan.base.time import month_of
from qingyuan.observations.schema import AMENDMENT, KEY, OBSERVATION

TABLES = {"observations": OBSERVATION, "amendments": AMENDMENT}
SORTED = [("property", "ascending"), ("point", "ascending"), ("phenomenon_time", "ascending")]
RETRIES = 20
CONFIGURATION = {
    "delta.dataSkippingStatsColumns": "property,point,phenomenon_time",
    "delta.checkpointInterval": "50",
}


def append(dataset: Path, observations: pa.Table, *, source: str | None = None) -> int:
    """Append observations (schema OBSERVATION; `month` may be missing) and return the version of the commit.

    On disk when it returns. source: id remembered with the commit, so that an import can see whether it was done.
    """
    return _write(dataset, "observations", _with_month(observations, OBSERVATION), source)


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


def _write(dataset: Path, name: str, rows: pa.Table, source: str | None) -> int:
    folder = dataset / name
    months = sorted(set(rows["month"].unique().to_pylist()))
    before = _newest(folder)
    stamp = {"months": ",".join(months), "rows": str(rows.num_rows)} | ({"source": source} if source else {})
    for attempt in range(RETRIES):
        try:
            write_deltalake(
                folder,
                rows.sort_by(SORTED),
                mode="append",
                partition_by=["month"],
                commit_properties=CommitProperties(custom_metadata=stamp, max_commit_retries=100),
                writer_properties=WriterProperties(compression="ZSTD"),
                configuration=None if (folder / "_delta_log").is_dir() else CONFIGURATION,
            )
            break
        except DeltaError:
            # two processes may both create the table; whoever comes second appends to it
            if attempt == RETRIES - 1:
                raise
    return _sync(folder, before)


def _newest(folder: Path) -> str:
    """Name of the newest commit; names sort as versions do."""
    return max((log.name for log in (folder / "_delta_log").glob("*.json")), default="")


def _sync(folder: Path, before: str) -> int:
    """Force the commits after `before` and their files to disk; returns the newest version.

    Commits of other processes may lie among them: to sync those too does no harm.
    """
    logs = sorted(log for log in (folder / "_delta_log").glob("*.json") if log.name > before)
    for log in logs:
        for line in log.read_text(encoding="utf-8").splitlines():
            added = json.loads(line).get("add")
            if added:
                _fsync(folder / added["path"])
        _fsync(log)
    _fsync(folder / "_delta_log")
    return int(logs[-1].stem)


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def version(dataset: Path, name: str = "observations") -> int:
    """Version of one of the tables, -1 while it does not exist."""
    folder = dataset / name
    return DeltaTable(folder).version() if DeltaTable.is_deltatable(str(folder)) else -1


def versions(dataset: Path) -> str:
    """Where the lake stands, as a token: changes with every append and every amendment."""
    return f"{version(dataset)}.{version(dataset, 'amendments')}"


def changed_months(dataset: Path, since: str | None) -> set[str]:
    """Months touched since a token of `versions`; all months of the lake when since is None."""
    before = [int(part) for part in since.split(".")] if since else [-1, -1]
    months: set[str] = set()
    for name, seen in zip(TABLES, before, strict=True):
        for commit in _commits(dataset / name, seen):
            months |= set(str(commit.get("months", "")).split(",")) - {""}
    return months


def committed_sources(dataset: Path) -> set[str]:
    """Ids of the sources whose rows are in the lake."""
    return {str(c["source"]) for name in TABLES for c in _commits(dataset / name, -1) if "source" in c}


def _commits(folder: Path, seen: int) -> list[dict[str, Any]]:
    if not DeltaTable.is_deltatable(str(folder)):
        return []
    history = DeltaTable(folder).history()
    return [commit for commit in history if int(commit["version"]) > seen]


@lru_cache(maxsize=64)
def _files(folder: str, at: int) -> tuple[tuple[str, str], ...]:
    actions = pa.table(DeltaTable(folder, version=at).get_add_actions(flatten=True)).to_pylist()
    return tuple((row["partition.month"], str(Path(folder) / row["path"])) for row in actions)


def months(dataset: Path) -> list[str]:
    """Months with observations, oldest first."""
    at = version(dataset)
    return sorted({month for month, _ in _files(str(dataset / "observations"), at)}) if at >= 0 else []


def _pruned(dataset: Path, name: str, first: date | None, last: date | None) -> list[str]:
    at = version(dataset, name)
    if at < 0:
        return []
    low = month_of(first) if first else ""
    high = month_of(last) if last else "9999"
    return [file for month, file in _files(str(dataset / name), at) if low <= month <= high]


def _query(
    dataset: Path,
    properties: Iterable[str] | None,
    points: Iterable[str] | None,
    averaging: str | None,
    first: date | None,
    last: date | None,
    flagged: bool,
) -> str:
    """One SELECT over the files that can matter, with amendments in place of what they correct."""
    where = ["true"]
    if properties is not None:
        where.append(f"property IN ({_quoted(properties)})")
    if points is not None:
        where.append(f"point IN ({_quoted(points)})")
    if averaging is not None:
        where.append(f"averaging = {_quoted([averaging])}")
    if first is not None:
        where.append(f"phenomenon_time >= TIMESTAMP '{_stamp(first)}'")
    if last is not None:
        where.append(f"phenomenon_time < TIMESTAMP '{_stamp(_after(last))}'")
    condition = " AND ".join(where)
    base = _rows(_pruned(dataset, "observations", first, last), condition)
    amended = _pruned(dataset, "amendments", first, last)
    if amended:
        keys = ", ".join(KEY)
        latest = f"""SELECT * FROM {_source(amended)} WHERE {condition}
                     QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY result_time DESC, line DESC) = 1"""
        columns = ", ".join(name for name in OBSERVATION.names)
        base = f"""WITH latest AS ({latest}), base AS ({base})
                   SELECT {columns} FROM base ANTI JOIN latest USING ({keys}) UNION ALL SELECT {columns} FROM latest"""
    return base if flagged else f"SELECT * FROM ({base}) WHERE flag IS NULL"


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
    backend = ibis.duckdb.connect(preserve_insertion_order=False)
    return backend.sql(_query(dataset, properties, points, averaging, first, last, flagged))


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
    query = _query(dataset, properties, points, averaging, first, last, flagged)
    with duckdb.connect(config={"threads": 1}) as engine:
        return engine.execute(f"SELECT * FROM ({query}) ORDER BY point, property, phenomenon_time").to_arrow_table()


def compact(dataset: Path) -> None:
    """Join the small files of each month into few and write a checkpoint; what is read stays the same."""
    for name in TABLES:
        if version(dataset, name) >= 0:
            table = DeltaTable(dataset / name)
            table.optimize.compact()
            table.create_checkpoint()
