"""The emission standards and the rules of source monitoring equal the gathered fact tables, entirely.

What was read since the tables were gathered may make the library surer of a value than they are, never less sure.
"""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from qingyuan.standards import law
from qingyuan.standards.listing import allowed
from qingyuan.standards.records import CONFIDENCES

CONFIDENCE = {"primary": "primary", "two": "two_sources", "one": "one_source", "memory": "memory"}
AVERAGING = {"daily mean": "24h", "measured mean": "measured", "-": ""}
CODES = {
    "ultra-low 2014/2015": "ultra-low power",
    "ultra-low boilers": "ultra-low boilers",
    "ultra-low steel 2019": "ultra-low steel",
    "ultra-low coking/cement 2024": "ultra-low coking and cement",
}
GAS = {"smoke_dust": "pm", "fluoride": "fluoride_gas"}
WATER = {
    "SS": "suspended_solids", "LAS": "anionic_surfactant", "TN": "total_n", "NH3-N": "ammonia_n", "Hg": "mercury",
    "alkyl_Hg": "alkyl_mercury", "Cd": "cadmium", "Cr": "chromium", "Cr6": "chromium_vi", "As": "arsenic",
    "Pb": "lead", "Cu": "copper", "Zn": "zinc", "Mn": "manganese", "Ni": "nickel", "BaP": "bap_water",
    "Be": "beryllium", "Ag": "silver",
}  # fmt: skip
BUILT = {"TP (built before 2006)": "built_before_2006", "TP (from 2006-01-01)": "built_from_2006"}
UNITS = {"grade": "1", "dilution": "times"}


