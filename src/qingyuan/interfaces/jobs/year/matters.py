"""What happens in the year: the signal of a case of each kind, its place, its words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from qingyuan.cases.opening import Signal
from qingyuan.gateway.simulated import Device
from qingyuan.interfaces.jobs.year.running import Year, texts
from qingyuan.places.divisions import division, subtree
from qingyuan.standards import properties

PROVINCE = "220000"
TOWNSHIPS = ("220122101", "220122102", "220104101")
ITEMS = 3
"""The first factors of an outlet are those it is judged by."""


def counties() -> list[str]:
    """Every county of the province."""
    return [each.code for each in subtree(PROVINCE) if each.level == "county"]


def cities() -> list[str]:
    """Every city of the province."""
    return [each.code for each in subtree(PROVINCE) if each.level == "prefecture"]


def near(code: str, chance: Random) -> tuple[float, float]:
    """A place near the middle of a division: lon, lat in degrees."""
    lon, lat = division(code[:6]).centroid
    return round(lon + chance.uniform(-0.05, 0.05), 5), round(lat + chance.uniform(-0.04, 0.04), 5)


def of_outlet(kind: str, year: Year, chance: Random, at: datetime, key: str) -> Signal:
    """Something at a monitored outlet of the simulated network."""
    device: Device = chance.choice([each for each in year.devices if each.kind.slug in ("gas", "water")])
    factor = chance.choice(device.kind.factors[:ITEMS])
    known = properties.find(factor.code)
    limit = round(factor.level * 2.5, 1)
    value = round(limit * chance.uniform(1.1, 2.4), 1)
    said = {
        "site": device.name_zh.replace("（模拟）", ""), "item": factor.name_zh, "unit": factor.unit, "value": value,
        "limit": limit, "times": round(value / limit, 2), "hours": chance.randrange(2, 26),
    }  # fmt: skip
    place = {"division": device.division, "site": device.outlet, "site_name": device.name_zh}
    monitor = {"point": device.outlet, "item": known.slug if known else "", "medium": device.kind.slug}
    return _signal(kind, chance, at, key, said, {**place, **monitor}, (device.longitude, device.latitude))


def of_place(kind: str, year: Year, chance: Random, at: datetime, key: str) -> Signal:
    """Something in a county, sometimes in one of the townships that have grids."""
    where = chance.choice(TOWNSHIPS) if kind == "hot_spot" and chance.random() < 0.15 else chance.choice(counties())
    return _of(kind, where, chance, at, key)


def of_city(kind: str, year: Year, chance: Random, at: datetime, key: str) -> Signal:
    """Something that concerns a city as a whole."""
    return _of(kind, chance.choice(cities()), chance, at, key)


def _of(kind: str, where: str, chance: Random, at: datetime, key: str) -> Signal:
    said = {"place": division(where[:6]).name_zh, "value": chance.randrange(152, 340), "limit": 1.0,
            "hours": chance.randrange(2, 40)}  # fmt: skip
    if kind == "water_event":
        said["value"] = round(chance.uniform(1.1, 3.2), 2)
    return _signal(kind, chance, at, key, said, {"division": where}, near(where, chance))


def _signal(
    kind: str, chance: Random, at: datetime, key: str, said: dict[str, Any], place: dict[str, Any],
    point: tuple[float, float],
) -> Signal:  # fmt: skip
    told = texts()["cases"][kind]
    medium = place.pop("medium", told["domain"])
    return Signal(
        kind=kind,
        about=chance.choice(told["titles"]).format(**said),
        domain=told["domain"],
        occurred_at=at - timedelta(minutes=chance.randrange(1, 20)),
        source="simulated",
        key=key,
        origin=told["origin"],
        severity="high" if chance.random() < 0.18 else "normal",
        place=point,
        rule=told.get("rule", ""),
        clause=told.get("clause", {}).get(medium, ""),
        evidence=chance.choice(told["evidence"]).format(**said),
        simulated=True,
        **place,
    )


Maker = Callable[[str, Year, Random, datetime, str], Signal]
MATTERS: dict[str, tuple[int, Maker, tuple[int, ...]]] = {
    "exceedance": (165, of_outlet, ()),
    "device": (85, of_outlet, ()),
    "hot_spot": (95, of_place, (3, 4, 10, 11)),
    "air_event": (38, of_city, (1, 2, 3, 11, 12)),
    "water_event": (45, of_place, ()),
    "rectification": (32, of_city, ()),
}
"""By kind: how many in the year, what makes one, the months it happens in."""
