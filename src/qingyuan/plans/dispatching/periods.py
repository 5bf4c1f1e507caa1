"""Periods of reporting: months or quarters within a plan, and when their report is due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from qingyuan.base.working_days import add_working_days

MONTHS = {"monthly": 1, "quarterly": 3}
DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Period:
    """A stretch of whole months; both days are of it."""

    first: date
    last: date

    @property
    def name(self) -> str:
        """``2025Q3`` of a quarter, ``2025-07`` of a month."""
        if (self.last - self.first).days > 31:
            return f"{self.first.year}Q{(self.first.month + 2) // 3}"
        return f"{self.first:%Y-%m}"

    @property
    def zh(self) -> str:
        """As titles name it."""
        if (self.last - self.first).days > 31:
            return f"{self.first.year}年第{'一二三四'[(self.first.month - 1) // 3]}季度"
        return f"{self.first.year}年{self.first.month}月"

    def due(self, working_days: int) -> date:
        """Last day of its report."""
        return add_working_days(self.last, working_days)


def over(every: str, first_day: date, last_day: date, by: date) -> Iterator[Period]:
    """The periods of a plan that are over by a day, oldest first; none for ``never``."""
    if every not in MONTHS:
        return
    step = MONTHS[every]
    first = date(first_day.year, first_day.month - (first_day.month - 1) % step, 1)
    while first <= last_day:
        following = _later(first, step)
        if following > by:
            return
        yield Period(first, following - DAY)
        first = following


def running(every: str, first_day: date, last_day: date, on: date) -> Period | None:
    """The period of a plan a day lies in; None for ``never``, and outside the plan."""
    if every not in MONTHS or not first_day <= on <= last_day:
        return None
    step = MONTHS[every]
    first = date(on.year, on.month - (on.month - 1) % step, 1)
    return Period(first, _later(first, step) - DAY)


def _later(first: date, months: int) -> date:
    count = first.year * 12 + first.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)
