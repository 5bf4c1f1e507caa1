"""Indicators 1 to 3 from the stored daily results of the cities, as of a moment.

1: mean over the cities of each city's mean of its valid daily PM2.5 means (unrounded) in the year so far.
2, 3: good (AQI <= 100) or heavily polluted (AQI > 200) city-days in per cent of the valid city-days.
A day counts once it is over. The result is rounded once, at the end, by GB/T 8170.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from qingyuan.assessments import store
from qingyuan.base.time import now
from qingyuan.observations.datasets import Dataset
from qingyuan.places.points import read_points
from qingyuan.plans import division as divisions
from qingyuan.plans.budget import CityMean, DayCount

ASSESSMENT = "air.daily_aqi"
COLUMNS = "point, phenomenon_time, aqi, level, pm25, pm25_mean, pm25_hours, valid, edition, library_version"

_SUM = Context(prec=60)


@dataclass(frozen=True)
class CityDay:
    """One stored city-day: pm25 = its unrounded mean as the shortest decimal, None when not valid."""

    city: str
    day: date
    aqi: int | None
    level: int | None
    pm25: Decimal | None
    hours: int | None
    edition: str
    library_version: str


@dataclass(frozen=True)
class Span:
    """Days first..last, both included; empty when last is before first."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """Number of days."""
        return max((self.last - self.first).days + 1, 0)

    def year_before(self) -> Span:
        """The same days of the year before; 29 February becomes 28 February (or 1 March as a first day)."""
        return Span(_year_before(self.first, as_first=True), _year_before(self.last, as_first=False))


def _year_before(day: date, as_first: bool) -> date:
    if (day.month, day.day) == (2, 29):
        return date(day.year - 1, 3, 1) if as_first else date(day.year - 1, 2, 28)
    return day.replace(year=day.year - 1)


def last_full_day(as_of: datetime) -> date:
    """The last day that is over when the hour beginning at `as_of` is the newest."""
    return (as_of + timedelta(hours=1)).date() - timedelta(days=1)


def year_so_far(as_of: datetime) -> Span:
    """1 January to the last full day."""
    last = last_full_day(as_of)
    return Span(date(last.year, 1, 1), last)


def remaining(as_of: datetime) -> Span:
    """The day after the last full day to 31 December."""
    last = last_full_day(as_of)
    return Span(last + timedelta(days=1), date(last.year, 12, 31))


def city_days(dataset: Path, division: str, span: Span) -> tuple[CityDay, ...]:
    """Stored city-days of the division within the span, by city and day. Nothing stored: empty."""
    year_rows = [
        row
        for year in range(span.first.year, span.last.year + 1)
        for row in _of_year(dataset, store.version(dataset, ASSESSMENT), year)
    ]
    return tuple(
        row for row in year_rows if span.first <= row.day <= span.last and divisions.covers(division, row.city)
    )


def days_of(dataset: Path, division: str, span: Span) -> tuple[CityDay, ...]:
    """City-days of an (exact) province or city; of a county the days of the stations in it."""
    if not divisions.is_county(division):
        return city_days(dataset, division, span)
    lying = {each.point for each in read_points(dataset) if each.kind == "station" and each.county == division}
    if not lying:
        return ()
    at = store.version(dataset, ASSESSMENT)
    years = range(span.first.year, span.last.year + 1)
    rows = (row for year in years for row in _of_year(dataset, at, year, "station"))
    return tuple(row for row in rows if row.city in lying and span.first <= row.day <= span.last)


def points_written(dataset: Path) -> int:
    """When the register of points was written, which says in which county a station lies; 0 without one."""
    file = dataset / "points.parquet"
    return file.stat().st_mtime_ns if file.exists() else 0


def newest_day(dataset: Path) -> date | None:
    """The last day with a stored result of a city; None when nothing was computed yet."""
    if store.version(dataset, ASSESSMENT) < 0:
        return None
    times = store.read(
        dataset,
        ASSESSMENT,
        first=date(1900, 1, 1),
        last=date(2999, 12, 31),
        kind="city",
        columns="phenomenon_time",
    )
    moments = times.column("phenomenon_time").to_pylist() if times.num_rows else []
    return max(moments).date() if moments else None


def newest_hour(dataset: Dataset) -> datetime | None:
    """Start of the hour as of which the indicators stand; None when no city was assessed yet.

    A simulated dataset brings its own; else the end of the last assessed day, but no hour that is not over.
    """
    if dataset.now is not None:
        return dataset.now
    last = newest_day(dataset.path)
    past = now().replace(minute=0, second=0) - timedelta(hours=1)
    return min(datetime.combine(last, time(23)), past) if last else None


@lru_cache(maxsize=16)
def _of_year(dataset: Path, version: int, year: int, kind: Literal["city", "station"] = "city") -> tuple[CityDay, ...]:
    if version < 0:
        return ()
    rows = store.read(dataset, ASSESSMENT, first=date(year, 1, 1), last=date(year, 12, 31), kind=kind, columns=COLUMNS)
    return tuple(city_day(row) for row in rows.to_pylist())


def city_day(row: dict[str, Any]) -> CityDay:
    """A city-day from a stored row of the daily assessment."""
    mean = row["pm25_mean"] if row["pm25"] is not None else None
    return CityDay(
        city=row["point"],
        day=row["phenomenon_time"].date(),
        aqi=row["aqi"] if row["valid"] else None,
        level=row["level"] if row["valid"] else None,
        pm25=Decimal(repr(mean)) if mean is not None else None,
        hours=row["pm25_hours"],
        edition=row["edition"],
        library_version=row["library_version"],
    )


def city_means(rows: tuple[CityDay, ...], remaining_days: int = 0) -> list[CityMean]:
    """Per city: sum of its valid daily PM2.5 means and their number."""
    totals: dict[str, tuple[Decimal, int]] = {}
    for row in rows:
        total, days = totals.get(row.city, (Decimal(0), 0))
        if row.pm25 is not None:
            total, days = _SUM.add(total, row.pm25), days + 1
        totals[row.city] = (total, days)
    return [CityMean(Fraction(total), days, remaining_days) for total, days in totals.values()]


def bad_days(rows: tuple[CityDay, ...], above: int, remaining_days: int = 0) -> DayCount:
    """City-days with an AQI, those above a bound, and the city-days that remain."""
    indices = [row.aqi for row in rows if row.aqi is not None]
    cities = len({row.city for row in rows})
    return DayCount(len(indices), sum(aqi > above for aqi in indices), remaining_days * cities)
