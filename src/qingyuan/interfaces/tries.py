"""Failed tries counted for all processes: after some of one name or address, asking rests for some minutes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.cache import caches
from django.http import HttpRequest

from qingyuan.base.time import now
from qingyuan.people import audit
from qingyuan.people.audit import Actor
from qingyuan.people.places import PROVINCE, division_of

PAUSE = 300
"""Seconds it rests after the last failure."""


def address(request: HttpRequest) -> str:
    """Where a request comes from."""
    return str(request.META.get("REMOTE_ADDR", ""))


def resting(keys: Sequence[str], most: int) -> bool:
    """Whether one of the keys has failed so often already."""
    return any(count >= most for count in caches["counts"].get_many(keys).values())


def note_failure(keys: Sequence[str], most: int = 0) -> bool:
    """Count one failure for each key; gives whether one of them has just come to the most that are allowed."""
    return most in [_counted(key) for key in keys] and most > 0


def _counted(key: str) -> int:
    if caches["counts"].add(key, 1, PAUSE):
        return 1
    try:
        return int(caches["counts"].incr(key))
    except ValueError:  # it ran out in between
        caches["counts"].set(key, 1, PAUSE)
        return 1


def failed(request: HttpRequest, keys: Sequence[str], most: int, account: Any | None, what: str) -> None:
    """Count a failed try; where asking begins to rest, a line of the audit chain says so.

    account: the one that was tried, None for a name nobody has: what was typed may be a password, so it is not kept.
    """
    if not note_failure(keys, most):
        return
    who = Actor(None, account.get_username() if account else "", None)
    told = {"tried": [None, what], "address": [None, address(request)], "seconds": [None, PAUSE]}
    record, place = str(account.pk) if account else "unknown", division_of(account) if account else PROVINCE
    audit.append(who, "sign_in.rests", "account", record, division=place, domain="", change=told, at=now())


def forget(keys: Sequence[str]) -> None:
    """Start counting anew: it worked."""
    caches["counts"].delete_many(keys)
