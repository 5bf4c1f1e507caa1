"""A trend without the weather: found where it is, denied where it is not, and not claimed where it cannot be known."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from qingyuan.interfaces.cli import main
from qingyuan.plans.forecast.weather import Trend, normalise

DAYS = [date(2019, 1, 1) + timedelta(n) for n in range(4 * 365)]
YEARS = np.arange(len(DAYS)) / 365.25


def sky(drift: float = 0.0) -> dict[str, list[float]]:
    """Wind and temperature of four years; drift: by how much the wind rises a year, m/s."""
    drawn = np.random.default_rng(7)
    turn = 2 * np.pi * YEARS
    wind = 3 + np.abs(drawn.normal(0, 1.2, len(DAYS))) + drift * YEARS
    return {"wind_speed": list(wind), "temperature": list(8 - 16 * np.cos(turn) + drawn.normal(0, 4, len(DAYS)))}


def air(weather: dict[str, list[float]], slope: float, noise: float = 0.15) -> list[float]:
    blown = -0.35 * np.array(weather["wind_speed"]) - 0.03 * np.array(weather["temperature"])
    drawn = np.random.default_rng(3).normal(0, noise, len(DAYS))
    return list(np.exp(5 + blown + slope * YEARS + drawn))


def test_a_true_trend_is_recovered() -> None:
    weather = sky()
    found = normalise(DAYS, air(weather, -0.08), weather)
    assert found.answer == "trend"
    assert found.low is not None and found.high is not None and found.slope is not None
    assert found.low <= 100 * np.expm1(-0.08) <= found.high
    assert found.slope == pytest.approx(-7.7, abs=1.5)
    assert len(found.normalised) == len(DAYS)


def test_weather_alone_is_no_trend() -> None:
    weather = sky()
    assert normalise(DAYS, air(weather, 0.0), weather).answer == "no_trend"


def test_a_wind_that_moves_with_the_years_cannot_be_separated() -> None:
    weather = sky(drift=2.5)
    found = normalise(DAYS, air(weather, 0.0), weather)
    assert found.answer == "not_separable"
    assert found.time_left is not None and found.time_left < 0.3


def test_weather_that_explains_nothing_cannot_be_separated() -> None:
    noise = list(np.exp(np.random.default_rng(5).normal(3, 1, len(DAYS))))
    assert normalise(DAYS, noise, sky()).answer == "not_separable"


def test_without_weather_or_days_there_is_no_answer() -> None:
    assert normalise(DAYS, air(sky(), 0.1), {}) == Trend("could_not_ask", None, None, None, None, None, (), ())
    weather = sky()
    assert (
        normalise(DAYS[:300], air(weather, 0.1)[:300], {"wind_speed": weather["wind_speed"][:300]}).answer
        == "too_short"
    )


def test_the_command_reads_the_long_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    weather, output, series = sky(), tmp_path / "trend.csv", tmp_path / "series.csv"
    units = {"pm25": "ug/m3", "wind_speed": "m/s", "temperature": "degC"}
    columns = {"pm25": air(weather, -0.1), **weather}
    with (tmp_path / "in.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["point", "property", "averaging", "phenomenon_time", "value", "unit"])
        for name, values in columns.items():
            for day, value in zip(DAYS, values, strict=True):
                writer.writerow(["A", name, "24h", f"{day}T00:00:00+08:00", f"{value:.3f}", units[name]])
    given = str(tmp_path / "in.csv")
    assert main(["plan", "normalise", "--input", given, "--output", str(output), "--series", str(series)]) == 0
    (row,) = csv.DictReader(output.open())
    assert (row["point"], row["answer"]) == ("A", "trend")
    assert float(row["low"]) < -9.5 < float(row["high"])
    assert len(list(csv.DictReader(series.open()))) == len(DAYS)
    assert main(["plan", "normalise", "--input", given, "--property", "nonsense"]) == 2
    assert "nonsense" in capsys.readouterr().err
