"""Basics that need no wind: who leads the polluted days, the course of the day, the means of the months."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from statistics import fmean
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.stations import days as stored
from qingyuan.interfaces.web.stations.words import symbol
from qingyuan.interfaces.web.wording import decimals, unit

Row = dict[str, Any]
ENOUGH_DAYS = 10
"""Fewer days than these give no mean of a month here."""
COURSE_DAYS = 90


def shares(days: list[Row]) -> list[dict[str, Any]]:
    """Days each pollutant was primary, most first; a tie counts for each (AQI above 50 only)."""
    led = [row["primary"].split(";") for row in days if row["primary"]]
    counts = Counter(item for items in led for item in items)
    return [
        {"item": item, "symbol": symbol(item), "days": count, "percent": f"{100 * count / len(led):.1f}"}
        for item, count in counts.most_common()
    ]


def monthly(days: list[Row], item: str) -> list[float | None]:
    """Mean of the valid daily values of each month of one year; None with fewer than `ENOUGH_DAYS`."""
    by_month: dict[int, list[float]] = {}
    for row in days:
        if row[item] is not None:
            by_month.setdefault(row["day"].month, []).append(row[f"{item}_mean"])
    return [_mean(by_month.get(month, []), ENOUGH_DAYS) for month in range(1, 13)]


def hourly(hours: list[Row], item: str) -> list[float | None]:
    """Mean of each hour of the day; None with fewer than `ENOUGH_DAYS` values."""
    by_hour: dict[int, list[float]] = {}
    for row in hours:
        if row[item] is not None:
            by_hour.setdefault(row["phenomenon_time"].hour, []).append(row[item])
    return [_mean(by_hour.get(hour, []), ENOUGH_DAYS) for hour in range(24)]


def _mean(values: list[float], enough: int) -> float | None:
    return round(fmean(values), 2) if len(values) >= enough else None


def profiles(ctx: Context, point: str, item: str, now: list[Row], before: list[Row]) -> list[dict[str, Any]]:
    """Records of the two small charts (frontend/src/charts/profile.ts): day and months."""
    year = ctx.time.year
    last_year = {"now": str(year), "before": str(year - 1), "missing": _("missing")}
    frame = {"unit": unit(item), "decimals": decimals(item) + 1}
    course = {
        "kind": "hours",
        "labels": [f"{hour}:00" for hour in range(24)],
        "now": hourly(_course(ctx, point, ctx.time), item),
        "before": hourly(_course(ctx, point, _year_before(ctx.time)), item),
        "words": last_year,
    }
    months = {
        "kind": "months",
        "labels": [str(month) for month in range(1, 13)],
        "now": monthly(now, item),
        "before": monthly(before, item),
        "words": last_year,
    }
    return [{**frame, **course}, {**frame, **months}]


def _course(ctx: Context, point: str, last: datetime) -> list[Row]:
    return stored.hours_of(ctx, point, last - timedelta(days=COURSE_DAYS) + timedelta(hours=1), last)


def _year_before(moment: datetime) -> datetime:
    return moment.replace(year=moment.year - 1, day=min(moment.day, 28))
