"""Who calls, and what a page or an operation says about who may call it: one vocabulary for pages and the API."""

from __future__ import annotations

from typing import Any, TypeVar

from django.http import HttpRequest

from qingyuan.base.time import now
from qingyuan.people.audit import Actor
from qingyuan.people.rights import Rights, of
from qingyuan.people.second import needed

SAID = "access"
PUBLIC, SIGNED_IN = "public", "signed in"
"""What is said beside the name of an action."""
Said = TypeVar("Said")


def saying(thing: Said, what: str) -> Said:
    """Mark a view or an operation with who may call it: PUBLIC, SIGNED_IN or an action."""
    setattr(thing, SAID, what)
    return thing


def said(thing: Any) -> str:
    """What a view or an operation says about who may call it; empty when it says nothing."""
    return str(getattr(thing, SAID, ""))


def rights(request: HttpRequest) -> Rights:
    """Rights of the person of a request, now."""
    return of(request.user, now())


def actor(request: HttpRequest) -> Actor:
    """Who acts in a request, for the audit chain: the name as colleagues know it."""
    if not request.user.is_authenticated:
        return Actor(None, "anonymous", None)
    person = getattr(request.user, "person", None)
    organisation = person.organisation_id if person else None
    return Actor(request.user.pk, person.name if person else request.user.get_username(), organisation)


def due(request: HttpRequest) -> str:
    """The page of what the account has to do before anything else; empty for nothing.

    A password somebody else gave is changed first; duties that open sealed data ask for a second factor.
    """
    person = getattr(request.user, "person", None)
    if person and person.must_change:
        return "account_password"
    verified = getattr(request.user, "is_verified", None)
    if verified is not None and not verified() and needed(rights(request)):
        return "account_second"
    return ""
