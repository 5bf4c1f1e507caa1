"""Quality tests: each small function on a series made by hand, and the driver on awkward tables."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from qingyuan.base.errors import UnreadableInput, WrongUsage
from qingyuan.observations.quality import FINDING, codes, flag, plain, relations
from qingyuan.observations.quality.declared import declared, thresholds
from qingyuan.observations.schema import OBSERVATION

NAN = float("nan")
START = datetime(2026, 3, 1)


def rows(
    values: list[float | None],
    prop: str = "so2",
    unit: str = "ug/m3",
    point: str = "A",
    flags: dict[int, str] | None = None,
) -> pa.Table:
    times = [START + timedelta(hours=hour) for hour in range(len(values))]
    table = [
        {
            "point": point,
            "property": prop,
            "averaging": "1h",
            "phenomenon_time": time,
            "value": value,
            "unit": unit,
            "flag": (flags or {}).get(hour),
            "result_time": time + timedelta(minutes=70),
            "source": "x",
            "line": hour,
            "month": "2026-03",
        }
        for hour, (time, value) in enumerate(zip(times, values, strict=True))
    ]
    return pa.Table.from_pylist(table, schema=OBSERVATION)


def wavy(count: int = 60) -> list[float | None]:
    return [round(20 + 5 * np.sin(hour / 3) + (hour * 7919 % 13) / 10, 1) for hour in range(count)]


def test_out_of_range_leaves_the_bounds_themselves_possible() -> None:
    assert plain.out_of_range(np.array([-1, 0, 14, 14.1, NAN]), 0, 14).tolist() == [True, False, False, True, False]


def test_negative_tolerates_the_declared_drift() -> None:
    assert plain.negative(np.array([-7, -6, 0, NAN]), 6).tolist() == [True, False, False, False]


def test_below_detection_is_neither_negative_nor_at_the_limit() -> None:
    assert plain.below_detection(np.array([-1, 0, 1.9, 2, NAN]), 2).tolist() == [False, True, True, False, False]


def test_a_spike_goes_up_and_comes_down() -> None:
    step = np.array([1, 1, 50, 50, 50, 50, 120, 50], float)
    assert np.flatnonzero(plain.spikes(step, 20, 0)).tolist() == [6]


def test_flat_line_ends_at_a_gap() -> None:
    (spell,) = plain.flat_line(np.array([1, 2, 2, 2, 2, NAN, 2, 2]), 4)
    assert (spell.begin, spell.end, spell.evidence["value"]) == (1, 5, 2)


def test_missing_counts_gaps_between_values_only() -> None:
    assert [(one.begin, one.end) for one in plain.missing(np.array([NAN, 1, NAN, NAN, 2, NAN]))] == [(2, 4)]


def test_clock_skew_sees_rows_from_the_future_and_off_the_hour() -> None:
    hour, minute = np.timedelta64(1, "h"), np.timedelta64(1, "m")
    starts = np.array(
        ["2026-03-01T00:00", "2026-03-01T01:00", "2026-03-01T02:17", "2026-03-01T02:58"], "datetime64[us]"
    )
    came = starts + hour + np.array([10, -20, 10, 10]) * minute
    assert plain.clock_skew(starts, came, hour, 5 * minute).tolist() == [False, True, True, False]


def test_a_part_may_exceed_its_whole_by_the_tolerance_only() -> None:
    part, whole = np.array([110.0, 112, NAN]), np.array([100.0, 100, 100])
    assert relations.part_exceeds_whole(part, whole, 0.1).tolist() == [False, True, False]


def test_a_station_that_leaves_its_neighbours() -> None:
    chance = np.random.default_rng(1)
    city = 50 * np.exp(np.cumsum(chance.normal(0, 0.1, 400)))
    stations = city * np.exp(chance.normal(0, 0.05, (4, 400)))
    own = stations[0].copy()
    own[200:230] *= 0.3
    (spell,) = relations.apart_from_neighbours(own, stations[1:], 8, 6)
    assert (spell.begin, spell.end) == (200, 230)
    assert spell.evidence["ratio_to_usual"] == pytest.approx(0.3, abs=0.05)


def test_precedence_of_marks_and_tests_with_the_value_untouched() -> None:
    values = wavy()
    values[5], values[6] = -900.0, 99999.0
    table = rows(values, flags={5: "D", 8: "N", 9: "zz", 10: "m"})
    checked = flag(table).table
    assert checked.column("value").equals(table.column("value"))
    found = {at: (row["flag"], row["quality"]) for at, row in enumerate(checked.to_pylist()) if row["quality"]}
    assert found[5] == ("D", "D")
    assert found[6] == ("range", "range")
    assert 8 not in found
    assert found[9] == ("zz", "mark")
    assert found[10] == ("M", "M")


def test_rows_in_any_order_with_duplicates_conflicts_and_nan() -> None:
    base = rows([*wavy(), NAN, None])
    again = rows([base.column("value")[0].as_py()])
    conflict = base.slice(3, 1).set_column(4, "value", pa.array([7.5]))
    table = pa.concat_tables([base, again, conflict])
    shuffled = table.take(pa.array(np.random.default_rng(2).permutation(table.num_rows)))
    checked = flag(shuffled).table
    assert checked.num_rows == table.num_rows
    assert checked.select(OBSERVATION.names[:4]).equals(shuffled.select(OBSERVATION.names[:4]))
    assert np.array_equal(checked.column("value").to_numpy(), shuffled.column("value").to_numpy(), equal_nan=True)
    marks = [(row["line"], row["flag"]) for row in checked.to_pylist() if row["flag"]]
    assert sorted(marks) == [(0, "repeated"), (3, "conflict"), (3, "conflict")]


def test_contradicting_items_and_missing_hours() -> None:
    fine, coarse = wavy(), [40.0] * 60
    fine[12] = 55.0
    both = pa.concat_tables([rows(fine, "pm25"), rows(coarse, "pm10")])
    kept = both.filter(pa.array([not 20 <= at < 23 for at in range(120)]))
    checked = flag(kept, tests=["cross_parameter", "missing"])
    noted = [row for row in checked.table.to_pylist() if row["quality"] == "cross_parameter"]
    assert {row["property"] for row in noted} == {"pm25", "pm10"}
    assert all(row["flag"] is None for row in noted)
    gap = [row for row in checked.findings.to_pylist() if row["code"] == "missing"]
    assert [(row["property"], row["statistic"], row["begin"]) for row in gap] == [
        ("pm25", 3, START + timedelta(hours=20))
    ]


def test_a_suspicion_does_not_take_a_value_out_of_use() -> None:
    chance = np.random.default_rng(3)
    values = [round(float(value), 2) for value in 30 + np.cumsum(chance.normal(0, 1, 900))]
    values[500:530] = values[100:130]
    checked = flag(rows(values, "nox", "mg/m3"))
    copied = [row for row in checked.findings.to_pylist() if row["code"] == "replayed"]
    assert copied
    assert copied[0]["begin"] == START + timedelta(hours=500)
    assert json.loads(copied[0]["evidence"])["original"] == str((START + timedelta(hours=100)).isoformat()) + "+08:00"
    noted = checked.table.filter(pa.compute.match_substring(checked.table.column("quality"), "replayed"))
    assert noted.num_rows == 30
    assert noted.column("flag").null_count == 30
    assert checked.findings.schema.equals(FINDING)


def test_a_site_s_record_overrides_the_declaration() -> None:
    table = rows([12.0, 13, 14.5, 13, 12], "w01001", "1")
    assert flag(table, tests=["range"]).table.column("flag").to_pylist()[2] == "range"
    sites = {"A": {"w01001": {"high": 15.0}}}
    assert flag(table, sites=sites, tests=["range"]).table.column("flag").null_count == 5
    with pytest.raises(WrongUsage, match="'hihg' is no threshold"):
        thresholds("A", "w01001", "1", {"A": {"w01001": {"hihg": 1}}})


def test_thresholds_follow_the_unit_of_the_rows() -> None:
    assert thresholds("A", "so2", "ug/m3", {})["negative_tolerance"] == 6
    assert thresholds("A", "so2", "mg/m3", {})["negative_tolerance"] == pytest.approx(0.006)
    assert "high" not in thresholds("A", "so2", "mg/m3", {})


def test_neighbours_are_asked_where_they_are_named() -> None:
    chance = np.random.default_rng(4)
    city = 50 * np.exp(np.cumsum(chance.normal(0, 0.1, 300)))
    stations = np.round(city * np.exp(chance.normal(0, 0.05, (3, 300))), 1)
    stations[0, 100:130] = np.round(stations[0, 100:130] * 0.2, 1)
    tables = [rows(series.tolist(), "pm25", point=name) for name, series in zip("ABC", stations, strict=True)]
    checked = flag(pa.concat_tables(tables), neighbours={"A": ["B", "C"]}, tests=["neighbour"])
    (found,) = checked.findings.to_pylist()
    assert (found["point"], found["begin"]) == ("A", START + timedelta(hours=100))


def test_wrong_tables_and_tests_are_told() -> None:
    with pytest.raises(UnreadableInput, match="no column 'averaging'"):
        flag(rows(wavy()).drop_columns(["averaging"]))
    with pytest.raises(WrongUsage, match="no test 'flatline'"):
        flag(rows(wavy()), tests=["flatline"])


def test_an_empty_table_stays_empty() -> None:
    checked = flag(OBSERVATION.empty_table())
    assert (checked.table.num_rows, checked.findings.num_rows) == (0, 0)
    assert checked.table.column_names[-1] == "quality"


def test_times_with_a_zone_are_read_by_the_wall_clock_of_the_law() -> None:
    table = rows([1.0, -900, 3], "so2")
    zoned = table.set_column(
        3, "phenomenon_time", pa.array([START.replace(tzinfo=UTC) + timedelta(hours=hour) for hour in range(3)])
    )
    (found,) = flag(zoned, tests=["negative"]).findings.to_pylist()
    assert found["begin"] == START + timedelta(hours=8 + 1)


def test_readings_of_a_moment_are_never_missing_and_may_come_at_any_minute() -> None:
    base = rows([1.0, 2, 3, 4])
    odd = [START + timedelta(minutes=minute) for minute in (0, 1, 17, 200)]
    table = base.set_column(2, "averaging", pa.array(["rtd"] * 4)).set_column(
        3, "phenomenon_time", pa.array(odd, pa.timestamp("us"))
    )
    late = table.set_column(7, "result_time", pa.array([*odd[:3], odd[3] - timedelta(hours=1)], pa.timestamp("us")))
    checked = flag(late, tests=["missing", "clock_skew"])
    assert checked.table.column("quality").to_pylist() == [None, None, None, "clock_skew"]
    assert checked.findings.column("code").to_pylist() == ["clock_skew"]


def test_rows_without_a_unit_are_not_measured_against_thresholds_in_one() -> None:
    assert "high" not in thresholds("A", "a01014", "", {})
    assert thresholds("A", "a01014", "%", {})["high"] == 60


def test_declarations_are_complete() -> None:
    assert [code for code, one in codes().items() if one.kind == "mark" and len(code) == 1] == list("FPBDCMTS")
    assert all(not one.unusable for one in codes().values() if one.kind == "tampering")
    patterns = {code for code, one in codes().items() if one.kind == "tampering"}
    assert patterns - {"dilution"} <= set(declared().tampering["hourly"])
