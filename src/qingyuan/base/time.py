"""Legal time of the platform: China Standard Time (+08:00, no daylight saving).

Inside the platform an instant is the naive wall clock of +08:00, because the law counts hours and days by
that clock; the offset is written when a time leaves the platform.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

CST = timezone(timedelta(hours=8))


def now() -> datetime:
    """The present wall clock at +08:00, naive, to the second."""
    return datetime.now(CST).replace(tzinfo=None, microsecond=0)


def to_wall_clock(moment: datetime) -> datetime:
    """The naive +08:00 wall clock of a moment; a moment without zone is taken to be +08:00 already."""
    return moment.astimezone(CST).replace(tzinfo=None) if moment.tzinfo else moment


def isoformat(moment: datetime) -> str:
    """ISO 8601 with the offset, to the second: ``2026-03-01T00:00:00+08:00``."""
    return moment.replace(tzinfo=CST).isoformat(timespec="seconds")


def month_of(moment: date) -> str:
    """Calendar month as ``YYYY-MM``, the partition of the lake."""
    return f"{moment.year:04d}-{moment.month:02d}"


def in_year(day: date, year: int) -> date:
    """The same day of another year; 29 February becomes 28 February where there is none."""
    return day.replace(year=year, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=year)
