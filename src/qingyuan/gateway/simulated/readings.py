"""What a simulated device reads at a moment: a pure function of the fleet's seed, the device and the time."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from qingyuan.gateway.simulated.fleet import FIRST_DAY, Device, Measured

FAULTS: Mapping[str, tuple[float, int]] = {
    "D": (0.004, 3),
    "M": (0.006, 2),
    "C": (0.012, 1),
    "stuck": (0.004, 6),
    "gap": (0.008, 1),
}
"""Kind of fault → chance of beginning in an hour, and hours it lasts."""

OUTAGE = (0.003, 2)
"""The same of a broken line: everything is kept and sent again afterwards."""

_SAMPLES = 12
"""Readings a mean is made of."""


@dataclass(frozen=True)
class Reading:
    """One value of one factor with its mark; converted: to the reference oxygen, None where that is not done."""

    value: float
    mark: str
    converted: float | None = None


@dataclass(frozen=True)
class Mean:
    """Minimum, mean and maximum over an interval, with its mark; converted: of the mean."""

    low: float
    mean: float
    high: float
    mark: str
    converted: float | None = None


def readings(device: Device, moment: datetime) -> list[Reading]:
    """The readings of all factors at a moment."""
    mark = marked(device, moment)
    held = _began(device, moment, "stuck") or moment
    values = _values(device, held)
    return [Reading(value, mark, _converted(device, place, values)) for place, value in enumerate(values)]


def means(device: Device, begin: datetime, length: timedelta) -> list[Mean]:
    """Means of all factors over an interval."""
    samples = [_values(device, begin + length * (step + 0.5) / _SAMPLES) for step in range(_SAMPLES)]
    middle = [sum(column) / _SAMPLES for column in zip(*samples, strict=True)]
    mark = marked(device, begin + length / 2)
    return [
        Mean(min(column), middle[place], max(column), mark, _converted(device, place, middle))
        for place, column in enumerate(zip(*samples, strict=True))
    ]


def marked(device: Device, moment: datetime) -> str:
    """The mark of a moment: D, M or C while such a fault lasts, else N."""
    return next((mark for mark in ("D", "M", "C") if _began(device, moment, mark)), "N")


def silent(device: Device, moment: datetime) -> bool:
    """Whether the device has nothing at this moment, and never will."""
    return _began(device, moment, "gap") is not None


def offline(device: Device, moment: datetime) -> bool:
    """Whether the line is broken."""
    chance, hours = OUTAGE
    return _since(device, moment, "outage", chance, hours) is not None


def _values(device: Device, moment: datetime) -> list[float]:
    values: list[float] = []
    for place, factor in enumerate(device.kind.factors):
        value = _value(device, place, factor, moment)
        values.append(min(value, 0.9 * values[factor.below]) if factor.below is not None else value)
    return values


def _value(device: Device, place: int, factor: Measured, moment: datetime) -> float:
    hours = (moment - FIRST_DAY).total_seconds() / 3600
    swing = factor.swing * math.cos(2 * math.pi * (hours - 8) / 24)
    slow = _wandering(f"{device.seed} {device.number} {place}", hours / 6)
    fast = _normal(f"{device.seed} {device.number} {place} {int(hours * 3600)}")
    size = device.size if factor.drift > 0.1 else 1.0
    value = factor.level * size * math.exp(swing + factor.drift * slow + factor.noise * fast)
    return min(value, factor.most)


def _converted(device: Device, place: int, values: Sequence[float]) -> float | None:
    """Concentration at the reference oxygen: C (21 − O2ref) / (21 − O2)."""
    if place not in device.kind.converted:
        return None
    oxygen = next(value for value, one in zip(values, device.kind.factors, strict=True) if one.code == "a19001")
    return values[place] * (21 - device.kind.reference_oxygen) / max(21 - oxygen, 0.5)


def _began(device: Device, moment: datetime, fault: str) -> datetime | None:
    chance, hours = FAULTS[fault]
    return _since(device, moment, fault, chance, hours)


def _since(device: Device, moment: datetime, fault: str, chance: float, hours: int) -> datetime | None:
    """When the fault that lasts at this moment began; None when there is none."""
    hour = moment.replace(minute=0, second=0, microsecond=0)
    for back in range(hours):
        began = hour - timedelta(hours=back)
        if _uniform(f"{device.seed} {device.number} {fault} {began:%Y%m%d%H}") < chance:
            return began
    return None


def _wandering(name: str, time: float) -> float:
    """A smooth curve through one draw for every whole number."""
    whole = math.floor(time)
    share = time - whole
    smooth = share * share * (3 - 2 * share)
    before, after = (_normal(f"{name} slow {at}") for at in (whole, whole + 1))
    return before * (1 - smooth) + after * smooth


def _normal(name: str) -> float:
    """A draw of about a normal distribution, always the same for a name."""
    first, second = _pair(name)
    return math.sqrt(-2 * math.log(first)) * math.cos(2 * math.pi * second)


def _uniform(name: str) -> float:
    return _pair(name)[0]


def _pair(name: str) -> tuple[float, float]:
    """Two draws between 0 and 1 (not 0)."""
    digest = hashlib.blake2b(name.encode(), digest_size=16).digest()
    return tuple((int.from_bytes(part, "big") + 1) / 2**64 for part in (digest[:8], digest[8:]))  # type: ignore[return-value]
