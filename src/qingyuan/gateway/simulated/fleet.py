"""The simulated 模拟 devices: who they are, what they measure, where they stand and how they break the standard.

fleet(200, seed=2025)        # the same seed gives the same devices
register_rows(fleet(200))    # as the register wants to know them
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from qingyuan.places.divisions import Division, subtree
from qingyuan.standards.schema import Entry, read

SEED = 2025
PROVINCE = "220000"
SMALL_ROOM = 300
"""Bytes inside CP of a small logger: its longer messages go in parts."""
MARKED = ("模拟", "simulated")


@dataclass(frozen=True)
class Measured:
    """One factor of a kind. code by edition; level … noise as in kinds.yaml; below: place of the factor it may not
    exceed; most: largest possible value."""

    code_2005: str
    code: str
    name_zh: str
    name_en: str
    unit: str
    level: float
    swing: float
    drift: float
    noise: float
    digits: int
    most: float
    below: int | None

    def coded(self, edition: str) -> str:
        """The code in an edition."""
        return self.code_2005 if edition == "2005" else self.code


@dataclass(frozen=True)
class Kind:
    """One kind of outlet or station. st: system code; minutes: interval of minute data; running: its device."""

    slug: str
    name_zh: str
    name_en: str
    st: str
    share: int
    minutes: int
    running: str
    factors: tuple[Measured, ...]
    converted: tuple[int, ...]
    reference_oxygen: float


@dataclass(frozen=True)
class Device:
    """One simulated device. number: its place in the fleet; key: SM4, None in clear; deviation: how it breaks the
    standard, empty when it keeps it; size: what its levels are multiplied by; room: bytes inside CP its logger can send
    at once, None for all that the standard allows; hardware: how a logger of 2025 that has no MN yet names itself."""

    number: int
    mn: str
    name_zh: str
    name_en: str
    password: str
    edition: str
    key: bytes | None
    outlet: str
    kind: Kind
    division: str
    longitude: float
    latitude: float
    deviation: str
    size: float
    seed: int
    room: int | None = None
    hardware: str = ""


def fleet(count: int, seed: int = SEED) -> list[Device]:
    """So many devices; a smaller fleet is the beginning of a larger one."""
    return [_device(number, seed) for number in range(count)]


def register_rows(devices: Sequence[Device]) -> list[dict[str, Any]]:
    """Devices as rows for a register; factors as sent, with their units. Every name says simulated 模拟."""
    return [
        {
            "mn": one.mn,
            "name_zh": one.name_zh,
            "name_en": one.name_en,
            "password": one.password,
            "edition": one.edition,
            "key": one.key.hex() if one.key else "",
            "point": one.outlet,
            "kind": one.kind.slug,
            "division": one.division,
            "longitude": one.longitude,
            "latitude": one.latitude,
            "minute_interval": one.kind.minutes,
            "hardware": one.hardware,
            "sum_variant": "modbus" if one.deviation == "sum_modbus" else "standard",
            "simulated": True,
            "factors": [
                {"code": each.coded(one.edition), "unit": each.unit, "name_zh": each.name_zh, "name_en": each.name_en}
                for each in one.kind.factors
            ],
        }
        for one in devices
    ]


@cache
def kinds() -> tuple[Kind, ...]:
    """The kinds of kinds.yaml. Raises FaultyLibrary for a file that breaks its schema."""
    return _table()[0]


def _device(number: int, seed: int) -> Device:
    chance = random.Random(f"{seed} device {number}")  # noqa: S311 - a simulation, no secret
    every, editions, deviations = _table()
    kind = _drawn(chance, {one: one.share for one in every})
    edition = _drawn(chance, editions)
    county = chance.choice(_counties())
    odd = _drawn(chance, {**deviations, "": 100 - sum(deviations.values())})
    key = bytes(chance.randrange(256) for _ in range(16)) if edition == "2025" and chance.random() < 0.5 else None
    return Device(
        number=number,
        mn=_mn(edition, number, seed),
        name_zh=f"{county.name_zh}{kind.name_zh}{number + 1:03}（{MARKED[0]}）",
        name_en=f"{kind.name_en} {number + 1:03}, {county.name_en} ({MARKED[1]})",
        password=f"{chance.randrange(1_000_000):06}",
        edition=edition,
        key=key,
        outlet=f"SIM-{kind.slug.upper()}-{number + 1:04}",
        kind=kind,
        division=county.code,
        longitude=round(county.centroid[0] + chance.uniform(-0.08, 0.08), 5),
        latitude=round(county.centroid[1] + chance.uniform(-0.06, 0.06), 5),
        deviation="" if key else odd,
        size=chance.lognormvariate(0, 0.25),
        seed=seed,
        room=SMALL_ROOM if kind.slug == "gas" and number % 5 == 1 else None,
        hardware=_hardware(number, seed) if edition == "2025" and number % 3 == 0 else "",
    )


def _hardware(number: int, seed: int) -> str:
    """CPU and network card in names of our own: those of the standard are not confirmed."""
    card = (0x0200 << 32 | (seed & 0xFFFF) << 16 | number & 0xFFFF).to_bytes(6, "big").hex("-").upper()
    return f"CPU=SIM{seed:04}{number:08X};MAC={card}"


def _mn(edition: str, number: int, seed: int) -> str:
    """14 characters in edition 2005, else 24 hexadecimal digits; both begin so that no real maker is meant."""
    return f"SIM{seed % 1000:03}0{number:07}" if edition == "2005" else f"5132{seed % 10000:04}{number:016X}"


def _drawn(chance: random.Random, shares: dict[Any, int]) -> Any:
    return chance.choices(list(shares), weights=list(shares.values()))[0]


@cache
def _counties() -> tuple[Division, ...]:
    return tuple(one for one in subtree(PROVINCE) if one.level == "county")


@cache
def _table() -> tuple[tuple[Kind, ...], dict[str, int], dict[str, int]]:
    file = read(Path(__file__).parent / "kinds.yaml")
    every = tuple(_kind(str(slug), entry) for slug, entry in file.entries("kinds"))
    deviations, editions = file.take("deviations", dict), file.take("editions", dict)
    file.done()
    return every, editions, deviations


def _kind(slug: str, entry: Entry) -> Kind:
    zh, en = entry.words("title")
    factors = tuple(_measured(Entry(one, entry.file, f"{slug}.factors")) for one in entry.take("factors", list))
    converted = tuple(entry.take("converted", list, []))
    oxygen = float(entry.take("reference_oxygen", int, 0))
    share, minutes = (entry.take(name, int) for name in ("share", "minutes"))
    st, running = (entry.take(name, str) for name in ("st", "running"))
    entry.done()
    return Kind(slug, zh, en, st, share, minutes, running, factors, converted, oxygen)


def _measured(entry: Entry) -> Measured:
    old, new = entry.take("codes", list)
    zh, en = entry.words("name")
    level, swing, drift, noise = (float(entry.number(name)) for name in ("level", "swing", "drift", "noise"))
    digits, unit = entry.take("digits", int), entry.take("unit", str)
    most, below = float(entry.take("most", (int, Decimal), 1e9)), entry.take("below", int, None)
    entry.done()
    return Measured(str(old), str(new), zh, en, unit, level, swing, drift, noise, digits, most, below)


FIRST_DAY = datetime(2020, 1, 1)
"""Where the simulated plants begin to count their time."""
