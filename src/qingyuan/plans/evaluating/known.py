"""What scoring is given: the narrow input that every source of a plan's state is brought to, each with its trace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from qingyuan.plans.facts import Words


@dataclass(frozen=True)
class Trace:
    """Where a number comes from. kind: computed | reported | plan | case; source: words; record: its number there.

    as_of: ISO time of the newest data behind it; version: of the stored results, or of the plan.
    """

    kind: str
    source: Words
    record: str = ""
    as_of: str = ""
    version: str = ""

    def text(self) -> str:
        """One line, as appendix and sheet print it."""
        parts = (self.source.zh, self.record, self.as_of, f"v{self.version}" if self.version else "")
        return " · ".join(part for part in parts if part)


@dataclass(frozen=True)
class Measure:
    """One indicator of one division. value None: not observed; base_day, target_day: ends of the path.

    peers: values of all divisions compared with, by code, for ranking. issued: false where it was given no target.
    """

    key: str
    title: Words
    unit: str
    nature: str
    direction: str
    decimals: int
    base: Decimal | None
    base_day: date | None
    target: Decimal | None
    target_day: date
    value: Decimal | None
    trace: Trace
    above: bool = False
    issued: bool = True
    peers: dict[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """One task and its light: good | tight | bad | not_observed."""

    key: str
    title: Words
    light: str
    trace: Trace
    chapter: str = ""


@dataclass(frozen=True)
class Amount:
    """Money of a project, 10 000 yuan: planned up to the day, and spent; None: not reported."""

    key: str
    title: Words
    planned: Decimal | None
    spent: Decimal | None
    trace: Trace


@dataclass(frozen=True)
class Event:
    """Something counted (late_report, supervised, notified, talked_to) or vetoed by (falsified)."""

    kind: str
    title: Words
    day: date
    trace: Trace


@dataclass(frozen=True)
class Facts:
    """All that is known of one organisation's part in a plan on a day. events None: nobody was asked for anything.

    party: number of the organisation where it is a department, none for a place; proven: events proven by cases.
    """

    division: str
    organisation: Words
    on: date
    measures: tuple[Measure, ...] = ()
    tasks: tuple[Task, ...] = ()
    amounts: tuple[Amount, ...] = ()
    events: tuple[Event, ...] | None = None
    proven: tuple[Event, ...] = ()
    party: int | None = None


@dataclass(frozen=True)
class Department:
    """A department of the plan's own level: indicators and tasks it leads (number, key), and what its work brought."""

    number: int
    name: Words
    indicators: frozenset[int]
    tasks: frozenset[str]
    amounts: tuple[Amount, ...] = ()
    events: tuple[Event, ...] | None = None


@dataclass(frozen=True)
class Own:
    """A place's own share of a target; base None: not given. record: of the decomposition that issued it."""

    base: Decimal | None
    target: Decimal | None
    record: str


@dataclass(frozen=True)
class Work:
    """What work on the plan brought, by place (as `plans.division.normal` has it), and number of the indicator.

    events: no place without an entry was asked for anything; values: of indicators, as reported, with their traces;
    proven: events that cases have proven, by place.
    """

    events: Mapping[str, tuple[Event, ...]] = field(default_factory=dict)
    amounts: Mapping[str, tuple[Amount, ...]] = field(default_factory=dict)
    values: Mapping[tuple[str, int], tuple[Decimal, Trace]] = field(default_factory=dict)
    shares: Mapping[tuple[str, int], Own] = field(default_factory=dict)
    proven: Mapping[str, tuple[Event, ...]] = field(default_factory=dict)
    departments: tuple[Department, ...] = ()
