"""Organisations of the subtree an account manages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from qingyuan.interfaces.api.access import needs
from qingyuan.interfaces.api.paging import Paged, Paging, paged
from qingyuan.interfaces.caller import rights
from qingyuan.people import managing

router = Router()


class DutyRow(Schema):
    """A duty of the organisation over a division's subtree and a domain (``*``: any)."""

    code: str
    division: str
    domain: str


class OrganisationRow(Schema):
    """An organisation; sites: codes of the outlets and stations an enterprise answers for."""

    id: int
    kind: str
    level: str
    division: str
    parent: int | None
    name_zh: str
    name_en: str
    sites: list[str]
    active: bool
    simulated: bool
    duties: list[DutyRow]


class Wanted(Paging):
    """Which organisations: by words of the name, kind and division (its subtree)."""

    q: str = ""
    kind: str = ""
    division: str = ""


@router.get("", auth=needs("accounts.manage"), response=Paged[OrganisationRow], summary="Organisations")
def organisations(request: HttpRequest, asked: Query[Wanted]) -> dict[str, Any]:
    """The organisations the account manages, by division and name."""
    found = managing.organisations(rights(request), asked.q, asked.kind, asked.division)
    return paged(found.prefetch_related("duties"), asked, _row)


@router.get("/{number}", auth=needs("accounts.manage"), response=OrganisationRow, summary="One organisation")
def organisation(request: HttpRequest, number: int) -> dict[str, Any]:
    """One organisation; 404 outside the subtree."""
    return _row(get_object_or_404(managing.organisations(rights(request)).prefetch_related("duties"), pk=number))


def _row(each: Any) -> dict[str, Any]:
    plain = ("id", "kind", "level", "division", "name_zh", "name_en", "active", "simulated")
    return {
        **{name: getattr(each, name) for name in plain},
        "parent": each.parent_id,
        "sites": each.sites.split(),
        "duties": list(each.duties.all()),
    }
