"""Who may call an operation: each says so as ``auth=needs("cases.see")``, in the words of the pages.

Denied by default: an operation that says nothing is answered to nobody. A session needs its form token for what
changes something, a token of an account (``Authorization: Bearer``) does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.security import HttpBearer, SessionAuth

from qingyuan.base.time import now
from qingyuan.interfaces import tries
from qingyuan.interfaces.api.errors import NotAllowed, NotKnown, TooOften
from qingyuan.interfaces.caller import PUBLIC, SIGNED_IN, due, rights, said, saying
from qingyuan.people import tokens
from qingyuan.people.declared import known

FAILURES = 20
"""Tokens of one address that open nothing, before it rests."""


class _Checked:
    """What session and token share: the action they are asked for."""

    action: str

    def allowed(self, request: HttpRequest, user: Any) -> Any:
        """The account, when its duties include the action somewhere. NotAllowed when they do not."""
        if self.action != SIGNED_IN and not rights(request).can(self.action):
            raise NotAllowed(self.action)
        return user


class Token(_Checked, HttpBearer):
    """An account's token in ``Authorization: Bearer``; when one is sent, the session does not count."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """The account of the token. NotKnown, TooOften or NotAllowed."""
        key = [f"token-address:{tries.address(request)}"]
        if tries.resting(key, FAILURES):
            raise TooOften
        user = tokens.owner(token, now())
        if user is None:
            tries.note_failure(key)
            raise NotKnown
        request.user = user
        return self.allowed(request, user)


class Session(_Checked, SessionAuth):
    """The session of somebody signed in at the console."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """The account of the session; None when nobody is signed in. NotAllowed."""
        if not request.user.is_authenticated:
            return None
        if due(request):
            raise NotAllowed("anything before the account's page /account/ is done")
        return self.allowed(request, request.user)


def _both(action: str) -> list[Any]:
    found: list[Any] = [Token(), Session()]
    for each in found:
        each.action = action
        saying(each, action)
    return found


def needs(action: str) -> list[Any]:
    """For accounts with a duty that allows an action somewhere; the operation filters the rows. UnknownAction."""
    return _both(known(action))


def signed_in() -> list[Any]:
    """For every account, whatever its duties."""
    return _both(SIGNED_IN)


def public() -> Any:
    """For everybody."""
    return saying(lambda request: True, PUBLIC)


def refused(request: HttpRequest) -> Any:
    """What stands for an operation that says nothing: nobody may."""
    return None


class Operation(NamedTuple):
    """One operation: its method, its path below ``/api/v1``, who may call it (empty: it does not say)."""

    method: str
    path: str
    said: str


def operations(api: NinjaAPI) -> Iterator[Operation]:
    """Every operation of the interface, for the matrix of who may call what."""
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for each in view.operations:
                callback = next(iter(each.auth_callbacks), None)
                for method in each.methods:
                    yield Operation(method, f"{prefix.rstrip('/')}{path}", said(callback))
