"""Devices as the register knows them; passwords and keys are never told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from qingyuan.gateway import scope
from qingyuan.gateway.models import Device
from qingyuan.interfaces import access
from qingyuan.interfaces.api.operations import Listed, Refusal, needs

router = Router(tags=["devices"])


class DeviceOut(Schema):
    """A device."""

    mn: str
    name_zh: str
    name_en: str
    edition: str
    active: bool
    dataset: str
    place: str
    division: str
    domain: str
    registered_at: datetime


class Devices(Listed):
    """A page of devices."""

    items: list[DeviceOut]


@router.get("/devices", response=Devices, summary="Devices in one's scope")
@needs("devices.see")
def listed(request: HttpRequest, offset: int = Query(0, ge=0, le=10**9), limit: int = Query(50, ge=1, le=500)) -> Any:
    """Devices by MN."""
    mine = _mine(request)
    return {"count": mine.count(), "items": list(mine[offset : offset + limit])}


@router.get("/devices/{mn}", response={200: DeviceOut, 404: Refusal}, summary="One device")
@needs("devices.see")
def one(request: HttpRequest, mn: str) -> Any:
    """The device of an MN; one outside the scope is answered like one that does not exist."""
    return get_object_or_404(_mine(request), mn=mn)


def _mine(request: HttpRequest) -> QuerySet[Device]:
    return scope.devices(access.rights(request))
