"""Who may ask what: every view and every operation of the API says so, and one that does not is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _

from qingyuan.base.time import now
from qingyuan.people.audit import Actor
from qingyuan.people.declared import known
from qingyuan.people.managing import Manager
from qingyuan.people.rights import Rights, of
from qingyuan.people.second import needed

View = Callable[..., Any]
SAID = "access"
PUBLIC, SIGNED_IN = "public", "signed in"


@dataclass(frozen=True)
class Said:
    """What a view says. action: one of ``actions.yaml``, PUBLIC or SIGNED_IN; domain: the only one it shows, or any.

    others: actions of which one suffices as well, each in any domain.
    """

    action: str
    domain: str = ""
    others: tuple[str, ...] = ()

    def allows(self, request: HttpRequest) -> bool:
        """Whether the person of a request may come in; what they see there is a matter of rows."""
        if self.action == PUBLIC:
            return True
        if not request.user.is_authenticated:
            return False
        held = rights(request)
        return self.action == SIGNED_IN or held.can(self.action, self.domain) or any(map(held.can, self.others))


def public(view: View) -> View:
    """For everybody, signed in or not."""
    return _saying(view, Said(PUBLIC))


def signed_in(view: View) -> View:
    """For everybody with an account, whatever its duties: one's own account, the language."""
    return _saying(view, Said(SIGNED_IN))


def needs(action: str, domain: str = "", *others: str) -> Callable[[View], View]:
    """For accounts with a duty that allows an action somewhere; the rows are filtered by the view.

    domain: the only domain the view shows; empty: of any; others: actions one of which suffices as well. Raises
    UnknownAction.
    """
    what = Said(known(action), domain, tuple(map(known, others)))

    def declare(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not what.allows(request):
                raise PermissionDenied(_("Your duties do not include this page."))
            return view(request, *args, **kwargs)

        return _saying(answer, what)

    return declare


def _saying(view: View, what: Said) -> View:
    setattr(view, SAID, what)
    return view


def declared(view: View) -> Said | None:
    """What a view says about who may see it; None when it says nothing."""
    found = getattr(view, SAID, None)
    return found if isinstance(found, Said) else None


def said(view: View) -> str:
    """The action a view asks for, ``public`` or ``signed in``; empty when it says nothing."""
    what = declared(view)
    return what.action if what else ""


def rights(request: HttpRequest) -> Rights:
    """Rights of the person of a request, now."""
    return of(request.user, now())


def actor(request: HttpRequest) -> Actor:
    """Who acts in a request, for the audit chain: the name as colleagues know it."""
    person = getattr(request.user, "person", None) if request.user.is_authenticated else None
    organisation = person.organisation_id if person else None
    return Actor(request.user.pk, person.name if person else request.user.get_username(), organisation)


def manager(request: HttpRequest) -> Manager:
    """Who manages organisations and accounts in a request."""
    found = actor(request)
    set_up = bool(request.user.is_superuser) and found.organisation is None
    return Manager(rights(request), found, now(), set_up)


def due(request: HttpRequest) -> str:
    """The page of what the account has to do before anything else; empty for nothing.

    A password somebody else gave is changed first; duties that open sealed data ask for a second factor.
    """
    person = getattr(request.user, "person", None)
    if person and person.must_change:
        return "account_password"
    verified = getattr(request.user, "is_verified", None)
    if settings.FORCE_SECOND_FACTOR and verified is not None and not verified() and needed(rights(request)):
        return "account_second"
    return ""
