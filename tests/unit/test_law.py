"""The law library: choice by the day of the data, whole and strictly read."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.base.errors import UnknownLaw
from qingyuan.standards import catalogue, law, properties
from qingyuan.standards.listing import EMISSION_WORDS
from qingyuan.standards.reading import read_standard
from qingyuan.standards.records import EXPECTED, Level, Standard
from qingyuan.standards.schema import FaultyLibrary

OLD, NEW, FINAL = date(2026, 2, 28), date(2026, 3, 1), date(2031, 1, 1)
DAYS = st.dates(min_value=date(2010, 1, 1), max_value=date(2040, 12, 31))


@pytest.mark.parametrize(
    ("item", "averaging", "day", "value"),
    [
        ("pm25", "24h", OLD, "75"),
        ("pm25", "24h", NEW, "60"),
        ("pm25", "24h", date(2030, 12, 31), "60"),
        ("pm25", "24h", FINAL, "50"),
        ("pm25", "annual", OLD, "35"),
        ("pm25", "annual", NEW, "30"),
        ("pm25", "annual", FINAL, "25"),
        ("pm10", "24h", NEW, "120"),
        ("no2", "annual", FINAL, "30"),
        ("o3", "mda8", FINAL, "160"),
        ("pm25", "24h", date(2013, 12, 2), "75"),
        ("bap", "24h", NEW, "0.0025"),
    ],
)
def test_grade_2_limits(item: str, averaging: str, day: date, value: str) -> None:
    assert law.limit("GB 3095", item, averaging, on=day).value == Decimal(value)


def test_a_limit_says_where_it_stands() -> None:
    found = law.limit("GB 3095", "pm25", "24h", on=NEW, grade=1)
    assert (found.value, found.unit, found.clause, found.edition) == (Decimal(35), "ug/m3", "table 1", "2026")
    assert (found.stage, found.confidence, found.checked) == ("transition", "primary", date(2026, 11, 23))
    assert (found.effective, found.until) == (NEW, date(2030, 12, 31))


def test_an_edition_may_be_demanded() -> None:
    assert law.limit("GB 3095", "pm25", "24h", on=date(2020, 1, 1), edition="2026").value == 60
    assert law.limit("GB 3095", "pm25", "24h", on=date(2032, 1, 1), edition="2012").value == 75
    assert law.breakpoints("HJ 633", "pm25", "24h", edition="2012").values[2] == 75
    assert law.breakpoints("HJ 633", "pm25", "24h", on=OLD, edition="2026").values[2] == 60


def test_beyond_the_last_breakpoint() -> None:
    above = {
        (item, averaging, edition): law.breakpoints("HJ 633", item, averaging, edition=edition).above
        for item, averaging in (("so2", "1h"), ("o3", "8h"), ("pm25", "24h"))
        for edition in ("2012", "2026")
    }
    assert above == {
        ("so2", "1h", "2012"): None,
        ("so2", "1h", "2026"): 200,
        ("o3", "8h", "2012"): None,
        ("o3", "8h", "2026"): 300,
        ("pm25", "24h", "2012"): 500,
        ("pm25", "24h", "2026"): 500,
    }


def test_the_reference_state_changed_within_an_edition() -> None:
    name = "reference_state.gas_temperature"
    assert law.rule("GB 3095", name, on=date(2018, 8, 31)).value == Decimal("273.15")
    assert law.rule("GB 3095", name, on=date(2018, 9, 1)).value == Decimal("298.15")
    assert law.rule("GB 3095", name, on=date(2018, 9, 1)).edition == "2012"
    with pytest.raises(UnknownLaw, match="Give the day"):
        law.rule("GB 3095", name, edition="2012")


@pytest.mark.parametrize("day", [date(2014, 5, 1), OLD, NEW, FINAL])
@pytest.mark.parametrize(
    ("code", "name", "value"),
    [
        ("GB 3095", "24h.min_hours", 20),
        ("GB 3095", "8h.min_hours", 6),
        ("GB 3095", "annual.min_days", 324),
        ("GB 3095", "annual.min_days_per_month", 27),
        ("GB 3095", "annual.min_days_february", 25),
        ("HJ 663", "mda8.min_windows", 14),
        ("HJ 663", "mda8.first_window_end_hour", 8),
        ("HJ 663", "percentile.so2", 98),
        ("HJ 663", "percentile.o3", 90),
        ("HJ 663", "city.min_station_share", Decimal("0.75")),
        ("HJ 663", "city.min_station_share_small", Decimal("0.5")),
        ("HJ 663", "digits.co", 1),
        ("HJ 633", "primary.above", 50),
        ("GB/T 8170", "rounding", "half_even"),
        ("city_ranking", "statistic.co", "p95"),
        ("city_ranking", "tie", "shared"),
        ("sand_dust", "removed.items", ("pm10", "pm25")),
    ],
)
def test_rules_for_every_generation(code: str, name: str, value: object, day: date) -> None:
    assert law.rule(code, name, on=day).value == value


def test_missing_items_by_edition() -> None:
    assert law.rule("HJ 633", "missing_item", on=OLD).value == "others"
    assert law.rule("HJ 633", "missing_item", on=NEW).value == "only_above_100"
    assert "o3.1h_max" in law.rule("HJ 633", "report.daily.items", on=OLD).value  # type: ignore[operator]
    assert len(law.rule("HJ 633", "report.daily.items", on=NEW).value) == 6  # type: ignore[arg-type]


def test_announced_values_are_shown_and_never_used() -> None:
    with pytest.raises(UnknownLaw, match="announced"):
        law.rule("HJ 663", "composite.weight.pm25", on=NEW)
    shown = {line["name"]: line for line in law.as_lines("HJ 663", NEW) if line["status"] == EXPECTED}
    assert shown["composite.weight.pm25"]["value"] == "3"
    assert law.rule("HJ 663", "digits.pm25", on=NEW).value == 0
    assert shown["digits.pm25"]["value"] == "1"
    assert not any(line["status"] == EXPECTED for line in law.as_lines("HJ 663", OLD))


@pytest.mark.parametrize("spelling", ["GB3095", "gb 3095-2012", "ＧＢ 3095—2026", "gb_3095", "环境空气质量标准"])
def test_codes_are_spelled_freely(spelling: str) -> None:
    assert law.standard(spelling).code == "GB 3095"


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: law.standard("GB 3059"), "GB 3095"),
        (lambda: law.limit("GB 3095", "pm2.5", "24h", on=NEW), "pm25.24h"),
        (lambda: law.limit("GB 3095", "co", "annual", on=NEW), "co.24h"),
        (lambda: law.limit("GB 3095", "pm25", "24h", on=NEW, edition="2018"), "2012, 2026"),
        (lambda: law.breakpoints("HJ 633", "pm25", "1h", on=NEW), "pm25.24h"),
        (lambda: law.breakpoints("HJ 633", "pm25", "24h"), "Give the day"),
        (lambda: law.rule("HJ 663", "mda8.min_window", on=NEW), "mda8.min_windows"),
        (lambda: law.rule("HJ 633", "forecast.days", on=OLD), "2026-02-28"),
    ],
)
def test_unknown_law_is_told_with_what_is_near(call: Any, told: str) -> None:
    with pytest.raises(UnknownLaw, match=told.replace(".", r"\.")):
        call()


def _columns() -> list[Any]:
    return [row for each in law.standards() for row in each.breakpoints]


def test_breakpoints_rise_strictly_from_zero() -> None:
    assert len(_columns()) == 20
    for row in _columns():
        assert row.index[0] == 0 and row.values[0] == 0 and len(row.index) == len(row.values)
        assert all(low < high for low, high in pairwise(row.index)), row
        assert all(low < high for low, high in pairwise(row.values)), row
        assert all(value % row.step == 0 for value in row.values), row
        assert row.above is None or row.above >= row.index[-1]


def _gaps(levels: list[Level]) -> list[tuple[int, int]]:
    return [(one.high, two.low) for one, two in pairwise(levels) if two.low != one.high + 1]


@given(DAYS)
def test_every_index_has_exactly_one_level_on_every_day(day: date) -> None:
    levels = law.levels(on=day)
    assert [level.level for level in levels] == [1, 2, 3, 4, 5, 6]
    assert (levels[0].low, levels[-1].high, _gaps(levels)) == (0, 500, [])


def test_a_gap_between_levels_would_be_found() -> None:
    levels = law.levels(on=NEW)
    levels[2] = replace(levels[2], low=102)
    assert _gaps(levels) == [(100, 102)]


@given(DAYS)
@settings(deadline=None)
def test_each_day_has_one_value_of_everything(day: date) -> None:
    for each in law.standards():
        lines = law.as_lines(each.code, day)
        keys = [(line["kind"], line["item"], line["averaging"], line["name"], line["status"]) for line in lines]
        assert len(keys) == len(set(keys))
        assert keys or (each.emissions and day < each.editions[0].effective)
        assert all(line["clause"] and line["clause_zh"] and line["confidence"] for line in lines)


@given(DAYS, DAYS)
@settings(deadline=None)
def test_changes_are_the_difference_of_two_days(first: date, second: date) -> None:
    there, back = law.changes(first, second), law.changes(second, first)
    assert {(c.standard, c.kind, c.item, c.averaging, c.name, c.old, c.new) for c in there} == {
        (c.standard, c.kind, c.item, c.averaging, c.name, c.new, c.old) for c in back
    }
    assert law.changes(first, first) == []


def test_the_change_of_2026() -> None:
    found = {(c.standard, c.item, c.averaging, c.name): (c.old, c.new) for c in law.changes(OLD, NEW)}
    limits = {key: both for key, both in found.items() if key[0] == "GB 3095"}
    assert limits == {
        ("GB 3095", "pm10", "annual", "grade 2"): ("70", "60"),
        ("GB 3095", "pm10", "24h", "grade 2"): ("150", "120"),
        ("GB 3095", "pm25", "annual", "grade 2"): ("35", "30"),
        ("GB 3095", "pm25", "24h", "grade 2"): ("75", "60"),
    }
    assert found["HJ 633", "pm25", "24h", "index 100"] == ("75", "60")
    assert found["HJ 633", "so2", "1h", "above"] == ("-", "200")
    assert found["HJ 633", "", "", "exceeding.above"] == ("100", None)
    assert found["HJ 633", "", "", "forecast.days"] == (None, "3")


def test_items_are_properties_of_the_library_in_their_unit() -> None:
    for each in law.standards():
        for row in (*each.limits, *each.breakpoints):
            assert properties.get(row.item).unit == row.unit
        for rule in each.rules:
            assert all(properties.get(item) for item in rule.items)


def _days_around(editions: list[law.Edition]) -> Iterator[date]:
    for edition in editions:
        yield from (edition.effective, edition.effective - timedelta(days=1))


@pytest.mark.parametrize("code", ["GB 3095", "HJ 633", "HJ 663", "city_ranking", "sand_dust", "GB/T 8170"])
def test_editions_follow_one_another_without_gap(code: str) -> None:
    for day in _days_around(law.editions(code)):
        assert law.edition_on(code, day)


SMALL = """
code: XX 1
title: {zh: 例, en: Example}
editions:
  "2020": {effective: 2020-01-01, until: 2024-12-31}
  "2025": {effective: 2025-01-01}
