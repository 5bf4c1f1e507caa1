"""Plans one may read: their versions, the items of each, what differs between two."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from qingyuan.interfaces import access
from qingyuan.interfaces.api.operations import LARGEST, Listed, Refusal, needs
from qingyuan.plans.book import keeping, scope, sealing
from qingyuan.plans.book.difference import difference
from qingyuan.plans.models import Item, Version

router = Router(tags=["plans"])
SEE = "plan.see"


class PlanOut(Schema):
    """A plan of a division over its years."""

    code: str
    title: str
    title_en: str
    division: str
    first_day: date
    last_day: date
    simulated: bool


class VersionOut(Schema):
    """A version of a plan; digest: of what was adopted; whole: whether it is still that."""

    id: int
    plan: str
    number: int
    state: str
    label: str
    reason: str
    source: str
    made_at: datetime
    made_by: str
    adopted_at: datetime | None
    adopted_by: str
    in_force_from: date | None
    digest: str
    whole: bool


class DepartmentOut(Schema):
    """Who is responsible, as printed."""

    name: str
    lead: bool
    organisation: int | None


class ItemOut(Schema):
    """An item of a version; text_span: its place in the version's text, [start, end)."""

    key: str
    kind: str
    parent: str | None
    number: str
    title: str
    text: str
    text_span: tuple[int, int] | None
    facts: dict[str, Any]
    doubtful: list[dict[str, Any]]
    review: str
    departments: list[DepartmentOut]


class Items(Listed):
    """A page of items."""

    items: list[ItemOut]


class ChangedFieldOut(Schema):
    """A field before and after."""

    field: str
    before: str
    after: str


class LineOut(Schema):
    """An item that differs; keys of it in the older and the newer version."""

    what: Literal["added", "dropped", "changed"]
    kind: str
    old: str | None
    new: str | None
    title: str
    fields: list[ChangedFieldOut]


@router.get("/plans", response=list[PlanOut], summary="The plans one may read")
@needs(SEE)
def plans_listed(request: HttpRequest) -> Any:
    """Of one's places and of the places these lie in."""
    return list(scope.plans(access.rights(request)).order_by("division", "-first_day"))


@router.get("/plans/{code}/versions", response={200: list[VersionOut], 404: Refusal}, summary="The versions of a plan")
@needs(SEE)
def plan_versions(request: HttpRequest, code: str) -> Any:
    """The newest first; drafts only for those who edit or adopt."""
    rights = access.rights(request)
    plan = get_object_or_404(scope.plans(rights), code=code)
    return [_version(each) for each in scope.versions(rights).filter(plan=plan).order_by("-number")]


def _version(version: Version) -> dict[str, Any]:
    told = {name: getattr(version, name) for name in VersionOut.model_fields if name not in ("plan", "whole")}
    return {**told, "plan": version.plan.code, "whole": sealing.whole(version)}


@router.get(
    "/plans/{code}/versions/{number}/items",
    response={200: Items, 404: Refusal},
    summary="The items of a version in the order of its text",
)
@needs(SEE)
def plan_items(
    request: HttpRequest,
    code: str,
    number: int,
    kind: Literal["chapter", "section", "task", "box", "project", "indicator", "target"] | None = None,
    offset: int = Query(0, ge=0, le=10**9),
    limit: int = Query(100, ge=1, le=500),
) -> Any:
    """Of one kind or all; what was rejected is not among them."""
    found = _one(request, code, number).items.exclude(review=Item.Review.REJECTED)
    found = found.filter(kind=kind) if kind else found
    rows = found.select_related("parent").prefetch_related("responsible")[offset : offset + limit]
    return {"count": found.count(), "items": [_item(each) for each in rows]}


def _one(request: HttpRequest, code: str, number: int) -> Version:
    seen = scope.versions(access.rights(request))
    return get_object_or_404(seen, plan__code=code, number=min(max(number, 0), 30_000))


def _item(item: Item) -> dict[str, Any]:
    span = None if item.start is None or item.end is None else (item.start, item.end)
    people = [
        {"name": each.name, "lead": each.lead, "organisation": each.organisation_id} for each in item.responsible.all()
    ]
    told = {
        name: getattr(item, name) for name in ("key", "kind", "number", "title", "text", "facts", "doubtful", "review")
    }
    return {**told, "parent": item.parent.key if item.parent else None, "text_span": span, "departments": people}


@router.get(
    "/plan-difference", response={200: list[LineOut], 404: Refusal}, summary="What differs between two versions"
)
@needs(SEE)
def plan_difference(
    request: HttpRequest, old: int = Query(..., ge=0, le=LARGEST), new: int = Query(..., ge=0, le=LARGEST)
) -> Any:
    """By the versions' ids; of one plan by key, of two plans by likeness."""
    seen = scope.versions(access.rights(request))
    first, second = (get_object_or_404(seen, pk=pk) for pk in (old, new))
    before, after = keeping.entries(first), keeping.entries(second)
    return [
        {
            "what": line.what,
            "kind": line.kind,
            "old": None if line.old is None else before[line.old].key,
            "new": None if line.new is None else after[line.new].key,
            "title": before[line.old or 0].title if line.new is None else after[line.new].title,
            "fields": [{"field": each.field, "before": each.before, "after": each.after} for each in line.fields],
        }
        for line in difference(before, after, same_plan=first.plan_id == second.plan_id)
    ]