def _facts(shared: Path, name: str) -> list[dict[str, str]]:
    with (shared / "reference/standards" / name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def _item(row: dict[str, str]) -> str:
    if row["pollutant"] in BUILT:
        return "total_p"
    names = GAS if row["medium"] == "gas" else WATER
    return names.get(row["pollutant"], row["pollutant"].lower())


def _said(row: dict[str, str]) -> list[tuple[str, str]]:
    """Each value of a fact with its condition; ``5 (8)`` is two: above 12 degrees, and at or below."""
    value = row["limit"]
    if "(" in value:
        warm, cold = value.rstrip(")").split(" (")
        return [(warm, "water_above_12"), (cold, "water_up_to_12")]
    plain = value if "-" in value[1:2] or value == "not detected" else format(Decimal(value), "f")
    return [(plain, BUILT.get(row["pollutant"], ""))]


def _number(text: str) -> str:
    return text if not text[0].isdigit() or "-" in text else str(Decimal(text).normalize())


def _unit(row: dict[str, str]) -> str:
    if row["pollutant"] == "colour":
        return "times"
    return UNITS.get(row["unit"], row["unit"]) or "1"


def _as_sure(ours: str, fact: str) -> bool:
    """Whether a value of the library is at least as sure as its fact."""
    return CONFIDENCES.index(ours) <= CONFIDENCES.index(CONFIDENCE[fact])


AMENDED = date(2026, 4, 1)
DRYER = "dryer with own heat source"
"""A row of the facts with a note, a kind of source of its own here: the amendment of 2026 speaks of it alone."""


@pytest.mark.shared_data
def test_emission_limits_equal_the_facts(shared: Path) -> None:
    facts = {
        (
            CODES.get(row["standard"], row["standard"][:-5]), row["medium"], row["source_type"], row["grade"] or "all",
            _item(row), AVERAGING.get(row["averaging"], row["averaging"]), condition, _number(value), _unit(row),
        ): ("" if row["pollutant"] == "NH3-N" else row["note"], row["confidence"])
        for row in _facts(shared, "08_emission_limits.csv")
        for value, condition in _said(row)
    }  # fmt: skip
    ours = {
        (
            row.standard, row.medium, row.source_type, row.grade, row.item, row.averaging, row.condition,
            _number(allowed(row)), row.unit,
        ): (row.note, row.confidence)
        for each in law.standards()
        for row in each.emissions
        if row.source_type != DRYER and (row.standard, row.effective) != ("GB 4915", AMENDED)
    }  # fmt: skip
    assert set(ours) == set(facts)
    for key, (note, sure) in facts.items():
        assert _as_sure(ours[key][1], sure), key
        assert not note or ours[key][0] == note, key


def _dryers(source: str, on: date) -> dict[tuple[str, str], Decimal | None]:
    return {(row.grade, row.item): row.value for row in law.emissions("GB 4915", source, on=on)}


def test_dryers_with_their_own_heat_source_follow_their_row_until_the_amendment_of_2026() -> None:
    before, after = date(2026, 3, 31), AMENDED
    assert _dryers(DRYER, before) == _dryers("dryer, coal mill, cooler", before)
    amended = {"pm": 10, "so2": 50, "nox": 80, "nh3": 8}
    assert _dryers(DRYER, after) == {
        (grade, item): v for grade in ("general", "special") for item, v in amended.items()
    }
    others = _dryers("dryer, coal mill, cooler", after)
    assert (others["general", "pm"], others["special", "pm"], others["special", "so2"]) == (30, 20, 50)
    rows = law.emissions("GB 4915", DRYER, on=after)
    assert {(row.clause, row.clause_zh) for row in rows} == {("amendment of 2026", "2026 年修改单")}


REFERENCE = {
    ("GB 13223-2011", "coal boiler"): ("GB 13223", "coal boiler"),
    ("GB 13223-2011", "oil or gas boiler"): ("GB 13223", "oil and gas boiler"),
    ("GB 13223-2011", "gas turbine"): ("GB 13223", "gas turbine"),
    ("GB 13271-2014", "coal boiler"): ("GB 13271", "coal boiler"),
    ("GB 13271-2014", "oil, gas boiler"): ("GB 13271", "oil and gas boiler"),
    ("GB 18485-2014", "waste incinerator"): ("GB 18485", "incinerator"),
    ("GB 18484-2020", "hazardous-waste incinerator"): ("GB 18484", "incinerator"),
    ("GB 4915-2013", "cement kiln and tail"): ("GB 4915", "kiln and tail"),
    ("GB 4915-2013", "dryer with own heat source"): ("GB 4915", "dryer with own heat source"),
    ("steel ultra-low", "sintering, pelletising"): ("ultra-low steel", "sintering and pelletising"),
    ("steel ultra-low", "hot-blast, heating furnace"): ("ultra-low steel", "heating furnace"),
    ("coking ultra-low", "coke-oven stack"): ("ultra-low coking and cement", "coke oven"),
}


@pytest.mark.shared_data
def test_reference_oxygen_equals_the_facts(shared: Path) -> None:
    rows = _facts(shared, "07_reference_oxygen.csv")
    assert {(row["standard"], row["source_type"]) for row in rows} == set(REFERENCE)
    for row in rows:
        code, name = REFERENCE[row["standard"], row["source_type"]]
        rule = law.rule(code, f"reference_oxygen.{name}", edition=law.editions(code)[0].name)
        assert rule.value == Decimal(row["reference_o2_pct"].split(" ")[0]), row
        assert _as_sure(rule.confidence, row["confidence"]), row


def test_every_named_reference_oxygen_exists() -> None:
    for each in law.standards():
        for source in each.sources:
            if source.oxygen not in ("", "no"):
                assert law.number(each.code, f"reference_oxygen.{source.oxygen}", edition=each.editions[0].name) < 21


VALIDITY = {
    ("gas", "minimum valid minutes"): ("HJ 75", "1h.min_minutes"),
    ("gas", "minimum valid hours"): ("HJ 75", "24h.min_hours"),
    ("gas", "minimum valid days"): ("HJ 75", "month.min_days"),
    ("gas", "capture rate"): ("HJ 75", "quarter.min_capture"),
    ("water", "minimum share of due readings"): ("HJ 356", "24h.min_share"),
    ("water", "formula"): ("HJ 356", "24h.formula"),
    ("water", "minimum share of due days"): ("HJ 356", "month.min_share"),
    ("water", "COD, NH3-N, TP, TN"): ("HJ 355", "readings.interval"),
}


@pytest.mark.shared_data
def test_validity_equals_the_facts(shared: Path) -> None:
    rows = _facts(shared, "07_validity_source_monitors.csv")
    assert {(row["medium"], row["rule"]) for row in rows} == set(VALIDITY)
    for row in rows:
        code, name = VALIDITY[row["medium"], row["rule"]]
        rule = law.rule(code, name, edition=law.editions(code)[-1].name)
        assert str(rule.value).split("_")[0] in row["value"], row
        assert _as_sure(rule.confidence, row["confidence"]), row


def test_february_has_its_own_minimum() -> None:
    assert law.number("HJ 75", "month.min_days_february", edition="2017") == 23


@pytest.mark.shared_data
def test_substitution_windows_equal_the_facts(shared: Path) -> None:
    windows = {
        (">=90%", "N<=24"): "substitute.high_capture.short",
        (">=90%", "N>24"): "substitute.high_capture.long",
        ("75%-<90%", "any"): "substitute.low_capture",
    }
    for row in _facts(shared, "07_missing_data_gas.csv"):
        if row["status"] != "any":
            rule = law.rule("HJ 75", windows[row["quarter_capture_rate"], row["consecutive_hours"]], edition="2017")
            assert f"the last {rule.value} valid hours" in row["substitute"], row
            assert _as_sure(rule.confidence, row["confidence"])
    assert law.number("HJ 75", "quarter.high_capture", edition="2017") == 90
    assert law.number("HJ 75", "substitute.short_gap", edition="2017") == 24


@pytest.mark.shared_data
def test_marks_equal_the_facts(shared: Path) -> None:
    words = {"normal", "monitor_stopped", "maintenance", "manual", "instrument_fault", "calibration", "over_range"}
    for row in _facts(shared, "07_data_flags.csv"):
        if len(row["code"]) == 1:
            rule = law.rule("HJ 212", f"flag.{row['code']}", edition="2017")
            assert str(rule.value).split("_")[0] in {*row["meaning"].split(), "manual"}, row
            assert rule.value in words | {"communication_error"}
            assert _as_sure(rule.confidence, row["confidence"]), row


def test_f_changes_its_meaning_with_the_edition() -> None:
    said = [law.rule("HJ 212", "flag.F", edition=edition).value for edition in ("2005", "2017")]
    assert said == ["source_stopped", "monitor_stopped"]
