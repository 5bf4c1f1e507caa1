"""Lines of rows in time that rules are judged on: results computed anew for what has changed, observations, silence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from qingyuan.assessments import store
from qingyuan.assessments.declaration import Assessment
from qingyuan.observations import lake
from qingyuan.places.outlets import registered
from qingyuan.rules.computing import computed, whose
from qingyuan.rules.declared import When
from qingyuan.rules.spells import Row


class Line(NamedTuple):
    """What a series is of."""

    point: str
    property: str = ""
    averaging: str = ""


Lines = dict[Line, list[Row]]
"""Rows in time, by line."""


def of_assessment(dataset: Path, assessment: Assessment, points: Sequence[str], first: datetime) -> Lines:
    """Results of some points from the day of `first` to the newest observation, by the law of each day.

    Computed here and now from the lake, so that nobody waits for the stored results; equal to them by construction.
    """
    outlets = registered(dataset)
    known = {each.point for each in outlets}
    subject = assessment.subject == "outlet"
    mine = [point for point in points if (point in known) is subject]
    if not mine:
        return {}
    observations = lake.read_arrow(
        dataset, properties=list(assessment.inputs), points=mine, first=first.date(), flagged=subject
    )
    result = computed(assessment, observations, whose(outlets, mine) if subject else ())
    return by_line(result) if result is not None else {}


def of_cities(dataset: Path, name: str, first: datetime, last: datetime) -> Lines:
    """Stored results of cities, which are made of many stations."""
    return by_line(store.read(dataset, name, first=first, last=last, kind="city"))


def by_line(table: pa.Table) -> Lines:
    """Rows of results by line, in time; ``phenomenon_time`` becomes ``at``."""
    found: Lines = defaultdict(list)
    for row in table.to_pylist():
        at = row.pop("phenomenon_time")
        line = Line(row.pop("point"), row.pop("property", ""), row.pop("averaging", ""))
        found[line].append({"at": at, **row})
    return {line: sorted(rows, key=lambda row: row["at"]) for line, rows in found.items()}


def of_observations(dataset: Path, when: When, points: Iterable[str], first: datetime) -> Lines:
    """Observations with what they changed by: a flagged one has no ``value``, and is no neighbour in time."""
    table = lake.read_arrow(
        dataset, properties=when.items, points=list(points), averaging=when.averaging, first=first, flagged=True
    )
    return {line: list(_with_change(rows)) for line, rows in by_line(table).items()}


def _with_change(rows: Iterable[Row]) -> Iterator[Row]:
    before: Row | None = None
    for row in rows:
        good = row["flag"] is None
        told: dict[str, Any] = {**row, "raw": row["value"], "value": row["value"] if good else None}
        told |= {"flagged": not good, "before": before["value"] if before else None, "change": None}
        if good and before:
            hours = (row["at"] - before["at"]) / timedelta(hours=1)
            told |= {"change": row["value"] - before["value"], "hours_between": hours}
            told["change_per_hour"] = told["change"] / hours
        yield told
        before = row if good else before


def of_silence(dataset: Path, when: When, first: Mapping[Line, datetime], until: datetime) -> Lines:
    """A row an interval from the first one that came to `until`, each ``missing`` or not.

    items: ``point`` asks whether anything came of a point, ``property`` asks each item. Flagged rows have come.
    first: by line, from when on.
    """
    points = sorted({line.point for line in first})
    if not points:
        return {}
    table = lake.read_arrow(
        dataset, points=points, averaging=when.averaging, first=min(first.values()), last=until, flagged=True
    )
    keys = ["phenomenon_time", "point", "property"] if "property" in when.items else ["phenomenon_time", "point"]
    times: dict[tuple[str, ...], list[datetime]] = defaultdict(list)
    rows = table.select(keys).group_by(keys).aggregate([])
    for at, *names in zip(*(rows[key].to_pylist() for key in keys), strict=True):
        times[tuple(names)].append(at)
    named = {silent_line(when, *names): found for names, found in times.items()}
    came = {line: [at for at in found if at >= first[line]] for line, found in named.items() if line in first}
    return {line: _gaps(sorted(found), when.step, until) for line, found in came.items() if found}


def _gaps(times: Sequence[datetime], step: timedelta, until: datetime) -> list[Row]:
    """The rows of a line; none where no interval is missing, which says the same and takes no time."""
    complete = times[-1] + step >= until and times[-1] - times[0] == (len(times) - 1) * step
    return [] if complete else list(_filled(times, step, until))


def silent_line(when: When, point: str, item: str = "") -> Line:
    """The line whose silence is meant."""
    return Line(point, item if "property" in when.items else "", when.averaging)


def _filled(times: Sequence[datetime], step: timedelta, until: datetime) -> Iterator[Row]:
    for at, after in pairwise([*times, until]):
        yield {"at": at, "missing": False}
        silent = at + step
        while silent < after:
            yield {"at": silent, "missing": True}
            silent += step
