"""Logging in and out, and the language of the screens."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth import logout as end
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from qingyuan.interfaces import tries
from qingyuan.interfaces.web import access
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.signin import steps
from qingyuan.interfaces.web.signin.first import before_all
from qingyuan.people import second

TRIES = 5
"""Failures allowed, for an account name and for an address, before login rests."""


def safe_next(request: HttpRequest, default: str) -> str:
    """The page to go on to: only one of this host."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else resolve_url(default)


def _counters(request: HttpRequest, name: str) -> list[str]:
    return [f"login-name:{name.lower()[:80].encode().hex()}", f"login-address:{tries.address(request)}"]


@sensitive_post_parameters("password")
@never_cache
@access.public
@without_data
def login(request: HttpRequest) -> HttpResponse:
    """Ask name and password; after repeated failures rest for some minutes."""
    onward = safe_next(request, settings.LOGIN_REDIRECT_URL)
    if request.method != "POST":
        return redirect(onward) if request.user.is_authenticated else _form(request, onward)
    name, password = request.POST.get("username", ""), request.POST.get("password", "")
    keys = _counters(request, name)
    if tries.resting(keys, TRIES):
        why = _("Too many failed attempts. Try again in five minutes.")
        return _form(request, onward, name, why, status=429)
    user = authenticate(request, username=name, password=password)
    if user is None:
        tried = get_user_model().objects.filter(username=name[:150]).first()
        tries.failed(request, keys, TRIES, tried, "password")
        why = _("Name and password do not fit together. Check the keyboard's capital letters.")
        return _form(request, onward, name, why, status=400)
    tries.forget(keys)
    return steps.proceed(request, user, onward)


def _form(request: HttpRequest, onward: str, name: str = "", why: str = "", status: int = 200) -> HttpResponse:
    provider = settings.OIDC_NAME if settings.OIDC_RP_CLIENT_ID else ""
    if request.GET.get("provider") == "failed" and not why:
        why = _("Signing in by %s did not work. Try again, or use name and password.") % provider
    shown: dict[str, Any] = {"next": onward, "name": name, "why": why, "provider": provider}
    return render(request, "login.html", shown, status=status)


@sensitive_post_parameters("code")
@never_cache
@access.public
@without_data
def second_step(request: HttpRequest) -> HttpResponse:
    """Ask the code of the second factor from whoever has passed the first step."""
    found = steps.waiting(request)
    if found is None:
        return redirect("login")
    user, held = found
    if request.method != "POST":
        return render(request, "account/second_step.html", {"name": user.get_username()})
    keys = [f"second:{user.pk}"]
    if tries.resting(keys, TRIES):
        return _second_again(request, user, _("Too many failed attempts. Try again in five minutes."), 429)
    device = second.matches(user, request.POST.get("code", ""))
    if device is None:
        tries.failed(request, keys, TRIES, user, "second factor")
        why = _("This code is not right, or was used already. Codes change every 30 seconds.")
        return _second_again(request, user, why, 400)
    tries.forget(keys)
    return steps.finish(request, user, held, device)


def _second_again(request: HttpRequest, user: Any, why: str, status: int) -> HttpResponse:
    shown = {"name": user.get_username(), "why": why}
    return render(request, "account/second_step.html", shown, status=status)


@require_POST
@access.signed_in
@before_all
@without_data
def logout(request: HttpRequest) -> HttpResponse:
    """End the session and go to the public overview."""
    end(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@require_POST
@access.public
@without_data
def set_language(request: HttpRequest) -> HttpResponse:
    """Remember the language of the screens and go back to the page."""
    response = redirect(safe_next(request, "overview"))
    asked = request.POST.get("language", "")
    if asked in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, asked, max_age=31_536_000, samesite="Lax")
    return response
