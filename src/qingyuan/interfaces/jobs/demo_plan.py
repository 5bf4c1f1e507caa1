"""The demo's plan at work, simulated and said so: targets broken down, a year of reports, an evaluation half-way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from qingyuan.interfaces.jobs import demo_evaluation, demo_shares
from qingyuan.interfaces.jobs.year import dispatching, projects
from qingyuan.interfaces.jobs.year.running import Progress
from qingyuan.observations.datasets import Dataset
from qingyuan.plans import facts
from qingyuan.plans.dispatching import asking
from qingyuan.plans.models import Decomposition, Plan, Reported
from qingyuan.registers.models import RegisterRecord

YEAR = timedelta(days=365)

SCORED = timedelta(days=28)
"""How long after the hour it looks at the evaluation's last act is."""


@dataclass(frozen=True)
class Filled:
    """What there is: rows reported, projects of the register, targets broken down."""

    reported: int
    projects: int
    shares: int


def fill(dataset: Dataset, at: datetime, progress: Progress) -> Filled:
    """Tell what is not there yet; a plan that is not simulated is left alone. Needs people and plan.

    The year ends with the data; the reports that fall due until `at` are asked for and left to those who try the demo.
    """
    plan = Plan.objects.filter(code=facts.plan().code, simulated=True).first()
    if plan is not None:
        with transaction.atomic():
            _told(plan, dataset, at, progress)
    return counted()


def counted() -> Filled:
    """What there is."""
    return Filled(
        Reported.objects.filter(simulated=True).count(),
        RegisterRecord.objects.filter(kind=projects.KIND, simulated=True).count(),
        Decomposition.objects.filter(simulated=True).count(),
    )


def _told(plan: Plan, dataset: Dataset, at: datetime, progress: Progress) -> None:
    ends = min(dataset.now or at, at)
    progress("targets broken down", 0, 3)
    demo_shares.issue_shares(ends - YEAR)
    progress("reports of the departments", 1, 3)
    if not Reported.objects.filter(plan=plan).exists():
        dispatching.simulate(plan, ends - YEAR, ends)
        asking.look(at)
    progress("evaluation", 2, 3)
    demo_evaluation.fill(dataset, ends, min(ends + SCORED, at))
