"""What an account has to do before anything else: change a password given by others, set up its second factor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from qingyuan.base.time import now
from qingyuan.interfaces import tries
from qingyuan.interfaces.access import PUBLIC, declared, due
from qingyuan.people import sessions

EXEMPT = "before_all"
"""Mark of the views that do what has to be done."""
SEEN_SECONDS = 120


def before_all(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a view that is answered before what has to be done is done."""
    setattr(view, EXEMPT, True)
    return view


class FirstThings:
    """Send whoever has something to do first to its page; note that the session was seen."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Note the session and pass the request on."""
        key = request.session.session_key
        if key and request.user.is_authenticated and cache.add(f"seen:{key}", 1, SEEN_SECONDS):
            sessions.seen(key, tries.address(request), now())
        return self.answer(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Send it there, when the view is not the one that does it, nor refuses anyway."""
        what = declared(view)
        if not request.user.is_authenticated or getattr(view, EXEMPT, False):
            return None
        if what is None or what.action == PUBLIC or not what.allows(request):
            return None
        todo = due(request)
        return redirect(todo) if todo else None
