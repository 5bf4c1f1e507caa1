"""How plans are dispatched, as declared in ``library/dispatch.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from qingyuan.plans.facts import LIBRARY
from qingyuan.registers.flow.expressions import Expression, NotUnderstood, parse
from qingyuan.standards.schema import Entry, read

KINDS = ("indicator", "task", "project")
EVERY = ("monthly", "quarterly", "never")
CASES = ("plan_supervision", "plan_notice", "plan_talk")


@dataclass(frozen=True)
class Dispatch:
    """every, asks: by kind of item; catch_up: periods; due, answer: working days; proposals: when, by kind of case."""

    every: Mapping[str, str]
    asks: Mapping[str, str]
    catch_up: int
    due: int
    answer: int
    times_last: Decimal
    over_planned: Decimal
    proposals: Mapping[str, Expression]
    confidence: str


@cache
def dispatch(path: Path = LIBRARY / "dispatch.yaml") -> Dispatch:
    """The declaration. Raises FaultyLibrary naming file, key and what is wrong."""
    file = read(path)
    bounds = file.inner("bounds")
    found = Dispatch(
        every={kind: file.inner("every").one_of(kind, EVERY) for kind in KINDS},
        asks={kind: file.inner("asks").one_of(kind, ("lead", "all")) for kind in KINDS},
        catch_up=file.take("catch_up", int),
        due=file.take("due", int),
        answer=file.take("answer", int),
        times_last=Decimal(bounds.number("times_last")),
        over_planned=Decimal(bounds.number("over_planned")),
        proposals={str(name): condition(entry) for name, entry in file.entries("proposals")},
        confidence=file.take("confidence", str),
    )
    if unknown := set(found.proposals) - set(CASES):
        file.wrong("proposals", f"{sorted(unknown)[0]!r} is none of {', '.join(CASES)}")
    file.done()
    return found


def condition(entry: Entry) -> Expression:
    """``when`` of an entry."""
    try:
        return parse(entry.take("when", str))
    except NotUnderstood as fault:
        entry.wrong("when", str(fault))
