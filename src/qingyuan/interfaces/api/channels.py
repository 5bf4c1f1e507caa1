"""Channels: where notices of organisations go besides the page, by mail and webhook."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from qingyuan.cases.models import Channel
from qingyuan.interfaces import channels as keeping
from qingyuan.interfaces.api.operations import Refusal, needs

router = Router(tags=["channels"])
MANAGE = "accounts.manage"


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
    verified_at: datetime | None
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
    return [_out(each) for each in keeping.listed(request)]


@router.post(
    "/channels", response={201: ChannelMade, 404: Refusal, 409: Refusal, 422: Refusal}, summary="Make a channel"
)
@needs(MANAGE)
def channel_make(request: HttpRequest, given: ChannelIn) -> Any:
    """Notices from now on are sent there."""
    owner = keeping.organisation(request, given.organisation)
    try:
        made, new = keeping.make(request, owner, given.kind, given.address, given.secret)
    except ValidationError as wrong:
        return Status(422, {"detail": f"address: {wrong.messages[0]}"})
    if not new:
        return Status(409, {"detail": f"Channel {made.pk} is that one already"})
    return Status(201, {**_out(made), "secret": made.secret})


@router.delete("/channels/{number}", response={204: None, 404: Refusal}, summary="End a channel")
@needs(MANAGE)
def channel_end(request: HttpRequest, number: int) -> Any:
    """What was not sent yet is not sent any more."""
    keeping.end(request, keeping.one(request, number))
    return Status(204, None)


def _out(channel: Channel) -> dict[str, Any]:
    told = {name: getattr(channel, name) for name in ("id", "kind", "address", "since", "verified_at")}
    return {**told, "organisation": channel.organisation_id, **keeping.state(channel)}
