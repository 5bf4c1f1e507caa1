"""The series of an outlet as the chart takes it (frontend/src/charts/record.ts): minutes, hours or days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.domains.sources.items import MINUTES
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.sources import outlets, tracing, words
from qingyuan.interfaces.web.sources.outlets import DAILY, EXCEEDANCE, HOURLY, Row
from qingyuan.interfaces.web.stations.series import words as chart_words
from qingyuan.interfaces.web.stations.words import flag
from qingyuan.observations import lake
from qingyuan.standards import properties

STEPS = {"minute": (1, 2, 7), "hour": (7, 30, 90), "day": (30, 90, 365)}
"""Lengths in days the chart offers."""

_PLACE = datetime(1970, 1, 1)
USUAL = {"minute": 2, "hour": 7, "day": 90}


def items_of(ctx: Context, point: str) -> list[str]:
    """Pollutants of an outlet with results in the last 90 days, most often over the limit first."""
    first = ctx.time - timedelta(days=90)
    over = {row["property"]: 0 for row in outlets.results(ctx, HOURLY, first, ctx.time, point)}
    for row in outlets.results(ctx, EXCEEDANCE, first, ctx.time, point):
        over[row["property"]] = over.get(row["property"], 0) + bool(row["over"])
    return sorted(over, key=lambda item: (-over[item], item))


def series_of(ctx: Context, point: str, item: str, step: str, length: int) -> dict[str, Any]:
    """The record of `length` days up to the time of the page."""
    made = {"minute": _minutes, "hour": _hours, "day": _days}[step](ctx, point, item, length)
    unit = made.pop("unit")
    template = tracing.address(ctx, step, point, item, _PLACE)
    address = template.replace(tracing.written(_PLACE), "{time}")
    return {
        "point": point,
        "property": item,
        "label": words.symbol(item),
        "unit": words.unit(unit),
        "decimals": words.decimals(item),
        "days": [],
        "profiles": [],
        "words": chart_words(),
        "trace": {"hour": address, "day": ""},
        **made,
    }


def _grid(first: datetime, last: datetime, every: timedelta) -> list[float | None]:
    return [None] * (int((last - first) / every) + 1)


def _hours(ctx: Context, point: str, item: str, length: int) -> dict[str, Any]:
    first = datetime.combine((ctx.time - timedelta(days=length - 1)).date(), datetime.min.time())
    rows = [row for row in outlets.results(ctx, HOURLY, first, ctx.time, point) if row["property"] == item]
    return _judged(rows, first, ctx.time, timedelta(hours=1), "1h", item)


def _days(ctx: Context, point: str, item: str, length: int) -> dict[str, Any]:
    last = datetime.combine(ctx.time.date(), datetime.min.time())
    first = last - timedelta(days=length - 1)
    rows = [row for row in outlets.results(ctx, DAILY, first, ctx.time, point) if row["property"] == item]
    return _judged(rows, first, last, timedelta(days=1), "24h", item)


def _judged(
    rows: list[Row], first: datetime, last: datetime, every: timedelta, averaging: str, item: str
) -> dict[str, Any]:
    """Hours or days with their limit: what does not count is hollow, what is over is marked."""
    values, excluded, over = _grid(first, last, every), [], []
    for row in rows:
        index = int((row["phenomenon_time"] - first) / every)
        shown = row["value"] if row["value"] is not None else row["measured"]
        if not row["valid"] or row.get("tag") or row.get("mark"):
            if shown is not None:
                excluded.append([index, shown, _why(row), row.get("mark") or row.get("tag") or ""])
            continue
        values[index] = row["value"]
        if row["over"]:
            over.append(index)
    return {
        "start": first.isoformat(timespec="minutes"),
        "step": int(every.total_seconds() * 1000),
        "hours": values,
        "excluded": excluded,
        "gaps": _gaps(values, {each[0] for each in excluded}),
        "over": over,
        "limits": list(_limits(rows, averaging, item)),
        "unit": rows[0]["unit"] if rows else "",
    }


def _why(row: Row) -> str:
    if row.get("mark"):
        return words.mark(row["mark"])
    return words.tag(row["tag"]) if row.get("tag") else words.reason(row["reason"]) or _("invalid")


def _limits(rows: list[Row], averaging: str, item: str) -> Iterable[dict[str, Any]]:
    """Stretches of one limit, with the words on its line."""
    told = [row for row in rows if row["limit"] is not None]
    for (value, clause), run in groupby(told, key=lambda row: (row["limit"], row["clause"])):
        stretch = list(run)
        yield {
            "first": stretch[0]["phenomenon_time"].date().isoformat(),
            "last": stretch[-1]["phenomenon_time"].date().isoformat(),
            "value": value,
            "label": words.limit_label(value, item, averaging, clause),
        }


def _gaps(values: list[float | None], shown: set[int]) -> list[list[Any]]:
    """Runs without any value: first index, index after the last, words."""
    found = []
    for missing, run in groupby(range(len(values)), key=lambda at: values[at] is None and at not in shown):
        places = list(run)
        if missing:
            found.append([places[0], places[-1] + 1, _("%d missing") % len(places)])
    return found


def _minutes(ctx: Context, point: str, item: str, length: int) -> dict[str, Any]:
    """The shortest records of an outlet, as sent: a minute is not judged."""
    last = ctx.time + timedelta(minutes=59)
    first = datetime.combine((last - timedelta(days=length - 1)).date(), datetime.min.time())
    table = lake.read_arrow(ctx.dataset.path, properties=[item], points=[point], first=first, last=last, flagged=True)
    rows = [row for row in table.to_pylist() if row["averaging"] in MINUTES]
    known = properties.get(item).at_outlet()
    spacing = min((MINUTES[row["averaging"]] for row in rows), default=10)
    every = timedelta(minutes=spacing)
    values, excluded = _grid(first, last, every), []
    for row in rows:
        index, value = int((row["phenomenon_time"] - first) / every), _in_unit(row, known)
        if MINUTES[row["averaging"]] != spacing or not 0 <= index < len(values):
            continue
        if row["flag"] is None:
            values[index] = value
        elif value is not None:
            excluded.append([index, value, flag(row["flag"]), row["flag"]])
    return {
        "start": first.isoformat(timespec="minutes"),
        "step": spacing * 60_000,
        "hours": values,
        "excluded": excluded,
        "gaps": _gaps(values, {each[0] for each in excluded}),
        "over": [],
        "limits": [],
        "unit": known.unit,
    }


def _in_unit(row: Row, known: properties.ObservedProperty) -> float | None:
    """A value in the outlet's unit: what came in before its point was known as an outlet may be in another."""
    scale = known.factor(row["unit"], row["phenomenon_time"].date())
    return (
        row["value"]
        if row["value"] is None or scale is None or scale == 1
        else row["value"] * scale.numerator / scale.denominator
    )
