"""Everything the page of a station or city is drawn from, gathered once a request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from qingyuan.base.time import month_of
from qingyuan.interfaces.web import reading, wording
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.stations import days as stored
from qingyuan.interfaces.web.stations import evaluation, figures, profile, tables
from qingyuan.interfaces.web.stations.calendar import Calendar, calendar_of
from qingyuan.interfaces.web.stations.words import primary

Row = dict[str, Any]
TABS = ("hour", "day", "month", "year")


@dataclass(frozen=True)
class Asked:
    """What the address asks for: step of the table, property, days in the chart, page, year."""

    tab: str
    item: str
    length: int
    page: int
    year: int


class Page:
    """One station or city at the time, law and dataset of the context."""

    def __init__(self, ctx: Context, point: Row, asked: Asked) -> None:
        self.ctx, self.point, self.asked = ctx, point, asked
        self.code: str = point["point"]

    @property
    def last(self) -> date:
        """The newest complete day up to the time of the page."""
        return (self.ctx.time + timedelta(hours=1)).date() - timedelta(days=1)

    @property
    def span(self) -> tuple[date, date]:
        """First and last day of the year shown, as far as it has gone."""
        return date(self.asked.year, 1, 1), min(self.last, date(self.asked.year, 12, 31))

    @property
    def before_year(self) -> int:
        """The year before the one shown."""
        return self.asked.year - 1

    @cached_property
    def days(self) -> list[Row]:
        """Daily results of the year shown."""
        return stored.days_of(self.ctx, self.code, *self.span)

    @cached_property
    def days_before(self) -> list[Row]:
        """Daily results of the whole year before."""
        year = self.asked.year - 1
        return stored.days_of(self.ctx, self.code, date(year, 1, 1), date(year, 12, 31))

    @cached_property
    def statistics(self) -> list[Row]:
        """Statistics of the year shown, judged."""
        return evaluation.evaluated(self.ctx, self.code, *self.span)

    def figures(self) -> figures.Figures:
        """The four key figures."""
        return figures.figures_of(self.days, self.span[1], self.statistics)

    def calendar(self) -> Calendar:
        """The AQI calendar of the year shown."""
        return calendar_of(self.asked.year, {row["day"]: row for row in self.days}, self.span[1])

    def shares(self) -> list[dict[str, Any]]:
        """Primary pollutants of the year shown."""
        return profile.shares(self.days)

    def profiles(self) -> list[dict[str, Any]]:
        """Records of the small charts."""
        return profile.profiles(self.ctx, self.code, self.asked.item, self.days, self.days_before)

    def table(self, page: int | None = None) -> tables.Table:
        """The table of the step asked for; page 0 gives every row."""
        number = self.asked.page if page is None else page
        if self.asked.tab == "hour":
            return tables.hour_table(self.ctx, self.point, number)
        if self.asked.tab == "day":
            return tables.day_table(self.ctx, self.point, *self.span, number)
        if self.asked.tab == "month":
            periods = evaluation.months(self.asked.year, self.span[1])
            return tables.period_table(self.ctx, self.point, periods, True)
        return tables.period_table(self.ctx, self.point, evaluation.years(self.first, self.last), False)

    @property
    def first(self) -> date:
        """First day of the oldest stored year of the dataset."""
        return _first_day(self.ctx, self.code)

    def stations(self) -> list[Row]:
        """Stations of a city with their result of the newest day, worst first; none for a station."""
        known = reading.points(self.ctx.dataset)
        mine = {c for c, row in known.items() if row["kind"] == "station" and self._holds(row)}
        rows = [row for row in reading.days_judged(self.ctx, self.last, self.last, "station") if row["point"] in mine]
        found = {row["point"]: row for row in rows}
        listed = [_listed(known[code], found.get(code)) for code in mine]
        return sorted(listed, key=lambda row: (-_aqi(row["result"]), row["point"]))

    def _holds(self, row: Row) -> bool:
        return bool(row["city"] == self.code)

    def name_of_file(self) -> str:
        """Name of an exported table, without suffix."""
        return f"{self.code}_{self.asked.tab}_{month_of(self.last)}_{self.ctx.edition}"


def _listed(point: Row, result: Row | None) -> Row:
    lead = primary(result["primary"]) if result else ""
    return {**point, "name": wording.point(point), "result": result, "primary": lead}


def _aqi(row: Row | None) -> int:
    return -1 if row is None or row["aqi"] is None else int(row["aqi"])


def _first_day(ctx: Context, code: str) -> date:
    rows = stored.days_of(ctx, code, ctx.time.date() - timedelta(days=3 * 366), ctx.time.date())
    return rows[0]["day"] if rows else datetime(ctx.time.year, 1, 1).date()
