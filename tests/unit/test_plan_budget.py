"""The budget at the edges where a naive reading goes wrong."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

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

PM25 = Goal(Decimal("29.5"), "down", 1)
GOOD_DAYS = Goal(Decimal("92.3"), "up", 1)


@pytest.mark.parametrize(
    ("goal", "value", "met"),
    [
        (PM25, "29.549", True),
        (PM25, "29.55", False),  # tie: the even digit is 29.6
        (Goal(Decimal("29.6"), "down", 1), "29.65", True),  # tie: the even digit is 29.6
        (GOOD_DAYS, "92.25", False),  # tie: 92.2
        (GOOD_DAYS, "92.2501", True),
        (Goal(Decimal(95), "up", 0, strict=True), "95.2", False),
        (Goal(Decimal(95), "up", 0, strict=True), "95.6", True),
    ],
)
def test_a_target_speaks_of_the_published_value(goal: Goal, value: str, met: bool) -> None:
    assert goal.met_by(Fraction(value)) is met


def test_the_province_is_the_mean_of_its_cities_not_of_its_days() -> None:
    cities = [CityMean(Fraction(3000), 100, 0), CityMean(Fraction(200), 10, 0)]
    assert mean_of_cities(cities) == 25


def test_a_city_without_a_day_takes_no_part_yet() -> None:
    assert mean_of_cities([CityMean(Fraction(300), 10, 5), CityMean(Fraction(0), 0, 5)]) == 30
    assert mean_of_cities([CityMean(Fraction(0), 0, 5)]) is None


def test_three_hundred_days_at_27_leave_41_2_for_65_days() -> None:
    # (29.55 * 365 - 27 * 300) / 65 = 41.32...; the tie itself is out of reach
    assert allowed_mean([CityMean(Fraction(8100), 300, 65)], PM25) == Decimal("41.3")


def test_nothing_is_left_when_clean_air_would_not_do() -> None:
    assert allowed_mean([CityMean(Fraction(20000), 300, 65)], PM25) is None
    assert allowed_days(DayCount(300, 40, 65), GOOD_DAYS) is None


def test_no_allowance_once_the_year_is_over() -> None:
    assert allowed_mean([CityMean(Fraction(8100), 365, 0)], PM25) is None
    assert allowed_days(DayCount(365, 10, 0), GOOD_DAYS) is None


def test_bad_days_are_counted_whole() -> None:
    # 3285 city-days: 254 bad ones give 92.268 %, published 92.3; 255 give 92.237 %, published 92.2
    assert allowed_days(DayCount(2700, 206, 585), GOOD_DAYS) == 48


def test_every_remaining_day_may_be_bad_when_the_year_is_safe() -> None:
    assert allowed_days(DayCount(3000, 0, 10), GOOD_DAYS) == 10


def test_a_share_needs_a_day() -> None:
    assert share(DayCount(0, 0, 10), "up") is None


@pytest.mark.parametrize(
    ("allowed", "expected", "said"),
    [
        (Decimal("41.3"), Fraction(37), "good"),
        (Decimal("41.3"), Fraction(38), "tight"),
        (Decimal("41.3"), Fraction(42), "bad"),
        (10, Fraction(9), "good"),
        (0, Fraction(0), "good"),
        (5, Fraction(7), "bad"),
        (None, Fraction(0), "bad"),
        (5, None, "not_observed"),
    ],
)
def test_verdicts(allowed: Decimal | int | None, expected: Fraction | None, said: str) -> None:
    assert verdict(allowed, expected) == said
