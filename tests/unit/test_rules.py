"""The words of a rule: each source, each way to be wrong, thresholds of law and house."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from qingyuan.domains import DOMAINS, declared
from qingyuan.interfaces.cli import main
from qingyuan.registers.flow.expressions import parse
from qingyuan.rules import checking, reading, specs, spells
from qingyuan.rules.catalogue import catalogue
from qingyuan.rules.declared import Rule, When, Words
from qingyuan.rules.lines import _filled, _with_change
from qingyuan.rules.placing import Place, Places, _km
from qingyuan.rules.spells import Judged, judge
from qingyuan.standards.schema import FaultyLibrary

AT = datetime(2026, 3, 1)
RULE = """
rules:
  high:
    title: {{zh: 高, en: High}}
    basis: [{basis}]
    when: {{{when}}}
    severity: {severity}
    {more}
"""
GOOD = {
    "basis": "{house: {zh: 试, en: Trial}}",
    "when": "observation: [pm25], bad: value > 100, good: value < 50, for: 2, ends_after: 2, gap: 2h",
    "severity": "low",
    "more": "",
}


def written(tmp_path, **other):
    file = tmp_path / "rules.yaml"
    file.write_text(RULE.format(**(GOOD | other)), "utf-8")
    return file


def rule(tmp_path, **other):
    return reading.rules(written(tmp_path, **other), "air")["air.high"]


def found(rule, *values, **columns):
    rows = [{"at": AT + timedelta(hours=n), "value": value, **columns} for n, value in enumerate(values)]
    return [(each.begin.hour, each.end.hour, each.rows, each.open) for each in spells.stretches(rule, rows)]


@pytest.mark.parametrize("one", catalogue(declared("rules.yaml")).rules.values(), ids=lambda each: each.code)
def test_worked_examples_of_the_rules_agree_and_every_column_exists(one):
    assessments = {each.name: each.gives + each.stored for domain in DOMAINS for each in domain.assessments}
    assert [*checking.against(one, assessments), *specs.faults(one)] == []


@pytest.mark.parametrize("one", catalogue(declared("rules.yaml")).rules.values(), ids=lambda each: each.code)
def test_every_number_of_the_house_says_so_and_every_basis_can_be_cited(one):
    assert all(each.cited(AT.date())["zh"] for each in one.basis)
    assert all(each.standard or (each.why and each.why.zh and each.why.en) for each in one.thresholds)


def test_a_worked_example_that_disagrees_is_told(tmp_path):
    wrong = (
        "specs: [{title: one row is enough, from: 2026-03-01T00:00, given: {value: [200]}, finds: [{severity: low}]}]"
    )
    assert "one row is enough: 0 findings instead of 1" in specs.faults(rule(tmp_path, more=wrong))[0]


def test_hold_counts_rows_side_by_side(tmp_path):
    one = rule(tmp_path)
    assert found(one, 120, 40, 120, 40) == []
    assert found(one, 120, 130, 40, 40) == [(0, 2, 2, False)]


def test_between_the_thresholds_nothing_ends_and_nothing_begins(tmp_path):
    assert found(rule(tmp_path), 120, 130, 70, 70, 70, 40, 70, 40, 40) == [(0, 2, 2, False)]
    assert found(rule(tmp_path), 70, 120, 70, 120, 70) == []


def test_what_is_not_known_neither_counts_nor_breaks_but_long_silence_does(tmp_path):
    assert found(rule(tmp_path), 120, None, 120) == [(0, 3, 2, True)]
    assert found(rule(tmp_path), 120, None, None, None, None, 120) == []


def test_silence_ends_nothing(tmp_path):
    assert found(rule(tmp_path), 120, 130, None, None, None, None, None, None) == [(0, 2, 2, True)]


def test_rows_left_out_and_rows_not_valid(tmp_path):
    when = "observation: [pm25], bad: value > 100, where: hour >= 2, valid: flag == 'ok'"
    one = rule(tmp_path, when=when)
    assert found(one, 120, 120, 120, 40, flag="ok") == [(2, 3, 1, False)]
    assert found(one, 120, 120, 120, 40, flag="D") == []


def test_severity_is_the_highest_any_row_had(tmp_path):
    one = rule(tmp_path, severity='{"value > 300": urgent, "rows >= 3": high, otherwise: low}')
    rows = [{"at": AT + timedelta(hours=n), "value": value} for n, value in enumerate((120, 130, 140))]
    assert spells.stretches(one, rows[:2])[0].severity == "low"
    assert spells.stretches(one, rows)[0].severity == "high"
    assert spells.stretches(one, [*rows, {"at": AT + timedelta(hours=3), "value": 301}])[0].severity == "urgent"


def test_a_threshold_of_the_law_is_that_of_the_day(tmp_path):
    more = "thresholds: {least: {law: HJ 75, rule: 1h.min_minutes}}"
    one = rule(tmp_path, when="observation: [pm25], bad: value < least", more=more)
    assert one.thresholds[0].value(AT.date()) == Decimal(45)
    assert found(one, 44, 45) == [(0, 1, 1, False)]
    basis = rule(tmp_path, basis="{law: HJ 75, rule: 1h.min_minutes}").basis[0].cited(AT.date())
    assert (basis["edition"], basis["confidence"]) == ("2017", "two_sources")


def test_rate_of_change_is_between_valid_rows():
    rows = [(0, 10.0, None), (1, 999.0, "D"), (2, 30.0, None)]
    told = [*_with_change({"at": AT + timedelta(hours=n), "value": value, "flag": flag} for n, value, flag in rows)]
    assert [each["value"] for each in told] == [10.0, None, 30.0]
    assert (told[2]["change"], told[2]["change_per_hour"], told[1]["raw"]) == (20.0, 10.0, 999.0)


def test_silence_is_a_row_an_interval_until_what_is_due():
    rows = [*_filled([AT, AT + timedelta(hours=3)], timedelta(hours=1), AT + timedelta(hours=5))]
    assert [(each["at"].hour, each["missing"]) for each in rows] == [
        (0, False),
        (1, True),
        (2, True),
        (3, False),
        (4, True),
    ]


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"when": "observation: [pm25], bad: 'import os'"}, "is no expression"),
        ({"when": "observation: [pm25], bad: open('x')"}, "outside the vocabulary"),
        ({"when": "weather: [pm25], bad: value > 1"}, "say what is watched"),
        ({"when": "observation: [pm25], bad: value > 1, for: 0"}, "give 1 or more"),
        ({"when": "observation: [pm25], bad: value > 1, gap: soon"}, "no length of time"),
        ({"when": "observation: [pm25], bad: value > 1, off: 1"}, "unknown key"),
        ({"severity": "loud"}, "none of low, normal, high, urgent"),
        ({"severity": '{"value > 1": low}'}, "the last line must be otherwise"),
        ({"basis": "{law: HJ 999}"}, "HJ 999"),
        ({"basis": "{law: HJ 75, rule: nothing}"}, "has no rule 'nothing'"),
        ({"basis": ""}, "a rule without basis"),
        ({"basis": "{practice: {zh: 试, en: Trial}, confidence: surely}"}, "none of primary"),
        ({"more": "thresholds: {x: {house: 4}}"}, "why"),
    ],
)
def test_a_wrong_declaration_is_told_with_its_place(tmp_path, other, told):
    with pytest.raises(FaultyLibrary) as wrong:
        rule(tmp_path, **other)
    assert told in str(wrong.value)
    assert "rules.yaml: rules.high" in str(wrong.value)


def test_check_names_the_column_that_is_not_there(tmp_path, capsys):
    when = "observation: [pm25], bad: valeu > 1"
    assert main(["rules", "check", str(written(tmp_path, when=when)), "--domain", "air"]) == 2
    assert "'valeu' is neither a column of observation nor a threshold; near: value" in capsys.readouterr().err


def test_check_passes_what_ships(capsys):
    for domain, file in declared("rules.yaml"):
        assert main(["rules", "check", str(file), "--domain", domain]) == 0
    assert "sources.hour_over" in capsys.readouterr().out


def test_what_is_near_is_what_a_look_at_every_point_finds():
    spots = {f"P{n}": Place(f"P{n}", lon=124 + n % 7 * 0.13, lat=43 + n // 7 * 0.09) for n in range(60)}
    spots["unplaced"] = Place("unplaced")
    known = Places(spots, {})
    for km in (0.0, 9.0, 10.1, 30.0, 400.0):
        for here in spots.values():
            apart = {each.point: _km(here, each) for each in spots.values() if each.point != here.point}
            assert known.near(here.point, km) == {point: d for point, d in apart.items() if d is not None and d <= km}


def test_equal_rows_of_another_kind_are_judged_by_themselves():
    when = When("observation", on=parse("value == 1"))
    rule = Rule("a.b", "a", Words("", ""), (), when, ((None, "low"),), "")
    at = datetime(2026, 3, 1)
    told = [judge(rule, {"at": at, "value": value}).value for value in (1, 1.0, None, 2, 1, [1])]
    assert told == ["on", "on", "unknown", "off", "on", "off"]
    boolean = Rule("a.c", "a", Words("", ""), (), When("observation", on=parse("value")), ((None, "low"),), "")
    assert [judge(boolean, {"at": at, "value": value}) is Judged.ON for value in (1, True, 1)] == [False, True, False]
