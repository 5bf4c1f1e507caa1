"""What is known of indicators beside the air: values with their source, what is still asked for, own targets. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from qingyuan.plans.facts import Target, Words
from qingyuan.plans.overlay import Figure

Key = tuple[str, int]
"""Division (as `division.exact` has it) and number of the indicator."""


@dataclass(frozen=True)
class Piece:
    """One thing a value is made of: a section, a record, a report. link: kind and number of the case or record."""

    name: str
    value: str
    day: date | None = None
    link: tuple[str, str] | None = None
    note: str = ""


@dataclass(frozen=True)
class Came:
    """Where a value comes from. by: assessment | register | reported; record: numbers there; as_of: last day in it."""

    by: str
    words: Words
    record: str
    as_of: date
    pieces: tuple[Piece, ...] = ()

    def told(self) -> Words:
        """In a sentence: source and day."""
        return Words(f"{self.words.zh}（截至 {self.as_of}）", f"{self.words.en} (as of {self.as_of})")


@dataclass(frozen=True)
class Told:
    """A value, exact, and last year's: of the same day, or the last before it. years: last value of each year."""

    exact: Fraction
    came: Came
    last_year: Fraction | None = None
    years: tuple[tuple[int, Fraction], ...] = ()


@dataclass(frozen=True)
class Share:
    """A place's own share of a target, in the indicator's unit. base: where it starts; counted: how many of all."""

    target: Decimal
    base: Decimal | None = None
    counted: str = ""


@dataclass(frozen=True)
class Known:
    """All that is known at a moment. version: whose figures these are; missing: why there is no value.

    shares: by place, number of the indicator and day of the target what was handed down.
    """

    version: Words
    figures: tuple[Figure, ...] = ()
    values: Mapping[Key, Told] = field(default_factory=dict)
    missing: Mapping[Key, Words] = field(default_factory=dict)
    shares: Mapping[tuple[str, int, date], Share] = field(default_factory=dict)

    def share(self, division: str, no: int, target: Target) -> Share | None:
        """What a place has to reach of a target; None where nothing was handed down."""
        return self.shares.get((division, no, target.day))


LIBRARY = Words("规划事实库（数据库里没有已审定的版本）", "the library's figures: no adopted version is in the store")
"""Whose figures stand where no version is in force."""
