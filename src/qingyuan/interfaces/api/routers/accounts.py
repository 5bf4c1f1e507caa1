"""Accounts of the subtree an account manages; never a password or a token."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from qingyuan.base.time import isoformat
from qingyuan.interfaces.api.access import needs
from qingyuan.interfaces.api.paging import Paged, Paging, paged
from qingyuan.interfaces.caller import rights
from qingyuan.people import managing

router = Router()


class PostRow(Schema):
    """A duty the person holds, from a moment until another (null: open)."""

    duty: str
    division: str
    domain: str
    since: str
    until: str | None


class AccountRow(Schema):
    """An account and its person."""

    id: int
    account: str
    name: str
    organisation: int
    mobile: str
    mail: str
    active: bool
    last_login: str | None
    posts: list[PostRow]


class Wanted(Paging):
    """Which accounts: by words of the name or account, and organisation."""

    q: str = ""
    organisation: int | None = None


@router.get("", auth=needs("accounts.manage"), response=Paged[AccountRow], summary="Accounts")
def accounts(request: HttpRequest, asked: Query[Wanted]) -> dict[str, Any]:
    """The accounts whose organisation the account manages, by name."""
    found = managing.people(rights(request), asked.q, asked.organisation)
    return paged(found.prefetch_related("posts__duty"), asked, _row)


@router.get("/{number}", auth=needs("accounts.manage"), response=AccountRow, summary="One account")
def account(request: HttpRequest, number: int) -> dict[str, Any]:
    """One account; 404 outside the subtree."""
    return _row(get_object_or_404(managing.people(rights(request)).prefetch_related("posts__duty"), pk=number))


def _row(person: Any) -> dict[str, Any]:
    user = person.user
    return {
        **{name: getattr(person, name) for name in ("id", "name", "mobile", "mail")},
        "account": user.get_username(),
        "organisation": person.organisation_id,
        "active": user.is_active,
        "last_login": isoformat(user.last_login) if user.last_login else None,
        "posts": [_post(each) for each in person.posts.all()],
    }


def _post(post: Any) -> dict[str, Any]:
    return {
        "duty": post.duty.code,
        "division": post.duty.division,
        "domain": post.duty.domain,
        "since": isoformat(post.since),
        "until": isoformat(post.until) if post.until else None,
    }
