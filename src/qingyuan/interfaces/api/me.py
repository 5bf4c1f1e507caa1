"""Who asks: the account, its organisation, and what its duties allow where."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from qingyuan.interfaces import access
from qingyuan.interfaces.api.operations import signed_in
from qingyuan.people.declared import duties

router = Router(tags=["people"])


class Held(Schema):
    """A duty over a division's subtree and a domain (``*``: any); sites: the only ones, of an enterprise."""

    duty: str
    level: str
    division: str
    domain: str
    sites: list[str] | None
    actions: list[str]


class Me(Schema):
    """The account."""

    name: str
    person: str
    organisation: str
    duties: list[Held]


@router.get("/me", response=Me, summary="The account that asks")
@signed_in
def me(request: HttpRequest) -> dict[str, Any]:
    """The account that asks and what it may do."""
    person = getattr(request.user, "person", None)
    held = [
        {
            "duty": each.duty, "level": each.level, "division": each.division, "domain": each.domain,
            "sites": None if each.sites is None else sorted(each.sites), "actions": sorted(duties()[each.duty].actions),
        }
        for each in access.rights(request).grants
    ]  # fmt: skip
    office = person.organisation.name_zh if person else ""
    return {
        "name": request.user.get_username(), "person": person.name if person else "",
        "organisation": office, "duties": held,
    }  # fmt: skip
