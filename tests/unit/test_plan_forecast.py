"""The forecast of the year's end: the indicator's arithmetic, its interval, the back-test that judges it."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from qingyuan.interfaces.cli import main
from qingyuan.interfaces.jobs import demo_earlier
from qingyuan.observations.datasets import create_dataset
from qingyuan.plans.facts import Words, plan
from qingyuan.plans.forecast import backtest, earlier, kept, lights
from qingyuan.plans.forecast.computed import aim_of, published
from qingyuan.plans.forecast.history import History, of_records, whole
from qingyuan.plans.forecast.yearend import Aim, TooShort, YearEnd, forecast
from qingyuan.plans.indicators import CityDay, Span
from qingyuan.plans.scoreboard import Row, Scoreboard

FIRST, YEARS = date(2015, 1, 1), 8


def seasonal(seed: int = 1, cities: int = 3, fall: float = 0.05) -> History:
    """Eight years: a winter three times the summer, a fall a year, weather with a memory of days."""
    days = (date(FIRST.year + YEARS, 1, 1) - FIRST).days
    drawn, memory = np.random.default_rng(seed), np.zeros((days, cities))
    for day in range(1, days):
        memory[day] = 0.6 * memory[day - 1] + drawn.normal(0, 0.3)
    turn = 2 * np.pi * np.arange(days) / 365.25
    level = 3.3 + 0.55 * np.cos(turn) - fall * np.arange(days) / 365.25
    return History(FIRST, tuple("abc"[:cities]), np.exp(level[:, None] + memory + 0.1 * np.arange(cities)))


def expected(made: YearEnd | TooShort) -> YearEnd:
    assert isinstance(made, YearEnd)
    return made


def test_no_day_after_the_origin_is_looked_at() -> None:
    history = seasonal()
    origin = date(2020, 5, 31)
    other = History(history.first, history.cities, history.values.copy())
    other.values[(origin - FIRST).days + 1 :] = 999.0
    assert forecast(history, origin, "mean") == forecast(other, origin, "mean")


def test_what_repeats_exactly_is_forecast_exactly() -> None:
    one = [(city, date(year, 1, 1) + timedelta(n), 20.0 + n % 30) for city in "ab" for year in (2021, 2022, 2023)
           for n in range(365)]  # fmt: skip
    history = of_records(one)
    made = expected(forecast(history, date(2023, 6, 30), "mean", Aim(40.0, "down")))
    assert made.value == pytest.approx(history.between(date(2023, 1, 1), date(2023, 12, 31)).mean(), abs=0.2)
    assert made.low < made.value < made.high
    assert (made.days, made.years) == (184, (2021, 2022))
    assert made.probability is not None and made.probability > 0.95


def test_without_an_earlier_year_there_is_no_forecast() -> None:
    short = of_records([("a", date(2024, 3, 1) + timedelta(n), 30.0) for n in range(400)])
    assert forecast(short, date(2024, 9, 30), "mean") == TooShort("no_earlier_year")
    assert forecast(short, date(2026, 9, 30), "mean") == TooShort("nothing_this_year")


def test_a_year_that_is_over_is_its_own_value() -> None:
    history = of_records([("a", date(2024, 1, 1) + timedelta(n), float(n < 10)) for n in range(366)])
    made = expected(forecast(history, date(2024, 12, 31), "share", Aim(97.0, "up"), "up"))
    assert made.value == made.low == made.high == pytest.approx(100 - 1000 / 366)
    assert made.probability == 1.0


def test_good_days_and_bad_days_are_two_sides_of_one_forecast() -> None:
    bad = History(FIRST, ("a", "b"), (seasonal(cities=2).values > 40).astype(float))
    down = expected(forecast(bad, date(2021, 4, 30), "share", Aim(20.0, "down")))
    up = expected(forecast(bad, date(2021, 4, 30), "share", Aim(80.0, "up"), "up"))
    assert up.value == pytest.approx(100 - down.value)
    assert (up.low, up.high) == pytest.approx((100 - down.high, 100 - down.low))
    assert up.probability == pytest.approx(down.probability)


def test_a_city_that_began_later_is_set_against_its_usual_ratio() -> None:
    both = of_records([(city, date(2024, 1, 1) + timedelta(n), value) for city, value in (("a", 20.0), ("b", 40.0))
                       for n in range(0 if city == "a" else 200, 366)])  # fmt: skip
    assert whole(both).values == pytest.approx(30.0)


def test_the_backtest_beats_both_naive_forecasts_and_its_interval_holds() -> None:
    found = backtest.skill(backtest.backtest(seasonal(), "mean"))
    assert found is not None
    assert found.trials == (YEARS - 1) * 11
    assert found.beats_both
    assert found.forecast < 0.6 * min(found.last_year, found.year_to_date)
    assert 0.7 <= found.coverage <= 0.97


def test_a_forecast_that_knew_nothing_would_be_told_so() -> None:
    trial = backtest.Trial(date(2024, 6, 30), 30.0, 40.0, 39.0, 41.0, 31.0, 33.0)
    found = backtest.skill([trial])
    assert found is not None
    assert not found.beats_both
    assert found.no_better_than == ["last_year", "year_to_date"]
    assert replace(found, forecast=2.0).no_better_than == ["last_year"]
    assert found.coverage == 0
    assert backtest.skill([]) is None


def test_the_target_is_of_the_published_value() -> None:
    fine, good = plan().indicator(1), plan().indicator(2)
    day = date(2025, 6, 30)
    assert aim_of(fine, fine.target(day)) == Aim(29.55, "down")
    assert aim_of(good, good.target(day)) == Aim(pytest.approx(92.25), "up")
    assert published(fine, 29.5499) == Decimal("29.5")


@pytest.mark.parametrize(
    ("probability", "state"),
    [(1.0, "steady"), (0.8, "steady"), (0.79, "tight"), (0.5, "tight"), (0.49, "off"), (0.0, "off")],
)
def test_lights_are_made_by_the_rule(probability: float, state: str) -> None:
    light = lights.of_probability(probability)
    assert light.state == state
    assert "%" in light.reason.zh and "probability" in light.reason.en


def rows(year: int, city: str = "220100") -> list[CityDay]:
    days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    return [
        CityDay(city, date(year, 1, 1) + timedelta(n), 60 if n % 9 else 130, 2, Decimal(20 + n % 30), 24, "2012", "0")
        for n in range(days)
    ]


def test_earlier_city_days_are_kept_and_replaced(tmp_path: Path) -> None:
    assert earlier.put(tmp_path, rows(2021)) == 365
    changed = CityDay("220100", date(2021, 1, 1), None, None, Decimal("77.123456789"), 20, "2012", "0")
    assert earlier.put(tmp_path, [*rows(2022), changed]) == 730
    assert earlier.all_city_days(tmp_path, "22", date(2022, 12, 31))[0] == changed
    assert earlier.all_city_days(tmp_path, "220200", date(2022, 12, 31)) == []
    assert len(earlier.all_city_days(tmp_path, "22", date(2021, 1, 31))) == 31


def test_forecasts_are_stored_once_for_one_state_of_the_results(tmp_path: Path) -> None:
    for year in (2021, 2022, 2023):
        earlier.put(tmp_path, rows(year))
    assert kept.refresh_forecasts(tmp_path, datetime(2023, 7, 1, 5))
    assert not kept.refresh_forecasts(tmp_path, datetime(2023, 7, 1, 6))
    found = kept.stored(tmp_path)
    assert found is not None
    fine = found["indicators"]["1"]
    assert fine["province"]["low"] <= fine["province"]["value"] <= fine["province"]["high"]
    assert fine["province"]["ahead"][-1][0] == "2023-12-31"
    assert fine["province"]["ahead"][-1][1] == pytest.approx(fine["province"]["value"])
    assert list(fine["years"]) == ["2021", "2022"]
    assert fine["backtest"]["all"]["trials"] == 11
    assert set(fine["cities"]) == {"220100"}


def test_the_commands_on_a_file_of_days(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given, output = tmp_path / "days.csv", tmp_path / "out.csv"
    with given.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["point", "city", "property", "averaging", "phenomenon_time", "value", "unit"])
        for year in (2021, 2022, 2023):
            for row in rows(year):
                writer.writerow(["A", "甲", "pm25", "24h", f"{row.day}T00:00:00+08:00", row.pm25, "ug/m3"])
    assert main(["plan", "forecast", "--input", str(given), "--on", "2023-08-31", "--output", str(output)]) == 0
    first = next(csv.DictReader(output.open()))
    assert float(first["low"]) <= float(first["forecast"]) <= float(first["high"])
    assert first["light"] == "off"
    assert main(["plan", "backtest", "--input", str(given), "--output", str(output)]) == 0
    tried = [row for row in csv.DictReader(output.open()) if row["no"] == "1"]
    assert len(tried) == 22
    assert main(["plan", "forecast", "--input", str(given), "--on", "2021-08-31"]) == 0
    assert "history too short" in capsys.readouterr().out


def test_the_real_years_are_forecast_better_than_naively(shared: Path, tmp_path: Path) -> None:
    """Beijing and Jilin; but Beijing's share of heavy days was by chance the same in 2014 and 2015, and that is told."""
    air = shared / "data" / "air"
    for name, averaging in (("beijing12_hourly_2013-03_2016-02", "1h"), ("jilin_city_daily_2013-12_2015-12", "24h")):
        output = tmp_path / f"{name}.csv"
        command = ["plan", "backtest", "--by", "point", "--averaging", averaging, "--output", str(output)]
        assert main([*command, "--input", str(air / f"{name}.parquet")]) == 0
        for no in ("1", "2", "3"):
            tried = [row for row in csv.DictReader(output.open()) if row["no"] == no]
            off = {
                kind: np.mean([abs(float(row[kind]) - float(row["actual"])) for row in tried])
                for kind in ("forecast", "last_year", "year_to_date")
            }
            assert len(tried) >= 11
            lucky = no == "3" and name.startswith("beijing")
            assert off["forecast"] < off["year_to_date"]
            assert (off["forecast"] < off["last_year"]) is not lucky
            assert np.mean([row["inside"] == "true" for row in tried]) >= 0.7


