"""City-days from before the platform's own observations: ``<dataset>/history/city_days.parquet``.

A province has daily results of its cities of years whose hours are not in the lake. They are the ground of
forecasts and back-tests, never of a published value. Where the platform has computed a city-day itself, its own stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from qingyuan.base.durable import write_whole
from qingyuan.plans import division as divisions
from qingyuan.plans.indicators import CityDay, Span, city_days

SCHEMA = pa.schema(
    [
        ("city", pa.string()),
        ("day", pa.date32()),
        ("aqi", pa.int64()),
        ("level", pa.int64()),
        ("pm25", pa.decimal128(38, 18)),
        ("hours", pa.int64()),
        ("edition", pa.string()),
        ("library_version", pa.string()),
    ]
)


def path(dataset: Path) -> Path:
    """Where a dataset keeps them."""
    return dataset / "history" / "city_days.parquet"


def put(dataset: Path, rows: Sequence[CityDay]) -> int:
    """Add earlier city-days; one given again replaces the one there was. Returns how many there are now."""
    kept = {(row.city, row.day): row for row in (*read(dataset), *rows)}
    made = BytesIO()
    ordered = [asdict(kept[key]) for key in sorted(kept)]
    pq.write_table(pa.Table.from_pylist(ordered, schema=SCHEMA), made, compression="zstd")
    write_whole(path(dataset), made.getvalue())
    return len(kept)


def mark(dataset: Path) -> str:
    """Changes whenever the earlier city-days do; empty where there are none."""
    file = path(dataset)
    return f"{file.stat().st_mtime_ns}" if file.exists() else ""


def read(dataset: Path) -> tuple[CityDay, ...]:
    """All earlier city-days; empty where there are none."""
    return _read(path(dataset), mark(dataset))


@lru_cache(maxsize=4)
def _read(file: Path, known: str) -> tuple[CityDay, ...]:
    return tuple(CityDay(**row) for row in pq.read_table(file).to_pylist()) if known else ()


def all_city_days(dataset: Path, division: str, last: date) -> list[CityDay]:
    """Every city-day of the (normal) division until `last`: earlier ones, and the platform's own in their place."""
    own = city_days(dataset, division, _own_years(dataset, last))
    computed = {(row.city, row.day) for row in own}
    before = (
        row
        for row in read(dataset)
        if row.day <= last and divisions.covers(division, row.city) and (row.city, row.day) not in computed
    )
    return [*before, *own]


def _own_years(dataset: Path, last: date) -> Span:
    """From the first year with stored results."""
    from qingyuan.assessments import store

    first = store.first_period(dataset, "air.daily_aqi")
    return Span(date(int(first[:4]), 1, 1) if first else last, last)
