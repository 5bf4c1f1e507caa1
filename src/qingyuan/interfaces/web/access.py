"""Who may see a page: every view says so, and one that does not is refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from qingyuan.interfaces.caller import PUBLIC, SIGNED_IN, actor, rights, said, saying
from qingyuan.people.declared import known

__all__ = ["actor", "needs", "public", "rights", "said", "signed_in"]

View = Callable[..., HttpResponse]


def public(view: View) -> View:
    """For everybody, signed in or not."""
    return saying(login_not_required(view), PUBLIC)


def signed_in(view: View) -> View:
    """For everybody with an account, whatever its duties: one's own account, the language."""
    return saying(view, SIGNED_IN)


def needs(action: str) -> Callable[[View], View]:
    """For accounts with a duty that allows an action somewhere; the rows are filtered by the view. UnknownAction."""
    known(action)

    def declare(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_authenticated and not rights(request).can(action):
                raise PermissionDenied(_("Your duties do not include this page."))
            return view(request, *args, **kwargs)

        return saying(answer, action)

    return declare
