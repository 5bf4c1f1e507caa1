"""Failed tries counted for all processes: after some of one name or address, asking rests for some minutes."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.cache import caches
from django.http import HttpRequest

PAUSE = 300
"""Seconds it rests after the last failure."""


def address(request: HttpRequest) -> str:
    """Where a request comes from."""
    return str(request.META.get("REMOTE_ADDR", ""))


def resting(keys: Sequence[str], most: int) -> bool:
    """Whether one of the keys has failed so often already."""
    return any(count >= most for count in caches["counts"].get_many(keys).values())


def note_failure(keys: Sequence[str]) -> None:
    """Count one failure for each key."""
    for key in keys:
        if not caches["counts"].add(key, 1, PAUSE):
            caches["counts"].incr(key)


def forget(keys: Sequence[str]) -> None:
    """Start counting anew: it worked."""
    caches["counts"].delete_many(keys)
