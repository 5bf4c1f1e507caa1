"""What the law and the permit ask of an outlet on a day: limits, the mean that is judged, the reference oxygen.

Order of precedence: the outlet's permit, a local standard, the standard of its sector, the comprehensive one; of
several of one rank the strictest. A requirement of a programme (ultra-low emission) is kept apart: it is no law.
What is not said of an outlet is not guessed: every alternative is kept, and only what holds for all is judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from qingyuan.assessments.declaration import Extent
from qingyuan.assessments.exact import MICRO
from qingyuan.base.errors import UnknownLaw
from qingyuan.domains.sources.items import GAS, WATER
from qingyuan.places.outlets import Outlet, OwnLimit
from qingyuan.standards import law
from qingyuan.standards.law import EmissionLimit
from qingyuan.standards.records import SourceType

RANKS = {"permit": 0, "local": 1, "sector": 2, "comprehensive": 3}
EVERY_GRADE = ("all", "first-class pollutants")
"""Grades that hold beside every other one."""
GRADES = {"new": ("new", "general"), "existing": ("existing", "in_use", "general")}
"""Grades a new or an existing plant may fall under, as the standards call them."""
BUILT_2006 = date(2006, 1, 1)


@dataclass(frozen=True)
class Bound:
    """One limit that may hold: value and lowest in the outlet's unit, and where it is said. rank: of RANKS.

    condition: when it holds instead of others of its item and averaging, empty = always.
    """

    item: str
    averaging: str
    value: Decimal
    lowest: Decimal | None
    rank: int
    clause: str
    edition: str
    confidence: str
    condition: str = ""
    unsaid: str = ""


@dataclass(frozen=True)
class LimitRow:
    """The limits of an outlet for an item and averaging on first <= day <= last, in micro.

    strict, lax: equal unless something is not known (why); warm: strict above 12 degrees of water, lax up to that.
    judging: whether this averaging is the one that decides. programme: value of a programme, None without.
    """

    point: str
    property: str
    averaging: str
    first: date
    last: date
    strict: int | None
    lax: int | None
    lowest: int | None
    warm: bool
    judging: bool
    programme: int | None
    clause: str
    edition: str
    confidence: str
    why: str


def in_micro(value: Decimal | None) -> int | None:
    """A value of the law as whole millionths of its unit."""
    return None if value is None else int(value * MICRO)


def medium_of(outlet: Outlet) -> str:
    """gas or water: as said, or as its standards say; empty when neither tells."""
    if outlet.medium:
        return outlet.medium
    found = {source.medium for source, _ in _sources(outlet) if source}
    return found.pop() if len(found) == 1 else ""


def kind_of(outlet: Outlet) -> SourceType | None:
    """The kind of source an outlet is by the first of its standards that knows it."""
    return next((source for source, _ in _sources(outlet) if source), None)


@cache
def _sources(outlet: Outlet) -> tuple[tuple[SourceType | None, str], ...]:
    """Each standard of an outlet with its kind of source there; None where that is not told or not known."""
    return tuple((_source(outlet, code), code) for code in outlet.standards)


def _source(outlet: Outlet, code: str) -> SourceType | None:
    try:
        sources = law.standard(code).sources
    except UnknownLaw:
        return None
    wanted = {word.strip().casefold() for word in outlet.source_type.split(";") if word.strip()}
    for source in sources:
        if wanted & {source.name.casefold(), source.title_en.casefold(), source.title_zh}:
            return source
    return sources[0] if len(sources) == 1 and not wanted else None


def troubles(outlet: Outlet) -> str:
    """Why standards of an outlet cannot be applied: unknown standard, kind of source not said; empty when they can."""
    told = []
    for source, code in _sources(outlet):
        if source is None:
            told.append(_unplaced(outlet, code))
    if not outlet.standards and not outlet.limits:
        told.append("no standard and no limit is said of the outlet")
    return "; ".join(told)


def _unplaced(outlet: Outlet, code: str) -> str:
    try:
        known = ", ".join(source.name for source in law.standard(code).sources)
    except UnknownLaw:
        return f"the law library has no standard {code}"
    if not known:
        return f"{code} holds no emission limits"
    return f"{code} has no source type {outlet.source_type!r}; it has {known}"


def reference_oxygen(outlet: Outlet) -> tuple[str, Decimal | None]:
    """How concentrations are corrected: ("value", percent), ("no", None), or ("unknown", None) where none is said."""
    if outlet.reference_oxygen is not None:
        return "value", outlet.reference_oxygen
    said = {_oxygen(source, code) for source, code in _sources(outlet) if source and source.medium == "gas"}
    if len(said) == 1:
        return said.pop()
    return ("unknown", None) if said or outlet.standards else ("no", None)


def _oxygen(source: SourceType, code: str) -> tuple[str, Decimal | None]:
    if source.oxygen in ("", "no"):
        return (source.oxygen or "unknown"), None
    edition = law.editions(code)[-1].name
    return "value", law.number(code, f"reference_oxygen.{source.oxygen}", edition=edition)


def judged_by(outlet: Outlet, day: date) -> str:
    """The mean that is judged: 1h for gas, 24h for water, or what the standard says of that day."""
    if outlet.judged_by:
        return outlet.judged_by
    for code in outlet.standards:
        try:
            return str(law.rule(code, "judged_by", on=day).value)
        except UnknownLaw:
            continue
    return "24h" if medium_of(outlet) == "water" else "1h"


def limit_rows(outlet: Outlet, extent: Extent) -> list[LimitRow]:
    """All limits of an outlet over the days of a series, stretch by stretch of unchanged law."""
    spans = list(_spans(outlet, extent))
    return [row for first, last in spans for row in _on(outlet, first, last)]


def _spans(outlet: Outlet, extent: Extent) -> Iterator[tuple[date, date]]:
    starts = {extent.first}
    for source, code in _sources(outlet):
        if source:
            each = law.standard(code)
            days = [row.effective for row in (*each.emissions, *each.rules)]
            starts |= {day for day in days if extent.first < day <= extent.last}
    ordered = sorted(starts)
    for first, following in zip(ordered, [*ordered[1:], extent.last + timedelta(days=1)], strict=True):
        yield first, following - timedelta(days=1)


def _on(outlet: Outlet, first: date, last: date) -> list[LimitRow]:
    per = judged_by(outlet, first)
    legal, programme = _bounds(outlet, first, per)
    rows = []
    for item, averaging in dict.fromkeys((each.item, each.averaging) for each in (*legal, *programme)):
        own = [each for each in legal if (each.item, each.averaging) == (item, averaging)]
        asked = [each.value for each in programme if (each.item, each.averaging) == (item, averaging)]
        rows.append(_row(outlet, item, averaging, own, asked, per, first, last))
    return rows


def _row(
    outlet: Outlet, item: str, averaging: str, own: list[Bound], asked: list[Decimal], per: str, first: date, last: date
) -> LimitRow:
    top = [each for each in own if each.rank == min(bound.rank for bound in own)]
    always = [each for each in top if not each.condition and not each.unsaid]
    if always:
        top = [min(always, key=lambda each: each.value)]
    values = [each.value for each in top]
    lows = [each.lowest for each in top if each.lowest is not None]
    cited = top[0] if top else None
    return LimitRow(
        point=outlet.point,
        property=item,
        averaging=averaging,
        first=first,
        last=last,
        strict=in_micro(min(values, default=None)),
        lax=in_micro(max(values, default=None)),
        lowest=in_micro(max(lows, default=None)),
        warm={each.condition for each in top} == {"water_above_12", "water_up_to_12"},
        judging=averaging == ("1h" if item == "ph" else per),
        programme=in_micro(min(asked, default=None)),
        clause=cited.clause if cited else "",
        edition=cited.edition if cited else "",
        confidence=cited.confidence if cited else "",
        why="; ".join(dict.fromkeys(each.unsaid for each in top if each.unsaid)),
    )


def _bounds(outlet: Outlet, day: date, per: str) -> tuple[list[Bound], list[Bound]]:
    """Limits that are law, and values of programmes, on a day."""
    legal = [_own(each, per) for each in outlet.limits]
    programme: list[Bound] = []
    for source, code in _sources(outlet):
        if source is None:
            continue
        scope = law.standard(code).scope
        rows = [row for row in law.emissions(code, source.name, on=day) if row.value is not None]
        found = [bound for bound in _placed(outlet, rows, RANKS.get(scope, 2)) if bound.item in (*GAS, *WATER)]
        (programme if scope == "programme" else legal).extend(found)
    return [_by_reading(each) for each in legal], programme


def _by_reading(bound: Bound) -> Bound:
    """pH is judged by each reading, whatever its standard calls the day (HJ 356)."""
    return replace(bound, averaging="1h") if bound.item == "ph" else bound


def _own(limit: OwnLimit, per: str) -> Bound:
    return Bound(
        item=limit.item,
        averaging=limit.averaging or per,
        value=limit.value,
        lowest=limit.lowest,
        rank=RANKS[limit.basis],
        clause=limit.citation,
        edition="",
        confidence="as_given",
    )


def _placed(outlet: Outlet, rows: Iterable[EmissionLimit], rank: int) -> Iterator[Bound]:
    """The limits of a kind of source that hold for the outlet's grade; all of them, marked, where it is not said."""
    listed = list(rows)
    # of any day: a grade whose limits are not in force yet is a grade that is said
    open_grades = {grade for row in listed for grade in _known_grades(row.standard, row.source_type)}
    wanted = _grades(outlet) & open_grades
    said = f"has the grade {outlet.grade!r}, none of" if outlet.grade else "has no grade said, which may be"
    unsaid = "" if wanted or not open_grades else f"the outlet {said} {', '.join(sorted(open_grades))}"
    by_grade = {(row.item, row.averaging) for row in listed if row.grade in wanted}
    for row in listed:
        own = row.grade in wanted or (row.grade in EVERY_GRADE and (row.item, row.averaging) not in by_grade)
        if (own or (unsaid and row.grade not in EVERY_GRADE)) and _built(outlet, row.condition):
            yield _bound(outlet, row, rank, "" if row.grade in EVERY_GRADE else unsaid)


