"""A round's sheets as a report tells them: as they were computed and sealed, and what was said and decided since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from qingyuan.base.time import isoformat
from qingyuan.plans import division
from qingyuan.plans.evaluating import rounds
from qingyuan.plans.evaluating.known import Trace
from qingyuan.plans.evaluating.rules import Rules
from qingyuan.plans.evaluating.sheet import Sheet, of_json
from qingyuan.plans.facts import Words
from qingyuan.plans.models import Evaluation, Standing
from qingyuan.plans.reporting.material import Material, Said, Stood, Turn

STEPS = {
    "self": Words("待自评", "self-assessment is due"),
    "review": Words("待复核", "review is due"),
    "appeal": Words("申诉期内", "days to appeal"),
    "decide": Words("申诉待裁定", "the appeal is to be decided"),
    "done": Words("已办结", "done"),
}
VERBS = {
    "assess": Words("自评", "self-assessed"),
    "review": Words("复核", "reviewed"),
    "return": Words("退回", "sent back"),
    "accept": Words("认可", "accepted"),
    "appeal": Words("申诉", "appealed"),
    "decide": Words("裁定", "decided"),
    "lapse": Words("逾期未申诉", "not appealed in time"),
}
STEP = Words("评估环节", "step of the sheet")
SAYS = {"assess": ("self", "self_note"), "review": ("reviewed", "reason"), "decide": ("decided", "decision")}
"""Verb → where its points and reasons are kept with the lines."""


def settled(material: Material, round_: Evaluation, rules: Rules) -> Material:
    """The material with the sheets of a round in the place of those scored just now, and how each came about."""
    found = sorted(round_.sheets.all(), key=lambda each: (each.organisation_id or 0, each.division))
    sheets = tuple(_sheet(each, rules) for each in found)
    stood = tuple(_stood(each, rules) for each in found)
    return replace(material, rules=rules, sheets=sheets, stood=stood, scored=round_.results)


def _sheet(row: Standing, rules: Rules) -> Sheet:
    made = of_json(rules, Words(row.name, row.name_en or row.name), division.normal(row.division), row.computed)
    return replace(made, facts=replace(made.facts, party=row.organisation_id))


def _stood(row: Standing, rules: Rules) -> Stood:
    grades = {each.code: each.title for each in rules.grades}
    turns = tuple(_turn(row, each) for each in row.steps.order_by("sequence"))
    said = {key: _said(told, turns) for key, told in row.lines.items()}
    now = rounds.points_now(row)
    return Stood(row.total, grades.get(row.grade), STEPS[row.step], said, turns, now)


def _turn(row: Standing, step: Any) -> Turn:
    trace = Trace("case", STEP, f"{row.name} #{step.sequence} {step.digest[:8]}", isoformat(step.at))
    files = {each.sha256: f"{each.name}（{each.sha256[:8]}）" for each in row.files.all()}
    proofs = tuple(files.get(each, each) for each in step.given.get("evidence", ()))
    return Turn(VERBS[step.verb], step.verb, step.by, step.at, step.note, proofs, trace)


def _said(told: Mapping[str, str], turns: tuple[Turn, ...]) -> dict[str, Said]:
    """What was said of a line, by verb; its trace is the last step of that verb."""
    steps = {each.verb: each.trace for each in turns}
    return {
        verb: Said(Decimal(told[points]), told.get(why, ""), steps[verb])
        for verb, (points, why) in SAYS.items()
        if told.get(points) and verb in steps
    }
