"""What a code means at a device: the site's record, with what the protocol leaves open for devices without one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

import yaml

from qingyuan.base import units
from qingyuan.base.errors import UnknownLaw
from qingyuan.standards import properties

DATASET = "sources"
"""The dataset of devices that are not registered."""

AVERAGING = {
    "2011": "rtd",
    "2013": "sample",
    "2021": "rtd",
    "2031": "24h",
    "2041": "24h",
    "2051": "min",
    "2061": "1h",
    "2111": "5min",
}
"""The interval of each command that brings data; of 2051 by the device's minute interval."""

PRINCIPAL = {"2011": ("Rtd", "Data"), "2021": ("RS",), "2041": ("RT",)}
"""The field that is the factor's value itself; of the other commands `Avg`. Others stand as ``code-Field``."""


@dataclass(frozen=True)
class FactorOf:
    """A factor by the site's record. scale: as sent -> `unit`; low, high: in the unit as sent, None = not known."""

    property: str
    unit: str = ""
    scale: Fraction = Fraction(1)
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Site:
    """A device as ingest needs it."""

    point: str
    dataset: str = DATASET
    minutes: int | None = None
    factors: Mapping[str, FactorOf] = field(default_factory=dict)
    keys: Sequence[bytes] = ()

    def averaging(self, cn: str) -> str:
        """The averaging of a command's values."""
        if cn == "2051" and self.minutes:
            return f"{self.minutes}min"
        return AVERAGING[cn]

    def factor(self, code: str) -> FactorOf:
        """What a code means here; a code the record does not name stays as sent, without unit."""
        return self.factors.get(code) or unregistered(code)


SiteOf = Callable[[str], Site]
"""The site of an MN."""


@cache
def unregistered(code: str) -> FactorOf:
    """A code without a site's record: its own name, no unit; bounds that hold in any unit (``impossible.yaml``)."""
    low, high = _impossible().get(code, _impossible()["*"])
    return FactorOf(code, low=low, high=high)


@cache
def _impossible() -> dict[str, tuple[float | None, float | None]]:
    file = Path(__file__).parent / "impossible.yaml"
    told = yaml.safe_load(file.read_text("utf-8"))["bounds"]
    return {str(code): (bounds.get("low"), bounds.get("high")) for code, bounds in told.items()}


def registered(slug: str, code: str, unit: str, low: float | None, high: float | None, on: date) -> FactorOf:
    """A factor of the register: converted to the unit of the property library where slug and unit allow it.

    low, high: range of the site's record in its unit, else the library's bounds. on: decides the reference state.
    """
    try:
        known = properties.get(slug) if slug else None
    except UnknownLaw:
        known = None
    scale = scale_of(known, unit, on) if known else None
    if known is None or scale is None:
        return FactorOf(slug or code, unit, low=low, high=high)
    widest = bounds(known)
    below, above = (None if bound is None else float(Fraction(bound) / scale) for bound in widest)
    return FactorOf(known.slug, known.unit, scale, below if low is None else low, above if high is None else high)


def bounds(known: properties.ObservedProperty) -> tuple[Decimal | None, Decimal | None]:
    """The library's bounds in its unit; an outlet may have far more than the air around it, so the wider ones hold."""
    outlet = known.at_outlet()
    times = units.factor(outlet.unit, known.unit) or Fraction(1)
    highs = [known.plausible_max, None if outlet.plausible_max is None else outlet.plausible_max * int(times)]
    lows = [known.plausible_min, outlet.plausible_min]
    return _extreme(lows, min), _extreme(highs, max)


def _extreme(bounds: list[Decimal | None], choose: Callable[[list[Decimal]], Decimal]) -> Decimal | None:
    known = [bound for bound in bounds if bound is not None]
    return choose(known) if len(known) == len(bounds) else None


def scale_of(known: properties.ObservedProperty, unit: str, on: date) -> Fraction | None:
    """What a value in a unit is multiplied by to be in the library's; None where it cannot be. on: see `registered`."""
    mass = Fraction(known.molar_mass) if known.molar_mass is not None else None
    return units.factor(unit, known.unit, molar_mass=mass, on=on)


def possible(known: properties.ObservedProperty, value: float) -> bool:
    """Whether a value in the library's unit lies within its bounds, of the air or of an outlet."""
    low, high = bounds(known)
    return (low is None or value >= low) and (high is None or value <= high)
