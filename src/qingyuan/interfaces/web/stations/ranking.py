"""The cities of the province beside each other: composite index of the year so far and rank."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa

from qingyuan.assessments import store
from qingyuan.domains.air import evaluate_days
from qingyuan.domains.air.evaluation import composite
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.reading import DAILY
from qingyuan.interfaces.web.stations.words import primary

Row = dict[str, Any]


def board(ctx: Context, year: int) -> list[Row]:
    """Cities by composite index of the year, best first: index, rank, main pollutant, good days, PM2.5."""
    last = min((ctx.time + timedelta(hours=1)).date() - timedelta(days=1), date(year, 12, 31))
    return _board(ctx.dataset.path, store.version(ctx.dataset.path, DAILY), date(year, 1, 1), last, ctx.edition)


@lru_cache(maxsize=16)
def _board(dataset: Path, version: int, first: date, last: date, edition: str) -> list[Row]:
    days = store.read(dataset, DAILY, first=first, last=last, kind="city") if version >= 0 else pa.table({})
    if not days.num_rows:
        return []
    rows = list(evaluate_days(days, first, last, edition))
    ranked = composite(ibis.memtable(pa.Table.from_pylist(rows)), "ranking").to_pyarrow().to_pylist()
    pm25 = {row["point"]: row for row in rows if (row["property"], row["statistic"]) == ("pm25", "mean")}
    return [{**row, **_beside(pm25.get(row["point"])), "leading": primary(row["main"])} for row in ranked]


def _beside(row: Row | None) -> Row:
    keys = ("rounded", "attains", "days_good", "days_aqi", "days_heavy", "limit")
    return {f"pm25_{key}" if key in ("rounded", "attains", "limit") else key: row[key] if row else None for key in keys}
