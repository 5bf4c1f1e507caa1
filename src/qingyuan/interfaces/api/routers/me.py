"""The account that asks: who it is and what its duties allow."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from qingyuan.interfaces.api.access import signed_in
from qingyuan.interfaces.caller import actor, rights
from qingyuan.people.declared import duties
from qingyuan.people.models import Organisation

router = Router()


class Office(Schema):
    """An organisation in short."""

    id: int
    name_zh: str
    name_en: str
    level: str
    division: str


class Held(Schema):
    """A duty the account holds now, over a division's subtree and a domain (``*``: any)."""

    duty: str
    title_zh: str
    title_en: str
    level: str
    division: str
    domain: str
    actions: list[str]
    sites: list[str] | None


class Me(Schema):
    """The account that asks."""

    account: str
    name: str
    organisation: Office | None
    duties: list[Held]


@router.get("", auth=signed_in(), response=Me, summary="Who I am and what my duties allow")
def me(request: HttpRequest) -> dict[str, Any]:
    """The account, its organisation, and each duty it holds now, delegated ones as well."""
    told = actor(request)
    office = Organisation.objects.filter(pk=told.organisation or 0).first()
    return {
        "account": request.user.get_username(),
        "name": told.name,
        "organisation": office,
        "duties": [_held(each) for each in rights(request).grants],
    }


def _held(grant: Any) -> dict[str, Any]:
    kind = duties()[grant.duty]
    return {
        "duty": kind.code,
        "title_zh": kind.zh,
        "title_en": kind.en,
        "level": grant.level,
        "division": grant.division,
        "domain": grant.domain,
        "actions": sorted(kind.actions),
        "sites": None if grant.sites is None else sorted(grant.sites),
    }
