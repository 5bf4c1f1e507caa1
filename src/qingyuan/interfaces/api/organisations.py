"""Organisations of the subtree an account manages, with their duties."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from qingyuan.interfaces import access
from qingyuan.interfaces.api.operations import LARGEST, Listed, Refusal, needs, one_of
from qingyuan.people import managing
from qingyuan.people.managing import MANAGE
from qingyuan.people.models import Organisation
from qingyuan.people.rights import ANY

router = Router(tags=["people"])


class DutyOut(Schema):
    """A duty of the organisation over a division's subtree and a domain (``*``: any)."""

    id: int
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


class OrganisationIn(Schema):
    """What an organisation is; what is left out stays as it is. parent: number of the one above, null for none."""

    name_zh: str | None = None
    name_en: str | None = None
    kind: str | None = None
    level: str | None = None
    division: str | None = None
    parent: int | None = Field(None, ge=0, le=LARGEST)
    sites: str | None = None
    active: bool | None = None


class DutyIn(Schema):
    """A duty over a division's subtree and a domain (``*``: any)."""

    code: str = Field(max_length=32)
    division: str
    domain: str = Field(ANY, max_length=24, pattern=r"^(\*|[a-z_]+)$")


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
    return _one(request, number)


@router.post("/organisations", response={201: OrganisationOut, 404: Refusal}, summary="Make an organisation")
@needs(MANAGE)
def organisation_make(request: HttpRequest, given: OrganisationIn) -> Any:
    """Of the subtree one manages; without a kind and level a department of a county."""
    start = {"kind": "department", "level": "county", "name_en": "", "sites": "", "active": True}
    parent = _one(request, given.parent) if given.parent else None
    return Status(201, managing.save_organisation(access.manager(request), start | _said(given), parent))


@router.patch(
    "/organisations/{number}", response={200: OrganisationOut, 404: Refusal}, summary="Change an organisation"
)
@needs(MANAGE)
def organisation_change(request: HttpRequest, number: int, given: OrganisationIn) -> Any:
    """Only what is said changes."""
    found, said = _one(request, number), given.dict(exclude_unset=True)
    parent = (_one(request, given.parent) if given.parent else None) if "parent" in said else found.parent
    managing.save_organisation(access.manager(request), _said(given), parent, found)
    return Status(200, _one(request, number))


@router.post(
    "/organisations/{number}/duties", response={200: OrganisationOut, 404: Refusal}, summary="Give a duty over a scope"
)
@needs(MANAGE)
def duty_give(request: HttpRequest, number: int, given: DutyIn) -> Any:
    """Nobody gives what their own organisation does not hold there."""
    found = _one(request, number)
    managing.give_duty(access.manager(request), found, given.code, given.division, given.domain)
    return Status(200, _one(request, number))


@router.delete(
    "/organisations/{number}/duties/{duty}",
    response={200: OrganisationOut, 404: Refusal},
    summary="Take a duty, and the posts of it",
)
@needs(MANAGE)
def duty_take(request: HttpRequest, number: int, duty: int) -> Any:
    """Nobody takes a duty from themselves."""
    found = _one(request, number)
    managing.take_duty(access.manager(request), one_of(found.duties.all(), duty))
    return Status(200, _one(request, number))


def _one(request: HttpRequest, number: int) -> Organisation:
    seen = managing.organisations(access.rights(request))
    return one_of(seen, number)


def _said(given: OrganisationIn) -> dict[str, Any]:
    """The fields that were said, the one above apart."""
    return {name: value for name, value in given.dict(exclude={"parent"}).items() if value is not None}
