"""How many rows a second the lake takes in batches of 10,000, durable, from one process and from several.

python benchmarks/lake_append.py [BATCHES]
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from qingyuan.observations import lake
from qingyuan.observations.schema import OBSERVATION

ROWS = 10_000
UNITS = {"so2": "ug/m3", "no2": "ug/m3", "pm10": "ug/m3", "co": "mg/m3", "o3": "ug/m3", "pm25": "ug/m3"}


def batch(number: int, writer: int = 0) -> pa.Table:
    """One hour of 1,667 stations and six pollutants."""
    draw = np.random.default_rng(number)
    hour = datetime(2025, 1, 1) + timedelta(hours=number)
    index = np.arange(ROWS)
    points = pa.array([f"W{writer}{1000 + place}A" for place in range(ROWS // len(UNITS) + 1)])
    columns = {
        "point": points.take(pa.array(index // len(UNITS))),
        "property": pa.array(list(UNITS)).take(pa.array(index % len(UNITS))),
        "averaging": pa.repeat("1h", ROWS),
        "phenomenon_time": pa.array(np.full(ROWS, np.datetime64(hour, "us"))),
        "value": pa.array(draw.integers(1, 180, ROWS).astype(float)),
        "unit": pa.array(list(UNITS.values())).take(pa.array(index % len(UNITS))),
        "flag": pa.nulls(ROWS, pa.string()),
        "result_time": pa.array(np.full(ROWS, np.datetime64(hour, "us"))),
        "source": pa.repeat("benchmark", ROWS),
        "line": pa.array(index),
        "month": pa.repeat(f"{hour:%Y-%m}", ROWS),
    }
    return pa.table(columns, schema=OBSERVATION)


def write(dataset: Path, batches: int, writer: int = 0) -> float:
    """Seconds that appending takes, batches made beforehand."""
    made = [batch(number, writer) for number in range(batches)]
    begun = time.perf_counter()
    for rows in made:
        lake.append(dataset, rows)
    return time.perf_counter() - begun


def main(batches: int) -> None:
    """Print rows a second and bytes a row."""
    with tempfile.TemporaryDirectory() as folder:
        alone = Path(folder) / "alone"
        seconds = write(alone, batches)
        print(f"one process: {batches * ROWS / seconds:,.0f} rows/s in {batches} commits of {ROWS:,} rows")
        size = sum(file.stat().st_size for file in alone.rglob("*.parquet"))
        print(f"{size / batches / ROWS:.1f} bytes a row as appended", end=", ")
        lake.compact(alone)
        _, files = lake.table_of(alone, "observations").files()
        print(f"{sum(Path(file.path).stat().st_size for file in files) / batches / ROWS:.1f} once compacted")
        together = Path(folder) / "together"
        begun = time.perf_counter()
        with multiprocessing.get_context("spawn").Pool(2) as pool:
            pool.starmap(write, [(together, batches // 2, writer) for writer in range(2)])
        seconds = time.perf_counter() - begun
        stored = lake.read(together).count().execute()
        print(
            f"two processes: {stored / seconds:,.0f} rows/s with starting and making the rows; {stored:,} rows stored"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
