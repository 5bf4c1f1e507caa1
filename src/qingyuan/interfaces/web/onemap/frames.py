"""Hour-by-hour states of every station and city of a place: what the map and its time slider show.

A frame holds for each point one letter of state, ``1``-``6`` the AQI level, ``0`` not observed (the hour was
judged, this point had no result), ``x`` could not ask (nothing was judged for that hour), and the AQI.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Any

from django.utils.translation import get_language

from qingyuan.assessments import store
from qingyuan.interfaces.web import places, reading, wording
from qingyuan.interfaces.web.context import Context
from qingyuan.places.points import Point, read_points

HOURS = 72
HOUR = timedelta(hours=1)
NOT_OBSERVED, COULD_NOT_ASK = "0", "x"
Row = dict[str, Any]


def points_of(ctx: Context) -> list[Point]:
    """Stations and cities of the context's place."""
    return [point for point in read_points(ctx.dataset.path) if point.lies_in(ctx.place)]


def listed(ctx: Context) -> list[dict[str, Any]]:
    """The points as the map takes them, names in the language of the request."""
    return [_listed(point) for point in points_of(ctx)]


def _listed(point: Point) -> dict[str, Any]:
    city = places.name(point.city, short=True)
    name = city if point.kind == "city" else (wording.english() and point.name_en) or point.name_zh
    return {
        "id": point.point,
        "kind": point.kind,
        "name": name,
        "city": point.city,
        "cityName": city,
        "rank": point.rank,
        "rankName": wording.rank(point.rank),
        "lon": round(point.lon, 5),
        "lat": round(point.lat, 5),
    }


def window(at: datetime, latest: datetime) -> tuple[datetime, datetime]:
    """First and last hour of the slider: the 72 hours up to the latest, or up to the end of an earlier day."""
    last = latest
    if not latest - (HOURS - 1) * HOUR <= at <= latest:
        end_of_day = datetime.combine(at.date(), time(23))
        last = end_of_day if at > latest else min(end_of_day, latest)
    return last - (HOURS - 1) * HOUR, last


def packed(ctx: Context) -> bytes:
    """The frames of the context's window as gzip JSON."""
    _, last = window(ctx.time, ctx.latest)
    version = store.version(ctx.dataset.path, reading.HOURLY)
    return _packed(replace(ctx, time=last, given=()), version, get_language() or "")


@lru_cache(maxsize=32)
def _packed(ctx: Context, _version: int, _language: str) -> bytes:
    """The context's time is the last hour of the window."""
    return gzip.compress(json.dumps(frames(ctx, ctx.time), ensure_ascii=False, separators=(",", ":")).encode(), 6)


def frames(ctx: Context, last: datetime) -> dict[str, Any]:
    """The 72 frames up to an hour: first, latest (ISO hours), hours, and states and aqi by point."""
    first = last - (HOURS - 1) * HOUR
    results: dict[str, list[Row | None]] = defaultdict(lambda: [None] * HOURS)
    judged: set[int] = set()
    for row in reading.hours_judged(ctx, first, last):
        index = int((row["phenomenon_time"] - first) / HOUR)
        results[row["point"]][index] = row
        judged.add(index)
    points = [point.point for point in points_of(ctx)]
    return {
        "first": f"{first:%Y-%m-%dT%H}",
        "hours": HOURS,
        "latest": f"{ctx.latest:%Y-%m-%dT%H}",
        "states": {point: _states(results[point], judged) for point in points},
        "aqi": {point: [row["aqi"] if row else None for row in results[point]] for point in points},
    }


def _states(rows: list[Row | None], judged: set[int]) -> str:
    return "".join(_state(row, index in judged) for index, row in enumerate(rows))


def _state(row: Row | None, judged: bool) -> str:
    if row is not None and row["level"] is not None:
        return str(row["level"])
    return NOT_OBSERVED if judged else COULD_NOT_ASK
