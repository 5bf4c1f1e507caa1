"""Scoring rules as dated data: sections with weights, ways to points, grades, vetoes (``library/scoring``)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from qingyuan.base.errors import WrongUsage
from qingyuan.plans.facts import LIBRARY, Words
from qingyuan.standards.schema import Entry, parsed, read

FOLDER = LIBRARY / "scoring"
KINDS = ("midterm", "final", "yearly")
SUBJECTS = {
    "indicators": ("met", "share", "ranked"),
    "tasks": ("lights",),
    "amounts": ("spent",),
    "events": ("deducted",),
}
"""What a section scores → how its points may be given."""

STEPS = ("self", "review", "appeal", "decide")
CONFIDENCE = ("primary", "two_sources", "one_source", "memory")


@dataclass(frozen=True)
class Section:
    """One part of the sheet. weight: of 100, shared by its lines; missing: redistribute | withhold.

    nature, keys: which indicators; against: target | path (the straight line from base to target); least: share of the
    points the last in rank gets; lights: colour → share; takes: event → points taken for each.
    """

    code: str
    title: Words
    weight: Decimal
    of: str
    points: str
    missing: str
    nature: str
    keys: tuple[str, ...]
    against: str
    least: Decimal
    lights: dict[str, Decimal]
    takes: dict[str, Decimal]


@dataclass(frozen=True)
class Grade:
    """A grade and the points it begins at."""

    code: str
    title: Words
    least: Decimal


@dataclass(frozen=True)
class Proof:
    """Which closed cases prove an event: made of findings of these rules or reports of these categories, and found
    to hold (`holds`: values of that field of a case)."""

    rules: tuple[str, ...]
    reports: tuple[str, ...]
    holds: tuple[str, ...]


@dataclass(frozen=True)
class Veto:
    """What keeps the grade down whatever the points. event: kind of event; missed: nature of indicators missed.

    proof: the cases that prove the event; None where it is told otherwise.
    """

    code: str
    title: Words
    event: str
    missed: str
    at_most: str
    proof: Proof | None = None


@dataclass(frozen=True)
class Rules:
    """One edition. decimals: of a line's points; grades: best first; deadlines: days a step; text: the file itself."""

    code: str
    title: Words
    effective_from: date
    confidence: str
    basis: Words
    decimals: int
    sections: tuple[Section, ...]
    grades: tuple[Grade, ...]
    vetoes: tuple[Veto, ...]
    deadlines: dict[str, int]
    text: str

    @property
    def edition(self) -> str:
        """Name of the edition, sealed into a round: ``midterm@2021-01-01``."""
        return f"{self.code}@{self.effective_from}"

    @property
    def digest(self) -> str:
        """SHA-256 of the file, in hexadecimal digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def grade(self, points: Decimal) -> Grade:
        """The grade these points give."""
        return next(each for each in self.grades if points >= each.least)


def rules(kind: str, on: date) -> Rules:
    """The edition of a kind (midterm, final, yearly) in force on a day. WrongUsage when there is none."""
    found = rules_of(kind, on)
    if not found:
        raise WrongUsage(f"No scoring rules {kind!r} are in force on {on}", f"Choose {', '.join(KINDS)} or a later day")
    return found[0]


def rules_of(kind: str, on: date) -> tuple[Rules, ...]:
    """The edition of a kind in force on a day, if there is one."""
    found = [each for each in editions() if each.code == kind and each.effective_from <= on]
    return (max(found, key=lambda each: each.effective_from),) if found else ()


@cache
def editions() -> tuple[Rules, ...]:
    """Every edition of the library."""
    return tuple(read_rules(file) for file in sorted(FOLDER.glob("*.yaml")))


def read_rules(path: Path) -> Rules:
    """One file read strictly. FaultyLibrary, among others where weights do not sum to 100."""
    return _rules(read(path), path.read_text(encoding="utf-8"))


def sealed_rules(text: str) -> Rules:
    """The edition sealed into a round, from its text."""
    return _rules(parsed(text, "sealed rules"), text)


def _rules(file: Entry, text: str) -> Rules:
    result = Rules(
        code=file.take("code", str),
        title=Words(*file.words("title")),
        effective_from=file.day("effective_from"),
        confidence=file.one_of("confidence", CONFIDENCE),
        basis=Words(*file.words("basis")),
        decimals=file.take("decimals", int),
        sections=tuple(_section(code, entry) for code, entry in file.entries("sections")),
        grades=tuple(_grade(code, entry) for code, entry in file.entries("grades")),
        vetoes=tuple(_veto(code, entry) for code, entry in file.entries("vetoes", optional=True)),
        deadlines=_deadlines(file.inner("deadlines")),
        text=text,
    )
    file.done()
    return _sound(file, result)


def _sound(file: Entry, made: Rules) -> Rules:
    total = sum(each.weight for each in made.sections)
    if total != 100:
        file.wrong("sections", f"the weights sum to {total}, not 100")
    bounds = [each.least for each in made.grades]
    if bounds != sorted(set(bounds), reverse=True) or bounds[-1:] != [Decimal(0)]:
        file.wrong("grades", "best first, the last one from 0")
    codes = {each.code for each in made.grades}
    for veto in made.vetoes:
        if veto.at_most not in codes:
            file.wrong("vetoes", f"{veto.at_most!r} is no grade")
    return made


def _section(code: str, entry: Entry) -> Section:
    of = entry.one_of("of", tuple(SUBJECTS))
    points = entry.one_of("points", SUBJECTS[of])
    result = Section(
        code=code,
        title=Words(*entry.words("title")),
        weight=entry.number("weight"),
        of=of,
        points=points,
        missing=entry.one_of("missing", ("redistribute", "withhold")),
        nature=entry.one_of("nature", ("binding", "expected")) if "nature" in entry.content else "",
        keys=entry.names("keys"),
        against=entry.one_of("against", ("target", "path")) if points == "share" else "target",
        least=_share(entry, "least") if points == "ranked" else Decimal(0),
        lights=_shares(entry.inner("lights")) if points == "lights" else {},
        takes=_amounts(entry.inner("takes")) if points == "deducted" else {},
    )
    entry.done()
    return result


def _share(entry: Entry, key: str) -> Decimal:
    value = entry.number(key)
    if not 0 <= value <= 1:
        entry.wrong(key, f"{value} is no share between 0 and 1")
    return value


def _shares(entry: Entry) -> dict[str, Decimal]:
    made = {key: _share(entry, key) for key in ("good", "tight", "bad")}
    entry.done()
    return made


def _amounts(entry: Entry) -> dict[str, Decimal]:
    return {key: entry.number(key) for key in entry.content}


def _grade(code: str, entry: Entry) -> Grade:
    made = Grade(code, Words(*entry.words("title")), entry.number("from"))
    entry.done()
    return made


def _veto(code: str, entry: Entry) -> Veto:
    made = Veto(
        code,
        Words(*entry.words("title")),
        event=entry.take("event", str, ""),
        missed=entry.take("missed", str, ""),
        at_most=entry.take("at_most", str),
        proof=_proof(entry.inner("proven_by")) if "proven_by" in entry.content else None,
    )
    if made.proof and not made.event:
        entry.wrong("proven_by", "only an event is proven by cases")
    if bool(made.event) == bool(made.missed):
        entry.wrong("event", "either event or missed is given")
    entry.done()
    return made


def _proof(entry: Entry) -> Proof:
    made = Proof(entry.names("rules"), entry.names("reports"), entry.names("holds"))
    if not made.holds or not (made.rules or made.reports):
        entry.wrong("holds", "cases are named by rules or reports, and by what they were found to be")
    entry.done()
    return made


def _deadlines(entry: Entry) -> dict[str, int]:
    made = {step: entry.take(step, int) for step in STEPS}
    entry.done()
    return made
