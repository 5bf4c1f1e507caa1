"""What a code means at a device: the site's record, with what the protocol leaves open for devices without one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

import yaml

from qingyuan.base import units
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
    """A device as ingest needs it. outlets: the points of its dataset that are outlets."""

    point: str
    dataset: str = DATASET
    minutes: int | None = None
    factors: Mapping[str, FactorOf] = field(default_factory=dict)
    keys: Sequence[bytes] = ()
    outlets: Set[str] = frozenset()

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


def registered(
    slug: str, code: str, unit: str, low: float | None, high: float | None, on: date, *, outlet: bool
) -> FactorOf:
    """A factor of the register: converted to the unit of the property library where slug and unit allow it.

    low, high: range of the site's record in its unit, else the library's bounds. on: decides the reference state of
    the air; at an outlet the law of emissions holds.
    """
    known = at(slug, outlet=outlet)
    scale = known.factor(unit, on) if known else None
    if known is None or scale is None:
        return FactorOf(slug or code, unit, low=low, high=high)
    widest = bounds(known)
    below, above = (None if bound is None else float(Fraction(bound) / scale) for bound in widest)
    return FactorOf(known.slug, known.unit, scale, below if low is None else low, above if high is None else high)


def at(word: str, *, outlet: bool) -> properties.ObservedProperty | None:
    """The property of a slug or word as it is measured at a point of that kind; None for an unknown one."""
    found = properties.find(word) if word else None
    return found.at_outlet() if found and outlet else found


def bounds(known: properties.ObservedProperty) -> tuple[Decimal | None, Decimal | None]:
    """The library's bounds in its unit.

    A point that no site file calls an outlet may be one all the same, with far more than the air around it: the wider
    bounds hold there.
    """
    other = known.at_outlet()
    times = units.factor(other.unit, known.unit) or Fraction(1)
    highs = [known.plausible_max, None if other.plausible_max is None else other.plausible_max * int(times)]
    lows = [known.plausible_min, other.plausible_min]
    return _extreme(lows, min), _extreme(highs, max)


def _extreme(bounds: list[Decimal | None], choose: Callable[[list[Decimal]], Decimal]) -> Decimal | None:
    known = [bound for bound in bounds if bound is not None]
    return choose(known) if len(known) == len(bounds) else None


def possible(known: properties.ObservedProperty, value: float) -> bool:
    """Whether a value in the library's unit lies within its bounds; see `bounds`."""
    low, high = bounds(known)
    return (low is None or value >= low) and (high is None or value <= high)
