"""The plan's facts: complete, as the fact table has them, and refused when the file is broken."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from qingyuan.base.errors import QingyuanError
from qingyuan.plans.facts import LIBRARY, plan, read_plan

FILE = LIBRARY / "jilin_14th.yaml"


def test_nineteen_indicators_each_with_a_target_and_a_supplier() -> None:
    facts = plan()
    assert [each.no for each in facts.indicators] == list(range(1, 20))
    for each in facts.indicators:
        assert each.targets[-1].day == facts.last_day
        assert each.supplier.name.zh
        assert each.supplier.name.en
        assert (each.targets[-1].value is None) == (each.direction in ("qualitative", "national"))


def test_only_the_first_three_are_computed() -> None:
    computed = [each.no for each in plan().indicators if each.method]
    assert computed == [1, 2, 3]


def test_a_milestone_holds_in_its_year_and_the_last_target_in_all_others() -> None:
    pm25 = plan().indicator(1)
    assert pm25.target(date(2021, 6, 1)).value == Decimal("30.9")
    assert pm25.target(date(2023, 6, 1)).value == Decimal("29.5")
    assert pm25.target(date(2026, 6, 1)).value == Decimal("29.5")


def test_an_undecidable_print_keeps_both_readings() -> None:
    base = plan().indicator(10).base
    assert base is not None
    assert {base.value, *base.doubtful} == {Decimal("10.8"), Decimal("1.08")}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("direction: down", "direction: sideways", "sideways"),
        ("  1:\n    group:", "  1:\n    colour: red\n    group:", "colour"),
        ("value: 29.5,", "", "value"),
        ("measure: city_mean", "measure: guess", "guess"),
        ("    decimals: 1\n", "", "decimals"),
        ("2021-12-31: {value: 30.9, milestone: true", "2026-12-31: {value: 30.9, milestone: true", "targets"),
    ],
)
def test_a_broken_file_is_refused_with_the_place(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    broken = tmp_path / "broken.yaml"
    broken.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(QingyuanError, match=told):
        read_plan(broken)


@pytest.mark.shared_data
def test_facts_agree_with_the_fact_table(shared: Path) -> None:
    with (shared / "plan" / "indicators.csv").open(encoding="utf-8") as stream:
        table = {int(row["no"]): row for row in csv.DictReader(stream)}
    assert set(table) == {each.no for each in plan().indicators}
    for each in plan().indicators:
        row = table[each.no]
        target = each.targets[-1]
        assert (each.direction, each.nature, each.group, each.unit) == (
            row["direction"], row["nature"], row["group"], row["unit"],
        )  # fmt: skip
        base = row["base_2020"].rstrip("?")
        assert (each.base.value if each.base else None) == (Decimal(base) if base else None)
        if target.value is not None:
            assert target.value == Decimal(row["target_2025"].lstrip(">"))
            assert (target.bound == "above") == row["target_2025"].startswith(">")
        milestones = [str(one.value) for one in each.targets if one.milestone]
        assert milestones == ([row["milestone_2021"]] if row["milestone_2021"] else [])
