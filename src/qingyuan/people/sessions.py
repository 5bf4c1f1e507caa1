"""Sessions of accounts: who is signed in where, last seen when; each can be ended by its owner."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.sessions.models import Session
from django.db import transaction

from qingyuan.people import audit
from qingyuan.people.audit import Actor
from qingyuan.people.models import SignedIn
from qingyuan.people.places import division_of


def begun(user: Any, key: str, address: str, device: str, at: datetime) -> None:
    """Note a session that begins, and in the audit chain that somebody signed in."""
    place = division_of(user)
    with transaction.atomic():
        SignedIn.objects.update_or_create(
            key=key,
            defaults={"user": user, "begun_at": at, "seen_at": at, "address": address[:45], "device": device[:200]},
        )
        actor = audit.named(user.get_username())
        change = {"address": address[:45]}
        audit.append(actor, "sign_in", "account", str(user.pk), division=place, domain="", change=change, at=at)


def seen(key: str, address: str, at: datetime) -> None:
    """Note when and from where a session was last used."""
    SignedIn.objects.filter(key=key).update(seen_at=at, address=address[:45])


def running(user: Any, at: datetime) -> list[SignedIn]:
    """The sessions of an account that still hold, the last seen first; rows of ended ones go."""
    alive = Session.objects.filter(expire_date__gt=at, session_key__in=user.sessions.values("key"))
    user.sessions.exclude(key__in=alive.values("session_key")).delete()
    return list(user.sessions.all())


def end(sessions: list[SignedIn], actor: Actor, at: datetime) -> int:
    """End sessions from now on; gives how many."""
    with transaction.atomic():
        for each in sessions:
            Session.objects.filter(session_key=each.key).delete()
            SignedIn.objects.filter(pk=each.pk).delete()
            change = {"ended": each.pk, "address": each.address}
            place = division_of(each.user)
            audit.append(
                actor, "sign_out", "account", str(each.user_id), division=place, domain="", change=change, at=at
            )
    return len(sessions)
