"""Making, trying, verifying and ending channels of notices, for the pages and the API alike."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db import transaction
from django.http import Http404, HttpRequest

from qingyuan.base.errors import QingyuanError
from qingyuan.base.time import now
from qingyuan.cases.models import Channel, Delivery
from qingyuan.interfaces import access, notifying
from qingyuan.people import audit
from qingyuan.people.models import Organisation
from qingyuan.people.places import PROVINCE

MANAGE, DOMAIN = "accounts.manage", "people"
GOOD_FOR = timedelta(minutes=30)
LARGEST = 2**62


class BadChannel(QingyuanError):
    """An address that is none, a channel that is there already, or a code that is not right."""


class NotSent(QingyuanError):
    """What was tried did not arrive."""


def manages(request: HttpRequest, organisation: Organisation | None) -> bool:
    """Whether the channels of an organisation are in somebody's hands; those of all are the province's."""
    return access.rights(request).may(MANAGE, organisation.division if organisation else PROVINCE, DOMAIN)


def listed(request: HttpRequest) -> list[Channel]:
    """The channels somebody manages."""
    found = Channel.objects.select_related("organisation").defer("secret").order_by("pk")
    return [each for each in found if manages(request, each.organisation)]


def one(request: HttpRequest, number: int) -> Channel:
    """A channel somebody manages. Raises Http404 for any other."""
    known = Channel.objects.select_related("organisation").defer("secret")  # opened for those who manage it only
    found = known.filter(pk=number if abs(number) < LARGEST else 0).first()
    if found is None or not manages(request, found.organisation):
        raise Http404
    return found


def organisation(request: HttpRequest, number: int | None) -> Organisation | None:
    """The organisation of a number; None of all. Raises Http404 for one that the account does not manage."""
    found = None if number is None else Organisation.objects.filter(pk=number if abs(number) < LARGEST else 0).first()
    if (number is not None and found is None) or not manages(request, found):
        raise Http404
    return found


def check(kind: str, address: str) -> None:
    """Raises ValidationError for an address that is none of its kind."""
    (validate_email if kind == Channel.Kind.MAIL else URLValidator(["http", "https"]))(address)


def make(
    request: HttpRequest, owner: Organisation | None, kind: str, address: str, secret: str = ""
) -> tuple[Channel, bool]:
    """A channel from now on, and whether it is new. secret: of a webhook, made where none is given.

    Raises ValidationError.
    """
    check(kind, address)
    secret = secret or (secrets.token_urlsafe(32) if kind == Channel.Kind.WEBHOOK else "")
    named = {"organisation": owner, "kind": kind, "address": address}
    with transaction.atomic():
        made, new = Channel.objects.get_or_create(**named, defaults={"secret": secret, "since": now()})
        if new:
            _note(request, made, {"kind": [None, made.kind], "address": [None, made.address]})
    return made, new


def end(request: HttpRequest, channel: Channel) -> None:
    """What was not sent yet is not sent any more."""
    with transaction.atomic():
        _note(request, channel, {"kind": [channel.kind, None], "address": [channel.address, None]})
        channel.delete()


def try_out(request: HttpRequest, channel: Channel, at: datetime) -> None:
    """Send a code there now, which verifies it when given back. Raises NotSent with what failed."""
    code = f"{secrets.randbelow(10**8):08}"
    try:
        notifying.try_out(channel, code, at)
    except Exception as fault:  # whatever a foreign server answers
        raise NotSent(
            f"{type(fault).__name__}: {fault}"[:200], "Look at the address and the server, and try again."
        ) from fault
    channel.code, channel.code_until = _digest(channel, code), at + GOOD_FOR
    channel.save(update_fields=["code", "code_until"])
    _note(request, channel, {"tried": [None, channel.address]})


def verify(request: HttpRequest, channel: Channel, code: str, at: datetime) -> None:
    """Take the code back that was sent there; it works once. Raises BadChannel."""
    good = bool(channel.code) and channel.code_until is not None and channel.code_until >= at
    if not good or not hmac.compare_digest(channel.code, _digest(channel, code.strip()[:16])):
        raise BadChannel("This code is not right, or is over", "Send a new one.")
    channel.code, channel.code_until, channel.verified_at = "", None, at
    channel.save(update_fields=["code", "code_until", "verified_at"])
    _note(request, channel, {"verified": [None, channel.address]})


def state(channel: Channel) -> dict[str, Any]:
    """How it fares. waiting: notices still to be tried; given_up: those that never arrived; failure: the last one."""
    open_ones = Delivery.objects.filter(channel=channel, sent_at=None)
    return {
        "waiting": open_ones.exclude(next_at=None).count(),
        "given_up": open_ones.filter(next_at=None).count(),
        "failure": open_ones.exclude(failure="").order_by("-pk").values_list("failure", flat=True).first() or "",
    }


def _digest(channel: Channel, code: str) -> str:
    return hashlib.sha256(f"{channel.pk}:{channel.since.isoformat()}:{code}".encode()).hexdigest()


def _note(request: HttpRequest, channel: Channel, change: dict[str, Any]) -> None:
    division = channel.organisation.division if channel.organisation else PROVINCE
    who, number = access.actor(request), str(channel.pk)
    audit.append(who, MANAGE, "channel", number, division=division, domain=DOMAIN, change=change, at=now())


__all__ = [
    "BadChannel",
    "NotSent",
    "ValidationError",
    "end",
    "listed",
    "make",
    "one",
    "organisation",
    "state",
    "try_out",
    "verify",
]
