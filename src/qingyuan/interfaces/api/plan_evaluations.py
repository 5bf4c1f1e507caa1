"""Evaluations of plans: rounds, sheets, and what was published; drafts only to those whose sheets they are."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema

from qingyuan.interfaces import access
from qingyuan.interfaces.api.operations import Listed, Refusal, needs
from qingyuan.plans.book import scope
from qingyuan.plans.models import Evaluation, Standing

router = Router(tags=["plan"])


class RoundOut(Schema):
    """A round. edition, digest: of the rules sealed in it, and of the results once published."""

    id: int
    plan: str
    kind: str
    state: str
    as_of: datetime
    results: int
    edition: str
    digest: str
    published_at: datetime | None
    simulated: bool


class SheetOut(Schema):
    """A sheet: points and grade as they stand; computed: every line with formula and trace; lines: what was said.

    code: what its page is found by; organisation: number of the department it is of, none for a place.
    """

    code: str
    division: str
    organisation: int | None = Field(None, alias="organisation_id")
    name: str
    step: str
    due: datetime | None
    total: Decimal | None
    grade: str
    computed: dict[str, Any]
    lines: dict[str, Any]


class RoundWhole(RoundOut):
    """A round with the sheets one may read."""

    sheets: list[SheetOut]


class Rounds(Listed):
    """A page of rounds."""

    items: list[RoundOut]


@router.get("/plan/evaluations", response=Rounds, summary="Rounds of evaluation")
@needs("plan.see")
def evaluations(request: HttpRequest, offset: int = Query(0, ge=0, le=10**9),
                limit: int = Query(50, ge=1, le=500)) -> Any:  # fmt: skip
    """Newest first."""
    found = _readable(request)
    return {"count": found.count(), "items": [_round(each) for each in found[offset : offset + limit]]}


@router.get("/plan/evaluations/{number}", response={200: RoundWhole, 404: Refusal}, summary="One round")
@needs("plan.see")
def evaluation(request: HttpRequest, number: int) -> Any:
    """A round with sheets: all once it is published, one's own before."""
    found = _readable(request).filter(pk=min(number, 2**62)).first()
    if found is None:
        raise Http404
    published = found.state == Evaluation.State.PUBLISHED
    sheets = found.sheets.all() if published else found.sheets.filter(_own(request))
    return {**_round(found), "sheets": list(sheets)}


def _own(request: HttpRequest) -> Q:
    return access.rights(request).where("plan.see", site="")


def _readable(request: HttpRequest) -> QuerySet[Evaluation]:
    seen = Q(state=Evaluation.State.PUBLISHED) | Q(pk__in=Standing.objects.filter(_own(request)).values("evaluation"))
    found = Evaluation.objects.filter(seen, plan__in=scope.plans(access.rights(request)))
    return found.select_related("plan").order_by("-started_at")


def _round(found: Evaluation) -> dict[str, Any]:
    names = RoundOut.model_fields.keys() - {"plan", "edition"}
    return {**{name: getattr(found, name) for name in names}, "plan": found.plan.code,
            "edition": found.rules["edition"]}  # fmt: skip
