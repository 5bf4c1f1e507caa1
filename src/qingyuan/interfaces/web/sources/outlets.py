"""Outlets of a dataset and their stored results: who they are, how they stand now."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
from django.http import HttpRequest

from qingyuan.assessments import store
from qingyuan.base.time import now
from qingyuan.domains.sources.law import medium_of
from qingyuan.gateway import scope
from qingyuan.gateway.models import Device
from qingyuan.interfaces.web import access, context, wording
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.devices import words as device_words
from qingyuan.observations.datasets import Dataset
from qingyuan.people.rights import Rights
from qingyuan.places.outlets import Outlet, registered

HOURLY, DAILY, EXCEEDANCE = "sources.hourly", "sources.daily", "sources.exceedance"
Row = dict[str, Any]
OVER, WITHIN, UNJUDGED, ABSENT = "over", "within", "unjudged", "absent"
STATES = (OVER, UNJUDGED, ABSENT, WITHIN)
FRESH = timedelta(hours=48)
"""How old the last judged interval may be to stand for now: a day is judged when it is over."""


CHOSEN = "outlets_dataset"
"""Of the session: the dataset of outlets a person looked at last."""


def context_of(request: HttpRequest) -> Context:
    """The context of a page about outlets.

    Its dataset is the one the address names, else the one looked at last, else the one with the newest results. Its
    time is the last hour with results where the address names none; its standards are those of the outlets.
    """
    ctx: Context = request.ctx  # type: ignore[attr-defined]
    given = dict(ctx.given)
    if "dataset" in given:
        request.session[CHOSEN] = given["dataset"]
    elif other := _best(request.session.get(CHOSEN, "")):
        ctx = replace(ctx, dataset=other, given=(("dataset", other.slug), *ctx.given))
    ctx = replace(ctx, standards=standards_of(registered(ctx.dataset.path)))
    latest = latest_hour(ctx.dataset.path) or ctx.latest
    ctx = replace(ctx, latest=latest, time=ctx.time if "time" in given else latest)
    request.ctx = ctx  # type: ignore[attr-defined]
    return ctx


def with_outlets() -> list[Dataset]:
    """The datasets that have outlets, by slug."""
    return [each for each in context.datasets() if registered(each.path)]


def _best(chosen: str) -> Dataset | None:
    """The dataset looked at last, else the one with the newest results; None where none has outlets."""
    known = with_outlets()
    last = next((each for each in known if each.slug == chosen), None)
    newest = sorted(known, key=lambda each: latest_hour(each.path) or datetime(1970, 1, 1))
    return last or (newest[-1] if newest else None)


def standards_of(outlets: Iterable[Outlet]) -> tuple[str, ...]:
    """The standards of outlets, the one most of them have first."""
    counted = Counter(standard for outlet in outlets for standard in outlet.standards)
    return tuple(sorted(counted, key=lambda each: (-counted[each], each)))


def latest_hour(dataset: Path) -> datetime | None:
    """The last hour with a result of an outlet."""
    return _latest(dataset, store.version(dataset, HOURLY))


@lru_cache(maxsize=16)
def _latest(dataset: Path, version: int) -> datetime | None:
    if version < 0:
        return None
    today = now().date()
    for first, last in ((today - timedelta(days=40), today + timedelta(days=1)), (date(2000, 1, 1), date(2100, 1, 1))):
        found = store.read(dataset, HOURLY, first=first, last=last, columns="point, phenomenon_time")
        if found.num_rows:
            newest: datetime = pc.max(found["phenomenon_time"]).as_py()
            return newest
    return None


def results(ctx: Context, name: str, first: date, last: date, point: str | None = None) -> list[Row]:
    """Stored results of first..last, of one outlet or all, by point, property and time."""
    table = store.read(ctx.dataset.path, name, first=first, last=last, points=[point] if point else None)
    rows: list[Row] = table.to_pylist()
    return rows


@dataclass(frozen=True)
class Standing:
    """How an outlet stands. state: one of STATES; last: its newest judged interval; over: intervals over the limit in
    the last seven days; items: those over in the newest interval.
    """

    outlet: Outlet
    name: str
    medium: str
    state: str
    last: datetime | None
    over: int
    items: tuple[str, ...]


def mine(request: HttpRequest, ctx: Context) -> list[Outlet]:
    """The outlets of the dataset the person of a request may see."""
    return scope.outlets(access.rights(request), registered(ctx.dataset.path), ctx.dataset.slug)


def standings(ctx: Context, found: list[Outlet]) -> list[Standing]:
    """Outlets of the dataset as they stand at the time of the page, those over a limit first."""
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in results(ctx, EXCEEDANCE, ctx.time - timedelta(days=7), ctx.time):
        rows[row["point"]].append(row)
    named = names(ctx.dataset.slug)
    made = [_standing(each, named, rows[each.point], ctx.time) for each in found]
    return sorted(made, key=lambda each: (STATES.index(each.state), -each.over, each.outlet.point))


def _standing(outlet: Outlet, named: dict[str, str], rows: list[Row], at: datetime) -> Standing:
    judged = [row for row in rows if row["over"] is not None and row["phenomenon_time"] > at - FRESH]
    newest: dict[str, Row] = {}
    for row in judged:
        known = newest.get(row["property"])
        if known is None or known["phenomenon_time"] < row["phenomenon_time"]:
            newest[row["property"]] = row
    over = tuple(item for item, row in newest.items() if row["over"])
    state = OVER if over else WITHIN if newest else UNJUDGED if rows else ABSENT
    return Standing(
        outlet,
        named.get(outlet.point, outlet.point),
        medium_of(outlet),
        state,
        max((row["phenomenon_time"] for row in rows), default=None),
        sum(bool(row["over"]) for row in rows),
        over,
    )


def names(slug: str) -> dict[str, str]:
    """Names of outlets: that of the device that reports for them."""
    english = wording.english()
    found = Device.objects.filter(dataset=slug).only("mn", "point", "name_zh", "name_en")
    return {each.place: device_words.name(each) for each in found if each.name_zh or (english and each.name_en)}


def devices_of(rights: Rights, slug: str, point: str) -> list[Device]:
    """The devices that report for an outlet, of those somebody may see."""
    return [each for each in scope.devices(rights).filter(dataset=slug) if each.place == point]
