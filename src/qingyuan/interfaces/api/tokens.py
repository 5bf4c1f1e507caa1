"""Signing in at the API: ``Authorization: Bearer TOKEN`` of an account, or the session of the console."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from ninja.security import HttpBearer

from qingyuan.base.time import now
from qingyuan.people.models import ApiToken


class TokenAuth(HttpBearer):
    """An account's token that is neither revoked nor over."""

    def authenticate(self, request: HttpRequest, token: str) -> Any | None:
        """The account, which is the request's person from here on; None for any other token."""
        running = Q(until=None) | Q(until__gt=now())
        digest = hashlib.sha256(token.encode()).hexdigest()
        found = ApiToken.objects.select_related("user").filter(running, digest=digest, revoked_at=None).first()
        if found is None or not found.user.is_active:
            return None
        request.user = found.user
        return found.user
