"""A half-way evaluation for the demo, simulated and said so: sheets self-assessed, one appealed, nothing published."""

from __future__ import annotations

from datetime import datetime, timedelta

from qingyuan.observations.datasets import Dataset
from qingyuan.people.audit import Actor
from qingyuan.plans.evaluating import rounds
from qingyuan.plans.evaluating.rounds import Act, Frame
from qingyuan.plans.evaluating.rules import rules
from qingyuan.plans.models import Evaluation
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
    cities = list(made.sheets.exclude(division=version.plan.division))
    for sheet in cities[:-1]:
        rounds.assess_self(sheet, Act(note="与系统计分一致（模拟）"), OFFICE, at - timedelta(days=14))
    for sheet in cities[:5]:
        rounds.review(sheet, Act(), REVIEWER, at - timedelta(days=5))
    for sheet in cities[:3]:
        rounds.accept(sheet, Act(), OFFICE, at - timedelta(days=2))
    for sheet in cities[3:4]:
        rounds.appeal(sheet, Act(evidence=("模拟-001",), note="沙尘日请核（模拟）"), OFFICE, at - timedelta(days=1))
    return made
