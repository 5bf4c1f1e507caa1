"""Tokens of accounts for the API: made, shown once, revoked; only their SHA-256 is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from qingyuan.base.errors import WrongUsage
from qingyuan.people import audit
from qingyuan.people.audit import Actor
from qingyuan.people.models import ApiToken
from qingyuan.people.places import division_of

LONGEST = timedelta(days=366)
MOST = 20
"""Tokens an account may have at a time."""


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def make(user: Any, name: str, until: datetime, actor: Actor, at: datetime) -> tuple[ApiToken, str]:
    """A new token and its secret, which is given this once. WrongUsage for an end or a number that cannot be."""
    if not at < until <= at + LONGEST:
        raise WrongUsage("The token's last day is past or more than a year away", "Choose a nearer day")
    if not name.strip():
        raise WrongUsage("The token has no name", "Say what it is for")
    if running(user, at).count() >= MOST:
        raise WrongUsage(f"The account has {MOST} tokens", "Revoke one that is not used")
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        made = ApiToken.objects.create(
            user=user, name=name.strip()[:60], digest=_digest(secret), made_at=at, until=until
        )
        _tell(made, "tokens.make", {"name": ["", made.name], "until": [None, until]}, actor, at)
    return made, secret


def running(user: Any, at: datetime) -> Any:
    """The tokens of an account that open the API at a moment."""
    return ApiToken.objects.filter(Q(until=None) | Q(until__gt=at), user=user, revoked_at=None)


def revoke(token: ApiToken, actor: Actor, at: datetime) -> None:
    """Take a token back from now on; one that was taken back stays as it is."""
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at):
            _tell(token, "tokens.revoke", {"revoked_at": [None, at]}, actor, at)


def owner(secret: str, at: datetime) -> Any | None:
    """The active account a token opens the API for; None for any other token."""
    found = ApiToken.objects.select_related("user__person").filter(digest=_digest(secret), revoked_at=None).first()
    if found is None or (found.until and found.until <= at) or not found.user.is_active:
        return None
    return found.user


def _tell(token: ApiToken, action: str, change: dict[str, Any], actor: Actor, at: datetime) -> None:
    place = division_of(token.user)
    audit.append(actor, action, "token", str(token.pk), division=place, domain="", change=change, at=at)
