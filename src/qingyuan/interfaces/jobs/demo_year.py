"""The demo's year of history, ending now: cases, registers, reports, lotteries of simulated offices, by a seed.

Everything is done through the doors people use, with moments of the past, and in one transaction: an interrupted year
leaves nothing behind, a finished one is known by its line of the audit chain and left as it is.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from django.db import transaction

from qingyuan.cases.models import Case, Lottery
from qingyuan.gateway.simulated import fleet
from qingyuan.interfaces.jobs.year import keeping, matters, projects, speaking, telling, today
from qingyuan.interfaces.jobs.year.running import Progress, Year, texts
from qingyuan.interfaces.jobs.year.staff import Staff
from qingyuan.people import audit
from qingyuan.people.models import AuditEntry
from qingyuan.registers.models import RegisterRecord
from qingyuan.reports.models import Report

SEED = 2026
DAYS = 365
REPORTS = 200
DONE = "demo.year"
"""Action of the line that ends a year."""
DEVICES = 200


@dataclass(frozen=True)
class Filled:
    """What a year holds: rows that are simulated, and lines of the audit chain."""

    cases: int
    open_cases: int
    records: int
    reports: int
    lotteries: int
    lines: int


def fill(data: Path, ends: datetime, progress: Progress, share: float = 1.0, days: int = DAYS) -> Filled:
    """Tell the year up to a moment, unless it was told. Needs the demo's people.

    share: of the usual number of stories; days: length of the year.
    """
    if not AuditEntry.objects.filter(action=DONE).exists():
        with transaction.atomic():
            _told(data, ends, progress, share, days)
        audit.anchor(data, ends)
    return counted()


def counted() -> Filled:
    """What there is."""
    cases = Case.objects.filter(simulated=True)
    return Filled(
        cases.count(),
        cases.filter(is_open=True).count(),
        RegisterRecord.objects.filter(simulated=True).count(),
        Report.objects.filter(simulated=True).count(),
        Lottery.objects.filter(simulated=True).count(),
        AuditEntry.objects.count(),
    )


def _told(data: Path, ends: datetime, progress: Progress, share: float, days: int) -> None:
    progress("offices", 0, days)
    ends = ends.replace(microsecond=0)
    year = Year(data, ends - timedelta(days=days), ends, SEED, _staff(ends), fleet(DEVICES))
    _begin(year, share)
    year.run(progress)
    today.fill(year)
    change = {"seed": SEED, "from": f"{year.begins}", "to": f"{ends}", **asdict(counted())}
    audit.append(audit.SYSTEM, DONE, "demo", "year", division="220000", domain="*", change=change, at=ends)


def _staff(ends: datetime) -> Staff:
    return Staff(Random(SEED), texts()["surnames"], texts()["given"], ends)  # noqa: S311 - a simulation, no secret


def _begin(year: Year, share: float) -> None:
    def some(number: int) -> range:
        return range(max(1, round(number * share)))

    year.tell(telling.mornings(year))
    year.tell(speaking.purses(year))
    for kind, (number, _make, _months) in matters.MATTERS.items():
        for each in some(number):
            year.tell(telling.found(year, kind, each))
    for name, number in keeping.COUNTS.items():
        for each in some(number):
            year.tell(keeping.record(year, name, each))
    for each in some(keeping.STORES):
        year.tell(keeping.supplies(year, each))
    plan = projects.listed()
    for each in some(len(plan)):
        year.tell(projects.project(year, each, plan[each % len(plan)]))
    for each in some(REPORTS):
        year.tell(speaking.sent(year, each))
    last = (year.ends - year.begins).days
    for title, place, ago in zip(texts()["lottery"], ("220100", "220000"), (last // 3, last // 8), strict=True):
        year.tell(telling.lottery(year, title, place, ago))
