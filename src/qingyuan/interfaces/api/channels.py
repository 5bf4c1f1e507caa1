"""Channels: where notices of organisations go besides the page, by mail and webhook."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db import transaction
from django.http import Http404, HttpRequest
from ninja import Field, Router, Schema, Status

from qingyuan.base.time import now
from qingyuan.cases.models import Channel, Delivery
from qingyuan.interfaces import access
from qingyuan.interfaces.api.operations import Refusal, needs
from qingyuan.people import audit
from qingyuan.people.models import Organisation
from qingyuan.people.seating import PROVINCE

router = Router(tags=["channels"])
MANAGE, DOMAIN = "accounts.manage", "people"


class ChannelIn(Schema):
    """A channel to be made. organisation: its number, null for the notices of all; secret: made where none is given."""

    organisation: int | None = None
    kind: Literal["mail", "webhook"]
    address: str = Field(max_length=300)
    secret: str = Field("", max_length=128)


class ChannelOut(Schema):
    """A channel. waiting: notices still to be tried; given_up: those that never arrived; failure: the last one."""

    id: int
    organisation: int | None
    kind: str
    address: str
    since: datetime
    waiting: int
    given_up: int
    failure: str


class ChannelMade(ChannelOut):
    """A channel just made; secret: told this once."""

    secret: str


@router.get("/channels", response=list[ChannelOut], summary="Channels of the organisations one manages")
@needs(MANAGE)
def channels(request: HttpRequest) -> Any:
    """With how they fare."""
    found = Channel.objects.select_related("organisation").order_by("pk")
    return [_out(each) for each in found if _manages(request, each.organisation)]


@router.post(
    "/channels", response={201: ChannelMade, 404: Refusal, 409: Refusal, 422: Refusal}, summary="Make a channel"
)
@needs(MANAGE)
def channel_make(request: HttpRequest, given: ChannelIn) -> Any:
    """Notices from now on are sent there."""
    organisation = _organisation(request, given.organisation)
    try:
        (validate_email if given.kind == "mail" else URLValidator(["http", "https"]))(given.address)
    except ValidationError as wrong:
        return Status(422, {"detail": f"address: {wrong.messages[0]}"})
    named = {"organisation": organisation, "kind": given.kind, "address": given.address}
    secret = given.secret or (secrets.token_urlsafe(32) if given.kind == "webhook" else "")
    with transaction.atomic():
        made, new = Channel.objects.get_or_create(**named, defaults={"secret": secret, "since": now()})
        if not new:
            return Status(409, {"detail": f"Channel {made.pk} is that one already"})
        _note(request, made, {"kind": [None, made.kind], "address": [None, made.address]})
    return Status(201, {**_out(made), "secret": secret})


@router.delete("/channels/{number}", response={204: None, 404: Refusal}, summary="End a channel")
@needs(MANAGE)
def channel_end(request: HttpRequest, number: int) -> Any:
    """What was not sent yet is not sent any more."""
    found = Channel.objects.select_related("organisation").filter(pk=number if abs(number) < 2**62 else 0).first()
    if found is None or not _manages(request, found.organisation):
        raise Http404
    with transaction.atomic():
        _note(request, found, {"kind": [found.kind, None], "address": [found.address, None]})
        found.delete()
    return Status(204, None)


def _manages(request: HttpRequest, organisation: Organisation | None) -> bool:
    return access.rights(request).may(MANAGE, organisation.division if organisation else PROVINCE, DOMAIN)


def _organisation(request: HttpRequest, number: int | None) -> Organisation | None:
    """The organisation of a number; None of all. Raises Http404 for one that the account does not manage."""
    found = None if number is None else Organisation.objects.filter(pk=number if abs(number) < 2**62 else 0).first()
    if (number is not None and found is None) or not _manages(request, found):
        raise Http404
    return found


def _out(channel: Channel) -> dict[str, Any]:
    open_ones = Delivery.objects.filter(channel=channel, sent_at=None)
    told = {name: getattr(channel, name) for name in ("id", "kind", "address", "since")}
    return told | {
        "organisation": channel.organisation_id,
        "waiting": open_ones.exclude(next_at=None).count(),
        "given_up": open_ones.filter(next_at=None).count(),
        "failure": open_ones.exclude(failure="").order_by("-pk").values_list("failure", flat=True).first() or "",
    }


def _note(request: HttpRequest, channel: Channel, change: dict[str, Any]) -> None:
    division = channel.organisation.division if channel.organisation else PROVINCE
    who, number = access.actor(request), str(channel.pk)
    audit.append(who, MANAGE, "channel", number, division=division, domain=DOMAIN, change=change, at=now())
