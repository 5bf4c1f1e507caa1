from datetime import date, timedelta

import pytest

from qingyuan.base.working_days import (
    add_working_days,
    calendar,
    is_announced,
    is_working_day,
    working_days_between,
)


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2025-10-01", False),  # National Day
        ("2025-10-08", False),  # its last day off
        ("2025-10-11", True),  # a Saturday worked instead
        ("2025-10-12", False),  # a plain Sunday
        ("2026-02-23", False),
        ("2026-02-28", True),
    ],
)
def test_days_of_the_announced_calendar(day, worked):
    assert is_working_day(date.fromisoformat(day)) is worked


def test_a_deadline_jumps_over_the_holiday():
    # 28 (a Sunday worked), 29 and 30 September, then 9 October
    assert add_working_days(date(2025, 9, 27), 4) == date(2025, 10, 9)
    assert add_working_days(date(2025, 10, 1), 0) == date(2025, 10, 9)


def test_counting_is_the_reverse_of_adding():
    start = date(2026, 1, 30)
    for days in (1, 5, 20, 60):
        assert working_days_between(start, add_working_days(start, days)) == days
        assert working_days_between(add_working_days(start, days), start) == -days


def test_every_day_of_the_list_is_an_exception():
    known = calendar()
    assert all(day.weekday() >= 5 for day in known.work)
    assert not known.work & known.free
    assert all(0 < sum(day.year == year and day.weekday() < 5 for day in known.free) < 25 for year in known.years)


def test_an_unannounced_year_says_so():
    assert not is_announced(date(2035, 10, 1))
    assert is_announced(date(2026, 10, 1))
    assert add_working_days(date(2035, 9, 28), 1) - date(2035, 9, 28) == timedelta(days=3)
