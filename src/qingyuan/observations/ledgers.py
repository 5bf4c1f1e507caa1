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
    folder = dataset / "ledger"
    if not DeltaTable.is_deltatable(str(folder)):
        return []
    actions = pa.table(DeltaTable(folder).get_add_actions(flatten=True)).to_pylist()
    files = [str(folder / row["path"]) for row in actions if first <= _day(row["partition.day"]) <= last]
    if not files:
        return []
    with small_read() as engine:
        found = engine.execute(_KEPT, {"files": files, "point": point}).to_arrow_table()
    rows: list[dict[str, Any]] = found.to_pylist()
    return rows


def _day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


_KEPT = f"""
SELECT {", ".join(LEDGER.names)} FROM read_parquet($files, hive_partitioning = true, hive_types = {{'day': DATE}})
WHERE $point IS NULL OR point = $point ORDER BY day, point, property NULLS FIRST, averaging NULLS FIRST
"""
