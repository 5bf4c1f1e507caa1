"""A target split among parts: by equal effort, by share, by base, some of them set by hand; the parts make the whole.

Every part moves from its base by the same measure times its own effort, but not beyond its bounds; the measure is
solved exactly in fractions. What rounding leaves goes to the parts with the largest remainders, ties by their key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, pairwise

from qingyuan.base.rounding import round_half_even
from qingyuan.plans.budget import Goal
from qingyuan.plans.decomposing.rules import Rule
from qingyuan.plans.decomposing.whole import BadPart, Effect, Infeasible, Part, divisor, effect, factor, reachable

METHODS = ("equal", "share", "base")
"""equal: the same step for all; share: steps by a weight of each; base: steps by how far each is from its best."""


@dataclass(frozen=True)
class Split:
    """A value for each part by key, and the whole they make; exact: the values before rounding."""

    values: dict[str, Decimal]
    exact: dict[str, Fraction]
    effect: Effect


@dataclass(frozen=True)
class _Free:
    """A part that may move: start + measure * effort, kept within [lowest, highest] (both published values)."""

    key: str
    factor: Fraction
    start: Fraction
    effort: Fraction
    lowest: Fraction
    highest: Fraction | None

    def at(self, measure: Fraction) -> Fraction:
        moved = max(self.start + measure * self.effort, self.lowest)
        return moved if self.highest is None else min(moved, self.highest)

    def turns(self) -> list[Fraction]:
        """Measures at which it comes to a bound."""
        if not self.effort:
            return []
        ends = [self.lowest] if self.highest is None else [self.lowest, self.highest]
        return [(end - self.start) / self.effort for end in ends]


def split(rule: Rule, goal: Goal, parts: Sequence[Part], method: str, *, loosen: bool = False) -> Split:
    """The parts' values. loosen: parts may become worse than their bases (who asks must give a reason).

    Raises BadPart for a part that cannot be, Infeasible (with the nearest) where the bounds leave no way.
    """
    check(rule, goal, parts)
    if rule.by == "same":
        return _same(rule, goal, parts)
    size, step = divisor(rule, parts), Fraction(1, 10**rule.decimals)
    free = [_free(rule, goal, part, method, loosen) for part in parts if part.hand is None]
    by_hand = {part.key: Fraction(part.hand) for part in parts if part.hand is not None}
    held = sum((factor(rule, part) * by_hand[part.key] for part in parts if part.key in by_hand), Fraction(0))
    aim = _within_reach(free, reachable(rule, goal, parts) * size - held)
    measure = _measure(free, aim)
    exact = {each.key: each.at(measure) for each in free} | by_hand
    placed = _placed(free, exact, step, aim)
    values = {part.key: round_half_even(placed.get(part.key, exact[part.key]), rule.decimals) for part in parts}
    made = effect(rule, goal, parts, values)
    if not made.reconciles:
        asked = made.published - made.difference
        raise Infeasible(made.published, asked, _way_out(goal, made.difference))
    return Split(values, exact, made)


def _same(rule: Rule, goal: Goal, parts: Sequence[Part]) -> Split:
    asked = round_half_even(reachable(rule, goal, parts), max(rule.decimals, goal.decimals))
    values = {part.key: asked if part.hand is None else part.hand for part in parts}
    made = effect(rule, goal, parts, values)
    if not made.met:
        raise Infeasible(made.published, asked, "Each part must meet the same value: correct what was set by hand")
    return Split(values, {key: Fraction(value) for key, value in values.items()}, made)


def _way_out(goal: Goal, difference: Decimal) -> str:
    better = (difference > 0) == (goal.direction == "up")
    if better:
        return "The bases are better than that already: free a part set by hand, or loosen with a reason"
    return "Free a part set by hand, or correct bases and bounds"


def check(rule: Rule, goal: Goal, parts: Sequence[Part]) -> None:
    """Raises BadPart for parts that cannot be split: none, twice, out of bounds, too many digits, no reason given."""
    if not rule.numeric or not parts:
        raise BadPart("", "empty", "There is nothing to split", "Hand the wording down, or give parts")
    if len({part.key for part in parts}) < len(parts):
        raise BadPart("", "twice", "A part stands there twice", "Give each part once")
    for part in parts:
        _check_part(rule, part)
        if part.hand is not None and is_worse(rule, goal, part, part.hand) and not part.reason.strip():
            raise BadPart(
                part.key, "reason", f"{part.key}: {part.hand} is worse than its base {part.base}", "Give the reason"
            )


def is_worse(rule: Rule, goal: Goal, part: Part, value: Decimal) -> bool:
    """Whether a value is worse than where the part stands; where parts start from nothing, none is."""
    if rule.from_nothing or rule.by == "same":
        return False
    return value < part.base if goal.direction == "up" else value > part.base


def _check_part(rule: Rule, part: Part) -> None:
    most = _most(rule, part)
    if part.weight < 0 or part.pull < 0 or (rule.counted and part.weight != int(part.weight)):
        raise BadPart(
            part.key, "weight", f"{part.key}: a weight of {part.weight} or {part.pull} cannot be", "Correct it"
        )
    for value in (part.base, *([] if part.hand is None else [part.hand])):
        if value < rule.least or (most is not None and value > most):
            raise BadPart(
                part.key, "bounds", f"{part.key}: {value} is not between {rule.least} and {most}", "Correct it"
            )
    if part.hand is not None and round_half_even(part.hand, rule.decimals) != part.hand:
        raise BadPart(part.key, "digits", f"{part.key}: {part.hand} has more than {rule.decimals} decimals", "Round it")


def _most(rule: Rule, part: Part) -> Decimal | None:
    if rule.counted:
        return part.weight
    return None if rule.from_nothing else rule.most


def _free(rule: Rule, goal: Goal, part: Part, method: str, loosen: bool) -> _Free:
    start = Fraction(0) if rule.from_nothing else Fraction(part.base)
    lowest, most = Fraction(rule.least), _most(rule, part)
    highest = None if most is None else Fraction(most)
    if not loosen and not rule.from_nothing:
        if goal.direction == "up":
            lowest = max(lowest, _up_to(start, rule.decimals))
        else:
            highest = _down_to(start, rule.decimals)
    return _Free(part.key, factor(rule, part), start, _effort(rule, goal, part, method), lowest, highest)


def _up_to(value: Fraction, decimals: int) -> Fraction:
    return Fraction(-(-value * 10**decimals // 1), 10**decimals)


def _down_to(value: Fraction, decimals: int) -> Fraction:
    return Fraction(value * 10**decimals // 1, 10**decimals)


def _effort(rule: Rule, goal: Goal, part: Part, method: str) -> Fraction:
    if method == "equal":
        return Fraction(part.weight) if rule.counted else Fraction(1)
    if method == "share":
        return Fraction(part.pull)
    if method != "base":
        raise BadPart(part.key, "method", f"There is no way {method!r} to split", f"Use one of {', '.join(METHODS)}")
    most = _most(rule, part)
    room = most is not None and goal.direction == "up"
    return Fraction(most - part.base if room and most is not None else part.base - rule.least)


def _total(free: Sequence[_Free], measure: Fraction) -> Fraction:
    return sum((each.factor * each.at(measure) for each in free), Fraction(0))


def _turns(free: Sequence[_Free]) -> list[Fraction]:
    return sorted({turn for each in free for turn in each.turns()}) or [Fraction(0)]


def _slope(free: Sequence[_Free]) -> Fraction:
    """How fast the total grows once every bounded part is at its bound."""
    return sum((each.factor * each.effort for each in free if each.highest is None), Fraction(0))


def _within_reach(free: Sequence[_Free], aim: Fraction) -> Fraction:
    """The aim, or the nearest total the free parts can make."""
    turns = _turns(free)
    lowest, highest = _total(free, turns[0]), _total(free, turns[-1])
    return max(aim, lowest) if _slope(free) else min(max(aim, lowest), highest)


def _measure(free: Sequence[_Free], aim: Fraction) -> Fraction:
    """The measure at which the parts' total is the aim, which is within reach; the least one."""
    turns = _turns(free)
    for before, after in pairwise(turns):
        low, high = _total(free, before), _total(free, after)
        if low < high and aim <= high:
            return before + (aim - low) * (after - before) / (high - low)
    slope = _slope(free)
    return turns[-1] + (aim - _total(free, turns[-1])) / slope if slope else turns[-1]


def _placed(free: Sequence[_Free], exact: dict[str, Fraction], step: Fraction, aim: Fraction) -> dict[str, Fraction]:
    """Each value cut to its last digit; steps given by largest remainder until the total is nearest the aim."""
    cut = {each.key: exact[each.key] // step * step for each in free}
    order = sorted((each for each in free if exact[each.key] > cut[each.key]), key=lambda each: _rank(each, exact, cut))
    total = sum((each.factor * cut[each.key] for each in free), Fraction(0))
    totals = list(accumulate((each.factor * step for each in order), initial=total))
    given = min(range(len(totals)), key=lambda count: (abs(totals[count] - aim), count))
    return cut | {each.key: cut[each.key] + step for each in order[:given]}


def _rank(each: _Free, exact: dict[str, Fraction], cut: dict[str, Fraction]) -> tuple[Fraction, str]:
    return cut[each.key] - exact[each.key], each.key
