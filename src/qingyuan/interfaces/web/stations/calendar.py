"""AQI calendar of a year: weeks are columns, Monday first; every day is a link to its trace."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from qingyuan.interfaces.web import wording
from qingyuan.interfaces.web.context import Context

PITCH = 13.0
"""Distance of two cells in units of the drawing."""
LEFT, TOP = 22.0, 18.0
SIDE = 11.2
"""Side of a cell."""
DOTTED_FROM = 3
"""Level from which a dot in the cell says "polluted" without colour."""


@dataclass(frozen=True)
class Cell:
    """One day of the calendar. state: level | invalid | missing | ahead; x and y are its top left corner."""

    day: date
    state: str
    level: int | None
    aqi: int | None
    x: float
    y: float


@dataclass(frozen=True)
class Calendar:
    """A year of cells, the months' labels (x, month), how many days each level has, and days without AQI."""

    year: int
    cells: list[Cell]
    months: list[tuple[float, int]]
    counts: dict[int, int]
    invalid: int
    width: float
    height: float


def calendar_of(year: int, days: dict[date, dict[str, Any]], last: date) -> Calendar:
    """The calendar of a year from its daily results by date; days after `last` are still ahead."""
    first = date(year, 1, 1)
    start = first - timedelta(days=first.weekday())
    length = (date(year + 1, 1, 1) - first).days
    cells = [_cell(first + timedelta(days=i), start, days, last) for i in range(length)]
    counts = Counter(cell.level for cell in cells if cell.level is not None)
    return Calendar(
        year,
        cells,
        [(_x(date(year, month, 1), start), month) for month in range(1, 13)],
        {level: counts.get(level, 0) for level in range(1, 7)},
        sum(cell.state in ("invalid", "missing") for cell in cells),
        cells[-1].x + PITCH,
        TOP + 7 * PITCH + 2,
    )


def _x(day: date, start: date) -> float:
    return LEFT + (day - start).days // 7 * PITCH


def _cell(day: date, start: date, days: dict[date, dict[str, Any]], last: date) -> Cell:
    x, y = _x(day, start), TOP + day.weekday() * PITCH
    if day > last:
        return Cell(day, "ahead", None, None, x, y)
    row = days.get(day)
    if row is None:
        return Cell(day, "missing", None, None, x, y)
    state = "invalid" if row["aqi"] is None else "level"
    return Cell(day, state, row["level"], row["aqi"], x, y)


def drawing(calendar: Calendar, ctx: Context, point: str) -> dict[str, Any]:
    """What the template draws: one mark a day with address and words, month labels, counts by level."""
    base = ctx.link("trace_day", point, "1970-01-01")
    words = _words()
    marks = format_html_join("", "{}", ((_mark(cell, base, words),) for cell in calendar.cells))
    names = [(f"{x:.1f}", _month(month)) for x, month in calendar.months]
    weekdays = [
        (f"{TOP + row * PITCH + 9:.1f}", word)
        for row, word in (
            (0, pgettext("weekday", "M")),
            (2, pgettext("weekday", "W")),
            (4, pgettext("weekday", "F")),
            (6, pgettext("weekday", "S")),
        )
    ]
    counts = [(level, wording.level(level, short=True), count) for level, count in calendar.counts.items()]
    return {"calendar": calendar, "marks": marks, "months": names, "weekdays": weekdays, "counts": counts}


def _words() -> dict[int | str, str]:
    levels: dict[int | str, str] = {level: wording.level(level) for level in range(1, 7)}
    return {**levels, "invalid": _("no valid AQI"), "missing": _("no data")}


def _month(month: int) -> str:
    return date(2000, month, 1).strftime("%b") if wording.english() else f"{month} 月"


def _mark(cell: Cell, base: str, words: dict[int | str, str]) -> str:
    if cell.state == "ahead":
        return format_html(_AHEAD, cell.x, cell.y)
    known = f"AQI {cell.aqi} {words[cell.level]}" if cell.level else words[cell.state]
    kind = f"a{cell.level}" if cell.level else "hatched"
    url = base.replace("1970-01-01", cell.day.isoformat())
    dot: str = ""
    if cell.level and cell.level >= DOTTED_FROM:
        dot = format_html(_DOT, cell.level, cell.x + SIDE / 2, cell.y + SIDE / 2)
    return format_html(_DAY, url, f"{cell.day} {known}", kind, cell.x, cell.y, f"{cell.day} {known}", dot)


_AHEAD = '<rect class="ahead" x="{}" y="{}" width="11.2" height="11.2" rx="2"/>'
_DOT = '<circle class="d{}" cx="{}" cy="{}" r="1.6"/>'
_DAY = (
    '<a data-trace data-day href="{}" aria-label="{}"><rect class="{}" x="{}" y="{}" width="11.2" height="11.2" rx="2">'
    "<title>{}</title></rect>{}</a>"
)
