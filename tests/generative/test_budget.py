"""What is left of a target: spending exactly the allowance meets it, one unit more misses it."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from qingyuan.base.rounding import round_half_even
from qingyuan.plans.budget import (
    CityMean,
    DayCount,
    Goal,
    allowed_days,
    allowed_mean,
    mean_of_cities,
    share,
    verdict,
)

STEP = Decimal("0.1")

tenths = st.integers(0, 1000).map(lambda tenth: Decimal(tenth) / 10)
mean_goals = st.integers(50, 800).map(lambda tenth: Goal(Decimal(tenth) / 10, "down", 1))
share_goals = st.builds(
    Goal,
    value=tenths.filter(lambda value: 0 < value < 100),
    direction=st.sampled_from(["down", "up"]),
    decimals=st.just(1),
    strict=st.booleans(),
)
cities = st.lists(
    st.builds(
        CityMean,
        total=st.fractions(0, 40_000, max_denominator=720),
        days=st.integers(0, 365),
        remaining=st.integers(1, 366),
    ),
    min_size=1,
    max_size=9,
)
counts = st.integers(1, 3294).flatmap(
    lambda days: st.builds(DayCount, days=st.just(days), bad=st.integers(0, days), remaining=st.integers(1, 3294))
)


def year_mean(of: list[CityMean], rest: Decimal) -> Fraction:
    """The year by its definition, day by day totals, independent of the code under test."""
    means = [(city.total + Fraction(rest) * city.remaining) / (city.days + city.remaining) for city in of]
    return sum(means, Fraction(0)) / len(means)


@given(cities, mean_goals)
def test_the_allowed_mean_meets_the_target_and_a_tenth_more_misses_it(of: list[CityMean], goal: Goal) -> None:
    allowed = allowed_mean(of, goal, STEP)
    if allowed is None:
        assert round_half_even(year_mean(of, Decimal(0)), 1) > goal.value
        return
    assert round_half_even(year_mean(of, allowed), 1) <= goal.value
    assert round_half_even(year_mean(of, allowed + STEP), 1) > goal.value


@given(cities, tenths)
def test_the_mean_with_a_rest_is_the_mean_of_the_filled_year(of: list[CityMean], rest: Decimal) -> None:
    assert mean_of_cities(of, Fraction(rest)) == year_mean(of, rest)


@given(counts, share_goals)
def test_the_allowed_days_meet_the_target_and_one_more_misses_it(count: DayCount, goal: Goal) -> None:
    def meets(rest_bad: int) -> bool:
        days, bad = count.days + count.remaining, count.bad + rest_bad
        per_cent = Fraction(100 * (bad if goal.direction == "down" else days - bad), days)
        rounded = round_half_even(per_cent, 1)
        if goal.strict and rounded == goal.value:
            return False
        return rounded <= goal.value if goal.direction == "down" else rounded >= goal.value

    allowed = allowed_days(count, goal)
    if allowed is None:
        assert not meets(0)
        return
    assert meets(allowed)
    assert allowed == count.remaining or not meets(allowed + 1)


@given(counts)
def test_good_and_bad_shares_are_complements(count: DayCount) -> None:
    down, up = share(count, "down"), share(count, "up")
    assert down is not None
    assert up is not None
    assert down + up == 100


@given(st.integers(0, 1000), st.fractions(0, 1000, max_denominator=100))
def test_verdicts_follow_the_declared_rule(allowed: int, expected: Fraction) -> None:
    given_verdict = verdict(allowed, expected)
    assert (given_verdict == "bad") == (expected > allowed)
    assert (given_verdict == "good") == (expected <= allowed and 10 * (allowed - expected) >= allowed)
