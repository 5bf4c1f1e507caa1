"""The scoreboard from stored city-days, and the values kept of it."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from qingyuan.assessments import store
from qingyuan.base.errors import QingyuanError
from qingyuan.interfaces.cli import main
from qingyuan.observations.datasets import create_dataset
from qingyuan.plans import division
from qingyuan.plans.indicators import Span, last_full_day, newest_day, newest_hour, remaining
from qingyuan.plans.scoreboard import made_of, scoreboard
from qingyuan.plans.values import refresh_indicators, stored_values

AS_OF = datetime(2025, 10, 28, 14)
CITIES = ("220100", "220200")


def city_day(city: str, day: date, pm25: float | None, aqi: int | None) -> dict[str, object]:
    valid = aqi is not None
    return {
        "point": city, "kind": "city", "phenomenon_time": datetime(day.year, day.month, day.day),
        "aqi": aqi, "level": 1 if valid else None, "valid": valid,
        "pm25": None if pm25 is None else round(pm25), "pm25_mean": pm25, "pm25_hours": 3,
        "edition": "2012", "library_version": "0", "period": f"{day.year}",
    }  # fmt: skip


SCHEMA = pa.schema(
    [
        ("point", pa.string()), ("kind", pa.string()), ("phenomenon_time", pa.timestamp("us")),
        ("aqi", pa.int64()), ("level", pa.int64()), ("valid", pa.bool_()),
        ("pm25", pa.float64()), ("pm25_mean", pa.float64()), ("pm25_hours", pa.int64()),
        ("edition", pa.string()), ("library_version", pa.string()), ("period", pa.string()),
    ]
)  # fmt: skip


def put(dataset: Path, rows: list[dict[str, object]]) -> None:
    for period in sorted({str(row["period"]) for row in rows}):
        table = pa.Table.from_pylist([row for row in rows if row["period"] == period], schema=SCHEMA)
        store.replace(dataset, "air.daily_aqi", table, [period], lake_version="1")


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def two_years() -> list[dict[str, object]]:
    """2024 wholly and 2025 to 28 October: 30 and 20 ug/m3, every tenth day bad, one heavy day a month."""
    return [
        city_day(
            city,
            day,
            30.0 if city == "220100" else 20.0,
            210 if day.day == 5 else 120 if day.day % 10 == 0 else 60,
        )
        for city in CITIES
        for day in days(date(2024, 1, 1), date(2025, 10, 28))
    ]


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    folder = tmp_path / "datasets" / "d"
    folder.mkdir(parents=True)
    put(folder, two_years())
    return folder


def test_value_last_year_distance_and_what_is_left(dataset: Path) -> None:
    board = scoreboard(dataset, AS_OF)
    assert (board.so_far.first, board.so_far.last) == (date(2025, 1, 1), date(2025, 10, 27))
    pm25 = board.row(1)
    assert (pm25.value, pm25.last_year, pm25.distance) == (Decimal("25.0"), Decimal("25.0"), Decimal("-4.5"))
    assert pm25.left is not None
    # (29.55 * 365 - 25 * 300) / 65 = 50.55
    assert (pm25.left.allowed, pm25.left.compared, pm25.left.days) == (Decimal("50.5"), Decimal("25.0"), 65)
    assert pm25.state == "good"
    assert pm25.left.year_end == Decimal("25.0")


def test_shares_count_city_days_that_are_over(dataset: Path) -> None:
    good, heavy = scoreboard(dataset, AS_OF).row(2), scoreboard(dataset, AS_OF).row(3)
    bad = sum(day.day % 10 == 0 or day.day == 5 for day in days(date(2025, 1, 1), date(2025, 10, 27))) * 2
    assert (good.city_days, good.bad_days) == (600, bad)
    assert good.value == round(Decimal(100 * (600 - bad)) / 600, 1)
    assert (heavy.bad_days, heavy.state) == (20, "bad")
    assert heavy.left is not None
    assert heavy.left.allowed is None
    assert "不能达标" in heavy.reason.zh


def test_the_other_indicators_say_who_supplies_them(dataset: Path) -> None:
    rows = scoreboard(dataset, AS_OF).rows[3:]
    assert len(rows) == 16
    assert {row.state for row in rows} == {"not_observed"}
    assert all(row.value is None and row.supplier.name.zh in row.reason.zh for row in rows)


def test_a_single_city_and_an_unknown_code(dataset: Path) -> None:
    assert scoreboard(dataset, AS_OF, "220100").row(1).value == Decimal("30.0")
    assert scoreboard(dataset, AS_OF, "220000") == scoreboard(dataset, AS_OF, "22")
    assert scoreboard(dataset, AS_OF, "220300").row(1).state == "not_observed"
    with pytest.raises(QingyuanError, match="no province or city"):
        scoreboard(dataset, AS_OF, "Changchun")


def test_nothing_stored_is_not_observed_and_never_zero(tmp_path: Path) -> None:
    board = scoreboard(tmp_path, AS_OF)
    assert board.count("not_observed") == 19
    assert all(row.value is None and row.left is None for row in board.rows)


def test_invalid_days_do_not_count(dataset: Path) -> None:
    rows = [
        {**row, "aqi": None, "level": None, "valid": False, "pm25": None, "pm25_mean": 400.0}
        if row["phenomenon_time"] == datetime(2025, 5, 5)
        else row
        for row in two_years()
    ]
    put(dataset, rows)
    board = scoreboard(dataset, AS_OF)
    assert board.row(1).value == Decimal("25.0")
    assert (board.row(1).city_days, board.row(2).city_days, board.row(3).bad_days) == (598, 598, 18)


def test_without_last_year_the_rate_so_far_is_compared(tmp_path: Path) -> None:
    put(tmp_path, [row for row in two_years() if row["period"] == "2025"])
    left = scoreboard(tmp_path, AS_OF).row(1).left
    assert left is not None
    assert (left.basis, left.compared) == ("so_far", Decimal("25.0"))
    assert scoreboard(tmp_path, AS_OF).row(1).last_year is None


def test_a_finished_year_is_judged_by_its_value(dataset: Path) -> None:
    board = scoreboard(dataset, datetime(2024, 12, 31, 23))
    assert (board.row(1).state, board.row(3).state) == ("good", "bad")
    assert board.row(1).left is not None
    assert board.row(1).left.allowed is None
    assert board.row(1).reason.zh == "全年已结束，达到目标"


def test_new_results_are_seen_at_once(dataset: Path) -> None:
    before = scoreboard(dataset, AS_OF).row(1).value
    doubled = [{**row, "pm25_mean": 60.0, "pm25": 60.0} for row in two_years() if row["period"] == "2025"]
    put(dataset, doubled)
    assert (before, scoreboard(dataset, AS_OF).row(1).value) == (Decimal("25.0"), Decimal("60.0"))


def test_made_of_adds_up_to_the_value(dataset: Path) -> None:
    parts = made_of(dataset, 1, AS_OF, "220100")
    counted = [part.pm25 for part in parts if part.counted and part.pm25 is not None]
    assert len(counted) == 300
    assert sum(counted) / 300 == Decimal(30)
    heavy = made_of(dataset, 3, AS_OF)
    assert sum(part.bad for part in heavy) == scoreboard(dataset, AS_OF).row(3).bad_days
    assert made_of(dataset, 14, AS_OF) == []


def test_stored_values_are_added_only_when_something_changed(dataset: Path) -> None:
    assert refresh_indicators(dataset, AS_OF) == 9
    assert refresh_indicators(dataset, AS_OF) == 0
    assert refresh_indicators(dataset, AS_OF + timedelta(hours=3)) == 0
    first = next(row for row in stored_values(dataset) if row["division"] == "22" and row["no"] == 1)
    assert (first["rounded"], first["target"], first["verdict"]) == ("25.0", "29.5", "good")
    assert json.loads(first["left_json"])["allowed"] == "50.5"
    assert json.loads(first["made_of"]) == {
        "by": "assessment", "assessment": "air.daily_aqi", "record": "air.daily_aqi", "version": 1,
        "first": "2025-01-01", "last": "2025-10-27", "rows": 600,
    }  # fmt: skip
    assert refresh_indicators(dataset, AS_OF + timedelta(days=1)) == 9
    assert len(stored_values(dataset)) == 18


@pytest.mark.parametrize(
    ("as_of", "last"),
    [
        (datetime(2025, 10, 28, 14), date(2025, 10, 27)),
        (datetime(2025, 10, 28, 23), date(2025, 10, 28)),
        (datetime(2025, 1, 1, 5), date(2024, 12, 31)),
    ],
)
def test_a_day_counts_once_it_is_over(as_of: datetime, last: date) -> None:
    assert last_full_day(as_of) == last


def test_the_same_stretch_of_last_year_in_leap_years() -> None:
    assert Span(date(2024, 1, 1), date(2024, 2, 29)).year_before() == Span(date(2023, 1, 1), date(2023, 2, 28))
    assert Span(date(2024, 2, 29), date(2024, 12, 31)).year_before().first == date(2023, 3, 1)
    assert remaining(datetime(2024, 12, 31, 23)).days == 0


def test_the_newest_hour_of_a_dataset_without_its_own(tmp_path: Path) -> None:
    made = create_dataset(tmp_path, "real", "真", "Real", simulated=False)
    assert newest_hour(made) is None
    put(made.path, two_years())
    assert newest_day(made.path) == date(2025, 10, 28)
    assert newest_hour(made) == datetime(2025, 10, 28, 23)


@pytest.mark.parametrize(
    ("given", "normal"), [("220000", "22"), ("22", "22"), ("2201", "220100"), ("222400", "222400")]
)
def test_division_codes(given: str, normal: str) -> None:
    assert division.normal(given) == normal


def test_command_prints_json_and_refuses_a_bad_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = create_dataset(tmp_path, "real", "真", "Real", simulated=False)
    put(made.path, two_years())
    assert main(["plan", "scoreboard", "--data", str(tmp_path), "--on", "2025-10-27", "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["last"] == "2025-10-27"
    assert shown["indicators"][0]["value"] == "25.0"
    assert shown["indicators"][0]["left"]["allowed"] == "50.5"
    assert shown["indicators"][3]["state"] == "not_observed"
    assert main(["plan", "scoreboard", "--data", str(tmp_path), "--on", "yesterday"]) == 2
    assert "yesterday" in capsys.readouterr().err
    assert main(["plan", "scoreboard", "--data", str(tmp_path)]) == 0
    assert "PM2.5 年均浓度" in capsys.readouterr().out
