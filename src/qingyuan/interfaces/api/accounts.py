"""Accounts of the subtree an account manages, with their posts; never a password or a token."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status

from qingyuan.interfaces import access
from qingyuan.interfaces.api.operations import LARGEST, Listed, Refusal, needs, one_of
from qingyuan.people import managing
from qingyuan.people.managing import MANAGE
from qingyuan.people.models import Organisation, Person

router = Router(tags=["people"])


class PostOut(Schema):
    """A duty the person holds, from a moment until another (null: open)."""

    id: int
    duty: str
    division: str
    domain: str
    since: datetime
    until: datetime | None


class AccountOut(Schema):
    """An account and its person."""

    id: int
    account: str
    name: str
    organisation_id: int
    mobile: str
    mail: str
    active: bool
    posts: list[PostOut]


class AccountIn(Schema):
    """A person; what is left out stays as it is. account: of a new one; organisation: its number."""

    account: str | None = Field(None, max_length=60)
    name: str | None = None
    mobile: str | None = None
    mail: str | None = None
    organisation: int | None = Field(None, ge=0, le=LARGEST)
    active: bool | None = None


class PostIn(Schema):
    """Number of a duty of the person's organisation."""

    duty: int = Field(ge=0, le=LARGEST)


class PasswordOut(Schema):
    """A password the person has to change first; told this once."""

    password: str


class AccountMade(AccountOut, PasswordOut):
    """An account just made, with its first password."""


class Accounts(Listed):
    """A page of accounts."""

    items: list[AccountOut]


@router.get("/accounts", response=Accounts, summary="Accounts one manages")
@needs(MANAGE)
def accounts(
    request: HttpRequest,
    q: str = "",
    organisation: int | None = Query(None, ge=0, le=2**62),
    offset: int = Query(0, ge=0, le=10**9),
    limit: int = Query(50, ge=1, le=500),
) -> Any:
    """By name; q: words of the name, account or organisation."""
    mine = managing.people(access.rights(request), q, organisation)
    return {"count": mine.count(), "items": [_told(each) for each in _posts(mine)[offset : offset + limit]]}


@router.get("/accounts/{number}", response={200: AccountOut, 404: Refusal}, summary="One account")
@needs(MANAGE)
def account(request: HttpRequest, number: int) -> Any:
    """One account; one outside the subtree is answered like one that does not exist."""
    return _told(_one(request, number))


@router.post("/accounts", response={201: AccountMade, 404: Refusal}, summary="Make an account")
@needs(MANAGE)
def account_make(request: HttpRequest, given: AccountIn) -> Any:
    """With a first password, told this once."""
    by, office = access.manager(request), _office(request, given.organisation or 0)
    made = managing.save_person(by, {"account": "", "name": "", **_said(given)}, office)
    return Status(201, {**_told(_one(request, made.pk)), "password": managing.new_password(by, made)})


@router.patch("/accounts/{number}", response={200: AccountOut, 404: Refusal}, summary="Change an account")
@needs(MANAGE)
def account_change(request: HttpRequest, number: int, given: AccountIn) -> Any:
    """Only what is said changes; in another organisation the posts of the old one end."""
    found = _one(request, number)
    office = _office(request, given.organisation) if given.organisation else found.organisation
    managing.save_person(access.manager(request), {"active": found.user.is_active, **_said(given)}, office, found)
    return Status(200, _told(_one(request, number)))


@router.post("/accounts/{number}/password", response={200: PasswordOut, 404: Refusal}, summary="Give a new password")
@needs(MANAGE)
def account_password(request: HttpRequest, number: int) -> Any:
    """Told this once; the person has to change it first."""
    return Status(200, {"password": managing.new_password(access.manager(request), _one(request, number))})


@router.post("/accounts/{number}/posts", response={200: AccountOut, 404: Refusal}, summary="Let a person hold a duty")
@needs(MANAGE)
def post_give(request: HttpRequest, number: int, given: PostIn) -> Any:
    """One of their organisation, from now on."""
    found = _one(request, number)
    duty = get_object_or_404(found.organisation.duties.all(), pk=given.duty)
    managing.give_post(access.manager(request), found, duty)
    return Status(200, _told(_one(request, number)))


@router.delete(
    "/accounts/{number}/posts/{post}", response={200: AccountOut, 404: Refusal}, summary="Let a person hold it no more"
)
@needs(MANAGE)
def post_end(request: HttpRequest, number: int, post: int) -> Any:
    """From now on."""
    found = _one(request, number)
    managing.end_post(access.manager(request), one_of(found.posts.all(), post))
    return Status(200, _told(_one(request, number)))


def _one(request: HttpRequest, number: int) -> Person:
    seen = _posts(managing.people(access.rights(request)))
    return one_of(seen, number)


def _office(request: HttpRequest, number: int) -> Organisation:
    found: Organisation = get_object_or_404(managing.organisations(access.rights(request)), pk=number)
    return found


def _said(given: AccountIn) -> dict[str, Any]:
    return {name: value for name, value in given.dict(exclude={"organisation"}).items() if value is not None}


def _posts(found: Any) -> Any:
    return found.prefetch_related("posts__duty")


def _told(person: Any) -> dict[str, Any]:
    plain = {name: getattr(person, name) for name in ("id", "name", "organisation_id", "mobile", "mail")}
    held = [
        {
            "id": each.pk,
            "duty": each.duty.code,
            "division": each.duty.division,
            "domain": each.duty.domain,
            "since": each.since,
            "until": each.until,
        }
        for each in person.posts.all()
    ]
    return plain | {"account": person.user.get_username(), "active": person.user.is_active, "posts": held}
