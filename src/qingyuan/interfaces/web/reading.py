"""Reading stored results for pages: the latest hour, one moment or stretch, held while the results stand."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from deltalake import DeltaTable

from qingyuan.assessments import store
from qingyuan.base.time import now
from qingyuan.domains.air.restating import restate
from qingyuan.observations.datasets import Dataset
from qingyuan.observations.tables import rows_of
from qingyuan.places.points import read_points

if TYPE_CHECKING:
    from qingyuan.interfaces.web.context import Context

HOURLY, DAILY = "air.hourly_aqi", "air.daily_aqi"
Row = dict[str, Any]
Kind = Literal["station", "city"] | None


def latest_hour(dataset: Dataset) -> datetime:
    """The last hour with a stored result; the present hour of the dataset when nothing was computed yet."""
    for name in (HOURLY, DAILY):
        found = _latest(dataset.path, name, store.version(dataset.path, name))
        if found is not None:
            return found
    return (dataset.now or now()).replace(minute=0, second=0, microsecond=0)


@lru_cache(maxsize=64)
def _latest(dataset: Path, name: str, version: int) -> datetime | None:
    if version < 0:
        return None
    period = max((part["period"] for part in DeltaTable(store.path(dataset, name)).partitions()), default=None)
    if period is None:
        return None
    first = date(int(period[:4]), int(period[5:] or 1), 1)
    columns = "phenomenon_time, aqi IS NOT NULL AS known"
    table = store.read(dataset, name, first=first, last=first + timedelta(days=366), columns=columns)
    return max((row["phenomenon_time"] for row in table.to_pylist() if row["known"]), default=None)


def standing(dataset: Dataset) -> tuple[Any, ...]:
    """Where everything that pages show of a dataset stands; changes whenever any of it does."""
    names = (HOURLY, DAILY)
    written = (dataset.path / name for name in ("points.parquet", "indicators/_delta_log", "sources/_delta_log"))
    stamps = [each.stat().st_mtime_ns if each.exists() else 0 for each in written]
    return (dataset.slug, *(store.version(dataset.path, name) for name in names), *stamps)


def hours(dataset: Dataset, first: datetime, last: datetime, kind: Kind = None) -> list[Row]:
    """Stored hourly results of first..last as they were judged, ordered by point and time."""
    return _rows(dataset.path, HOURLY, store.version(dataset.path, HOURLY), first, last, kind)


def days(dataset: Dataset, first: date, last: date, kind: Kind = None) -> list[Row]:
    """Stored daily results of first..last as they were judged, ordered by point and day."""
    return _rows(dataset.path, DAILY, store.version(dataset.path, DAILY), first, last, kind)


def hours_judged(ctx: Context, first: datetime, last: datetime, kind: Kind = None) -> list[Row]:
    """Hourly results of the context's dataset, judged by the edition the context asks for."""
    rows = hours(ctx.dataset, first, last, kind)
    return restate(rows, ctx.edition_in_force, "hour") if ctx.edition != "by-date" else rows


def days_judged(ctx: Context, first: date, last: date, kind: Kind = None) -> list[Row]:
    """Daily results of the context's dataset, judged by the edition the context asks for."""
    rows = days(ctx.dataset, first, last, kind)
    return restate(rows, ctx.edition_in_force, "day") if ctx.edition != "by-date" else rows


@lru_cache(maxsize=128)
def _rows(dataset: Path, name: str, version: int, first: date, last: date, kind: Kind) -> list[Row]:
    return list(store.read(dataset, name, first=first, last=last, kind=kind).to_pylist()) if version >= 0 else []


def points(dataset: Dataset) -> dict[str, Row]:
    """Stations and cities of a dataset by code, in the order of the register."""
    file = dataset.path / "points.parquet"
    return _points(dataset.path, file.stat().st_mtime_ns) if file.exists() else {}


@lru_cache(maxsize=16)
def _points(dataset: Path, _written: int) -> dict[str, Row]:
    return {each.point: asdict(each) for each in read_points(dataset)}


def delta_rows(folder: Path) -> list[Row]:
    """All rows of a small Delta table (imports, rejects); none when it was never written."""
    if not DeltaTable.is_deltatable(str(folder)):
        return []
    return _delta(folder, DeltaTable(folder).version())


@lru_cache(maxsize=16)
def _delta(folder: Path, _version: int) -> list[Row]:
    return rows_of(folder)
