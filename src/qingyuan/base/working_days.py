"""Working days 工作日 by the announced calendar of public holidays (``working_days.yaml``, dated facts)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

import yaml

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Calendar:
    """Days off and weekend days worked, of the years announced."""

    free: frozenset[date]
    work: frozenset[date]
    years: frozenset[int]


def is_working_day(day: date) -> bool:
    """Whether a day is worked; in a year not announced yet, Monday to Friday."""
    known = calendar()
    return day in known.work or (day.weekday() < 5 and day not in known.free)


def add_working_days(start: date, days: int) -> date:
    """The day so many working days after `start`, not counting it; 0: the first working day at or after it."""
    day, step = start, _DAY if days >= 0 else -_DAY
    left = abs(days)
    while left:
        day += step
        left -= is_working_day(day)
    while not is_working_day(day):
        day += step
    return day


def working_days_between(start: date, end: date) -> int:
    """Working days after `start` up to and with `end`; negative when `end` lies before."""
    if end < start:
        return -working_days_between(end, start)
    return sum(is_working_day(start + timedelta(days=number)) for number in range(1, (end - start).days + 1))


def is_announced(day: date) -> bool:
    """Whether the calendar of that year is known; else its holidays are not counted as such."""
    return day.year in calendar().years


@cache
def calendar() -> Calendar:
    """The calendar as far as it is announced."""
    text = files("qingyuan.base").joinpath("working_days.yaml").read_text("utf-8")
    years = yaml.safe_load(text)["years"]
    free = {
        first + timedelta(days=number)
        for year in years.values()
        for first, last in year["free"]
        for number in range((last - first).days + 1)
    }
    return Calendar(
        frozenset(free), frozenset(day for year in years.values() for day in year["work"]), frozenset(years)
    )
