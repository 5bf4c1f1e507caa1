"""Whose burden of forms somebody may see, over both kinds of records; for the page and the API alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q

from qingyuan.cases.models import CaseStep
from qingyuan.people.rights import Rights
from qingyuan.places.divisions import next_stem, stem
from qingyuan.registers.flow.burden import Line, lines
from qingyuan.registers.models import RegisterStep

SEE = "burden.see"
SOURCES = {"registers": RegisterStep.objects, "cases": CaseStep.objects}


def scope(rights: Rights, place: str, simulated: bool) -> Q:
    """The steps of records one may see the burden of, below a place."""
    start = stem(place)
    mine = rights.where(SEE, division="record__division", domain="record__domain", site="record__site")
    there = Q(record__division__gte=start, record__division__lt=next_stem(start))
    return mine & there & Q(record__simulated=simulated)


def since(until: datetime, weeks: int) -> datetime:
    """The Monday so many weeks begin with, the present one counted."""
    monday = (until - timedelta(days=until.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    return monday - timedelta(weeks=weeks - 1)


def told(seen: Q, begin: datetime, until: datetime, digits: int) -> Iterator[tuple[str, Line]]:
    """Source and line, by week, division (its first digits) and kind."""
    for source, steps in SOURCES.items():
        yield from ((source, each) for each in lines(steps, seen, begin, until, digits))
