"""The series of one property as the chart takes it: hours in one array, days, limits, gaps."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.domains.air.law import most_values
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.stations import days as stored
from qingyuan.interfaces.web.stations.lawful import limit_label, stretches
from qingyuan.interfaces.web.stations.observed import observations
from qingyuan.interfaces.web.stations.words import flag, mean_text, symbol
from qingyuan.interfaces.web.wording import decimals, unit

Row = dict[str, Any]
HOUR = timedelta(hours=1)


def series_of(ctx: Context, point: Row, item: str, length: int) -> dict[str, Any]:
    """The record of `length` days up to the time of the page (see frontend/src/charts/record.ts)."""
    last = ctx.time
    first = datetime.combine(last.date() - timedelta(days=length - 1), datetime.min.time())
    count = int((last - first) / HOUR) + 1
    found = _hours(ctx, point, item, first, last)
    values: list[float | None] = [None] * count
    excluded = []
    for row in found:
        index = int((row["phenomenon_time"] - first) / HOUR)
        if row["flag"] is None:
            values[index] = row["value"]
        elif row["value"] is not None:
            excluded.append([index, row["value"], flag(row["flag"]), row["flag"]])
    days = stored.days_of(ctx, point["point"], first.date(), last.date())
    return {
        "point": point["point"],
        "property": item,
        "label": symbol(item),
        "unit": unit(item),
        "decimals": decimals(item),
        "start": first.isoformat(timespec="minutes"),
        "hours": values,
        "excluded": excluded,
        "gaps": gaps(values),
        "days": [_day(row, item, point["kind"]) for row in days],
        "limits": _limits(item, first, last, ctx.edition),
        "words": words(),
        "trace": _traces(ctx, point, item),
    }


def _hours(ctx: Context, point: Row, item: str, first: datetime, last: datetime) -> list[Row]:
    """Hours of a station as observed, of a city as computed from its stations."""
    if point["kind"] == "station":
        return observations(ctx.dataset.path, (point["point"],), item, first, last)
    rows = stored.hours_of(ctx, point["point"], first, last)
    return [{"phenomenon_time": r["phenomenon_time"], "value": r[item], "flag": None} for r in rows]


def gaps(values: list[float | None]) -> list[list[Any]]:
    """Runs of missing hours: first index, index after the last, words for it."""
    found = []
    for missing, run in groupby(enumerate(values), key=lambda pair: pair[1] is None):
        indices = [index for index, _value in run]
        if missing:
            found.append([indices[0], indices[-1] + 1, _("%d h missing") % len(indices)])
    return found


def _day(row: Row, item: str, kind: str) -> list[Any]:
    mean, count = row[f"{item}_mean"], row[f"{item}_hours"] or 0
    due = most_values(item) if kind == "station" else row["stations"]
    valid = row[item] is not None
    text = mean_text(row[item], item) if valid else None
    return [row["day"].isoformat(), mean, text, count, due, valid]


def _limits(item: str, first: datetime, last: datetime, edition: str) -> list[dict[str, Any]]:
    return [
        {
            "first": each.first.isoformat(),
            "last": each.last.isoformat(),
            "value": float(each.limit.value),
            "label": limit_label(each.limit),
        }
        for each in stretches(item, first.date(), last.date(), edition)
    ]


def words() -> dict[str, str]:
    """Words the chart and its table need, in the language of the request."""
    return {
        "missing": _("missing"),
        "invalid": _("invalid"),
        "daily": _("daily value"),
        "date": _("Date"),
        "open": _("Show where it comes from"),
        "none": _("Nothing was observed in these days."),
    }


def _traces(ctx: Context, point: Row, item: str) -> dict[str, str]:
    code = point["point"]
    return {
        "hour": ctx.link("trace_hour", code, "1970-01-01T00:00", item).replace("1970-01-01T00:00", "{time}"),
        "day": ctx.link("trace_day", code, "1970-01-01", property=item).replace("1970-01-01", "{date}"),
    }
