"""How an indicator's parts make its whole, read from ``library/<plan>_shares.yaml``: data, not code."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path

from qingyuan.plans.facts import LIBRARY, Plan, Words, plan
from qingyuan.standards.schema import Entry, read

AVERAGED = ("mean", "day_share", "area_share")
"""The whole is the mean of the parts by their weights: 1 each, days, areas."""
COUNTED = ("count_share", "count")
"""Parts are whole numbers of things (sections); the whole is their share in per cent, or (one level down) their sum."""
KINDS = (*AVERAGED, *COUNTED, "sum", "same", "none")
"""sum: parts add up; same: every part meets the same value; none: no number, the wording is handed down."""


@dataclass(frozen=True)
class Rule:
    """One indicator's rule. decimals: of the parts; least, most: bounds of a part (most None: none, or its weight).

    weighed_by: what the weights of the arithmetic are; shared_by: what a split by share usually goes by.
    """

    by: str
    decimals: int
    least: Decimal
    most: Decimal | None
    weighed_by: Words
    shared_by: Words

    @property
    def numeric(self) -> bool:
        """Whether there are numbers to split."""
        return self.by != "none"

    @property
    def counted(self) -> bool:
        """Whether parts are whole numbers of things, of which each part has `weight`."""
        return self.by in COUNTED

    @property
    def from_nothing(self) -> bool:
        """Whether a part starts from nothing, its base being only what it may be split by."""
        return self.by == "sum"

    def below(self) -> Rule:
        """The rule one level down: the share of a city is its number of sections, and its counties' numbers add up."""
        return replace(self, by="count") if self.by == "count_share" else self


def read_rules(path: Path, of: Plan) -> dict[int, Rule]:
    """The rules of a plan's indicators by number. FaultyLibrary where one is missing, unknown or breaks the schema."""
    file = read(path)
    if file.take("plan", str) != of.code:
        file.wrong("plan", f"these are not the rules of {of.code}")
    found = {no: _rule(entry) for no, entry in file.entries("indicators")}
    if set(found) != {each.no for each in of.indicators}:
        file.wrong("indicators", "one rule for each indicator of the plan")
    file.done()
    return found


def _rule(entry: Entry) -> Rule:
    by = entry.take("by", str)
    if by not in KINDS:
        entry.wrong("by", f"{by!r} is none of {', '.join(KINDS)}")
    rule = Rule(
        by=by,
        decimals=entry.take("decimals", int, 0),
        least=entry.number("least") if "least" in entry.content else Decimal(0),
        most=entry.number("most") if "most" in entry.content else None,
        weighed_by=Words(*entry.words("weighed_by", "")),
        shared_by=Words(*entry.words("shared_by", "")),
    )
    entry.done()
    return rule


@cache
def rules(code: str = "jilin_14th") -> dict[int, Rule]:
    """The rules of a plan of the library, by number of the indicator."""
    return read_rules(LIBRARY / f"{code}_shares.yaml", plan(code))
