"""Parquet files: used where they lie when clean, else row by row, always with the same outcome."""

from datetime import UTC, datetime, timedelta

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from intake_accounts import account, rejects, rows

from qingyuan.base.errors import UnreadableInput
from qingyuan.observations.intake import read_files

BEGIN = datetime(2025, 1, 1)


def table(count=3, **changed):
    columns = {
        "point": ["A"] * count,
        "property": ["pm25"] * count,
        "averaging": ["1h"] * count,
        "phenomenon_time": pa.array([BEGIN + timedelta(hours=hour) for hour in range(count)], pa.timestamp("us")),
        "value": [float(hour) for hour in range(count)],
        "unit": ["ug/m3"] * count,
    }
    return pa.table({**columns, **changed})


@pytest.fixture
def read(tmp_path):
    times = iter(range(9))

    def read_it(*tables, **options):
        # never the same name twice: DuckDB remembers what it has read of a file
        folder = tmp_path / str(next(times))
        folder.mkdir()
        files = [folder / f"{number}.parquet" for number in range(len(tables))]
        for file, content in zip(files, tables, strict=True):
            pq.write_table(content, file)
        return account(read_files(files, workdir=folder / "work", **options))

    return read_it


def test_clean_file_is_used_where_it_lies(read, tmp_path):
    intake = read(table())
    assert str(tmp_path / "0/0.parquet") in intake.query
    assert intake.spooled is None
    assert [row["line"] for row in rows(intake)] == [1, 2, 3]
    assert duckdb.read_parquet([str(file) for file in intake.good]).shape == (3, 10)


@pytest.mark.parametrize(("item", "unit"), [("PM2.5", "ug/m3"), ("a34004", "μg/m³"), ("细颗粒物", "mg/m3")])
def test_words_and_units_are_translated_without_a_copy(read, item, unit):
    intake = read(table(property=[item] * 3, unit=[unit] * 3))
    assert intake.spooled is None
    factor = 1000 if unit == "mg/m3" else 1
    assert [(row["property"], row["unit"], row["value"]) for row in rows(intake)] == [
        ("pm25", "ug/m3", hour * factor) for hour in range(3)
    ]


ZONED = pa.array([datetime(2024, 12, 31, 16 + hour, tzinfo=UTC) for hour in range(3)], pa.timestamp("ms", "UTC"))
SHANGHAI = pa.array(
    [datetime(2024, 12, 31, 16 + hour, tzinfo=UTC) for hour in range(3)], pa.timestamp("ns", "Asia/Shanghai")
)
TEXT = ["2025-01-01T00:00:00+08:00", "2024-12-31T17:00:00Z", "2025-01-01 02:00"]


@pytest.mark.parametrize("times", [ZONED, SHANGHAI, TEXT], ids=["utc", "shanghai", "text"])
def test_times_of_any_type(read, times):
    found = [row["phenomenon_time"] for row in rows(read(table(phenomenon_time=times)))]
    assert found == [BEGIN + timedelta(hours=hour) for hour in range(3)]


VALUES = {
    "single precision": pa.array([35.1, 0.1, 2.2], pa.float32()),
    "whole": pa.array([35, 1, 2], pa.int16()),
    "decimal": pa.array([35, 1, 2], pa.decimal128(7, 2)),
    "text": pa.array(["35.1", "0.1", "2.2"]),
}


@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
def test_values_of_any_type(read, values):
    expected = [float(str(value)) for value in values.to_pylist()]
    if pa.types.is_float32(values.type):
        expected = [35.1, 0.1, 2.2]
    assert [row["value"] for row in rows(read(table(value=values)))] == expected


def test_dictionary_columns(read):
    words = {name: pa.array([word] * 3).dictionary_encode() for name, word in [("point", "站"), ("property", "PM2.5")]}
    assert rows(read(table(**words)))[0]["point"] == "站"


def test_null_values_are_blank(read):
    intake = read(table(value=pa.array([1.0, None, 3.0])))
    assert (intake.rows_good, intake.rows_blank, intake.spooled) == (2, 1, None)