def test_the_demo_keeps_earlier_days_once(tmp_path: Path) -> None:
    made = create_dataset(tmp_path, "simulated", "模拟", "Simulated", simulated=True)
    first, last = datetime(2022, 12, 30), datetime(2023, 1, 1, 23)
    assert demo_earlier.fill(made, None, first, last) == 27
    found = earlier.read(made.path)
    assert {row.day.isoformat() for row in found} == {"2022-12-30", "2022-12-31", "2023-01-01"}
    assert all(row.pm25 is not None and row.aqi is not None for row in found)
    assert demo_earlier.fill(made, None, datetime(2020, 1, 1), last) == 27


def test_the_scoreboard_takes_the_verdict_of_a_forecast_made_for_its_day(tmp_path: Path) -> None:
    facts = plan()
    row = Row(
        facts.indicators[0], "good", facts.indicators[0].targets[-1], Decimal(28), Fraction(28), None, None, None, 9, None,
        Words("旧", "old"),
    )  # fmt: skip
    board = Scoreboard(
        facts, facts.division, datetime(2025, 7, 1, 23), Span(date(2025, 1, 1), date(2025, 7, 1)), 1, (row,)
    )
    assert kept.judged(board, tmp_path) is board
    told = {"last": "2025-07-01", "indicators": {"1": {"province": {"probability": 0.3}}}}
    file = kept.file_of(tmp_path, facts)
    file.parent.mkdir()
    file.write_text(json.dumps(told))
    assert (found := kept.judged(board, tmp_path).rows[0]).state == "bad" and "30 %" in found.reason.en
    later = replace(board, as_of=datetime(2025, 7, 2, 23))
    assert kept.judged(later, tmp_path) is later
