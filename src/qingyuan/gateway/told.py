"""What people change at the gateway, as lines of the audit chain, in the transaction of the change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from qingyuan.base.settings import data_dir
from qingyuan.base.time import now
from qingyuan.gateway.models import Device
from qingyuan.people import audit
from qingyuan.people.audit import Line
from qingyuan.people.places import PROVINCE

DOMAIN = "sources"


def tell(by: str, action: str, device: Device, change: Mapping[str, Any], *, kind: str = "", record: str = "") -> None:
    """One line about a device, or about a record of it; secrets are masked by the caller."""
    line = _line(by, action, kind or "device", record or device.mn, division_of(device), change)
    audit.append_many([line])


def tell_settled(by: str, entries: Iterable[Any], state: str) -> None:
    """A line for each entry of the quarantine that was settled."""
    places = {each.mn: division_of(each) for each in Device.objects.filter(mn__in={entry.mn for entry in entries})}
    audit.append_many(
        [
            _line(
                by, "quarantine.settle", "quarantine", str(each.pk), places.get(each.mn, PROVINCE),
                {"state": ["open", str(state)], "mn": each.mn},
            )
            for each in entries
        ]
    )  # fmt: skip


def _line(by: str, action: str, kind: str, record: str, division: str, change: Mapping[str, Any]) -> Line:
    return Line(audit.named(by), action, kind, record[:80], division, DOMAIN, change, now())


def division_of(device: Device) -> str:
    """Where a device stands, by the points of its dataset; the province when they do not know it."""
    from qingyuan.places.points import read_points  # the gateway's own process needs no table engine

    folder = data_dir() / "datasets" / device.dataset
    found = next((each for each in read_points(folder) if each.point == device.place), None)
    return (found.county or found.city) if found else PROVINCE
