"""The records of the law library: what a standard says, since when, where it says so and how sure we are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

CONFIDENCES = ("primary", "two_sources", "one_source", "memory")
"""How sure a value is: read in the text itself, in two independent sources, in one, or only remembered."""

NOT_RECORDED = "not recorded"
"""The clause of a value whose table or article no source has told yet."""

IN_FORCE, EXPECTED = "in_force", "expected"
"""Status of a rule: used, or announced and shown but never used."""

RuleValue = int | Decimal | str | tuple[int | Decimal | str, ...]
"""What a rule may say: a number, a word, or a list of them."""


@dataclass(frozen=True)
class Edition:
    """One edition of a standard: the days of the data it judges. until: last day, None = still in force.

    confidence: how sure its first day is, where that was said.
    """

    standard: str
    name: str
    effective: date
    until: date | None
    title_zh: str
    title_en: str
    note: str = ""
    confidence: str = ""


@dataclass(frozen=True)
class Provision:
    """What every value of the law carries: days, edition, clause, confidence, last comparison."""

    standard: str
    edition: str
    clause: str
    clause_zh: str
    confidence: str
    checked: date
    effective: date
    until: date | None

    @property
    def identity(self) -> tuple[str, ...]:
        """What a later value of the same entry must share to take this one's place."""
        return ()

    @property
    def citation(self) -> str:
        """Standard, edition and clause: ``GB 3095—2012 table 1``."""
        return f"{self.standard}—{self.edition} {self.clause}"

    @property
    def citation_zh(self) -> str:
        """The citation with the clause in Chinese: ``GB 3095—2012 表 1``."""
        return f"{self.standard}—{self.edition} {self.clause_zh}"


@dataclass(frozen=True)
class Limit(Provision):
    """A limit of one grade. item: slug; averaging: annual, 24h, mda8, 1h ...; value in `unit`."""

    item: str
    averaging: str
    grade: int
    value: Decimal
    unit: str
    stage: str


@dataclass(frozen=True)
class EmissionLimit(Provision):
    """A limit of an emission standard for a kind of source and a grade (in_use, new, special, 1A ... or all).

    value: highest concentration allowed in `unit`, None = not to be detected; lowest: of a range (pH), else None.
    averaging: 1h, 24h, measured (mean of a measurement by hand), empty where none is meant. condition: when it holds
    instead of the other limits of its item (`water_above_12`, `built_from_2006` ...).
    """

    medium: str
    source_type: str
    source_zh: str
    source_en: str
    grade: str
    item: str
    averaging: str
    value: Decimal | None
    lowest: Decimal | None
    unit: str
    condition: str
    note: str

    @property
    def identity(self) -> tuple[str, ...]:
        """Grade, item, averaging and condition."""
        return (self.grade, self.item, self.averaging, self.condition)

    @property
    def name(self) -> str:
        """Source type, grade and condition in one phrase."""
        return ", ".join(part for part in (self.source_type, self.grade, self.condition) if part)


@dataclass(frozen=True)
class SourceType:
    """A kind of source of an emission standard. oxygen: rule of its reference oxygen, ``no`` = not corrected."""

    name: str
    title_zh: str
    title_en: str
    medium: str
    oxygen: str


@dataclass(frozen=True)
class Breakpoints(Provision):
    """A column of the index table: `values` (in `unit`) at which the index is `index`; both of one length.

    step: last digit a concentration is rounded to before. above: index of everything beyond the last value,
    None where the edition computes none.
    """

    item: str
    averaging: str
    unit: str
    step: Decimal
    index: tuple[int, ...]
    values: tuple[Decimal, ...]
    above: int | None


@dataclass(frozen=True)
class Level(Provision):
    """A level of the index, low <= AQI <= high; effects and advice in this library's own words."""

    low: int
    high: int
    level: int
    key: str
    name_zh: str
    name_en: str
    color_zh: str
    color_en: str
    rgb: str
    health_zh: str
    health_en: str
    advice_zh: str
    advice_en: str


@dataclass(frozen=True)
class Rule(Provision):
    """Any other number or word of a standard: validity minimums, percentiles, digits, report items ...

    items: slugs it holds for (empty = all); status: in_force, or expected = announced, shown, never used.
    """

    name: str
    value: RuleValue
    unit: str
    title_zh: str
    title_en: str
    note: str
    note_zh: str
    items: tuple[str, ...]
    averaging: str
    status: str


@dataclass(frozen=True)
class Standard:
    """A standard with all its editions and values, oldest first.

    scope: of an emission standard: sector, comprehensive, or programme (a requirement that is no law).
    """

    code: str
    title_zh: str
    title_en: str
    aliases: tuple[str, ...]
    editions: tuple[Edition, ...]
    limits: tuple[Limit, ...]
    breakpoints: tuple[Breakpoints, ...]
    levels: tuple[Level, ...]
    rules: tuple[Rule, ...]
    emissions: tuple[EmissionLimit, ...] = ()
    sources: tuple[SourceType, ...] = ()
    scope: str = ""