BAD = {
    "negative": (table(value=[1.0, -2.0, 3.0]), "negative"),
    "not a number": (table(value=[1.0, float("nan"), 3.0]), "not finite"),
    "impossible": (table(value=[1.0, 1e9, 3.0]), "impossible"),
    "unknown property": (table(property=["pm25", "phlogiston", "pm25"]), "unknown"),
    "no point": (table(point=["A", None, "A"]), "no point"),
    "half hour": (
        table(phenomenon_time=pa.array([BEGIN, BEGIN + timedelta(minutes=90), BEGIN + timedelta(hours=2)])),
        "not on the full hour",
    ),
    "no time": (
        table(phenomenon_time=pa.array([BEGIN, None, BEGIN + timedelta(hours=2)], pa.timestamp("us"))),
        "no time",
    ),
    "wrong unit": (table(unit=["ug/m3", "K", "ug/m3"]), "impossible for pm25"),
}


@pytest.mark.parametrize(("content", "reason"), BAD.values(), ids=BAD)
def test_bad_row_is_told_by_its_number(read, content, reason):
    intake = read(content)
    (told,) = rejects(intake)
    assert told["line"] == 2
    assert reason in told["reason"]
    assert [row["line"] for row in rows(intake)] == [1, 3]


def test_daily_rows_begin_at_midnight(read):
    days = pa.array([BEGIN, BEGIN + timedelta(hours=5), BEGIN + timedelta(days=2)])
    intake = read(table(averaging=["24h"] * 3, phenomenon_time=days))
    assert [told["line"] for told in rejects(intake)] == [2]


def test_keys_given_twice(read):
    twice = pa.array([BEGIN, BEGIN, BEGIN + timedelta(hours=1)])
    intake = read(table(phenomenon_time=twice))
    assert (intake.rows_good, intake.rows_rejected) == (1, 2)
    assert "0.parquet line 2 (1.0)" in rejects(intake)[0]["reason"]
    same = read(table(phenomenon_time=twice, value=[1.0, 1.0, 2.0]))
    assert (same.rows_good, same.rows_repeated, rows(same)[0]["line"]) == (2, 1, 1)


def test_keys_given_twice_under_two_spellings(read):
    twice = pa.array([BEGIN, BEGIN, BEGIN + timedelta(hours=1)])
    intake = read(table(phenomenon_time=twice, property=["PM2.5", "pm25", "pm25"], value=[1.0, 1.0, 2.0]))
    assert (intake.rows_good, intake.rows_repeated) == (2, 1)


def test_keys_given_twice_across_files(read):
    intake = read(table(), table(value=[0.0, 7.0, 2.0]))
    assert (intake.rows_good, intake.rows_repeated, intake.rows_rejected) == (2, 2, 2)


def test_unneeded_properties_are_passed_over_without_a_copy(read):
    intake = read(table(property=["pm25", "so2", "aqi"], unit=["ug/m3", "ug/m3", "1"]), needed={"pm25"})
    assert (intake.rows_good, intake.rows_passed_over, intake.spooled) == (1, 2, None)


def test_rejects_do_not_stop_on_the_way_to_millions(read, monkeypatch):
    monkeypatch.setattr("qingyuan.observations.intake.sources.PARQUET_ROWS", 7)
    intake = read(table(100, value=[float(hour) if hour % 9 else -1.0 for hour in range(100)]))
    assert [told["line"] for told in rejects(intake)] == [hour + 1 for hour in range(0, 100, 9)]


def test_file_cut_off(read, tmp_path):
    read(table(1000))
    whole = (tmp_path / "0/0.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableInput, match=r"cut.parquet is no whole Parquet file"):
        read_files([tmp_path / "cut.parquet"], workdir=tmp_path / "work")


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "averaging", "count"),
    [
        ("jilin_station_hourly_2020-03-26_04-04", "1h", 31482),
        ("jilin_city_daily_2013-12_2015-12", "24h", 28371),
        ("beijing12_hourly_2013-03_2016-02", "1h", 3730288),
    ],
)
def test_real_files(shared, tmp_path, name, averaging, count):
    intake = read_files([shared / "data/air" / f"{name}.parquet"], workdir=tmp_path)
    assert (intake.rows_good, intake.rows_rejected) == (count, 0)
    found = {row[0] for row in duckdb.sql(f"SELECT DISTINCT averaging FROM ({intake.query})").fetchall()}
    assert averaging in found
    assert found <= {averaging, "8h"}
