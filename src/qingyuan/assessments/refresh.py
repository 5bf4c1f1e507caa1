"""Keeping stored results fresh: whatever window of the lake has changed is computed again, and nothing else."""

from __future__ import annotations

import hashlib
from calendar import monthrange
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Literal

import ibis
import pyarrow as pa

from qingyuan import __version__
from qingyuan.assessments import store
from qingyuan.assessments.declaration import Assessment, Options
from qingyuan.assessments.running import run
from qingyuan.base.errors import NothingToAssess
from qingyuan.observations import lake
from qingyuan.places.outlets import Outlet, registered
from qingyuan.places.points import read_points

Progress = Callable[[str, int, int], None]
"""Told what is done, and how many of how many windows are done."""

KINDS: dict[str, Literal["point", "city"]] = {"station": "point", "city": "city"}


def refresh_dataset(
    dataset: Path, assessments: Iterable[Assessment], progress: Progress | None = None
) -> dict[str, list[str]]:
    """Bring the stored assessments of a dataset up to its lake; returns the windows computed, by assessment.

    An interrupted run is taken up where it stood: the mark "fresh" is set with the last window only.
    """
    outlets = registered(dataset)
    kept = [each for each in assessments if each.partition and (outlets or each.subject != "outlet")]
    since = {each: store.computed_from(dataset, each.name) or "" for each in kept}
    marks = {subject: standing(dataset, outlets, subject) for subject in {each.subject for each in kept}}
    due = {each: _stale_windows(dataset, each, before, marks[each.subject]) for each, before in since.items()}
    total, done = sum(len(windows) for windows in due.values()), 0
    for assessment, windows in due.items():
        for window in windows:
            if progress:
                progress(f"{assessment.name} {window}", done, total)
            mark = marks[assessment.subject] if window == windows[-1] else since[assessment]
            _put(dataset, assessment, window, mark, outlets)
            done += 1
    if progress and total:
        progress("", total, total)
    return {assessment.name: windows for assessment, windows in due.items()}


def standing(dataset: Path, outlets: tuple[Outlet, ...] = (), subject: Literal["station", "outlet"] = "station") -> str:
    """Where everything results are made of stands: the lake, the city of each station, and the law library.

    Of outlets what is known of them, in place of the cities; of stations which points are outlets, where there are any.
    """
    cities, points = sorted(_city_by_station(dataset).items()), [outlet.point for outlet in outlets]
    register: object = outlets if subject == "outlet" else (cities, points) if points else cities
    made_with = (__version__, register)
    return f"{lake.versions(dataset)}/{hashlib.sha256(repr(made_with).encode()).hexdigest()[:16]}"


def _stale_windows(dataset: Path, assessment: Assessment, since: str, now: str) -> list[str]:
    versions, _, made_with = since.partition("/")
    same_otherwise = made_with == now.partition("/")[2]
    months = lake.changed_months(dataset, versions if same_otherwise else None)
    return sorted({month[:4] for month in months} if assessment.partition == "year" else months)


def _bounds(window: str) -> tuple[date, date]:
    year = int(window[:4])
    if len(window) == 4:
        return date(year, 1, 1), date(year, 12, 31)
    month = int(window[5:])
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _put(dataset: Path, assessment: Assessment, window: str, mark: str, outlets: tuple[Outlet, ...]) -> None:
    if assessment.subject == "outlet":
        tables = [_of_outlets(dataset, assessment, window, outlets)]
    else:
        tables = _of_stations(dataset, assessment, window, outlets)
    found = [table for table in tables if table is not None]
    if not found:
        store.clear(dataset, assessment.name, window, mark)
        return
    whole = pa.concat_tables(found)
    results = whole.append_column("period", pa.array([window] * whole.num_rows, pa.string()))
    store.replace(dataset, assessment.name, results, [window], mark)


def _of_stations(
    dataset: Path, assessment: Assessment, window: str, outlets: tuple[Outlet, ...]
) -> list[pa.Table | None]:
    """Results of the stations and their cities; what leaves an outlet is no ambient air."""
    first, last = _bounds(window)
    observations = lake.read(dataset, properties=list(assessment.inputs), first=first, last=last)
    if outlets:
        observations = observations.filter(observations.point.notin([outlet.point for outlet in outlets]))
    placed, has_cities = _with_city(dataset, observations)
    kinds = KINDS if has_cities else {"station": KINDS["station"]}
    return [_of_kind(assessment, placed, kind, by) for kind, by in kinds.items()]


def _of_outlets(dataset: Path, assessment: Assessment, window: str, outlets: tuple[Outlet, ...]) -> pa.Table | None:
    """Results of the outlets of a dataset; flagged rows too, since a tag exempts and a mark is counted."""
    first, last = _bounds(window)
    points = [outlet.point for outlet in outlets]
    observations = lake.read(
        dataset, properties=list(assessment.inputs), points=points, first=first, last=last, flagged=True
    )
    return _of_kind(assessment, observations, "outlet", "point", outlets)


def _city_by_station(dataset: Path) -> dict[str, str]:
    return {point.point: point.city for point in read_points(dataset) if point.kind == "station" and point.city}


def _with_city(dataset: Path, observations: ibis.Table) -> tuple[ibis.Table, bool]:
    cities = _city_by_station(dataset)
    if not cities:
        return observations.mutate(city=ibis.null("string")), False
    known = ibis.memtable(pa.table({"placed": list(cities), "city": list(cities.values())}))
    return observations.left_join(known, observations.point == known.placed).drop("placed"), True


def _of_kind(
    assessment: Assessment,
    observations: ibis.Table,
    kind: str,
    by: Literal["point", "city"],
    outlets: tuple[Outlet, ...] = (),
) -> pa.Table | None:
    try:
        result = run(assessment, observations, Options(by=by, outlets=outlets), stored=True).to_pyarrow()
    except NothingToAssess:
        return None
    return result.append_column("kind", pa.array([kind] * result.num_rows, pa.string()))
