"""Spelling of units and exact factors between them."""

import tomllib
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.base import units
from qingyuan.base.rounding import round_half_even
from qingyuan.standards import law, properties

BEFORE, SINCE = date(2018, 8, 31), date(2018, 9, 1)


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("ug/m3", "ug/m3"),
        ("\u00b5g/m3", "ug/m3"),
        ("\u03bcg/m3", "ug/m3"),
        ("\u03bcg/m\u00b3", "ug/m3"),
        ("μg·m⁻³", "ug/m3"),
        ("ug m-3", "ug/m3"),
        ("ug/m^3", "ug/m3"),
        ("UG/M3", "ug/m3"),
        (" ug / m3 ", "ug/m3"),
        ("微克/立方米", "ug/m3"),
        ("MG/M3", "mg/m3"),
        ("mg/Nm³", "mg/Nm3"),
        ("PPB", "ppb"),
        ("％", "%"),
        ("℃", "degC"),
        ("hpa", "hPa"),
        ("mbar", "hPa"),
        ("m s⁻¹", "m/s"),
        ("dB(A)", "dB"),
        ("°", "deg"),
        ("", "1"),
        ("Mg/m3", None),  # a megagram, or a careless milligram: not guessed
        ("furlong", None),
    ],
)
def test_spellings(spelling: str, name: str | None) -> None:
    assert units.canonical(spelling) == name


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("mg/m3", "ug/m3", Fraction(1000)),
        ("ug/m3", "mg/m3", Fraction(1, 1000)),
        ("ng/m3", "ug/m3", Fraction(1, 1000)),
        ("kPa", "hPa", Fraction(10)),
        ("km/h", "m/s", Fraction(5, 18)),
        ("%", "1", Fraction(1, 100)),
        ("ppm", "ppb", Fraction(1000)),
        ("ug/m3", "degC", None),
        ("K", "degC", None),
        ("ug/m3", "unknown", None),
        ("unknown", "unknown", None),
    ],
)
def test_factors(source: str, target: str, expected: Fraction | None) -> None:
    assert units.factor(source, target) == expected


@pytest.mark.parametrize(
    ("slug", "source", "expected"), [("so2", "ppb", "2.62"), ("no2", "ppb", "1.88"), ("co", "ppm", "1.145")]
)
def test_gases_at_the_amended_reference_state(slug: str, source: str, expected: str) -> None:
    gas = properties.get(slug)
    assert gas.molar_mass is not None
    found = units.factor(source, gas.unit, molar_mass=Fraction(gas.molar_mass), on=SINCE)
    assert found is not None
    assert round_half_even(found, -int(Decimal(expected).as_tuple().exponent)) == Decimal(expected)


@pytest.mark.shared_data
def test_gases_agree_with_the_facts(shared: Path) -> None:
    facts = tomllib.loads((shared / "reference/standards/01_hj663_rules.toml").read_text("utf-8"))
    state = facts["reference_state"]
    for source, table in (("ppb", state["ppb_to_ugm3"]), ("ppm", state["ppm_to_mgm3"])):
        for name, value in table.items():
            gas = properties.find(name)
            assert gas and gas.molar_mass
            found = units.factor(source, gas.unit, molar_mass=Fraction(gas.molar_mass), on=SINCE)
            assert found == pytest.approx(value, rel=1e-3)


def test_the_reference_state_is_chosen_by_the_day_of_the_data() -> None:
    ozone = Fraction("47.997")
    old = units.factor("ppb", "ug/m3", molar_mass=ozone, on=BEFORE)
    new = units.factor("ppb", "ug/m3", molar_mass=ozone, on=SINCE)
    assert old and new
    assert new / old == Fraction("273.15") / Fraction("298.15")
    assert units.factor("ug/Nm3", "ug/m3", molar_mass=ozone, on=BEFORE) == 1
    assert units.factor("ug/Nm3", "ug/m3", molar_mass=ozone, on=SINCE) == new / old


def test_a_gas_volume_needs_the_molar_mass_and_the_day() -> None:
    assert units.factor("ppb", "ug/m3") is None
    assert units.factor("ppb", "ug/m3", molar_mass=Fraction(48)) is None
    assert units.factor("ppb", "ug/m3", on=SINCE) is None


def test_molar_volumes() -> None:
    assert round_half_even(1000 * units.molar_volume(units.NORMAL_TEMPERATURE), 3) == Decimal("22.414")
    assert round_half_even(1000 * units.molar_volume(units.AMENDED_TEMPERATURE), 3) == Decimal("24.465")


@pytest.mark.parametrize("day", [date(2013, 1, 1), BEFORE, SINCE, date(2026, 2, 28), date(2026, 3, 1)])
def test_the_reference_state_is_that_of_the_law_library(day: date) -> None:
    said = law.rule("GB 3095", "reference_state.gas_temperature", on=day).value
    assert units.reference_temperature(day) == Fraction(said)  # type: ignore[arg-type]


@given(
    st.sampled_from(["ug/m3", "mg/m3", "ng/m3", "ppb", "ppm", "ug/Nm3", "mg/Nm3"]),
    st.sampled_from(["ug/m3", "mg/m3", "ng/m3", "ppb", "ppm", "ug/Nm3", "mg/Nm3"]),
    st.dates(min_value=date(2013, 1, 1), max_value=date(2035, 1, 1)),
)
def test_there_and_back_is_one(source: str, target: str, day: date) -> None:
    mass = Fraction("46.006")
    there = units.factor(source, target, molar_mass=mass, on=day)
    back = units.factor(target, source, molar_mass=mass, on=day)
    assert there and back
    assert there * back == 1
