"""Ledgers kept beside the observations they account for: a Delta table of a dataset, one partition a day."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

from qingyuan.base.small_reads import small_read
from qingyuan.observations.ledger import LEDGER


def keep(dataset: Path, table: pa.Table, day: date) -> None:
    """Put the ledger of a day in place of what was kept for it."""
    folder = dataset / "ledger"
    if not DeltaTable.is_deltatable(str(folder)):
        write_deltalake(folder, table.cast(LEDGER), partition_by=["day"])
        return
    write_deltalake(folder, table.cast(LEDGER), mode="overwrite", predicate=f"day = '{day.isoformat()}'")


def kept(dataset: Path, first: date, last: date, point: str | None = None) -> list[dict[str, Any]]:
    """Rows (LEDGER) of first <= day <= last, of one point or all, by day, point and property."""
    return _asked(_KEPT, dataset, first, last, point)


def days(dataset: Path, first: date, last: date, averaging: str) -> list[dict[str, Any]]:
    """A row a day and point: means over the properties due of the three rates, whether any row does not come out even.

    averaging: whose values the rates are of; null where none was due.
    """
    return _asked(_DAYS, dataset, first, last, averaging)


def standing(dataset: Path) -> int:
    """Changes whenever a ledger of the dataset does."""
    log = dataset / "ledger" / "_delta_log"
    return log.stat().st_mtime_ns if log.exists() else 0


def _asked(query: str, dataset: Path, first: date, last: date, word: str | None) -> list[dict[str, Any]]:
    folder = dataset / "ledger"
    if not DeltaTable.is_deltatable(str(folder)):
        return []
    actions = pa.table(DeltaTable(folder).get_add_actions(flatten=True)).to_pylist()
    files = [str(folder / row["path"]) for row in actions if first <= _day(row["partition.day"]) <= last]
    if not files:
        return []
    with small_read() as engine:
        rows: list[dict[str, Any]] = engine.execute(query, {"files": files, "word": word}).to_arrow_table().to_pylist()
    return rows


def _day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


_FILES = "read_parquet($files, hive_partitioning = true, hive_types = {'day': DATE})"
_KEPT = f"""
SELECT {", ".join(LEDGER.names)} FROM {_FILES}
WHERE $word IS NULL OR point = $word ORDER BY day, point, property NULLS FIRST, averaging NULLS FIRST
"""
_RATES = ("transmission_rate", "valid_rate", "effective_rate")
_DAYS = f"""
SELECT day, point, {", ".join(f"avg({rate}) FILTER (averaging = $word AND expected > 0) AS {rate}" for rate in _RATES)},
       bool_or(difference <> 0) AS uneven
FROM {_FILES} GROUP BY day, point
"""
