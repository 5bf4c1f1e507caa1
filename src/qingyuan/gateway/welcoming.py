"""What the gateway asks of devices without being told by anybody: the set-up at first contact, the number, new keys.

Each is a remote command like any other, asked by the gateway, with its dialogue kept. Nothing is sent to a device that
is not registered and active.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import timedelta

from django.db.models import Q

from qingyuan.base.time import now
from qingyuan.gateway import remote
from qingyuan.gateway.hj212 import requests
from qingyuan.gateway.models import Device, Edition, RemoteCommand

OPEN = (RemoteCommand.State.QUEUED, RemoteCommand.State.RUNNING)
BETWEEN_KEYS = timedelta(days=1)
"""A device is asked to change its key at most once in so long, however often it asks itself."""


def set_up(mns: Collection[str]) -> None:
    """Queue what 2017 (6.7) sets when a device first speaks: clock, timeout, and the intervals its record gives.

    The other editions are not known to ask for it.
    """
    for device in Device.objects.filter(mn__in=mns, active=True, edition=Edition.E2017, set_up_at=None):
        seconds = device.real_time_seconds if (device.real_time_seconds or 0) >= requests.SHORTEST_REAL_TIME else None
        wanted = requests.first_contact(device.edition, now(), real_time=seconds, minutes=device.minute_interval)
        for request in wanted:
            remote.ask(device, request.cn, request.params, remote.OWN)
        device.set_up_at = now()
        device.save()


def assign(mn: str) -> int | None:
    """The command that gives a logger its number (1002), begun at once; None while one is under way."""
    device = Device.objects.filter(mn=mn, active=True).first()
    if device is None or device.commands.filter(cn="1002", state__in=OPEN).exists():
        return None
    begun = remote.ask(device, "1002", {"MN": mn}, remote.OWN)
    RemoteCommand.objects.filter(pk=begun.pk).update(state=RemoteCommand.State.RUNNING)
    return begun.pk


def renew_keys(mns: Collection[str], days: int) -> None:
    """Queue new SM4 keys (1014) for devices whose key is at least so many days old."""
    moment = now()
    aged = Q(keys__valid_until=None, keys__valid_from__lte=moment - timedelta(days=days))
    tried = Q(commands__cn="1014", commands__asked_at__gt=moment - BETWEEN_KEYS)
    devices = Device.objects.filter(aged, mn__in=mns, active=True, edition=Edition.E2025)
    for device in devices.exclude(pk__in=Device.objects.filter(tried).values("pk")).distinct():
        request = requests.set_key(moment, secrets.token_bytes(16))
        remote.ask(device, request.cn, request.params, remote.OWN)
