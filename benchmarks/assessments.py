"""A year of 1,600 stations × 6 pollutants, hourly: daily AQI and annual statistics beside pandas and a bare scan."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import duckdb

ITEMS = "('so2',4,30,1),('no2',8,60,2),('pm10',20,180,3),('co',0,0,4),('o3',10,200,5),('pm25',8,110,6)"


def make(file: Path, stations: int) -> int:
    """Write the canonical Parquet file; returns its rows."""
    with duckdb.connect(config={"threads": 2, "memory_limit": "2GB", "preserve_insertion_order": False}) as engine:
        engine.execute("CREATE MACRO draw(s, h, k) AS (hash(s * 8760 + h + k * 7777777::BIGINT) % 10000) / 10000.0")
        engine.execute(
            f"""COPY (SELECT 'P' || lpad(s::VARCHAR, 4, '0') AS point, property, '1h' AS averaging,
                  TIMESTAMP '2025-01-01' + to_hours(h::INT) AS phenomenon_time,
                  (CASE WHEN property = 'co' THEN round(0.3 + 2 * draw(s, h, k), 1)
                        ELSE round(a + b * draw(s, h, k) * draw(s, h, k)) END)::DOUBLE AS value,
                  CASE WHEN property = 'co' THEN 'mg/m3' ELSE 'ug/m3' END AS unit
                FROM range({stations}) t(s), (VALUES {ITEMS}) p(property, a, b, k), range(8760) u(h)
                WHERE draw(s, h, k + 31) > 0.02) TO '{file}' (ROW_GROUP_SIZE 200000)"""
        )
        return int(engine.execute(f"SELECT count(*) FROM '{file}'").fetchall()[0][0])


def scan(file: Path) -> float:
    """Seconds DuckDB needs on two threads to read all columns, grouped by property."""
    with duckdb.connect(config={"threads": 2}) as engine:
        begun = time.perf_counter()
        engine.execute(
            f"""SELECT property, min(point), max(averaging), max(phenomenon_time), sum(value), max(unit)
                FROM '{file}' GROUP BY property"""
        ).fetchall()
        return time.perf_counter() - begun


OURS = """
import sys, ibis
from datetime import date
from pathlib import Path
from qingyuan.assessments import engines
from qingyuan.assessments.declaration import Extent, Options
from qingyuan.domains.air.days import day_values
from qingyuan.domains.air.evaluation import evaluated, limits_table, periods_table
from qingyuan.domains.air.indices import aqi_of_days
with engines.connect('duckdb', threads=2, spill=Path(sys.argv[2])) as backend:
    table = engines.read_parquet(backend, [Path(sys.argv[1])]).mutate(flag=ibis.null('string'), city=ibis.null('string'))
    extent = Extent(date(2025, 1, 1), date(2025, 12, 31))
    days = backend.create_table('days', day_values(table, extent, Options()), temp=True)
    index = backend.create_table('indices', aqi_of_days(days, None, extent, Options()), temp=True)
    year = [(date(2025, 1, 1), date(2025, 12, 31))]
    periods, limits = ibis.memtable(periods_table(year)), ibis.memtable(limits_table(year, 'by-date'))
    assert evaluated(days, index, periods, limits).to_pyarrow().num_rows
"""

PANDAS = """
import sys
import numpy as np, pandas as pd
frame = pd.read_parquet(sys.argv[1])
frame['day'] = frame.phenomenon_time.dt.floor('D')
plain = frame[frame.property != 'o3'].groupby(['point', 'property', 'day'], observed=True).value.agg(['mean', 'count'])
ozone = frame[frame.property == 'o3'].sort_values(['point', 'phenomenon_time']).set_index('phenomenon_time')
rolled = ozone.groupby('point', observed=True).value.rolling('8h', min_periods=6).mean().reset_index()
rolled = rolled[rolled.phenomenon_time.dt.hour >= 7]
mda8 = rolled.groupby(['point', rolled.phenomenon_time.dt.floor('D')], observed=True).value.max()
days = plain[plain['count'] >= 20]['mean'].unstack('property')
days['o3'] = mda8
tables = {
    'so2': [0, 50, 150, 475, 800, 1600, 2100, 2620], 'no2': [0, 40, 80, 180, 280, 565, 750, 940],
    'pm10': [0, 50, 150, 250, 350, 420, 500, 600], 'co': [0, 2, 4, 14, 24, 36, 48, 60],
    'o3': [0, 100, 160, 215, 265, 800], 'pm25': [0, 35, 75, 115, 150, 250, 350, 500],
}
index = [0, 50, 100, 150, 200, 300, 400, 500]
parts = pd.DataFrame({
    item: np.ceil(np.interp(days[item].round(1 if item == 'co' else 0), marks, index[: len(marks)]))
    for item, marks in tables.items()
}, index=days.index)
aqi = parts.max(axis=1)
primary = parts.eq(aqi, axis=0) & (aqi > 50).to_numpy()[:, None]
names = primary.dot(primary.columns + ';')
good = (aqi <= 100).groupby(level='point').sum()
mean = days.groupby('point').mean()
high = days.groupby('point').quantile([0.9, 0.95, 0.98])
"""


def timed(code: str, *arguments: str) -> tuple[float, float]:
    """Seconds and peak memory (GB) of a program in a process of its own."""
    begun = time.perf_counter()
    child = subprocess.Popen([sys.executable, "-c", code, *arguments])
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"The program ended with {status}")
    return time.perf_counter() - begun, usage.ru_maxrss / 1e6


def main(folder: Path, stations: int = 1600) -> None:
    """Print rows, seconds, ratios and memory."""
    file = folder / "year.parquet"
    rows = make(file, stations)
    bare = min(scan(file) for _ in range(3))
    seconds, memory = timed(OURS, str(file), str(folder))
    pandas_seconds, pandas_memory = timed(PANDAS, str(file))
    print(f"{rows:,} rows: daily AQI and annual statistics in {seconds:.1f} s, {memory:.2f} GB")
    print(f"  bare scan {bare:.2f} s: ratio {seconds / bare:.1f} (wanted: at most 6)")
    print(
        f"  pandas {pandas_seconds:.1f} s, {pandas_memory:.1f} GB: {pandas_seconds / seconds:.1f} times as fast (wanted: 8)"
    )
