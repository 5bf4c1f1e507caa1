"""Signing in at the API: ``Authorization: Bearer TOKEN`` of an account, or the session of the console."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja.errors import AuthenticationError, HttpError
from ninja.security import HttpBearer, SessionAuth

from qingyuan.base.time import now
from qingyuan.interfaces import access, tries
from qingyuan.people import tokens

FAILURES = 20
"""Tokens of one address that open nothing, before it rests."""


class TokenAuth(HttpBearer):
    """An account's token that is neither revoked nor over; where one is sent, the session does not count."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """The account, which is the request's person from here on. AuthenticationError, HttpError (429)."""
        key = [f"token-address:{tries.address(request)}"]
        if tries.resting(key, FAILURES):
            raise HttpError(429, "Too many tokens that open nothing. Try again in five minutes")
        user = tokens.owner(token, now())
        if user is None:
            tries.failed(request, key, FAILURES, None, "token")
            raise AuthenticationError
        request.user = user
        return user


class Session(SessionAuth):
    """The session of somebody signed in at the console, who has done what has to be done first."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Any | None:
        """The account of the session; None when nobody is signed in. PermissionDenied."""
        if request.user.is_authenticated and access.due(request):
            raise PermissionDenied("Change the password or set up the second factor first, at /account/")
        return super().authenticate(request, key)
