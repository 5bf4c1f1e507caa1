"""The register as the gateway's process uses it: devices read, states and profiles written, every few seconds.

All of it runs in one thread of its own beside the loop.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_network

from django.db import transaction
from django.db.models import Count, F, Max, Q

from qingyuan.base.time import now
from qingyuan.gateway import remote
from qingyuan.gateway.gate import Registered, items
from qingyuan.gateway.models import Deviation, Device, DeviceKey, DeviceState
from qingyuan.gateway.quarantine import wall_clock
from qingyuan.gateway.seen import Seen

_TOTALS = ("frames", "repeated", "quarantined", "skipped_bytes", "received_bytes")
_STATE = ("online", "peer", "connected_at", "last_frame", "edition", "system", *_TOTALS)


def mark() -> tuple[object, ...]:
    """What changes whenever a device or key does: cheap to ask."""
    devices = Device.objects.aggregate(Count("id"), Max("changed_at"))
    keys = DeviceKey.objects.aggregate(Count("id"), Max("id"), Max("valid_until"))
    return (*devices.values(), *keys.values())


def devices() -> dict[bytes, Registered]:
    """All devices by MN, with the keys that hold now."""
    moment = now()
    holding = Q(valid_until=None) | Q(valid_until__gt=moment)
    keys: dict[int, list[bytes]] = {}
    for key in DeviceKey.objects.filter(holding, valid_from__lte=moment).order_by("-valid_from"):
        keys.setdefault(key.device_id, []).append(bytes.fromhex(key.key))
    return {each.mn.encode(): _registered(each, tuple(keys.get(each.pk, ()))) for each in Device.objects.all()}


def _registered(device: Device, keys: tuple[bytes, ...]) -> Registered:
    networks = tuple(ip_network(each.strip(), strict=False) for each in device.addresses.split(",") if each.strip())
    hardware = items(device.hardware.encode())
    return Registered(device.mn, device.password.encode(), device.active, networks, keys, hardware)


def totals() -> dict[str, Seen]:
    """The totals of all devices as last told; nobody is online, no talk is under way."""
    remote.break_off()
    DeviceState.objects.filter(online=True).update(online=False)
    return {
        state.mn: Seen(
            state.mn,
            state.peer,
            edition=state.edition,
            system=state.system,
            **{name: getattr(state, name) for name in _TOTALS},
        )
        for state in DeviceState.objects.all()
    }


def tell(seen: Iterable[Seen]) -> None:
    """Write states and profiles."""
    told = list(seen)
    with transaction.atomic():
        states = [_state(each) for each in told]
        DeviceState.objects.bulk_create(
            states, batch_size=200, update_conflicts=True, unique_fields=["mn"], update_fields=_STATE
        )
        for each in told:
            for name, (count, record) in each.profile.items():
                add_deviation(each.mn, name, count, record)


def _state(seen: Seen) -> DeviceState:
    return DeviceState(
        mn=seen.mn,
        online=seen.connections > 0,
        peer=seen.peer,
        connected_at=wall_clock(seen.connected) if seen.connected else None,
        last_frame=wall_clock(seen.last) if seen.last else None,
        edition=seen.edition,
        system=seen.system,
        **{name: getattr(seen, name) for name in _TOTALS},
    )


def add_deviation(mn: str, name: str, count: int, record: int) -> None:
    """Add to one line of a device's nonconformity profile; the first record stays the example."""
    moment = now()
    line, made = Deviation.objects.get_or_create(
        mn=mn, name=name[:64], defaults={"count": count, "first": moment, "last": moment, "record": record or None}
    )
    if not made:
        Deviation.objects.filter(pk=line.pk).update(count=F("count") + count, last=moment)
