"""Parts make the whole: for any bases, weights and parts set by hand, or the refusal names what can be reached."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from qingyuan.base.rounding import round_half_even
from qingyuan.plans.budget import Goal
from qingyuan.plans.decomposing.rules import Rule
from qingyuan.plans.decomposing.splitting import METHODS, Split, split
from qingyuan.plans.decomposing.whole import BadPart, Infeasible, Part, effect, needed
from qingyuan.plans.facts import Words

NO = Words("", "")


def rule(by: str, decimals: int = 1, most: int | None = 100) -> Rule:
    return Rule(by, decimals, Decimal(0), None if most is None else Decimal(most), NO, NO)


def tenths(low: int, high: int) -> st.SearchStrategy[Decimal]:
    return st.integers(low * 10, high * 10).map(lambda each: Decimal(each) / 10)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Rule, Goal, list[Part], str]:
    """Any rule with a goal, parts that fit it, and a method."""
    by = draw(st.sampled_from(["mean", "day_share", "area_share", "count_share", "count", "sum"]))
    direction = draw(st.sampled_from(["up", "down"])) if by != "sum" else "up"
    parts = [draw(_part(by, index)) for index in range(draw(st.integers(1, 9)))]
    chosen = rule(by, {"sum": 4}.get(by, 0 if by.startswith("count") else 1), None if by == "sum" else 100)
    whole = sum(int(each.weight) for each in parts)
    value = draw(st.integers(0, whole).map(Decimal)) if by == "count" else draw(tenths(0, 100))
    decimals = {"count": 0, "sum": draw(st.sampled_from([1, 2, 3]))}.get(by, 1)
    return chosen, Goal(value, direction, decimals), parts, draw(st.sampled_from(METHODS))


@st.composite
def _part(draw: st.DrawFn, by: str, index: int) -> Part:
    counted = by.startswith("count")
    weight = draw(st.integers(0, 40) if counted else st.integers(1, 4000))
    top = st.integers(0, weight).map(Decimal) if counted else tenths(0, 100)
    hand = draw(st.one_of(st.none(), st.none(), top))
    pull = draw(st.integers(0, 500).map(Decimal))
    return Part(f"{220100 + 100 * index}", draw(top), Decimal(1 if by == "mean" else weight), pull, hand, "told")


def tried(case: tuple[Rule, Goal, list[Part], str], loosen: bool = True) -> Split | Infeasible:
    chosen, goal, parts, method = case
    assume(chosen.by != "count_share" or sum(each.weight for each in parts))
    try:
        return split(chosen, goal, parts, method, loosen=loosen)
    except Infeasible as why:
        return why


def by_definition(chosen: Rule, parts: list[Part], values: dict[str, Decimal]) -> Fraction:
    """The whole written out apart from the code under test."""
    if chosen.by in ("sum", "count"):
        return Fraction(sum(values.values()))
    if chosen.by == "count_share":
        return Fraction(100 * int(sum(values.values())), int(sum(each.weight for each in parts)))
    weights = sum(Fraction(each.weight) for each in parts)
    return sum(Fraction(each.weight) * Fraction(values[each.key]) for each in parts) / weights


@settings(deadline=None)
@given(cases(), st.booleans())
def test_parts_make_the_whole_as_published(case: tuple[Rule, Goal, list[Part], str], loosen: bool) -> None:
    chosen, goal, parts, _method = case
    made = tried(case, loosen)
    if isinstance(made, Infeasible):
        assert made.nearest != made.asked
        return
    exact = by_definition(chosen, parts, made.values)
    assert made.effect.exact == exact
    assert made.effect.difference == 0
    if chosen.by == "count_share":
        things = int(sum(each.weight for each in parts))
        assert sum(made.values.values()) == needed(goal, things)
    else:
        assert round_half_even(exact, goal.decimals) == round_half_even(goal.value, goal.decimals)


@settings(deadline=None)
@given(cases(), st.booleans())
def test_every_part_keeps_its_bounds_digits_and_hand(case: tuple[Rule, Goal, list[Part], str], loosen: bool) -> None:
    chosen, goal, parts, _method = case
    made = tried(case, loosen)
    assume(isinstance(made, Split))
    for part in parts:
        value = made.values[part.key]
        assert value >= 0 and round_half_even(value, chosen.decimals) == value
        assert part.hand is None or value == part.hand
        assert not chosen.counted or (value == int(value) and value <= part.weight)
        if part.hand is None and not loosen and chosen.by != "sum":
            assert value >= part.base if goal.direction == "up" else value <= part.base


@settings(deadline=None)
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_parts_does_not_matter(case: tuple[Rule, Goal, list[Part], str], random) -> None:
    chosen, goal, parts, method = case
    shuffled = random.sample(parts, len(parts))
    one, other = tried(case), tried((chosen, goal, shuffled, method))
    assert type(one) is type(other)
    if isinstance(one, Split) and isinstance(other, Split):
        assert one.values == other.values
    if isinstance(one, Infeasible) and isinstance(other, Infeasible):
        assert one.nearest == other.nearest


@settings(deadline=None)
@given(cases(), tenths(0, 10))
def test_a_higher_target_lowers_no_part(case: tuple[Rule, Goal, list[Part], str], more: Decimal) -> None:
    chosen, goal, parts, method = case
    assume(chosen.by != "count")
    higher = replace(goal, value=goal.value + more)
    one, other = tried(case), tried((chosen, higher, parts, method))
    assume(isinstance(one, Split) and isinstance(other, Split))
    step = Decimal(1).scaleb(-chosen.decimals)
    for part in parts:
        assert other.exact[part.key] >= one.exact[part.key]
        assert other.values[part.key] >= one.values[part.key] - step


@settings(deadline=None)
@given(cases())
def test_what_is_said_to_be_the_nearest_can_be_made(case: tuple[Rule, Goal, list[Part], str]) -> None:
    chosen, goal, parts, method = case
    made = tried(case, loosen=False)
    assume(isinstance(made, Infeasible) and chosen.by != "count_share")
    again = tried((chosen, replace(goal, value=made.nearest), parts, method), loosen=False)
    assert isinstance(again, Split)


@settings(deadline=None)
@given(cases())
def test_the_effect_of_the_values_is_what_the_split_says(case: tuple[Rule, Goal, list[Part], str]) -> None:
    chosen, goal, parts, _method = case
    made = tried(case)
    assume(isinstance(made, Split))
    assert effect(chosen, goal, parts, made.values) == made.effect


@settings(deadline=None)
@given(tenths(1, 100), st.integers(1, 200), st.sampled_from(["up", "down"]))
def test_as_few_or_as_many_things_as_meet_the_target(value: Decimal, things: int, direction: str) -> None:
    goal = Goal(value, direction, 1)
    count = needed(goal, things)
    assert goal.met_by(Fraction(100 * count, things))
    further = count - 1 if direction == "up" else count + 1
    assert not 0 <= further <= things or not goal.met_by(Fraction(100 * further, things))


def test_equal_effort_takes_the_same_step_everywhere() -> None:
    parts = [Part("a", Decimal("33.0")), Part("b", Decimal("31.0")), Part("c", Decimal("29.0"))]
    made = split(rule("mean", most=None), Goal(Decimal("29.5"), "down", 1), parts, "equal")
    assert made.values == {"a": Decimal("31.5"), "b": Decimal("29.5"), "c": Decimal("27.5")}


def test_by_base_who_has_more_does_more() -> None:
    parts = [Part("a", Decimal("40.0")), Part("b", Decimal("20.0"))]
    made = split(rule("mean", most=None), Goal(Decimal("27.0"), "down", 1), parts, "base")
    assert made.values == {"a": Decimal("36.0"), "b": Decimal("18.0")}


def test_amounts_follow_their_weights_and_the_last_ton_its_remainder() -> None:
    parts = [Part(key, Decimal(0), pull=Decimal(1)) for key in "abc"]
    made = split(rule("sum", 2, None), Goal(Decimal("1.00"), "up", 2), parts, "share")
    assert made.values == {"a": Decimal("0.34"), "b": Decimal("0.33"), "c": Decimal("0.33")}


def test_a_part_set_by_hand_moves_the_others() -> None:
    parts = [Part("a", Decimal(30), hand=Decimal("28.0")), Part("b", Decimal(30)), Part("c", Decimal(30))]
    made = split(rule("mean", most=None), Goal(Decimal("29.0"), "down", 1), parts, "equal")
    assert made.values == {"a": Decimal("28.0"), "b": Decimal("29.5"), "c": Decimal("29.5")}


def test_worse_than_the_base_by_hand_wants_a_reason() -> None:
    parts = [Part("a", Decimal(30), hand=Decimal("31.0")), Part("b", Decimal(30))]
    with pytest.raises(BadPart) as why:
        split(rule("mean", most=None), Goal(Decimal("29.0"), "down", 1), parts, "equal")
    assert why.value.key == "a" and "Give the reason" in str(why.value)


def test_bases_better_than_the_target_are_told_with_the_nearest() -> None:
    parts = [Part("a", Decimal(27)), Part("b", Decimal(28))]
    with pytest.raises(Infeasible) as why:
        split(rule("mean", most=None), Goal(Decimal("29.5"), "down", 1), parts, "equal")
    assert why.value.nearest == Decimal("27.5")
    assert "loosen" in str(why.value)


def test_the_same_for_all_is_met_by_the_worst() -> None:
    parts = [Part("a", Decimal(90)), Part("b", Decimal(96), hand=Decimal(97))]
    made = split(rule("same", 0), Goal(Decimal(95), "up", 0), parts, "equal")
    assert made.values == {"a": Decimal(95), "b": Decimal(97)} and made.effect.met


@st.composite
def two_levels(draw: st.DrawFn) -> tuple[Rule, Goal, list[Part], dict[str, list[Part]], str]:
    """A goal of a province with its cities, and the counties of each city by its key."""
    chosen, goal, cities, method = draw(cases().filter(lambda each: each[0].by != "count"))
    cities = [replace(each, hand=None) for each in cities]
    below = {each.key: _counties(draw, chosen.by, each) for each in cities}
    return chosen, goal, cities, below, method


def _counties(draw: st.DrawFn, by: str, city: Part) -> list[Part]:
    """Counties whose things, where things are counted, are those of their city together."""
    number = draw(st.integers(1, 6))
    parts = [replace(draw(_part(by, index)), key=f"{city.key}-{index}", hand=None) for index in range(number)]
    if not by.startswith("count"):
        return parts
    cuts = sorted(draw(st.lists(st.integers(0, int(city.weight)), min_size=number - 1, max_size=number - 1)))
    edges = [0, *cuts, int(city.weight)]
    return [
        replace(each, weight=Decimal(last - first), base=min(each.base, Decimal(last - first)))
        for each, first, last in zip(parts, edges, edges[1:], strict=False)
    ]


@settings(deadline=None)
@given(two_levels(), st.sampled_from(METHODS))
def test_counties_make_their_city_and_these_cities_the_province(
    case: tuple[Rule, Goal, list[Part], dict[str, list[Part]], str], below_method: str
) -> None:
    chosen, goal, cities, counties, method = case
    top = tried((chosen, goal, cities, method))
    assume(isinstance(top, Split))
    made: dict[str, Decimal] = {}
    for city in cities:
        under, share = chosen.below(), Goal(top.values[city.key], goal.direction, chosen.decimals)
        parts = counties[city.key]
        assume(under.by != "count" or all(each.weight >= 0 for each in parts))
        found = tried((under, share, parts, below_method))
        assume(isinstance(found, Split))
        exact = by_definition(under, parts, found.values)
        assert found.effect.exact == exact and found.effect.difference == 0
        made[city.key] = round_half_even(exact, chosen.decimals)
        assert made[city.key] == round_half_even(top.values[city.key], chosen.decimals)
    whole = effect(chosen, goal, cities, made)
    assert whole.published == top.effect.published and whole.difference == 0
