"""The reader against the plan and its figures in the shared folder."""

from __future__ import annotations

import csv
import re
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from qingyuan.plans.reading import read
from qingyuan.plans.reading.draft import Draft, Target
from qingyuan.plans.reading.mapped import spell

pytestmark = pytest.mark.shared_data

UNITS = {
    "10^4 kW": "万千瓦",
    "10^4 mu": "万亩",
    "10^4 vehicles": "万辆",
    "years": "年",
    "t/d": "吨",
    "villages per year": "个",
}
COUNTED = {"station": "套", "stations": "座"}


@pytest.fixture(scope="module")
def plan(shared: Path) -> Path:
    return shared / "plan" / "jilin_plan_2021_2025_extracted.txt"


@pytest.fixture(scope="module")
def draft(plan: Path) -> Draft:
    return read(plan)


def rows(shared: Path, name: str) -> list[dict[str, str]]:
    with (shared / "plan" / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_chapters_tasks_and_boxes_are_all_there(draft: Draft) -> None:
    assert [each.no for each in draft.chapters] == list(range(1, 13))
    assert all(
        each.sections and [s.no for s in each.sections] == list(range(1, len(each.sections) + 1))
        for each in draft.chapters
    )
    assert len(draft.tasks) == 120
    assert [(each.no, len(each.items)) for each in draft.boxes] == [
        (1, 4),
        (2, 4),
        (3, 8),
        (4, 3),
        (5, 5),
        (6, 3),
        (7, 7),
        (8, 3),
    ]


def _parts_of_note(text: str) -> list[str]:
    """The names in a note by the plainest means: cut at every mark, verbs cut off; for comparison only."""
    inner = text.strip("（）")
    pieces = re.split(r"[、，；]|及(?=中省直)", inner)
    names = [re.sub(r"(按职责分工)?(负责|配合)$|牵头$", "", piece) for piece in pieces]
    return [name for name in names if re.search(r"[厅局委部院会社府团联门行关]$", name) and "均" not in name]


def test_departments_and_leads_are_those_of_the_notes(draft: Draft) -> None:
    asked = found = 0
    for task in draft.tasks:
        expected = _parts_of_note(task.note)
        asked += len(expected)
        found += sum(one == other for one, other in zip(expected, task.departments, strict=False))
        assert task.lead == _lead(task.note, expected), task.note
    assert asked > 400
    assert found >= 0.99 * asked


def _lead(note: str, names: list[str]) -> Any:
    if "牵头" in note:
        before = _parts_of_note(note.split("牵头")[0])
        return before[0] if len(before) == 1 else tuple(before)
    return names[0] if len(names) == 1 else None


def test_indicators(draft: Draft, shared: Path) -> None:
    facts = rows(shared, "indicators.csv")
    assert [each.no for each in draft.indicators] == [int(row["no"]) for row in facts]
    for each, row in zip(draft.indicators, facts, strict=True):
        assert spell(each.name).replace("（", "(").replace("）", ")") == row["name"]
        assert each.nature == row["nature"]
        assert _agrees(each.target, row["target_2025"]), row
        assert _agrees(each.base, row["base_2020"]) or _offered(each.doubtful, "base", row["base_2020"]), row


def _agrees(value: Decimal | str | None, printed: str) -> bool:
    bare = printed.strip("?><=")
    if isinstance(value, Decimal):
        return value == Decimal(bare)
    return (value or "") == bare


def _offered(doubts: tuple[Any, ...], field: str, printed: str) -> bool:
    return any(each.field == field and Decimal(printed.strip("?")) in each.alternatives for each in doubts)


def test_what_the_text_cannot_decide_is_doubtful(draft: Draft, shared: Path) -> None:
    for row in rows(shared, "indicators.csv"):
        if row["base_2020"].endswith("?"):
            each = draft.indicators[int(row["no"]) - 1]
            assert any(doubt.field == "base" for doubt in each.doubtful), row


def test_a_second_mention_settles_a_figure(draft: Draft) -> None:
    assert draft.indicators[0].base == Decimal("31.0")
    assert not draft.indicators[0].doubtful


def test_quantified_targets(draft: Draft, shared: Path) -> None:
    facts = rows(shared, "quantified_targets.csv")
    found = [row for row in facts if any(_is_row(each, row) for each in draft.targets)]
    missed = [row["subject"] for row in facts if row not in found]
    assert not missed
    undated = [
        row["subject"]
        for row in facts
        if not any(_is_row(each, row) and _by(each, row["by"]) for each in draft.targets)
    ]
    assert undated == ["医疗废物医疗废水处理处置率"], (
        "its sentence prints no time; the table's `each year` is a reading"
    )


def _is_row(each: Target, row: dict[str, str]) -> bool:
    return str(each.chapter) == row["chapter"] and _value(each, row) and _similar(each.subject, row["subject"])


def _value(each: Target, row: dict[str, str]) -> bool:
    printed = row["value"].split(" or ")[0]
    if not re.search(r"\d", printed):
        return printed == each.words or (printed == "once" and each.value == 1)
    number, unit = Decimal(re.sub(r"[^\d.]", "", printed)), row["unit"]
    if each.value != number or each.unit != UNITS.get(unit, COUNTED.get(unit, unit)):
        return False
    return {">": each.operator in (">", ">="), "e": each.operator == "every"}.get(printed[0], True)


def _by(each: Target, by: str) -> bool:
    return (each.by or "")[: len(by)] == by or (not by and each.by is None)


def _similar(one: str, other: str) -> bool:
    pairs = {other[at : at + 2] for at in range(len(other) - 1)}
    return len({one[at : at + 2] for at in range(len(one) - 1)} & pairs) >= 0.25 * len(pairs)


def test_every_item_points_at_its_place(draft: Draft, plan: Path) -> None:
    text = plan.read_text(encoding="utf-8")
    assert draft.text == text
    assert draft.origin.characters == len(text)
    for task in draft.tasks:
        assert spell(task.title) in spell(text[slice(*task.text_span)])
        assert spell(text[slice(*task.note_span)]) == spell(task.note)
    for target in draft.targets:
        assert spell(text[slice(*target.text_span)])[:1] in spell(target.text)
    for each in draft.indicators:
        assert spell(each.name) in spell(text[slice(*each.text_span)])


def test_it_takes_less_than_two_seconds(plan: Path) -> None:
    begun = time.perf_counter()
    read(plan)
    assert time.perf_counter() - begun < 2
