"""Logging in and out, and the language of the screens."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth import login as begin
from django.contrib.auth import logout as end
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from qingyuan.interfaces.web import access
from qingyuan.interfaces.web.context import without_data

TRIES, PAUSE = 5, 300
"""Failures allowed, for an account name and for an address, before login rests; seconds it rests."""


def safe_next(request: HttpRequest, default: str) -> str:
    """The page to go on to: only one of this host."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else resolve_url(default)


def _counters(request: HttpRequest, name: str) -> list[str]:
    address = request.META.get("REMOTE_ADDR", "")
    return [f"login-name:{name.lower()[:80].encode().hex()}", f"login-address:{address}"]


def _resting(keys: list[str]) -> bool:
    return any(count >= TRIES for count in caches["counts"].get_many(keys).values())


def _note_failure(keys: list[str]) -> None:
    for key in keys:
        if not caches["counts"].add(key, 1, PAUSE):
            caches["counts"].incr(key)


@access.public
@sensitive_post_parameters("password")
@never_cache
@without_data
def login(request: HttpRequest) -> HttpResponse:
    """Ask name and password; after repeated failures rest for some minutes."""
    onward = safe_next(request, settings.LOGIN_REDIRECT_URL)
    if request.method != "POST":
        return redirect(onward) if request.user.is_authenticated else _form(request, onward)
    name, password = request.POST.get("username", ""), request.POST.get("password", "")
    keys = _counters(request, name)
    if _resting(keys):
        why = _("Too many failed attempts. Try again in five minutes.")
        return _form(request, onward, name, why, status=429)
    user = authenticate(request, username=name, password=password)
    if user is None:
        _note_failure(keys)
        why = _("Name and password do not fit together. Check the keyboard's capital letters.")
        return _form(request, onward, name, why, status=400)
    caches["counts"].delete_many(keys)
    begin(request, user)
    return redirect(onward)


def _form(request: HttpRequest, onward: str, name: str = "", why: str = "", status: int = 200) -> HttpResponse:
    shown: dict[str, Any] = {"next": onward, "name": name, "why": why}
    return render(request, "login.html", shown, status=status)


@access.public
@require_POST
@without_data
def logout(request: HttpRequest) -> HttpResponse:
    """End the session and go to the public overview."""
    end(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@access.public
@require_POST
@without_data
def set_language(request: HttpRequest) -> HttpResponse:
    """Remember the language of the screens and go back to the page."""
    response = redirect(safe_next(request, "overview"))
    asked = request.POST.get("language", "")
    if asked in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, asked, max_age=31_536_000, samesite="Lax")
    return response
