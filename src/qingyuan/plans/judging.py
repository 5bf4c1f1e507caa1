"""Rules that give a light by the first line that fits; and the light of an indicator that is not made of city-days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from qingyuan.base.rounding import round_half_even
from qingyuan.plans.budget import Direction, Goal, Verdict
from qingyuan.plans.decomposing.rules import rules as splits
from qingyuan.plans.dispatching.declared import condition
from qingyuan.plans.facts import LIBRARY, Indicator, Target, Words
from qingyuan.registers.flow.expressions import Expression
from qingyuan.standards.schema import Entry, read

LIGHTS: Mapping[str, Verdict] = {"steady": "good", "tight": "tight", "behind": "bad"}
"""Lights an indicator may have, as verdicts of the scoreboard."""
NO_SHARE = Words("没有分解到本地的目标，不判", "no target decomposed to this place: not judged")
BY_WORDING = Words("目标是文字，由人评定", "the target is a wording: for people to judge")
NO_BASE = Words(
    "未到目标；没有可用的基数，进度不判", "the target is not met yet; without a base, progress is not judged"
)


@dataclass(frozen=True)
class Rule:
    """The light of what fits the condition; words: the reason, facts in braces."""

    light: str
    when: Expression
    words: Words

    def told(self, facts: Mapping[str, Any]) -> Words:
        """The reason with the numbers in it."""
        blank = _Blank({name: _plain(value) for name, value in facts.items()})
        return Words(*(words.format_map(blank) for words in self.words))


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "—"


def _plain(value: Any) -> Any:
    return format(value.normalize(), "f") if isinstance(value, Decimal) else value


def listed(file: Entry, name: str, lights: Sequence[str]) -> tuple[Rule, ...]:
    """The rules under a key, in order. Raises FaultyLibrary naming file, key and what is wrong."""
    found = []
    for number, line in enumerate(file.take(name, list)):
        entry = Entry(line, file.file, f"{name}.{number}")
        words = Words(entry.take("zh", str), entry.take("en", str))
        found.append(Rule(entry.one_of("light", tuple(lights)), condition(entry), words))
        entry.done()
    return tuple(found)


def first(rules: Sequence[Rule], facts: Mapping[str, Any]) -> Rule | None:
    """The first rule that fits; one that asks for what is not known does not."""
    return next((each for each in rules if each.when.value(facts) is True), None)


@cache
def rules(path: Path = LIBRARY / "lights.yaml") -> tuple[Rule, ...]:
    """The rules of indicators."""
    return listed(read(path), "indicators", tuple(LIGHTS))


def judge(
    indicator: Indicator, target: Target, value: Fraction, base: Decimal | None, on: date
) -> tuple[Verdict, Words]:
    """Verdict and reason of a value against a target on a day; base: where it started from, none where unknown."""
    if target.value is None or indicator.direction not in ("down", "up"):
        return "not_judged", BY_WORDING
    facts = _facts(indicator, target, value, base, on)
    found = first(rules(), facts)
    return ("not_judged", NO_BASE) if found is None else (LIGHTS[found.light], found.told(facts))


def _facts(indicator: Indicator, target: Target, value: Fraction, base: Decimal | None, on: date) -> dict[str, Decimal]:
    direction: Direction = "up" if indicator.direction == "up" else "down"
    goal = Goal(target.value or Decimal(0), direction, indicator.decimals, target.bound == "above")
    facts = {"met": Decimal(goal.met_by(value)), "over": Decimal(on > target.day)}
    if base is None:
        return facts
    begun = date(indicator.base.year if indicator.base else target.day.year - 5, 12, 31)
    whole = max((target.day - begun).days, 1)
    elapsed = _percent(Fraction(min(max((on - begun).days, 0), whole), whole))
    asked = Fraction(goal.value) - Fraction(base)
    way = _percent((value - Fraction(base)) / asked) if asked else Decimal(0)
    return facts | {"elapsed": elapsed, "way": way, "lag": elapsed - way}


def _percent(part: Fraction) -> Decimal:
    return round_half_even(100 * part, 1)


def base_of(indicator: Indicator) -> Decimal | None:
    """The plan's base: nothing, where each plan starts anew; none where the print may be read in two ways."""
    if splits()[indicator.no].from_nothing:
        return Decimal(0)
    return None if indicator.base is None or indicator.base.doubtful else indicator.base.value
