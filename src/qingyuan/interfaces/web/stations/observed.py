"""Hourly observations of stations as the pages need them: raw value, flag, source and line of every hour."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from qingyuan.observations import lake

Row = dict[str, Any]


def observations(dataset: Path, points: tuple[str, ...], property: str, first: datetime, last: datetime) -> list[Row]:
    """Hourly observations of the points, first <= phenomenon_time <= last, by point and time: flagged ones
    too, an amendment in place of what it corrects.
    """
    return _observations(dataset, lake.versions(dataset), points, property, first, last)


@lru_cache(maxsize=256)
def _observations(
    dataset: Path, version: str, points: tuple[str, ...], property: str, first: datetime, last: datetime
) -> list[Row]:
    rows = lake.read_arrow(
        dataset, properties=(property,), points=points, averaging="1h", first=first, last=last, flagged=True
    )
    return list(rows.to_pylist())
