"""Who may see a page: every view says so, and one that does not is refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from qingyuan.base.time import now
from qingyuan.people.audit import Actor
from qingyuan.people.declared import known
from qingyuan.people.rights import Rights, of

View = Callable[..., HttpResponse]
SAID = "access"


def public(view: View) -> View:
    """For everybody, signed in or not."""
    return _saying(login_not_required(view), "public")


def signed_in(view: View) -> View:
    """For everybody with an account, whatever its duties: one's own account, the language."""
    return _saying(view, "signed in")


def needs(action: str) -> Callable[[View], View]:
    """For accounts with a duty that allows an action somewhere; the rows are filtered by the view. UnknownAction."""
    known(action)

    def declare(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_authenticated and not rights(request).can(action):
                raise PermissionDenied(_("Your duties do not include this page."))
            return view(request, *args, **kwargs)

        return _saying(answer, action)

    return declare


def _saying(view: View, what: str) -> View:
    setattr(view, SAID, what)
    return view


def said(view: View) -> str:
    """What a view says about who may see it; empty when it says nothing."""
    return str(getattr(view, SAID, ""))


def rights(request: HttpRequest) -> Rights:
    """Rights of the person of a request, now."""
    return of(request.user, now())


def actor(request: HttpRequest) -> Actor:
    """Who acts in a request, for the audit chain: the name as colleagues know it."""
    person = getattr(request.user, "person", None) if request.user.is_authenticated else None
    organisation = person.organisation_id if person else None
    return Actor(request.user.pk, person.name if person else request.user.get_username(), organisation)
