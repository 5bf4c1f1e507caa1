"""Tampering: every pattern on an invented stack, and the floors of the benchmark on real clean series."""

from __future__ import annotations

import json
from dataclasses import replace
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
    table_of,
    tampered,
    thinned,
    turbine,
)
from benchmarks.tampering_bound import evidence, share_told
from qingyuan.observations.quality import flag
from qingyuan.observations.quality.simulated import as_sent
from qingyuan.observations.quality.tampering.digits import clipped, constant, decimals, instrument_units, sent_digits
from qingyuan.observations.quality.tampering.lattice import digit_gains, lattice


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


def loose(factor: float, begin: int, end: int) -> Plant:
    """A year of an invented stack whose pollutant strays by a quarter, an hour as the next, with a stretch scaled."""
    chance = np.random.default_rng(23)
    hours = np.arange(24 * 300)
    load = 130 + 20 * np.sin(2 * np.pi * hours / 24) + chance.normal(0, 3, len(hours))
    co = np.round(4 * np.exp(0.005 * (load - 130) + 0.25 * chance.standard_normal(len(hours))), 3)
    co[begin:end] = as_sent(co[begin:end] * factor, co)
    series = {"co": co, "Turbine energy yield": np.round(load, 2)}
    return Plant("loose", np.datetime64("2026-01-01", "h"), np.timedelta64(1, "h"), "1h", series, {"co": "mg/m3"})


@pytest.mark.parametrize("factor", [1.2, 0.8, 1.15, 0.7])
def test_last_digits_tell_what_the_level_does_not(factor: float) -> None:
    found = flag(table_of(loose(factor, 2000, 2400), {"co": "mg/m3"}), tests=["scaled"]).findings.to_pylist()
    (spell,) = found
    told = json.loads(spell["evidence"])
    assert told["factor"] == factor
    assert told["gain_digits"] > max(0.0, told["gain_begin"] + told["gain_middle"] + told["gain_end"])
    assert 250 <= spell["rows"] <= 550


def test_clean_last_digits_are_not_suspected() -> None:
    assert false_alarms(loose(1.0, 0, 0)) == {}


def test_odd_numbers_betray_an_instrument_that_sends_even_ones() -> None:
    chance = np.random.default_rng(3)
    even = 2 * np.rint(100 * np.exp(0.3 * chance.standard_normal(500)))
    series = lattice(np.r_[even, as_sent(even[:10] * 1.2, even)])
    assert series is not None
    gains = digit_gains(series, 1.2)
    assert gains[-10:].sum() > 10
    assert gains[:500].mean() < -0.5


def test_digits_that_are_the_level_tell_nothing() -> None:
    chance = np.random.default_rng(4)
    assert lattice(np.round(7.5 + np.cumsum(chance.normal(0, 0.1, 500)) * 0.1 + 3, 1)) is None
    assert lattice(np.full(500, np.nan)) is None
    assert lattice(np.full(500, 3.21)) is None


def test_a_value_that_stands_still_tells_its_digits_once() -> None:
    chance = np.random.default_rng(6)
    values = np.round(50 * np.exp(0.2 * chance.standard_normal(400)), 2)
    values[100:200] = values[100]
    series = lattice(values)
    assert series is not None
    assert not digit_gains(series, 1.2)[101:200].any()


def test_the_bound_knows_what_can_be_told(stack: Plant) -> None:
    seen = evidence(stack.series["nox"], [stack.series["heat"], stack.series["Turbine energy yield"]], 24)
    assert share_told(seen, 1.2, 24, told=True) == 1.0
    assert share_told(seen, 1.2, 24, told=False) > 0.9
    chance = np.random.default_rng(8)
    blurred = np.round(stack.series["nox"] * np.exp(0.8 * chance.standard_normal(len(stack.series["nox"])))) + 1
    unseen = evidence(blurred, [stack.series["heat"]], 24)
    assert share_told(unseen, 1.2, 1, told=True) < 0.3
    assert share_told(unseen, 1.2, 1, told=False) <= share_told(unseen, 1.2, 1, told=True)


def test_figures_are_of_what_is_judged(stack: Plant) -> None:
    later = replace(stack, judged=slice(2000, 4000))
    assert series_years(later) == pytest.approx(2000 / 8766)
    assert tampered(later, "nox", "constant", 24, count=3).found == 3
    broken = {**stack.series, "nox": stack.series["nox"].copy()}
    broken["nox"][500:600] = broken["nox"][500]
    assert "constant" in false_alarms(replace(stack, series=broken))
    assert false_alarms(replace(later, series=broken)) == {}


def test_digits_of_an_instrument() -> None:
    assert sent_digits(np.array([12.0, 12.5, 130.25, 1.75])) == (False, 2)
    assert sent_digits(np.array([81.952, 9.1234, 123.45, 0.87123])) == (True, 5)
    units = instrument_units(np.array([81.9, 0.5, 120.0]), (True, 5))
    assert units == pytest.approx([1e-3, 1e-5, 1e-2])
    assert decimals(np.array([1.0, 0.25, 81.952, 120.0])).tolist() == [0, 2, 3, 0]
    assert as_sent(np.array([98.3424, 1.23456]), np.array([81.952, 9.1234, 123.45, 0.87123])).tolist() == [
        98.342,
        1.2346,
    ]


@pytest.mark.shared_data
def test_the_turbine_keeps_its_floors(shared: Path) -> None:
    """One of the years held out."""
    (plant,) = turbine(shared / "data" / "sources", (2015,))
    assert not any(name.startswith("Turbine inlet") for name in plant.series)
    assert sum(false_alarms(plant).values()) / series_years(plant) < 1
    for pattern, least in {"constant": 1.0, "clipped": 0.9, "replayed": 1.0, "scaled +20 %, not rounded": 0.9}.items():
        rate = summed(tampered(plant, name, pattern, 24, count=4) for name in ("co", "nox"))
        assert rate.found >= least * rate.tried, (pattern, rate)
    scaled = ("scaled +20 %", "scaled -20 %")
    days = summed(tampered(plant, name, pattern, 72) for name in ("co", "nox") for pattern in scaled)
    assert days.found >= 0.75 * days.tried, days
    day = summed(tampered(plant, "nox", pattern, 24, count=4) for pattern in scaled)
    assert day.found >= 0.75 * day.tried, day


@pytest.mark.shared_data
def test_the_sewage_works_keeps_its_floors(shared: Path) -> None:
    """The year held out."""
    plant = sewage_works(shared / "data" / "sources", 1991)
    assert not any(name.startswith("RD-") for name in plant.series)
    assert sum(false_alarms(plant).values()) / series_years(plant) < 1
    fortnight = [
        summed(tampered(plant, name, pattern, 14, 2) for name in names)
        for pattern, names in {"scaled +20 %": ("SS-E", "COND-E", "SED-P"), "replayed": ("DQO-S", "DBO-D")}.items()
    ]
    assert summed(fortnight).found >= 0.75 * summed(fortnight).tried
    assert isinstance(fortnight[0], Rate)
