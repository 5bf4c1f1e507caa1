"""What a rule says: which series it watches, when a row is bad and when it is good again, on which law, how urgent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from qingyuan.registers.flow.expressions import Expression
from qingyuan.standards import law

CLOCK = ("hour", "month")
"""Names every expression may read: of the start of a row."""
SEVERITIES = ("low", "normal", "high", "urgent")
"""From least to most."""

Severity = Literal["low", "normal", "high", "urgent"]
Source = Literal["assessment", "observation", "missing", "quality", "ledger", "device", "register"]
SOURCES: tuple[Source, ...] = ("assessment", "observation", "missing", "quality", "ledger", "device", "register")
"""What can be watched; the first three and the ledger give rows in time, the others stretches or states."""


@dataclass(frozen=True)
class Words:
    """A wording in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Basis:
    """Why the rule may say so: a standard and, where it is a value of the library, its rule; or a rule of the house.

    kind: law, practice (seen in use, no text at hand) or house (nobody's law: said on every screen).
    """

    kind: Literal["law", "practice", "house"]
    standard: str = ""
    rule: str = ""
    words: Words | None = None
    confidence: str = ""

    def cited(self, day: date) -> dict[str, str]:
        """Clause, edition and confidence on a day of the data, in both languages. UnknownLaw for an unknown rule."""
        if self.kind != "law":
            words = self.words or Words("", "")
            return {"kind": self.kind, "zh": words.zh, "en": words.en, "confidence": self.confidence}
        if self.rule:
            found = law.rule(self.standard, self.rule, on=day)
            told = {"zh": found.citation_zh, "en": found.citation, "edition": found.edition}
            return {"kind": "law", **told, "confidence": found.confidence}
        edition = law.edition_on(self.standard, day)
        name = f"{self.standard}—{edition.name}" if edition else self.standard
        return {"kind": "law", "zh": name, "en": name, "edition": edition.name if edition else "", "confidence": ""}


@dataclass(frozen=True)
class Threshold:
    """A number the expressions name: the law's on the day of the data, or the house's own with its reason."""

    name: str
    house: Decimal | None = None
    why: Words | None = None
    standard: str = ""
    rule: str = ""

    def value(self, day: date) -> Decimal:
        """The number on a day. UnknownLaw where the law has none."""
        return self.house if self.house is not None else law.number(self.standard, self.rule, on=day)


@dataclass(frozen=True)
class When:
    """What is watched and when it is bad.

    on: bad (None of an expression: not known); off: good again, else `not on`; where: rows left out are as if they
    were not there; valid: rows it is false for are not known. hold: bad known rows in a row before it counts;
    ends_after: good ones before it is over; gap: how long silence may stand between bad rows before it counts.
    step: length of an interval. late: how long a row may take to arrive (missing). items: properties or codes.
    subject: what the points must be; empty: anything.
    """

    source: Source
    name: str = ""
    items: tuple[str, ...] = ()
    subject: Literal["", "station", "outlet"] = ""
    averaging: str = ""
    on: Expression | None = None
    off: Expression | None = None
    where: Expression | None = None
    valid: Expression | None = None
    hold: int = 1
    ends_after: int = 1
    gap: timedelta = timedelta(hours=24)
    step: timedelta = timedelta(hours=1)
    late: timedelta = timedelta(hours=1)

    @property
    def reach(self) -> timedelta:
        """How far back the rows can matter to a row: all that may be pending before it, silence included."""
        return (self.hold + self.ends_after) * (self.gap + self.step)

    @cached_property
    def names(self) -> frozenset[str]:
        """Columns and thresholds its expressions read."""
        found = (each.names for each in (self.on, self.off, self.where, self.valid) if each)
        return frozenset().union(*found)


@dataclass(frozen=True)
class Join:
    """Which findings are one event: at the same site so close in time; of neighbours or along a river where told."""

    within: timedelta = timedelta(hours=24)
    neighbours_km: float | None = None
    along: bool = False


@dataclass(frozen=True)
class Spec:
    """A worked example: rows of one line in time, and the findings they must give."""

    title: str
    rows: tuple[Mapping[str, Any], ...]
    finds: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Rule:
    """One declared rule. code: ``domain.name``; severity: conditions in order, the last without; opens: kind of case.

    limit_column, value_column: where a row has its limit and the value it is judged by.
    relapse: a finding so soon after the last one ended is a relapse.
    """

    code: str
    domain: str
    title: Words
    basis: tuple[Basis, ...]
    when: When
    severity: tuple[tuple[Expression | None, Severity], ...]
    opens: str
    join: Join = Join()
    relapse: timedelta = timedelta(days=30)
    value_column: str = "value"
    limit_column: str = "limit"
    rank_column: str = ""
    thresholds: tuple[Threshold, ...] = ()
    specs: tuple[Spec, ...] = ()
    method: Words | None = None
    text: str = field(default="", compare=False)

    @cached_property
    def names(self) -> frozenset[str]:
        """Columns and thresholds all its expressions read."""
        return self.when.names.union(*(each.names for each, _ in self.severity if each))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Columns of a row that decide what it is judged, those of its time left out."""
        return tuple(sorted(self.when.names - {each.name for each in self.thresholds} - set(CLOCK)))

    @cached_property
    def dated(self) -> bool:
        """Whether the time of a row decides too: its hour or month, or the law of its day."""
        named = self.when.names
        return bool(named & set(CLOCK)) or any(each.standard for each in self.thresholds if each.name in named)

    @cached_property
    def judged(self) -> dict[tuple[Any, ...], Any]:
        """What rows of such values were judged: the same rows are looked at hour after hour."""
        return {}
