"""Accounts of the subtree an account manages, with their posts; never a password or a token."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from qingyuan.interfaces import access
from qingyuan.interfaces.api.operations import Listed, Refusal, needs
from qingyuan.people import managing
from qingyuan.people.managing import MANAGE

router = Router(tags=["people"])


class PostOut(Schema):
    """A duty the person holds, from a moment until another (null: open)."""

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
    return _told(get_object_or_404(_posts(managing.people(access.rights(request))), pk=number))


def _posts(found: Any) -> Any:
    return found.prefetch_related("posts__duty")


def _told(person: Any) -> dict[str, Any]:
    plain = {name: getattr(person, name) for name in ("id", "name", "organisation_id", "mobile", "mail")}
    held = [
        {
            "duty": each.duty.code,
            "division": each.duty.division,
            "domain": each.duty.domain,
            "since": each.since,
            "until": each.until,
        }
        for each in person.posts.all()
    ]
    return plain | {"account": person.user.get_username(), "active": person.user.is_active, "posts": held}
