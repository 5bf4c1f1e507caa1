"""The whole that parts make, by the indicator's own arithmetic, exact until it is published (GB/T 8170)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from qingyuan.base.errors import QingyuanError
from qingyuan.base.rounding import round_half_even
from qingyuan.plans.budget import Goal
from qingyuan.plans.decomposing.rules import AVERAGED, Rule


class BadPart(QingyuanError):
    """A part's base, weight or value cannot be. key: which one, empty for all; why: empty, twice, unknown, weight,
    weights, bounds, digits, reason or method, for a screen to say in its own language."""

    def __init__(self, key: str, why: str, what: str, todo: str = "") -> None:
        super().__init__(what, todo)
        self.key, self.why = key, why


class Infeasible(QingyuanError):
    """No parts within their bounds make the whole; nearest: what can be reached, as published."""

    def __init__(self, nearest: Decimal, asked: Decimal, todo: str) -> None:
        super().__init__(f"The parts cannot make {asked}: the nearest they can make is {nearest}", todo)
        self.nearest, self.asked = nearest, asked


@dataclass(frozen=True)
class Part:
    """One city, county or department.

    weight: in the whole's arithmetic (days, area, number of sections; unused where parts add up); base: where it
    starts from, in the unit of the parts; pull: its weight in a split by share; hand: set by hand, with a reason when
    worse than the base.
    """

    key: str
    base: Decimal
    weight: Decimal = Decimal(1)
    pull: Decimal = Decimal(1)
    hand: Decimal | None = None
    reason: str = ""


@dataclass(frozen=True)
class Effect:
    """What values make together. difference: published less asked; met: whether the target holds with it."""

    exact: Fraction
    published: Decimal
    difference: Decimal
    met: bool

    @property
    def reconciles(self) -> bool:
        """Whether the parts make exactly what was asked, as published."""
        return not self.difference


def effect(rule: Rule, goal: Goal, parts: Sequence[Part], values: Mapping[str, Decimal]) -> Effect:
    """What the whole becomes with these values by part. Raises BadPart where the weights make no whole."""
    exact = _exact(rule, goal, parts, values)
    published = round_half_even(exact, goal.decimals)
    asked = round_half_even(reachable(rule, goal, parts), goal.decimals)
    return Effect(exact, published, published - asked, goal.met_by(exact))


def _exact(rule: Rule, goal: Goal, parts: Sequence[Part], values: Mapping[str, Decimal]) -> Fraction:
    if rule.by == "same":
        return Fraction((min if goal.direction == "up" else max)(values[part.key] for part in parts))
    total = sum((factor(rule, part) * Fraction(values[part.key]) for part in parts), Fraction(0))
    return total / divisor(rule, parts)


def factor(rule: Rule, part: Part) -> Fraction:
    """What one unit of a part adds to the whole times its divisor."""
    if rule.by in AVERAGED:
        return Fraction(part.weight)
    return Fraction(100 if rule.by == "count_share" else 1)


def divisor(rule: Rule, parts: Sequence[Part]) -> Fraction:
    """The sum of the weights; 1 where parts add up. Raises BadPart when there is nothing to divide by."""
    if rule.by not in (*AVERAGED, "count_share"):
        return Fraction(1)
    weights = sum((Fraction(part.weight) for part in parts), Fraction(0))
    if weights <= 0:
        raise BadPart("", "weights", "The parts have no weight together", "Give each part its weight")
    return weights


def reachable(rule: Rule, goal: Goal, parts: Sequence[Part]) -> Fraction:
    """The whole to aim at: the target; a step better where it must be passed; the fewest things that meet it."""
    if rule.by == "count_share":
        return 100 * Fraction(needed(goal, int(divisor(rule, parts)))) / divisor(rule, parts)
    step = Fraction(1, 10**goal.decimals) * (1 if goal.direction == "up" else -1)
    return Fraction(goal.value) + (step if goal.strict else 0)


def needed(goal: Goal, things: int) -> int:
    """How many of the things meet the target: as few as possible for "up", as many as possible for "down"."""
    asked = range(things + 1) if goal.direction == "up" else range(things, -1, -1)
    last = things if goal.direction == "up" else 0
    return next((count for count in asked if goal.met_by(Fraction(100 * count, things))), last)
