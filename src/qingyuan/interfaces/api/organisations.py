"""Organisations of the subtree an account manages, with their duties."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from qingyuan.interfaces import access
from qingyuan.interfaces.api.operations import Listed, Refusal, needs
from qingyuan.people import managing
from qingyuan.people.managing import MANAGE

router = Router(tags=["people"])


class DutyOut(Schema):
    """A duty of the organisation over a division's subtree and a domain (``*``: any)."""

    code: str
    division: str
    domain: str


class OrganisationOut(Schema):
    """An organisation; sites: codes of the outlets and stations an enterprise answers for, separated by blanks."""

    id: int
    kind: str
    level: str
    division: str
    parent_id: int | None
    name_zh: str
    name_en: str
    sites: str
    active: bool
    simulated: bool
    duties: list[DutyOut]

    @staticmethod
    def resolve_duties(organisation: Any) -> list[Any]:
        """The duties of the row."""
        return list(organisation.duties.all())


class Organisations(Listed):
    """A page of organisations."""

    items: list[OrganisationOut]


@router.get("/organisations", response=Organisations, summary="Organisations one manages")
@needs(MANAGE)
def organisations(
    request: HttpRequest,
    q: str = "",
    kind: str = "",
    offset: int = Query(0, ge=0, le=10**9),
    limit: int = Query(50, ge=1, le=500),
) -> Any:
    """By division and name; q: words of the name."""
    mine = managing.organisations(access.rights(request), q, kind)
    return {"count": mine.count(), "items": list(mine.prefetch_related("duties")[offset : offset + limit])}


@router.get("/organisations/{number}", response={200: OrganisationOut, 404: Refusal}, summary="One organisation")
@needs(MANAGE)
def organisation(request: HttpRequest, number: int) -> Any:
    """One organisation; one outside the subtree is answered like one that does not exist."""
    return get_object_or_404(managing.organisations(access.rights(request)), pk=number)
