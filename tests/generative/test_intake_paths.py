"""The same rows as CSV, as Parquet and as text inside Parquet are judged the same, and none is lost."""

import csv
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.observations.intake import read_files

NAMES = ["point", "property", "averaging", "phenomenon_time", "value", "unit", "flag"]
BEGIN = datetime(2018, 8, 31, 20)
TIMES = st.builds(
    lambda hours, minutes: BEGIN + timedelta(hours=hours, minutes=minutes),
    st.integers(0, 12),
    st.sampled_from([0, 0, 0, 0, 0, 0, 30]),
)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["A", "B", " A", ""]),
        st.sampled_from(["pm25", "PM2.5", "co", "NO2", "TEMP", "TEMP", "phlogiston"]),
        st.sampled_from(["1h", "1h", "24h", "小时", "soon"]),
        TIMES,
        st.sampled_from([1.0, 1.0, 2.5, 0.0123, 35.0, -1.0, 1e7, float("nan"), float("inf"), None]),
        st.sampled_from(["ug/m3", "ug/m3", "mg/m3", "ppb", "degC", "bushel"]),
        st.sampled_from([None, None, "calibration"]),
    ),
    min_size=1,
    max_size=25,
)


def as_csv(rows, file):
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(NAMES)
        writer.writerows(
            [*row[:3], row[3].isoformat(), "" if row[4] is None else repr(row[4]), *row[5:]] for row in rows
        )


def as_parquet(rows, file):
    columns = dict(zip(NAMES, map(list, zip(*rows, strict=True)), strict=True))
    columns["value"] = pa.array(columns["value"], pa.float64())
    pq.write_table(pa.table(columns), file, row_group_size=7)


def as_text_in_parquet(rows, file):
    columns = dict(zip(NAMES, map(list, zip(*rows, strict=True)), strict=True))
    columns["phenomenon_time"] = [time.isoformat() for time in columns["phenomenon_time"]]
    columns["value"] = pa.array([None if value is None else repr(value) for value in columns["value"]], pa.string())
    pq.write_table(pa.table(columns), file)


def judged(write, rows, name, needed):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / name
        write(rows, file)
        intake = read_files([file], workdir=Path(folder), needed=needed)
        counts = (
            intake.rows_good,
            intake.rows_rejected,
            intake.rows_blank,
            intake.rows_repeated,
            intake.rows_passed_over,
        )
        assert intake.rows_read == sum(counts) == len(rows)
        first = 2 if name.endswith("csv") else 1
        columns = "point, property, averaging, phenomenon_time, value, unit, flag"
        good = duckdb.sql(f"SELECT line - {first}, {columns} FROM ({intake.query}) ORDER BY ALL").fetchall()
        assert len(good) == intake.rows_good
        bad = []
        if intake.rejects:
            bad = duckdb.sql(f"SELECT line - {first}, reason FROM '{intake.rejects}' ORDER BY ALL").fetchall()
        return counts, good, [(line, reason.split(";")[0]) for line, reason in bad]


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, needed=st.sampled_from([None, frozenset({"pm25", "co"})]))
def test_every_way_in_gives_the_same(rows, needed):
    needed = None if needed is None else set(needed)
    expected = judged(as_csv, rows, "in.csv", needed)
    assert judged(as_parquet, rows, "in.parquet", needed) == expected
    assert judged(as_text_in_parquet, rows, "text.parquet", needed) == expected


@settings(max_examples=30, deadline=None)
@given(rows=ROWS)
def test_a_good_key_stands_once(rows):
    _, good, _ = judged(as_parquet, rows, "in.parquet", None)
    keys = [row[1:5] for row in good]
    assert len(keys) == len(set(keys))
