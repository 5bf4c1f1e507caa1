"""Dispatch of plans: lights, reports of organisations, reported numbers; a table is filled by an act on its case."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema

from qingyuan.base.settings import data_dir
from qingyuan.base.time import now
from qingyuan.interfaces import access
from qingyuan.interfaces.api.operations import Listed, Refusal, needs
from qingyuan.observations.datasets import list_datasets
from qingyuan.people.rights import Rights
from qingyuan.plans import lights
from qingyuan.plans.book import keeping
from qingyuan.plans.book import scope as reading
from qingyuan.plans.dispatching import following, scope
from qingyuan.plans.models import Plan, Reported, Version

router = Router(tags=["plan"])


class LightOut(Schema):
    """A light: state steady, tight, behind, not_reported, not_computed or done; inputs: the numbers behind it."""

    kind: str
    key: str
    title: str
    state: str
    reason_zh: str
    reason_en: str
    as_of: date
    inputs: dict[str, Any]


class ReportOut(Schema):
    """A report of an organisation for a period: asked, late, returned, review, closed or late_given."""

    case: int
    organisation: int
    organisation_name: str
    first_day: date
    last_day: date
    due: date
    given: date | None
    state: str


class ReportedOut(Schema):
    """A reported number with the case and step it comes from; replaces: the row it corrects."""

    id: int
    kind: str
    key: str
    title: str
    organisation_id: int
    first_day: date
    last_day: date
    value: Decimal | None
    unit: str
    progress: Decimal | None
    amount: Decimal | None
    status: str
    note: str
    case_id: int
    step: int
    at: datetime
    by: str
    replaces_id: int | None
    simulated: bool


class Reports(Listed):
    """Reported numbers, a page of them."""

    items: list[ReportedOut]


@router.get("/plan/{code}/lights", response={200: list[LightOut], 404: Refusal}, summary="Traffic lights of a plan")
@needs("plan.see")
def plan_lights(request: HttpRequest, code: str) -> Any:
    """Every light by rule, with its reason."""
    version = _version(access.rights(request), code)
    indicators = lights.live(version, list_datasets(data_dir()))
    titles = {(kind, key): title for kind, key, title in version.items.values_list("kind", "key", "title")}
    return [
        {
            "kind": key[0], "key": key[1], "title": titles[key], "state": each.state, "reason_zh": each.reason.zh,
            "reason_en": each.reason.en, "as_of": each.as_of,
            "inputs": {name: str(value) for name, value in each.inputs.items()},
        }
        for key, each in lights.of(version, now(), indicators).items()
    ]  # fmt: skip


@router.get("/plan/{code}/reports", response={200: list[ReportOut], 404: Refusal}, summary="Reports asked for")
@needs("plan.see")
def plan_reports(request: HttpRequest, code: str) -> Any:
    """By organisation and period: one's own, and those of the places one dispatches."""
    rights, who = access.rights(request), access.actor(request)
    version = _version(rights, code)
    seen = {each.pk: each.organisation_name for each in scope.cases(rights, who, version.plan)}
    return [
        {
            "case": cell.case, "organisation": office, "organisation_name": seen[cell.case], "first_day": first,
            "last_day": last, "due": cell.due, "given": cell.given, "state": cell.state,
        }
        for (office, (first, last)), cell in following.matrix(version, now()).items()
        if cell.case in seen
    ]  # fmt: skip


@router.get("/plan/{code}/reported", response={200: Reports, 404: Refusal}, summary="Reported numbers")
@needs("plan.see")
def plan_reported(
    request: HttpRequest,
    code: str,
    key: str = "",
    offset: int = Query(0, ge=0, le=10**9),
    limit: int = Query(50, ge=1, le=500),
) -> Any:
    """Newest first, corrections beside what they replace; one's own, and those of the places one dispatches."""
    rights, who = access.rights(request), access.actor(request)
    plan = _version(rights, code).plan
    found = Reported.objects.filter(plan=plan, case__in=scope.cases(rights, who, plan))
    found = found.filter(key=key) if key else found
    return {"count": found.count(), "items": list(found.order_by("-pk")[offset : offset + limit])}


def _version(rights: Rights, code: str) -> Version:
    plan: Plan | None = reading.plans(rights).filter(code=code).first()
    version = keeping.in_force(plan, now().date()) if plan else None
    if version is None:
        raise Http404
    return version