limits:
  so2.24h:
    unit: ug/m3
    checked: 2026-11-23
    values:
      2020-01-01: {edition: "2020", clause: table 1, grade1: 0.05, grade2: 150, confidence: memory}
      2025-01-01: {edition: "2025", clause: 6.1.2, grade1: 40, grade2: 100, confidence: primary}
"""


def _read(tmp_path: Path, text: str) -> Standard:
    path = tmp_path / "xx_1.yaml"
    path.write_text(text, "utf-8")
    return read_standard(path)


def test_values_are_exact_decimals(tmp_path: Path) -> None:
    first = _read(tmp_path, SMALL).limits[0]
    assert (str(first.value), first.until, first.clause_zh) == ("0.05", date(2024, 12, 31), "表 1")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("grade2: 100", "grade3: 100", "limits.so2.24h.values.2025-01-01.grade2: missing"),
        ("grade2: 100,", "grade2: 100, grade3: 1,", "limits.so2.24h.values.2025-01-01.grade3: unknown key"),
        ("grade2: 100", "grade2: high", "grade2: 'high' is not of the expected kind"),
        ("grade2: 100", "grade2: true", "grade2: True is not of the expected kind"),
        ("confidence: primary", "confidence: sure", "confidence: 'sure' is none of primary"),
        ("clause: 6.1.2", "clause: somewhere", "clause: 'somewhere' has no Chinese wording"),
        ('{edition: "2025"', '{edition: "2026"', "edition: '2026' is none of the editions"),
        (
            '2025-01-01: {edition: "2025", c',
            '2024-01-01: {edition: "2025", c',
            "is not a day of edition 2025",
        ),
        ("    checked: 2026-11-23\n", "", "checked: missing"),
        ("unit: ug/m3", "unit: µg/m³", "'µg/m³' is no unit of this library"),
        ("so2.24h:", "so2:", "the key must be item.averaging"),
        ("limits:", "limit:", "limit: unknown key"),
        ("grade2: 100", "grade2: 100, grade2: 90", "'grade2'] given twice"),
        ("code: XX 1", "code: [", "xx_1.yaml"),
    ],
)
def test_a_fault_names_file_key_and_what_is_wrong(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in SMALL
    with pytest.raises(FaultyLibrary) as caught:
        _read(tmp_path, SMALL.replace(old, new))
    assert str(caught.value).startswith("xx_1.yaml")
    assert told in str(caught.value)


OWN = """
code: XX 2
title: {zh: 例, en: Example}
editions:
  "2020": {effective: 2020-01-01}
