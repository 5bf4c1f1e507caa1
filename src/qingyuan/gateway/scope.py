"""What somebody's rights reach of devices, quarantine and outlets; what is of no device is the province's."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Case, F, Q, QuerySet, When

from qingyuan.gateway.models import Device, DeviceChange, Quarantined
from qingyuan.gateway.registering import May
from qingyuan.people.rights import Rights
from qingyuan.places.outlets import Outlet

PROVINCE, DOMAIN = "220000", "sources"
"""Where a record lies that no device answers for."""


def devices(rights: Rights, action: str = "devices.see") -> QuerySet[Device]:
    """The devices an action is allowed on."""
    standing = Device.objects.annotate(site=Case(When(point="", then=F("mn")), default=F("point")))
    return standing.filter(rights.where(action))


def strangers_too(rights: Rights, action: str) -> bool:
    """Whether an action is allowed on MN that nobody registered: only where the whole province is in its scope."""
    return rights.may(action, PROVINCE, DOMAIN)


def by_mn(rights: Rights, action: str) -> Q:
    """The rows that hang on an MN and that an action is allowed on."""
    mine = Q(mn__in=devices(rights, action).values("mn"))
    return mine | ~Q(mn__in=Device.objects.values("mn")) if strangers_too(rights, action) else mine


def registrar(rights: Rights) -> May:
    """Whether somebody may register or change a device as it stands."""
    return lambda each: rights.may("devices.register", each.division, each.domain, each.place)


def quarantined(rights: Rights, action: str = "quarantine.see") -> QuerySet[Quarantined]:
    """What waits in quarantine and an action is allowed on."""
    return Quarantined.objects.filter(by_mn(rights, action))


def changes(rights: Rights) -> QuerySet[DeviceChange]:
    """Changes of the records of devices one may see."""
    return DeviceChange.objects.filter(by_mn(rights, "devices.see"))


def outlets(rights: Rights, found: Iterable[Outlet], dataset: str, action: str = "sources.see") -> list[Outlet]:
    """The outlets of a dataset an action is allowed on; an outlet lies where the device stands that reports for it."""
    lying = {each.place: each.division for each in Device.objects.filter(dataset=dataset)}
    return [
        each
        for each in found
        if rights.may(action, each.division or lying.get(each.point, PROVINCE), DOMAIN, each.point)
    ]
