"""Ledgers kept beside the observations they account for: a Delta table of a dataset, one partition a day."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

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
    filters: list[Any] = [("day", ">=", first.isoformat()), ("day", "<=", last.isoformat())]
    rows = pa.table(DeltaTable(folder).to_pyarrow_table(partitions=filters)).to_pylist()
    mine = [row for row in rows if point is None or row["point"] == point]
    return sorted(mine, key=lambda row: (row["day"], row["point"], row["property"] or "", row["averaging"] or ""))
