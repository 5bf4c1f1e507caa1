"""The simulated province: deterministic, plausible, and with the gaps real networks have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import duckdb
import pyarrow as pa
import pytest

from qingyuan.domains.air.simulated import FIRST, cities, months, simulate, stations
from qingyuan.observations.schema import KEY, OBSERVATION
from qingyuan.places import boundaries

LAST = datetime(2024, 4, 30, 23)


@pytest.fixture(scope="module")
def half_year() -> pa.Table:
    return pa.concat_tables(simulate(last=LAST))


@pytest.fixture
def sql(half_year: pa.Table) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as engine:
        engine.register("hours", half_year)
        engine.execute("CREATE VIEW good AS SELECT * FROM hours WHERE flag IS NULL")
        yield engine


def one(sql: duckdb.DuckDBPyConnection, query: str) -> object:
    row = sql.execute(query).fetchone()
    assert row is not None
    return row[0]


def test_the_same_seed_gives_the_same_rows_and_another_seed_others() -> None:
    last = FIRST + timedelta(days=3)
    first, again, other = (pa.concat_tables(simulate(seed, last=last)) for seed in (7, 7, 8))
    assert first.equals(again)
    assert not first.column("value").equals(other.column("value"))


def test_a_shorter_period_is_the_beginning_of_the_longer(half_year: pa.Table) -> None:
    november = next(iter(simulate(last=datetime(2023, 11, 30, 23))))
    assert november.equals(half_year.slice(0, november.num_rows))


def test_tables_are_calendar_months_in_the_lake_s_schema() -> None:
    tables = list(simulate(first=datetime(2024, 1, 30), last=datetime(2024, 2, 2, 5)))
    assert [set(table.column("month").to_pylist()) for table in tables] == [{"2024-01"}, {"2024-02"}]
    assert all(table.schema.equals(OBSERVATION) for table in tables)
    assert months(datetime(2024, 11, 30), datetime(2025, 2, 1)) == ["2024-11", "2024-12", "2025-01", "2025-02"]


def test_keys_lines_and_times(sql: duckdb.DuckDBPyConnection, half_year: pa.Table) -> None:
    assert one(sql, f"SELECT count(*) - count(DISTINCT ({', '.join(KEY)})) FROM hours") == 0
    assert one(sql, "SELECT min(line) FROM hours") == 1
    assert one(sql, "SELECT max(line) FROM hours") == half_year.num_rows
    assert one(sql, "SELECT count(*) FROM hours WHERE result_time - phenomenon_time <> INTERVAL 80 MINUTE") == 0
    assert one(sql, "SELECT count(*) FROM hours WHERE month <> strftime(phenomenon_time, '%Y-%m')") == 0


def test_values_are_reported_as_instruments_report_them(sql: duckdb.DuckDBPyConnection) -> None:
    assert one(sql, "SELECT count(*) FROM hours WHERE property <> 'co' AND value <> round(value)") == 0
    assert one(sql, "SELECT count(*) FROM hours WHERE property = 'co' AND value <> round(value, 1)") == 0
    assert one(sql, "SELECT count(*) FROM hours WHERE value <= 0 OR value IS NULL") == 0
    assert one(sql, "SELECT count(*) FROM hours WHERE (unit = 'mg/m3') <> (property = 'co')") == 0


def test_fine_particles_never_exceed_all_particles(sql: duckdb.DuckDBPyConnection) -> None:
    pairs = """SELECT {} FROM good fine JOIN good coarse USING (point, phenomenon_time)
               WHERE fine.property = 'pm25' AND coarse.property = 'pm10'"""
    assert one(sql, pairs.format("count(*) FILTER (fine.value > coarse.value)")) == 0
    ratio = one(sql, pairs.format("avg(fine.value / coarse.value)"))
    assert isinstance(ratio, float)
    assert 0.4 < ratio < 0.75


def test_gaps_flags_and_calibration_gas(sql: duckdb.DuckDBPyConnection, half_year: pa.Table) -> None:
    hours = (LAST - FIRST) // timedelta(hours=1) + 1
    missing = 1 - half_year.num_rows / (hours * len(stations()) * 6)
    assert 0.005 < missing < 0.05
    flags = dict(sql.execute("SELECT flag, count(*) FROM hours WHERE flag IS NOT NULL GROUP BY 1").fetchall())
    assert set(flags) == {"C", "M"}
    assert one(sql, "SELECT min(value) FROM hours WHERE flag = 'C' AND property = 'so2'") == 572
    assert one(sql, "SELECT count(*) FROM hours WHERE flag = 'C' AND property IN ('pm25', 'pm10')") == 0


def test_a_declared_silence_has_no_row(sql: duckdb.DuckDBPyConnection) -> None:
    silent = """SELECT count(*) FROM hours WHERE point LIKE 'S2208%' AND phenomenon_time >= '2024-02-17 03:00'
                AND phenomenon_time < '2024-02-17 15:00'"""
    assert one(sql, silent) == 0


def test_winter_morning_and_ozone_afternoon(sql: duckdb.DuckDBPyConnection) -> None:
    by_hour = "SELECT avg(value) FROM good WHERE property = '{}' AND month = '{}' AND hour(phenomenon_time) = {}"
    winter, spring = one(sql, by_hour.format("pm25", "2024-01", 8)), one(sql, by_hour.format("pm25", "2024-04", 14))
    noon, night = one(sql, by_hour.format("o3", "2024-04", 15)), one(sql, by_hour.format("o3", "2024-04", 5))
    assert isinstance(winter, float) and isinstance(spring, float)
    assert isinstance(noon, float) and isinstance(night, float)
    assert winter > 1.3 * spring
    assert noon > 1.5 * night
    against = one(
        sql,
        """SELECT corr(o.value, n.value) FROM good o JOIN good n USING (point, phenomenon_time)
           WHERE o.property = 'o3' AND n.property = 'no2'""",
    )
    assert isinstance(against, float)
    assert against < -0.3


def test_straw_smoke_of_april_is_heavy_in_the_west_only(sql: duckdb.DuckDBPyConnection) -> None:
    night = """SELECT max(value) FROM good WHERE property = 'pm25' AND point LIKE '{}%'
               AND phenomenon_time BETWEEN '2024-04-06' AND '2024-04-07'"""
    west, east = one(sql, night.format("S2207")), one(sql, night.format("S2224"))
    assert isinstance(west, float) and isinstance(east, float)
    assert west > 250 > 115 > east


def test_stations_stand_where_their_codes_say() -> None:
    assert len({point.point for point in stations()}) == 64
    assert len(cities()) == 9
    for point in stations():
        assert point.point[1:5] == point.city[:4]
        assert boundaries.within(point.lon, point.lat) == point.county
