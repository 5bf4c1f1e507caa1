"""The burden of forms: typed fields per person and day, and the share that was known without asking."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Literal

from django.db.models import Q
from django.http import HttpRequest
from ninja import Query, Router, Schema

from qingyuan.base.time import now
from qingyuan.cases.models import CaseStep
from qingyuan.interfaces import access
from qingyuan.interfaces.api.operations import needs
from qingyuan.places.divisions import next_stem, stem
from qingyuan.registers.flow.burden import lines
from qingyuan.registers.models import RegisterStep

router = Router(tags=["work"])
SEE = "burden.see"
SOURCES = {"registers": RegisterStep.objects, "cases": CaseStep.objects}


class BurdenOut(Schema):
    """Steps of a kind in a county and week (its Monday). days: persons times days on which they acted."""

    source: Literal["registers", "cases"]
    kind: str
    division: str
    week: date
    steps: int
    typed: int
    prefilled: int
    days: int


@router.get("/burden", response=list[BurdenOut], summary="Typed and pre-filled values by week, county and kind")
@needs(SEE)
def burden(
    request: HttpRequest,
    weeks: int = Query(12, ge=1, le=52),
    place: str = Query("220000", pattern=r"^([0-9]{6}|[0-9]{9}|[0-9]{12})$"),
    simulated: bool = False,
) -> Any:
    """Of the records one may see the burden of, below a place."""
    until = now()
    since = (until - timedelta(days=until.weekday(), weeks=weeks - 1)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    start, rights = stem(place), access.rights(request)
    mine = rights.where(SEE, division="record__division", domain="record__domain", site="record__site")
    there = Q(record__division__gte=start, record__division__lt=next_stem(start), record__simulated=simulated)
    return [
        {"source": source, **vars(each), "division": each.division.ljust(6, "0")}
        for source, steps in SOURCES.items()
        for each in lines(steps, mine & there, since, until, 6)
    ]