emissions:
  boiler:
    title: {zh: 锅炉, en: Boiler}
    medium: gas
    unit: mg/m3
    clause: table 1
    confidence: primary
    checked: 2026-11-23
    values:
      2020-01-01:
        edition: "2020"
        limits:
          new:
            pm.1h: 30
          special:
            clause: table 2
            checked: 2026-11-27
            pm.1h: 20
            so2.1h: {value: 50, clause: "4.3", confidence: memory}
"""


def test_a_grade_and_a_limit_may_cite_a_clause_of_their_own(tmp_path: Path) -> None:
    rows = _read(tmp_path, OWN).emissions
    told = [(row.grade, row.item, row.clause_zh, row.confidence, row.checked.day) for row in rows]
    assert told == [
        ("new", "pm", "表 1", "primary", 23),
        ("special", "pm", "表 2", "primary", 27),
        ("special", "so2", "4.3", "memory", 27),
    ]


def test_a_grade_must_cite_a_clause_with_a_wording(tmp_path: Path) -> None:
    with pytest.raises(FaultyLibrary, match=r"limits\.special\.clause: 'somewhere' has no Chinese wording"):
        _read(tmp_path, OWN.replace("clause: table 2", "clause: somewhere"))


def test_the_library_is_read_once() -> None:
    assert catalogue.library() is catalogue.library()


def test_an_emission_standard_says_nothing_before_its_first_day() -> None:
    assert law.as_lines("GB 18485", date(2014, 6, 30)) == []
    assert len(law.as_lines("GB 18485", date(2014, 7, 1))) == 14 + 1


def test_limits_of_boilers_in_use_come_with_their_day() -> None:
    found = law.changes(date(2015, 9, 30), date(2015, 10, 1))
    assert {(change.standard, change.old) for change in found} == {("GB 13271", None)}
    assert {change.name for change in found} == {f"{fuel} boiler, in_use" for fuel in ("coal", "oil", "gas")}
    assert len(found) == 13


def test_the_amendment_of_the_cement_standard_comes_with_its_day() -> None:
    found = [c for c in law.changes(date(2026, 3, 31), date(2026, 4, 1)) if c.standard == "GB 4915"]
    dryer = {(c.item, c.old, c.new) for c in found if c.name == "dryer with own heat source, special"}
    assert dryer == {("pm", "20", "10"), ("so2", "400", "50"), ("nox", "300", "80"), ("nh3", None, "8")}


def test_emission_limits_of_a_kind_of_source() -> None:
    rows = law.emissions("GB 18918-2002", "municipal sewage plant", on=NEW)
    (cod,) = [row for row in rows if (row.item, row.grade) == ("cod", "1A")]
    assert (cod.value, cod.unit, cod.averaging, cod.confidence, cod.lowest) == (50, "mg/L", "24h", "primary", None)
    (ph,) = [row for row in rows if (row.item, row.grade) == ("ph", "3")]
    assert (ph.lowest, ph.value) == (6, 9)
    with pytest.raises(UnknownLaw, match="municipal sewage plant"):
        law.emissions("GB 18918", "sewage", on=NEW)


def test_grades_and_conditions_of_emissions_have_words_in_both_languages() -> None:
    rows = [row for each in law.standards() for row in each.emissions]
    said = {word for row in rows for word in (row.grade, row.condition) if len(word) > 2}
    assert said == set(EMISSION_WORDS)
