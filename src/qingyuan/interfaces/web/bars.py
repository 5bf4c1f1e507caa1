"""Small bars of the last 24 hours: one bar an hour, its height the AQI, its colour the level."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.safestring import SafeString, mark_safe

WIDTH, FOOT, HEIGHT = 84.0, 34.0, 32.0
GAP = 0.9
LEAST_TOP = 200.0
"""AQI at full height when nothing is higher, so that quiet days look quiet."""
HOURS = 24


def top(rows: Sequence[dict[str, Any]]) -> float:
    """The AQI that fills the height, one for all charts beside each other."""
    return max([LEAST_TOP, *(row["aqi"] for row in rows if row["aqi"] is not None)])


def lacking(rows: Sequence[dict[str, Any]]) -> bool:
    """Whether an hour of the 24 has no AQI."""
    return sum(row["aqi"] is not None for row in rows) < HOURS


def bars(rows: Sequence[dict[str, Any]], last: datetime, highest: float = LEAST_TOP) -> SafeString:
    """SVG rectangles of the 24 hours up to `last`; an hour without AQI is a hatched bar of full height.

    rows: hourly results of one point with phenomenon_time, aqi, level; `highest` fills the height.
    """
    known = {row["phenomenon_time"]: row for row in rows}
    hours = [last - timedelta(hours=HOURS - 1 - index) for index in range(HOURS)]
    drawn = "".join(_bar(known.get(hour), index, highest) for index, hour in enumerate(hours))
    return mark_safe(drawn)  # noqa: S308 - made of numbers alone


def _bar(row: dict[str, Any] | None, index: int, highest: float) -> str:
    missing = row is None or row["aqi"] is None
    height = HEIGHT if row is None or missing else max(1.5, min(row["aqi"] / highest, 1) * HEIGHT)
    kind = "gap" if row is None or missing else f"a{int(row['level'])}"
    step = WIDTH / HOURS
    place = f'x="{index * step:.1f}" y="{FOOT - height:.1f}" width="{step - GAP:.1f}" height="{height:.1f}"'
    return f'<rect class="{kind}" {place}/>'
