"""The facts of a plan: indicators with base, dated targets and who supplies them, read from ``library/``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from qingyuan.registers.flow.declared import Words
from qingyuan.standards.schema import Entry, read

LIBRARY = Path(__file__).parent / "library"

DIRECTIONS = ("down", "up", "qualitative", "national")
"""Which way is better: less, more, a wording to be judged, or whatever the state sets."""

NATURES = ("binding", "expected")
METHODS = ("city_mean", "good_days", "heavy_days")
SHARES = ("good_sections", "worst_sections")
BY = ("assessment", "register", "reported")


@dataclass(frozen=True)
class Base:
    """Where the plan started from; `doubtful` holds other readings of a damaged print."""

    year: int
    value: Decimal
    doubtful: tuple[Decimal, ...]
    note: Words | None


@dataclass(frozen=True)
class Target:
    """What must hold on a day: a number (`bound` at | above), or a wording; milestone = an interim target."""

    day: date
    value: Decimal | None
    bound: str
    wording: Words | None
    milestone: bool
    clause: str

    @property
    def cited(self) -> Words:
        """Its place in the plan: ``chapter 4 section 1``, in Chinese as the plan numbers it."""
        return Words(re.sub(r"chapter (\d+) section (\d+)", r"第 \1 章第 \2 节", self.clause), self.clause)


@dataclass(frozen=True)
class Method:
    """How the platform computes an indicator from city-days: which assessment, by which rule of ``METHODS``."""

    assessment: str
    by: str


@dataclass(frozen=True)
class Source:
    """Where the value of an indicator comes from, from a day on.

    by: assessment (name: which; measure: of ``METHODS`` or ``SHARES``), register (name: kind of record; measure: the
    field that is added up) or reported. reported_first: what was reported and confirmed goes before what is computed;
    otherwise it stands in where nothing is.
    """

    first_day: date
    by: str
    name: str = ""
    measure: str = ""
    reported_first: bool = False


@dataclass(frozen=True)
class Supplier:
    """Who has to supply the value; from_plan: named there for the task, else competent by usual duties."""

    name: Words
    from_plan: bool


@dataclass(frozen=True)
class Indicator:
    """One numbered indicator. decimals: digits as published; sources: where its value comes from, by first day."""

    no: int
    group: str
    name: Words
    short: Words
    unit: str
    decimals: int
    direction: str
    nature: str
    base: Base | None
    targets: tuple[Target, ...]
    sources: tuple[Source, ...]
    supplier: Supplier

    @property
    def method(self) -> Method | None:
        """How it is computed from city-days; None for all that is not."""
        last = self.sources[-1]
        return Method(last.name, last.measure) if last.measure in METHODS else None

    def source(self, on: date) -> Source:
        """Where its value comes from on a day."""
        begun = [each for each in self.sources if each.first_day <= on]
        return begun[-1] if begun else self.sources[0]

    def target(self, on: date) -> Target:
        """The final target, or the milestone of that day's year."""
        return next((target for target in self.targets if target.day.year == on.year), self.targets[-1])


@dataclass(frozen=True)
class Plan:
    """A plan for a division (code prefix) and its days; groups: key → wording."""

    code: str
    division: str
    title: Words
    first_day: date
    last_day: date
    groups: dict[str, Words]
    indicators: tuple[Indicator, ...]

    def indicator(self, no: int) -> Indicator:
        """The indicator of that number; KeyError when the plan has none."""
        return {each.no: each for each in self.indicators}[no]


@cache
def plan(code: str = "jilin_14th") -> Plan:
    """The plan of one file of the library; FaultyLibrary where it breaks the schema."""
    return read_plan(LIBRARY / f"{code}.yaml")


def read_plan(path: Path) -> Plan:
    """A plan file read strictly: no unknown key, exact decimals, targets in the order of their days."""
    file = read(path)
    groups = {key: Words(*file.inner("groups").words(key)) for key in file.inner("groups").content}
    result = Plan(
        code=file.take("code", str),
        division=file.take("division", str),
        title=Words(*file.words("title")),
        first_day=file.day("first_day"),
        last_day=file.day("last_day"),
        groups=groups,
        indicators=tuple(_indicator(no, entry, groups) for no, entry in file.entries("indicators")),
    )
    file.done()
    return result


def _indicator(no: int, entry: Entry, groups: dict[str, Words]) -> Indicator:
    direction = entry.one_of("direction", DIRECTIONS)
    result = Indicator(
        no=no,
        group=entry.one_of("group", tuple(groups)),
        name=Words(*entry.words("name")),
        short=Words(*entry.words("short")),
        unit=entry.take("unit", str),
        decimals=entry.take("decimals", int),
        direction=direction,
        nature=entry.one_of("nature", NATURES),
        base=_base(entry.inner("base")) if "base" in entry.content else None,
        targets=_targets(entry, numeric=direction in ("down", "up")),
        sources=_sources(entry),
        supplier=_supplier(entry.inner("supplied_by")),
    )
    entry.done()
    return result


def _base(entry: Entry) -> Base:
    base = Base(
        year=entry.take("year", int),
        value=entry.number("value"),
        doubtful=tuple(Decimal(value) for value in entry.take("or", list, [])),
        note=Words(*entry.words("note")) if "note" in entry.content else None,
    )
    entry.done()
    return base


def _targets(entry: Entry, numeric: bool) -> tuple[Target, ...]:
    targets = tuple(_target(entry, day, inner, numeric) for day, inner in entry.entries("targets"))
    days = [target.day for target in targets]
    if not days or days != sorted(days) or targets[-1].milestone:
        entry.wrong("targets", "in the order of their days, the last one no milestone")
    return targets


def _target(indicator: Entry, day: object, entry: Entry, numeric: bool) -> Target:
    if not isinstance(day, date):
        indicator.wrong("targets", f"{day!r} is no day")
    target = Target(
        day=day,
        value=entry.number("value") if numeric else None,
        bound=entry.one_of("bound", ("at", "above"), "at"),
        wording=None if numeric else Words(*entry.words("wording")),
        milestone=entry.content.get("milestone") is True,
        clause=entry.take("clause", str),
    )
    entry.taken.add("milestone")
    entry.done()
    return target


def _sources(entry: Entry) -> tuple[Source, ...]:
    """As declared, by their first days; what says nothing is reported."""
    found = tuple(_source(day, inner, entry) for day, inner in entry.entries("computed", optional=True))
    days = [each.first_day for each in found]
    if days != sorted(days):
        entry.wrong("computed", "in the order of their first days")
    return found or (Source(date.min, "reported"),)


def _source(day: object, entry: Entry, indicator: Entry) -> Source:
    if not isinstance(day, date):
        indicator.wrong("computed", f"{day!r} is no day")
    by = entry.one_of("by", BY)
    known = {"assessment": (*METHODS, *SHARES)}.get(by)
    measure = "" if by == "reported" else entry.one_of("measure", known) if known else entry.take("measure", str)
    name = "" if by == "reported" else entry.take("name", str)
    result = Source(day, by, name, measure, entry.yes("reported_first"))
    entry.done()
    return result


def _supplier(entry: Entry) -> Supplier:
    general = entry.take("competence", str, "") == "general"
    supplier = Supplier(Words(entry.take("zh", str), entry.take("en", str)), from_plan=not general)
    entry.done()
    return supplier
