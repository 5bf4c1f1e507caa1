"""The HTTP door: CSV or JSON lines with a device's token, checked, on the journal before the answer goes out."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import time_ns

from django.db import transaction

from qingyuan.base.errors import QingyuanError, WrongUsage
from qingyuan.base.time import now
from qingyuan.gateway import accounts, documents, registering
from qingyuan.gateway.journal import Entry, open_journal
from qingyuan.gateway.models import Device, PushToken

LONGEST = 4 << 20
"""Bytes of one push."""

MOST_LINES = 50_000


class NotAllowed(QingyuanError):
    """A token that opens nothing."""


@dataclass(frozen=True)
class Pushed:
    """record: number in the journal; rows: observations in it; repeated: it was there already."""

    record: int
    rows: int
    repeated: bool


def new_token(mn: str, by: str) -> str:
    """A new token of a device, given once; only its hash is kept. WrongUsage for an unknown device."""
    device = Device.objects.filter(mn=mn).first()
    if device is None:
        raise WrongUsage(f"There is no device {mn!r}", "Register it first: qingyuan device add")
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        PushToken.objects.create(device=device, digest=_digest(token), made_at=now(), made_by=by)
        registering.append(device, "devices.register", {"token": [None, registering.MASKED]}, by, now())
    return token


def revoke(device: Device, by: str = "") -> int:
    """Take all tokens of a device back; gives how many."""
    with transaction.atomic():
        gone = PushToken.objects.filter(device=device, revoked_at=None).update(revoked_at=now())
        if gone:
            registering.append(device, "devices.register", {"token": [registering.MASKED, None]}, by, now())
    return gone


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def device_of(token: str) -> Device:
    """The active device of a token. NotAllowed for any other."""
    found = PushToken.objects.select_related("device").filter(digest=_digest(token), revoked_at=None).first()
    if found is None or not found.device.active:
        raise NotAllowed(
            "This token opens nothing", "Ask for a new one: it is unknown, revoked, or its device inactive"
        )
    return found.device


def push(data: Path, device: Device, body: bytes, peer: str) -> Pushed:
    """Take a document of observations; on disk when it returns. WrongUsage, naming the line, when any row cannot be."""
    if len(body) > LONGEST:
        raise WrongUsage(f"The document has {len(body)} bytes", f"Send at most {LONGEST} at a time")
    rows = checked(data, device, body)
    with closing(open_journal(data, window=100_000)) as journal:
        appended = journal.append([Entry(time_ns() // 1000, peer, device.mn, body)])
    return Pushed(appended.last, rows, bool(appended.repeated))


def checked(data: Path, device: Device, body: bytes) -> int:
    """How many observations a document has. WrongUsage, naming the line, when any row cannot be."""
    site = accounts.site_of(data, device)
    rows = 0
    for line, given in documents.lines(body):
        documents.observation(line, given, site)
        rows += 1
        if rows > MOST_LINES:
            raise WrongUsage(f"The document has more than {MOST_LINES} rows", "Send it in parts")
    if not rows:
        raise WrongUsage("The document has no rows", "Send CSV with a head, or one JSON object a line")
    return rows
