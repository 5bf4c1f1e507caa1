"""The burden of forms: typed fields per person and day, and the share that was known without asking."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema

from qingyuan.base.time import now
from qingyuan.interfaces import access, burdened
from qingyuan.interfaces.api.operations import needs

router = Router(tags=["work"])


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
@needs(burdened.SEE)
def burden(
    request: HttpRequest,
    weeks: int = Query(12, ge=1, le=52),
    place: str = Query("220000", pattern=r"^([0-9]{6}|[0-9]{9}|[0-9]{12})$"),
    simulated: bool = False,
) -> Any:
    """Of the records one may see the burden of, below a place."""
    until, seen = now(), burdened.scope(access.rights(request), place, simulated)
    found = burdened.told(seen, burdened.since(until, weeks), until, 6)
    return [{"source": source, **vars(each), "division": each.division.ljust(6, "0")} for source, each in found]
