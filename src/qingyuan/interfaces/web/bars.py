"""Small bars of the last 24 hours: one bar an hour, its height the AQI, its colour the level."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

WIDTH, HEIGHT, FOOT = 84.0, 34.0, 34.0
LEAST_TOP = 200.0
"""AQI at full height when nothing is higher, so that quiet days look quiet."""


def top(rows: Sequence[dict[str, Any]]) -> float:
    """The AQI that fills the height, one for all charts beside each other."""
    return max([LEAST_TOP, *(row["aqi"] for row in rows if row["aqi"] is not None)])


def bars(
    rows: Sequence[dict[str, Any]], last: datetime, highest: float = LEAST_TOP, count: int = 24
) -> list[dict[str, Any]]:
    """Bars of `count` hours up to `last`; an hour without AQI is a hatched bar of full height (level 0).

    rows: hourly results of one point with phenomenon_time, aqi, level. `highest` fills the height.
    """
    known = {row["phenomenon_time"]: row for row in rows}
    step = WIDTH / count
    hours = [last - timedelta(hours=count - 1 - index) for index in range(count)]
    return [_bar(known.get(hour), index * step, step - 0.9, highest) for index, hour in enumerate(hours)]


def _bar(row: dict[str, Any] | None, x: float, width: float, highest: float) -> dict[str, Any]:
    if row is None or row["aqi"] is None:
        return {"x": round(x, 1), "y": 2, "w": round(width, 1), "h": HEIGHT - 2, "level": 0}
    height = max(1.5, min(row["aqi"] / highest, 1) * (HEIGHT - 2))
    return {
        "x": round(x, 1),
        "y": round(FOOT - height, 1),
        "w": round(width, 1),
        "h": round(height, 1),
        "level": row["level"],
    }