@cache
def _known_grades(code: str, source_type: str) -> frozenset[str]:
    rows = law.standard(code).emissions
    return frozenset(row.grade for row in rows if row.source_type == source_type and row.grade not in EVERY_GRADE)


def _grades(outlet: Outlet) -> set[str]:
    if outlet.grade:
        return {outlet.grade, {"in use": "in_use"}.get(outlet.grade, outlet.grade)}
    if outlet.region.casefold() in ("special", "key", "特别排放限值", "重点地区"):
        return {"special"}
    return set(GRADES.get(outlet.existing_or_new, ()))


def _built(outlet: Outlet, condition: str) -> bool:
    """Whether a condition on the year of building may hold; both may where that is not said."""
    if not condition.startswith("built") or outlet.built is None:
        return True
    return (condition == "built_from_2006") == (outlet.built >= BUILT_2006)


def _bound(outlet: Outlet, row: EmissionLimit, rank: int, unsaid: str) -> Bound:
    built = row.condition.startswith("built")
    return Bound(
        item=row.item,
        averaging=row.averaging,
        value=row.value or Decimal(0),
        lowest=row.lowest,
        rank=rank,
        clause=row.citation,
        edition=row.edition,
        confidence=row.confidence,
        condition="" if built and outlet.built else row.condition,
        unsaid=unsaid or ("the year of building is not said" if built and not outlet.built else ""),
    )
