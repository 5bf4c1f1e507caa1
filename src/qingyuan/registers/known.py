"""What is known is not asked: values of fields that declare ``known_from``, and what expressions ask of references.

``opened_at`` (the day), ``division``, ``site``, ``site.name`` (the enterprise of the site), ``<point>.county`` (the
county a point field lies in), ``<reference>.<field>`` (of the record of another register, by its number).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.core.cache import cache

from qingyuan.people.models import Organisation
from qingyuan.places.boundaries import within
from qingyuan.registers.flow.declared import Field, Kind, Words
from qingyuan.registers.flow.values import plain
from qingyuan.registers.models import RegisterRecord

SOURCES = {
    "opened_at": Words("开单日期", "day of opening"),
    "division": Words("所在区划", "division of the record"),
    "site": Words("所属单位", "site of the record"),
    "site.name": Words("机构名录", "list of organisations"),
    "county": Words("行政区划图", "map of divisions"),
    "reference": Words("关联台账", "linked record"),
}


def source_of(known_from: str) -> Words:
    """Where a known value comes from, in words."""
    if known_from in SOURCES:
        return SOURCES[known_from]
    return SOURCES["county" if known_from.endswith(".county") else "reference"]


def values(
    kind: Kind, division: str, site: str, given: Mapping[str, Any], at: datetime
) -> tuple[dict[str, Any], dict[str, str]]:
    """Known values of the fields that were not given, and the source of each. given: kept values."""
    found: dict[str, Any] = {}
    for field in kind.fields.values():
        if field.known_from and given.get(field.name) in (None, ""):
            value = _answers(field.known_from)(kind, field, division, site, {**given, **found}, at)
            if value not in (None, ""):
                found[field.name] = value
    return found, {name: kind.fields[name].known_from for name in found}


def context(kind: Kind, given: Mapping[str, Any], kinds: Mapping[str, Kind]) -> dict[str, Any]:
    """What is known of the references to other registers, by dotted name, for expressions. given: kept values."""
    found: dict[str, Any] = {}
    for field in kind.fields.values():
        other = kinds.get(field.to.partition(".")[2]) if field.to.startswith("register.") else None
        record = _record(other.name, given[field.name]) if other and given.get(field.name) else None
        if other and record:
            found |= {f"{field.name}.{name}": value for name, value in plain(other.fields, record.values).items()}
    return found


_Answer = Callable[[Kind, Field, str, str, Mapping[str, Any], datetime], Any]


_ANSWERS: dict[str, _Answer] = {
    "opened_at": lambda _kind, _field, _division, _site, _given, at: at.date().isoformat(),
    "division": lambda _kind, _field, division, _site, _given, _at: division,
    "site": lambda _kind, _field, _division, site, _given, _at: site,
    "site.name": lambda _kind, _field, _division, site, _given, _at: _name_of(site) if site else None,
}


def _answers(known_from: str) -> _Answer:
    return _ANSWERS.get(known_from, _county if known_from.endswith(".county") else _referred)


@lru_cache(maxsize=4096)
def county_of(lon: float, lat: float) -> str:
    """Code of the county a coordinate (degrees) lies in; empty outside the province. A row's point is asked twice."""
    return within(lon, lat) or ""


def _county(_kind: Kind, field: Field, _division: str, _site: str, given: Mapping[str, Any], _at: datetime) -> Any:
    point = given.get(field.known_from.partition(".")[0])
    return county_of(*point) if point else None


def _referred(kind: Kind, field: Field, _division: str, _site: str, given: Mapping[str, Any], _at: datetime) -> Any:
    name, _, inner = field.known_from.partition(".")
    other = kind.fields.get(name)
    if other is None or not other.to.startswith("register.") or not given.get(name):
        return None
    record = _record(other.to.partition(".")[2], given[name])
    return record.values.get(inner) if record else None


def _record(kind: str, number: str) -> RegisterRecord | None:
    return RegisterRecord.objects.filter(kind=kind, number=number).first()


def _name_of(site: str) -> str:
    """Name of the enterprise a site belongs to; empty when nobody claims it. Kept for a minute."""
    return cache.get_or_set(f"site-name:{site}", lambda: _claimed(site), 60) or ""


def _claimed(site: str) -> str:
    claims = Organisation.objects.filter(sites__contains=site).values_list("sites", "name_zh")
    return next((name for sites, name in claims if site in sites.split()), "")
