"""Stored results of one point, judged by the law the page asks for, held while the results stand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from qingyuan.assessments import store
from qingyuan.domains.air.restating import restate
from qingyuan.interfaces.web import law
from qingyuan.interfaces.web.context import BY_DATE, Context
from qingyuan.interfaces.web.reading import DAILY, HOURLY

Row = dict[str, Any]


def days_of(ctx: Context, point: str, first: date, last: date) -> list[Row]:
    """Daily results of a point, first..last, oldest first; `day` holds the calendar day."""
    return _days(ctx.dataset.path, store.version(ctx.dataset.path, DAILY), point, first, last, ctx.edition)


def hours_of(ctx: Context, point: str, first: datetime, last: datetime) -> list[Row]:
    """Hourly results of a point, first..last, oldest first."""
    return _hours(ctx.dataset.path, store.version(ctx.dataset.path, HOURLY), point, first, last, ctx.edition)


def last_day(ctx: Context, point: str) -> date:
    """The newest day with a daily result up to the time of the page; the day before it when there is none."""
    until = ctx.time.date()
    rows = days_of(ctx, point, until - timedelta(days=40), until)
    return rows[-1]["day"] if rows else until - timedelta(days=1)


def other_edition(day: date) -> str:
    """The edition that was not in force on a day: what "what if" means then."""
    return law.other_edition(law.edition_on(day))


@lru_cache(maxsize=256)
def _days(dataset: Path, version: int, point: str, first: date, last: date, edition: str) -> list[Row]:
    if version < 0:
        return []
    rows = store.read(dataset, DAILY, first=first, last=last, points=[point]).to_pylist()
    judged = rows if edition == BY_DATE else restate(rows, edition, "day")
    return [{**row, "day": row["phenomenon_time"].date()} for row in judged]


@lru_cache(maxsize=256)
def _hours(dataset: Path, version: int, point: str, first: datetime, last: datetime, edition: str) -> list[Row]:
    if version < 0:
        return []
    rows = store.read(dataset, HOURLY, first=first, last=last, points=[point]).to_pylist()
    return rows if edition == BY_DATE else restate(rows, edition, "hour")
