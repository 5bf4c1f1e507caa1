"""What the panel beside the map says of one point at one hour: AQI, six items, the last 24 hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from qingyuan.domains.air.law import index_law
from qingyuan.interfaces.web import places, reading, wording
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.onemap.curve import Curve, curve_of
from qingyuan.interfaces.web.stations.words import symbol
from qingyuan.interfaces.web.wording import decimals

HOUR = timedelta(hours=1)
FULL_BAR = 300
"""IAQI at which the bar of an item is full: the end of level 5."""
Row = dict[str, Any]


@dataclass(frozen=True)
class Item:
    """One of the six items: concentration in `unit`, sub-index, its level, bar width in percent, trace address."""

    slug: str
    symbol: str
    value: float | None
    decimals: int
    unit: str
    index: int | None
    level: int | None
    width: int
    trace: str


@dataclass(frozen=True)
class Panel:
    """A point at an hour; aqi, level are None when there is no result."""

    point: str
    kind: str
    name: str
    city: str
    rank: str
    time: datetime
    aqi: int | None
    level: int | None
    level_word: str
    primary: str
    stations: int | None
    items: list[Item]
    curve: Curve
    page: str
    trace: str


def panel_of(ctx: Context, point: Row) -> Panel:
    """The panel of a registered point at the context's time."""
    rows = _last_day(ctx, point)
    now = rows.get(ctx.time)
    lead = _lead(now)
    return Panel(
        point=point["point"],
        kind=point["kind"],
        name=wording.point(point),
        city=places.name(point["city"], short=True),
        rank=point["rank"],
        time=ctx.time,
        aqi=now["aqi"] if now else None,
        level=now["level"] if now else None,
        level_word=wording.level(now["level"]) if now and now["level"] else "",
        primary=now["primary"] or "" if now else "",
        stations=now.get("stations") if now else None,
        items=[_item(ctx, point, now, item) for item in wording.PROPERTIES],
        curve=curve_of(ctx, lead, {hour: row[lead] for hour, row in rows.items()}),
        page=ctx.link(point["kind"], point["point"]),
        trace=_trace(ctx, point, "aqi") if now and now["aqi"] is not None else "",
    )


def _last_day(ctx: Context, point: Row) -> dict[datetime, Row]:
    found = reading.hours_judged(ctx, ctx.time - 23 * HOUR, ctx.time, point["kind"])
    return {row["phenomenon_time"]: row for row in found if row["point"] == point["point"]}


def _lead(now: Row | None) -> str:
    """The item whose hours are drawn: the primary pollutant, else PM2.5."""
    return str(now["primary"]).split(";")[0] if now and now["primary"] else "pm25"


def _item(ctx: Context, point: Row, now: Row | None, item: str) -> Item:
    value, index = (now[item], now[f"iaqi_{item}"]) if now else (None, None)
    return Item(
        slug=item,
        symbol=symbol(item),
        value=value,
        decimals=decimals(item),
        unit=wording.unit(item),
        index=index,
        level=_level(ctx, index),
        width=min(100, round(100 * index / FULL_BAR)) if index else 0,
        trace=_trace(ctx, point, item) if value is not None else "",
    )


def _level(ctx: Context, index: int | None) -> int | None:
    if index is None:
        return None
    return next((each.level for each in index_law(ctx.edition_in_force, "hour").levels if index <= each.high), None)


def _trace(ctx: Context, point: Row, item: str) -> str:
    at = f"{ctx.time:%Y-%m-%dT%H}"
    return ctx.link("trace", kind="hourly", point=point["point"], property=item, time=at)
