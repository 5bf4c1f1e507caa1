"""Where a point is: its division, its names, what is near it, what lies above and below it along a river."""

from __future__ import annotations

import csv
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import asin, cos, degrees, radians, sin, sqrt
from pathlib import Path

from qingyuan.base.errors import UnreadableInput
from qingyuan.gateway.models import Device
from qingyuan.places.divisions import within
from qingyuan.places.outlets import registered
from qingyuan.places.points import read_points

PROVINCE = "220000"
"""Where a point is taken to lie of which nobody said more: seen by the province only."""

EARTH_KM = 6371.0
RELATIONS = "relations.csv"
"""File of a dataset with the columns ``above, below``: points along a river."""


@dataclass(frozen=True)
class Place:
    """A point's place. lon, lat: degrees or None."""

    point: str
    division: str = PROVINCE
    name_zh: str = ""
    name_en: str = ""
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True)
class Places:
    """The places of a dataset."""

    known: dict[str, Place]
    below: dict[str, frozenset[str]]

    def of(self, point: str) -> Place:
        """Where a point is; the whole province when nobody said."""
        return self.known.get(point) or Place(point)

    def near(self, point: str, km: float) -> dict[str, float]:
        """Other points so near, with their distance in km."""
        here = self.of(point)
        found = {there.point: _km(here, there) for there in self._band(here, km) if there.point != point}
        return {other: distance for other, distance in found.items() if distance is not None and distance <= km}

    def _band(self, here: Place, km: float) -> Sequence[Place]:
        """The places no further north or south than so many km."""
        if here.lat is None:
            return []
        band = degrees(km / EARTH_KM) + 1e-6
        latitudes, northward = self._northward
        return northward[bisect_left(latitudes, here.lat - band) : bisect_right(latitudes, here.lat + band)]

    @cached_property
    def _northward(self) -> tuple[list[float], list[Place]]:
        """The places with coordinates from south to north, behind their latitudes."""
        placed = sorted((each.lat, each.point) for each in self.known.values() if each.lat is not None)
        return [lat for lat, _ in placed], [self.known[point] for _, point in placed]

    def along(self, point: str) -> dict[str, str]:
        """Points next to it along a river: ``upstream`` or ``downstream`` of it."""
        down = dict.fromkeys(self.below.get(point, ()), "downstream")
        return down | {above: "upstream" for above, below in self.below.items() if point in below}


def places(slug: str, dataset: Path) -> Places:
    """What a dataset's registers of points, outlets and devices say. UnreadableInput where a file of it is faulty.

    An outlet's own record says where it lies before its device's does.
    """
    file = dataset / RELATIONS
    known = {
        each.point: Place(each.point, each.county or each.city, each.name_zh, each.name_en, each.lon, each.lat)
        for each in read_points(dataset)
    }
    for device in Device.objects.filter(dataset=slug):
        if device.place not in known:
            known[device.place] = Place(device.place, device.division or PROVINCE, device.name_zh, device.name_en)
    for outlet in registered(dataset):
        if within(outlet.division, PROVINCE):
            known[outlet.point] = replace(known.get(outlet.point, Place(outlet.point)), division=outlet.division)
    return Places(known, _below(file, file.stat().st_mtime_ns) if file.exists() else {})


@lru_cache(maxsize=16)
def _below(file: Path, _written: int) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    with file.open(encoding="utf-8-sig", newline="") as stream:
        for number, row in enumerate(csv.DictReader(stream), 2):
            if not row.get("above") or not row.get("below"):
                raise UnreadableInput(f"{file}: line {number} lacks a point", "Give the columns above, below")
            found.setdefault(row["above"], set()).add(row["below"])
    return {above: frozenset(below) for above, below in found.items()}


def _km(one: Place, other: Place) -> float | None:
    """Great-circle distance; None when one of them has no coordinates."""
    if one.lon is None or one.lat is None or other.lon is None or other.lat is None:
        return None
    lon, lat = radians(other.lon - one.lon), radians(other.lat - one.lat)
    chord = sin(lat / 2) ** 2 + cos(radians(one.lat)) * cos(radians(other.lat)) * sin(lon / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(chord))
