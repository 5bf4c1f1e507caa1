"""A half-way evaluation for the demo, simulated and said so: sheets self-assessed, one appealed, nothing published."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from qingyuan.base.rounding import round_half_even
from qingyuan.observations.datasets import Dataset
from qingyuan.people.audit import Actor
from qingyuan.plans.evaluating import rounds
from qingyuan.plans.evaluating.rounds import Act, Frame
from qingyuan.plans.evaluating.rules import rules
from qingyuan.plans.models import Evaluation, Standing
from qingyuan.plans.reporting.material import gather
from qingyuan.plans.reporting.sourcing import in_force, source

KIND = "midterm"
OFFICE, REVIEWER = Actor(None, "市州生态环境局（模拟）", None), Actor(None, "规划处（模拟）", None)


def fill(dataset: Dataset, as_of: datetime, at: datetime) -> Evaluation | None:
    """Open a simulated round as of an hour; None where no version of the plan is in force or a round is there.

    at: when the last act happened; the acts before it lie in the weeks before.
    """
    version = in_force(as_of.date())
    if version is None or Evaluation.objects.filter(plan=version.plan).exists():
        return None
    edition = rules(KIND, as_of.date())
    material = gather(source(dataset, as_of.date()), KIND, edition, as_of, lambda *_told: None)
    frame = Frame(version.plan, version, KIND, as_of, material.results, edition, simulated=True)
    made = rounds.start(frame, material.sheets, REVIEWER, at - timedelta(days=21))
    cities = list(made.sheets.filter(organisation=None).exclude(division=version.plan.division))
    _told(cities, at)
    return made


def _told(cities: list[Standing], at: datetime) -> None:
    """All but one speak for themselves, five are reviewed, three accept, one appeals and waits, one was decided."""
    claims = [_claim(sheet) for sheet in cities]
    for sheet, claim in list(zip(cities, claims, strict=True))[:-1]:
        rounds.assess_self(sheet, claim, OFFICE, at - timedelta(days=14))
    for sheet, claim in list(zip(cities, claims, strict=True))[:5]:
        rounds.review(sheet, _halved(sheet, claim), REVIEWER, at - timedelta(days=5))
    for sheet in cities[:3]:
        rounds.accept(sheet, Act(), OFFICE, at - timedelta(days=2))
    for sheet in cities[3:5]:
        rounds.appeal(sheet, Act(evidence=("模拟-001",), note="沙尘日请核（模拟）"), OFFICE, at - timedelta(days=2))
    for sheet, claim in list(zip(cities, claims, strict=True))[4:5]:
        decided = Act(claim.points, dict.fromkeys(claim.points, "沙尘影响属实（模拟）"), note="予以采纳（模拟）")
        rounds.decide(sheet, decided, REVIEWER, at - timedelta(days=1))


def _claim(sheet: Standing) -> Act:
    """A city claims all points of the first line that lost some; where none did it agrees with the platform."""
    for line in sheet.computed["lines"]:
        if line["state"] == "scored" and line["points"] != line["full"]:
            key = f"{line['section']}.{line['key']}"
            return Act({key: line["full"]}, {key: "沙尘日应剔除（模拟）"}, note="一项与系统计分不同（模拟）")
    return Act(note="与系统计分一致（模拟）")


def _halved(sheet: Standing, claim: Act) -> Act:
    """The reviewer grants half of what was claimed beyond the platform's points."""
    lines = {f"{each['section']}.{each['key']}": each for each in sheet.computed["lines"]}
    points = {key: str(_half(Decimal(lines[key]["points"]), Decimal(full))) for key, full in claim.points.items()}
    return Act(points, dict.fromkeys(points, "只核实一半沙尘日（模拟）"))


def _half(one: Decimal, other: Decimal) -> Decimal:
    return round_half_even((Fraction(one) + Fraction(other)) / 2, 2)
