"""Who may see a page: the declarations of `qingyuan.interfaces.access`, and the middleware that insists on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from qingyuan.interfaces.access import PUBLIC, Said, actor, declared, manager, needs, public, rights, said, signed_in

__all__ = [
    "DeclaredMiddleware",
    "Said",
    "actor",
    "declared",
    "manager",
    "needs",
    "public",
    "rights",
    "said",
    "signed_in",
]


class DeclaredMiddleware:
    """Refuse a view that does not say who may see it; ask for a sign-in unless it is public.

    Operations of the API answer for themselves, each by its own declaration (`qingyuan.interfaces.api`).
    """

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; who may see it is known once the view is."""
        return self.answer(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Answer at once where the view may not be seen."""
        what = declared(view)
        if what is None:
            raise PermissionDenied(_("This page does not say who may see it."))
        if what.action != PUBLIC and not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return None
