"""Assessment results kept beside the observations they were made of: Delta tables, one a name.

``<dataset>/assessments/<name>/`` is partitioned by ``period`` (a year or a month of phenomenon_time), so that an
amendment replaces whole partitions and a reader opens only what it needs. Results carry kind (station|city|outlet),
edition, clause, library version and the version of the lake they were computed from.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, write_deltalake

from qingyuan.base.small_reads import small_read

Per = Literal["month", "year"]


def path(dataset: Path, name: str) -> Path:
    """Folder of the results of one assessment in a dataset."""
    return dataset / "assessments" / name


def version(dataset: Path, name: str) -> int:
    """Version of the stored results, -1 when none were computed yet. Changes whenever they do.

    Read off the names of the commits (``<20 digits>.json``, or a checkpoint's), which costs no opening of the table.
    """
    log = path(dataset, name) / "_delta_log"
    names = os.listdir(log) if log.is_dir() else []
    return max((int(each[:20]) for each in names if each[:20].isdigit()), default=-1)


def replace(dataset: Path, name: str, results: pa.Table, periods: list[str], lake_version: str) -> None:
    """Put `results` in place of everything stored for these periods, atomically.

    results has a column ``period``. lake_version is remembered so that the next refresh knows where it stands.
    """
    folder = path(dataset, name)
    stamp = CommitProperties(custom_metadata={"lake": lake_version, "periods": ",".join(periods)})
    if version(dataset, name) < 0:
        write_deltalake(folder, results, partition_by=["period"], commit_properties=stamp)
        return
    listed = ", ".join(f"'{period}'" for period in periods)
    write_deltalake(folder, results, mode="overwrite", predicate=f"period IN ({listed})", commit_properties=stamp)


def clear(dataset: Path, name: str, period: str, lake_version: str) -> None:
    """Take back what is stored for a period that has no results any more."""
    if version(dataset, name) < 0:
        return
    stamp = CommitProperties(custom_metadata={"lake": lake_version, "periods": period})
    DeltaTable(path(dataset, name)).delete(f"period = '{period}'", commit_properties=stamp)


def computed_from(dataset: Path, name: str) -> str | None:
    """The lake version the stored results were computed from; None when nothing is stored."""
    if version(dataset, name) < 0:
        return None
    for commit in DeltaTable(path(dataset, name)).history(50):
        if "lake" in commit:
            return str(commit["lake"])
    return None


@lru_cache(maxsize=64)
def _files(folder: str, at: int) -> list[tuple[str, str]]:
    actions = pa.table(DeltaTable(folder, version=at).get_add_actions(flatten=True)).to_pylist()
    return [(row["partition.period"], str(Path(folder) / row["path"])) for row in actions]


def first_period(dataset: Path, name: str) -> str | None:
    """Name of the earliest stored period (a year, or a month); None when nothing is stored."""
    at = version(dataset, name)
    return min((period for period, _ in _files(str(path(dataset, name)), at)), default=None) if at >= 0 else None


def periods_of(per: Per, first: date, last: date) -> list[str]:
    """Partition names touched by the days first..last: years or months."""
    if per == "year":
        return [f"{year:04d}" for year in range(first.year, last.year + 1)]
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in months]


def read(
    dataset: Path,
    name: str,
    *,
    first: datetime | date,
    last: datetime | date,
    points: Iterable[str] | None = None,
    kind: Literal["station", "city", "outlet"] | None = None,
    columns: str = "*",
) -> pa.Table:
    """Stored results with first <= phenomenon_time <= last (a bare last date includes the whole day).

    Ordered by point and time; an empty table when nothing is stored. columns is a SQL select list.
    """
    at = version(dataset, name)
    if at < 0:
        return pa.table({})
    return _read(
        str(path(dataset, name)), at, first, _end(last), tuple(points) if points is not None else None, kind, columns
    )


def _end(last: datetime | date) -> datetime:
    if isinstance(last, datetime):
        return last
    return datetime.combine(last, datetime.min.time()) + timedelta(days=1) - timedelta(microseconds=1)


@lru_cache(maxsize=512)
def _read(
    folder: str,
    at: int,
    first: datetime | date,
    last: datetime,
    points: tuple[str, ...] | None,
    kind: str | None,
    columns: str,
) -> pa.Table:
    by_year = {*periods_of("year", first, last)}
    by_month = {*periods_of("month", first, last)}
    files = [file for period, file in _files(folder, at) if period in by_year | by_month]
    if not files:
        files = [file for _, file in _files(folder, at)][:1]
    if not files:
        return pa.table({})
    where = "phenomenon_time BETWEEN $first AND $last"
    values: dict[str, object] = {"files": files, "first": first, "last": last}
    if points is not None:
        where += " AND list_contains($points, point)"
        values["points"] = list(points)
    if kind is not None:
        where += " AND kind = $kind"
        values["kind"] = kind
    with small_read() as engine:
        return engine.execute(
            f"SELECT {columns} FROM read_parquet($files) WHERE {where} ORDER BY point, phenomenon_time", values
        ).to_arrow_table()
