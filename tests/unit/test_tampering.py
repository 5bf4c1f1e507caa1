"""Tampering: every pattern on an invented stack, and the floors of the benchmark on real clean series."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.tampering import (
    PATTERNS,
    Plant,
    Rate,
    false_alarms,
    series_years,
    sewage_works,
    summed,
    tampered,
    thinned,
    turbine,
)
from qingyuan.observations.quality.simulated import as_sent
from qingyuan.observations.quality.tampering.digits import clipped, constant, decimals


@pytest.fixture(scope="module")
def stack() -> Plant:
    """Half a year of an invented boiler: NOx follows load and oxygen, with an instrument's noise."""
    chance = np.random.default_rng(11)
    hours = np.arange(24 * 180)
    load = 130 + 20 * np.sin(2 * np.pi * hours / 24) + np.cumsum(chance.normal(0, 1.2, len(hours))) * 0.3
    heat = 540 + 0.1 * load + chance.normal(0, 0.5, len(hours))
    wander = np.convolve(chance.standard_normal(len(hours)), 0.7 ** np.arange(30), "full")[: len(hours)]
    nox = 60 * np.exp(0.01 * (load - 130) + 0.02 * wander)
    series = {"nox": np.round(nox, 1), "Turbine energy yield": np.round(load, 2), "heat": np.round(heat, 1)}
    return Plant("stack", np.datetime64("2026-01-01", "h"), np.timedelta64(1, "h"), "1h", series, {"nox": "mg/m3"})


def test_a_clean_stack_is_not_suspected(stack: Plant) -> None:
    assert false_alarms(stack) == {}


@pytest.mark.parametrize("pattern", [name for name in PATTERNS if not name.startswith("clock")])
def test_a_day_of_each_pattern_is_found_and_named(stack: Plant, pattern: str) -> None:
    rate = tampered(stack, "nox", pattern, 24, count=3)
    assert (rate.tried, rate.found) == (3, 3)
    assert rate.named >= 2


def test_three_days_moved_in_time_are_found(stack: Plant) -> None:
    assert tampered(stack, "nox", "clock-shifted 3 slots", 72, count=3).named == 3


def test_dilution_is_named(stack: Plant) -> None:
    assert thinned(stack, "nox", 48, count=3).named == 3


def test_a_coarse_series_is_not_taken_for_a_forged_one() -> None:
    chance = np.random.default_rng(5)
    coarse = np.round(np.repeat(7.5 + chance.normal(0, 0.1, 400), 3), 1)
    assert constant(coarse, 6, 1.0, 0.05) == []
    assert clipped(coarse, 3, 48, 7, 1.0, 0.05) == []


def test_digits_of_an_instrument() -> None:
    assert decimals(np.array([1.0, 0.25, 81.952, 120.0])).tolist() == [0, 2, 3, 0]
    assert as_sent(np.array([98.3424, 1.23456]), np.array([81.952, 9.1234, 123.45, 0.87123])).tolist() == [
        98.342,
        1.2346,
    ]


@pytest.mark.shared_data
def test_the_turbine_keeps_its_floors(shared: Path) -> None:
    """One year of the benchmark."""
    (plant,) = turbine(shared / "data" / "sources", (2015,))
    assert sum(false_alarms(plant).values()) / series_years(plant) < 1
    for pattern, least in {"constant": 1.0, "clipped": 0.9, "replayed": 1.0, "scaled +20 %, not rounded": 0.9}.items():
        rate = summed(tampered(plant, name, pattern, 24, count=4) for name in ("co", "nox"))
        assert rate.found >= least * rate.tried, (pattern, rate)
    scaled = summed(tampered(plant, "nox", pattern, 24, count=4) for pattern in ("scaled +20 %", "scaled -20 %"))
    assert scaled.found >= 0.75 * scaled.tried, scaled


@pytest.mark.shared_data
def test_the_sewage_works_keeps_its_floors(shared: Path) -> None:
    plant = sewage_works(shared / "data" / "sources")
    assert sum(false_alarms(plant).values()) / series_years(plant) < 1
    names = ("DQO-S", "COND-E", "DBO-D")
    fortnight = [
        summed(tampered(plant, name, pattern, 14, 2) for name in names) for pattern in ("scaled +20 %", "replayed")
    ]
    assert summed(fortnight).found >= 0.75 * summed(fortnight).tried
    assert isinstance(fortnight[0], Rate)
