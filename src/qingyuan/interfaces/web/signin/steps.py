"""The steps of signing in: name and password (or the provider), then the second factor where there is one."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth import login as begin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django_otp import login as verified

from qingyuan.base.time import now
from qingyuan.people import second

WAITING = "second_factor"
"""In the session: who has passed the first step, by which backend, until when, and where to go on to."""
SECONDS = 300


def proceed(request: HttpRequest, user: Any, onward: str) -> HttpResponse:
    """After the first step: sign in, or ask for the second factor."""
    if not second.has(user):
        begin(request, user, backend=user.backend)
        return redirect(onward)
    until = now().timestamp() + SECONDS
    request.session.cycle_key()
    request.session[WAITING] = {"user": user.pk, "backend": user.backend, "until": until, "onward": onward}
    return redirect("login_second")


def waiting(request: HttpRequest) -> tuple[Any, dict[str, Any]] | None:
    """Who has passed the first step in this session, and what was noted; None when nobody has, or too long ago."""
    held = request.session.get(WAITING)
    if not held or held["until"] < now().timestamp():
        return None
    user = get_user_model().objects.filter(pk=held["user"], is_active=True).first()
    return (user, held) if user else None


def finish(request: HttpRequest, user: Any, held: dict[str, Any], device: Any) -> HttpResponse:
    """The second factor was right: sign in, verified."""
    request.session.pop(WAITING, None)
    begin(request, user, backend=held["backend"])
    verified(request, device)
    return redirect(held["onward"])
