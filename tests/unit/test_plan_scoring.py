"""Scoring rules and the score sheet, by examples worked by hand and by what must hold for any."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.base.errors import WrongUsage
from qingyuan.plans.evaluating.known import Event, Facts, Measure, Task, Trace
from qingyuan.plans.evaluating.rules import FOLDER, editions, read_rules, rules
from qingyuan.plans.evaluating.sheet import as_json, score
from qingyuan.plans.facts import Words
from qingyuan.standards.schema import FaultyLibrary

EXAMPLES = yaml.safe_load((Path(__file__).parent / "plan_scoring" / "examples.yaml").read_text(encoding="utf-8"))
NAME = Words("某", "some")
TRACE = Trace("computed", NAME)


def number(value):
    return None if value is None else Decimal(str(value))


def measure(told):
    return Measure(
        told["key"], NAME, "ug/m3", told["nature"], told["direction"], 1, number(told["base"]), date(2020, 12, 31),
        number(told["target"]), date(2024, 12, 31), number(told["value"]), TRACE,
        peers={code: number(value) for code, value in told.get("peers", {}).items()},
    )  # fmt: skip


def facts(told):
    return Facts(
        "A", NAME, told["day"],
        measures=tuple(map(measure, told["measures"])),
        tasks=tuple(Task(f"t{n}", NAME, light, TRACE) for n, light in enumerate(told["tasks"], 1)),
        events=tuple(Event(kind, NAME, told["day"], TRACE) for kind in told["events"]),
    )  # fmt: skip


@pytest.mark.parametrize("told", EXAMPLES, ids=lambda told: told["title"])
def test_worked_example(told):
    sheet = score(rules(told["kind"], told["day"]), facts(told))
    found, expect = as_json(sheet), told["expect"]
    assert found["total"] == expect["total"]
    for key in ("grade", "by_points"):
        assert expect.get(key, found[key]) == found[key]
    points = {each["code"]: each["points"] for each in found["sections"]}
    assert {code: points[code] for code in expect.get("sections", {})} == expect.get("sections", {})
    states = {f"{each['section']}.{each['key']}": each["state"] for each in found["lines"]}
    assert {key: states[key] for key in expect.get("states", {})} == expect.get("states", {})
    assert [each["code"] for each in found["vetoes"]] == expect.get("vetoes", [])


def test_nothing_observed_has_no_total_but_orderly_work():
    told = {"day": date(2022, 12, 31), "measures": [], "tasks": [], "events": []}
    sheet = score(rules("midterm", told["day"]), facts(told))
    assert [each.points is None for each in sheet.sections] == [True, True, True, True, False]


def test_the_formula_is_told_with_its_numbers():
    line = next(score(rules("midterm", EXAMPLES[0]["day"]), facts(EXAMPLES[0])).lines())
    assert "现值 38 − 基数 40" in line.formula.zh and "50.0%" in line.formula.zh


VALUE = st.decimals(0, 100, places=1, allow_nan=False) | st.none()


@settings(deadline=None)
@given(values=st.lists(VALUE, max_size=6), lights=st.lists(st.sampled_from(["good", "tight", "bad", "not_observed"])))
def test_points_stay_within_the_weights(values, lights):
    base = {"direction": "down", "base": 40, "target": 32}
    measures = [
        {"key": str(n), "nature": "binding" if n % 2 else "expected", "value": value, **base}
        for n, value in enumerate(values)
    ]
    told = {"day": date(2022, 12, 31), "measures": measures, "tasks": lights, "events": []}
    sheet = score(rules("midterm", told["day"]), facts(told))
    assert 0 <= sheet.total <= 100
    assert abs(sum(each.full for each in sheet.sections) - 100) <= Decimal("0.03")
    assert all(each.points is None or 0 <= each.points <= each.full for each in sheet.lines())


@settings(deadline=None)
@given(better=st.decimals(0, 40, places=1), worse=st.decimals(0, 40, places=1))
def test_a_better_value_never_gives_less(better, worse):
    better, worse = min(better, worse), max(better, worse)
    line = {"key": "1", "nature": "binding", "direction": "down", "base": 40, "target": 32}
    totals = [
        score(
            rules("midterm", date(2022, 12, 31)),
            facts({"day": date(2022, 12, 31), "measures": [{**line, "value": value}], "tasks": [], "events": []}),
        ).total
        for value in (better, worse)
    ]
    assert totals[0] >= totals[1]


def keeping(kind, events):
    day = date(2022, 12, 31)
    tasks = (Task("t1", NAME, "good", TRACE),)
    sheet = score(rules(kind, day), Facts("A", NAME, day, tasks=tasks, events=events))
    return sheet, next(line for line in sheet.lines() if line.section == "keeping")


@pytest.mark.parametrize("kind", ["midterm", "final", "yearly"])
def test_orderly_work_nobody_was_asked_for_is_not_observed(kind):
    sheet, line = keeping(kind, None)
    assert (line.state, line.points) == ("redistributed", None) and "没有调度" in line.formula.zh
    assert sheet.total == 100  # its weight went to the tasks
    _, kept = keeping(kind, ())
    assert kept.state == "scored" and kept.points == kept.full > 0
    _, broken = keeping(kind, (Event("talked_to", NAME, date(2022, 5, 1), TRACE),))
    assert broken.points < kept.points


def own(value, target, base="31", issued=True):
    given = {"base": base, "target": target, "value": value, "key": "1", "nature": "binding", "direction": "down"}
    return replace(measure(given), issued=issued)


def test_a_target_that_was_not_issued_takes_no_points_even_where_missing_ones_do():
    day = date(2024, 12, 31)
    tasks = (Task("t1", NAME, "good", TRACE),)
    for issued, state, total in ((False, "redistributed", "100.00"), (True, "withheld", "33.33")):
        sheet = score(rules("final", day), Facts("A", NAME, day, (own("30", None, issued=issued),), tasks))
        assert [line.state for line in sheet.lines() if line.section == "binding"] == [state]
        assert str(sheet.total) == total


def test_a_target_looser_than_its_base_gives_nothing_until_it_is_met():
    day = date(2022, 12, 31)
    points = [
        next(score(rules("midterm", day), Facts("A", NAME, day, (own(value, "33"),))).lines()).points
        for value in ("34", "33")
    ]
    assert points[0] == 0 and points[1] > 0


def test_every_edition_is_sound_and_marked_as_the_houses_own():
    assert {each.code for each in editions()} == {"midterm", "final", "yearly"}
    assert {each.confidence for each in editions()} == {"memory"}


@pytest.mark.parametrize(
    ("change", "told"),
    [(("weight: 45", "weight: 46"), "sum to 101"), (("from: 80", "from: 95"), "best first"),
     (("at_most: fail", "at_most: none"), "no grade"), (("points: lights", "points: met"), "none of lights")],
)  # fmt: skip
def test_rules_that_break_the_schema_are_refused(tmp_path, change, told):
    file = tmp_path / "midterm.yaml"
    file.write_text((FOLDER / "midterm.yaml").read_text("utf-8").replace(*change), "utf-8")
    with pytest.raises(FaultyLibrary, match=told):
        read_rules(file)


def test_before_the_first_edition_there_are_no_rules():
    with pytest.raises(WrongUsage, match="2020-01-01"):
        rules("midterm", date(2020, 1, 1))
