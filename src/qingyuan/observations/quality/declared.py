"""The declared part of the tests: codes in order of precedence, thresholds by property, bounds of the patterns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from qingyuan.base.errors import WrongUsage
from qingyuan.base.units import canonical, factor
from qingyuan.standards import properties
from qingyuan.standards.schema import Entry, read

_HERE = Path(__file__).parent

SCALED_BY_UNIT = ("low", "high", "negative_tolerance", "detection_limit", "spike")
"""Thresholds in the unit of the property; the others are factors and times."""

NAMES = (*SCALED_BY_UNIT, "spike_factor", "flat_line_hours", "skew_minutes", "neighbour_factor", "neighbour_hours")
"""Every threshold a site's record may override."""

Sites = Mapping[str, Mapping[str, Mapping[str, float]]]
"""What the sites' records override: point → property → threshold's name → value in the unit of the rows."""


@dataclass(frozen=True)
class Code:
    """One code of quality. kind: mark, test or tampering; unusable: whether it takes the value out of use."""

    code: str
    title_zh: str
    title_en: str
    kind: str
    unusable: bool
    basis: str
    confidence: str


@dataclass(frozen=True)
class Whole:
    """part cannot exceed whole by more than the tolerance (share of the whole); words of either."""

    part: frozenset[str]
    whole: frozenset[str]
    tolerance: float


@dataclass(frozen=True)
class Declared:
    """Everything thresholds.yaml says, numbers as floats."""

    defaults: Mapping[str, float]
    properties: Mapping[str, tuple[str, Mapping[str, float]]]
    wholes: tuple[Whole, ...]
    thinning: Mapping[str, frozenset[str]]
    suspected_units: frozenset[str]
    tampering: Mapping[str, Mapping[str, Mapping[str, float]]]


@cache
def codes() -> Mapping[str, Code]:
    """Codes of quality, highest precedence first."""
    file = read(_HERE / "codes.yaml")
    found = {str(code): _code(str(code), entry) for code, entry in file.entries("codes")}
    file.done()
    return MappingProxyType(found)


@cache
def declared() -> Declared:
    """The declarations of thresholds.yaml. Raises FaultyLibrary for a key or value that does not belong there."""
    file = read(_HERE / "thresholds.yaml")
    defaults = _numbers(file.inner("defaults"))
    named: dict[str, tuple[str, Mapping[str, float]]] = {}
    for slug, entry in file.entries("properties"):
        unit, also = entry.take("unit", str), entry.take("also", list, [])
        values = _numbers(entry)
        named |= {_slug(word): (unit, values) for word in (str(slug), *also)}
    wholes = tuple(_whole(Entry(one, file.file, "wholes")) for one in file.take("wholes", list))
    thinning = {str(name): _thinning(entry) for name, entry in file.entries("thinning")}
    units = frozenset(canonical(unit) or unit for unit in file.take("suspected_units", list))
    patterns = {str(name): _patterns(entry) for name, entry in file.entries("tampering")}
    file.done()
    return Declared(defaults, named, wholes, thinning, units, patterns)


def thresholds(point: str, prop: str, unit: str, sites: Sites) -> dict[str, float]:
    """The thresholds of one series in the unit of its rows: the site's record, else the declaration, else none.

    Raises WrongUsage for a name that is no threshold.
    """
    found = dict(declared().defaults)
    found |= _plausible(prop, unit)
    declared_unit, values = declared().properties.get(_slug(prop), ("", {}))
    scale = _scale(declared_unit, unit) if values else None
    found |= {name: value * (scale or 1.0) for name, value in values.items() if scale or name not in SCALED_BY_UNIT}
    own = sites.get(point, {}).get(prop, {})
    unknown = [name for name in own if name not in NAMES]
    if unknown:
        raise WrongUsage(f"{unknown[0]!r} is no threshold ({point}, {prop})", f"Use one of {', '.join(NAMES)}")
    return found | dict(own)


def suspected(unit: str) -> bool:
    """Whether a series in this unit is looked at for tampering."""
    return (canonical(unit) or unit) in declared().suspected_units


def meant_by(prop: str, words: frozenset[str]) -> bool:
    """Whether a property is one of these."""
    return _slug(prop) in words


def _plausible(prop: str, unit: str) -> dict[str, float]:
    """Bounds of the property library, only in its own unit: the same code in another unit is another medium."""
    known = properties.find(prop)
    if known is None or not unit or known.unit != (canonical(unit) or unit):
        return {}
    low, high = known.plausible_min, known.plausible_max
    bounds = {"low": low, "high": high}
    return {name: float(bound) for name, bound in bounds.items() if bound is not None}


def _scale(source: str, target: str) -> float | None:
    """Factor from the declared unit to that of the rows; None where none is told or none fits."""
    if not target:
        return None
    if source == target or (canonical(source) is not None and canonical(source) == canonical(target)):
        return 1.0
    found = factor(source, target)
    return None if found is None else float(found)


@cache
def _slug(word: str) -> str:
    known = properties.find(word)
    return known.slug if known else word


def _code(code: str, entry: Entry) -> Code:
    zh, en = entry.words("title")
    kind, effect = entry.take("kind", str), entry.take("effect", str)
    if kind not in ("mark", "test", "tampering") or effect not in ("unusable", "noted"):
        entry.wrong("kind, effect", f"{kind!r}, {effect!r} are not known")
    found = Code(code, zh, en, kind, effect == "unusable", entry.take("basis", str), entry.take("confidence", str))
    entry.done()
    return found


def _numbers(entry: Entry) -> dict[str, float]:
    """Every threshold of a mapping, each with a reason and a confidence."""
    found = {}
    for name in NAMES:
        if name in entry.content:
            inner = entry.inner(name)
            found[name] = float(inner.number("value"))
            _told(inner)
    entry.done()
    return found


def _told(entry: Entry) -> None:
    entry.take("reason", str)
    if entry.take("confidence", str) not in ("primary", "two_sources", "one_source", "memory"):
        entry.wrong("confidence", "is none of the four")
    entry.done()


def _whole(entry: Entry) -> Whole:
    part, whole = (frozenset(_slug(str(word)) for word in entry.take(key, list)) for key in ("part", "whole"))
    tolerance = float(entry.number("tolerance"))
    _told(entry)
    return Whole(part, whole, tolerance)


def _thinning(entry: Entry) -> frozenset[str]:
    words = frozenset(_slug(str(word)) for word in entry.take("properties", list))
    _told(entry)
    return words


def _patterns(entry: Entry) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for name in list(entry.content):
        inner: dict[Any, Any] = entry.take(name, dict)
        found[str(name)] = {str(key): float(value) for key, value in inner.items()}
    return found
