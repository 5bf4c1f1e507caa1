"""What waits for whoever asks, and what was told to them."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema

from qingyuan.base.time import now
from qingyuan.cases import listing
from qingyuan.cases.models import FAR, Notice
from qingyuan.interfaces import waiting
from qingyuan.interfaces.api.operations import Listed, needs, signed_in
from qingyuan.reports import taking

router = Router(tags=["work"])
MOST = 200
"""Things of a kind, the most urgent first."""


class TaskOut(Schema):
    """One thing to do. key: how its own operation names it; step: what a case or record waits for."""

    what: Literal["case", "progress", "report", "record"]
    key: str
    kind: str
    number: str
    title: str
    step: str
    division: str
    due: datetime | None
    simulated: bool


class Work(Listed):
    """Everything that waits, the nearest deadline first; count: all of it, 200 of a kind are listed."""

    items: list[TaskOut]


class NoticeOut(Schema):
    """Something that was told. code, told: what, in parts; case or record: what it is about."""

    id: int
    code: str
    told: dict[str, Any]
    case: int | None
    record: int | None
    at: datetime
    read_at: datetime | None


class Notices(Listed):
    """A page of notices."""

    unread: int
    items: list[NoticeOut]


class Read(Schema):
    """How many notices were read now."""

    read: int


@router.get("/work", response=Work, summary="What waits for whoever asks")
@signed_in
def work(request: HttpRequest) -> Any:
    """Cases, notes of progress, public reports nobody took up, records to sign."""
    found = [*_cases(request), *_notes(request), *_reports(request), *_records(request)]
    kinds = (waiting.cases, waiting.notes, waiting.reports, waiting.records)
    items = sorted(found, key=lambda each: (each["due"] or FAR, each["number"]))
    return {"count": sum(each(request).count() for each in kinds), "items": items}


def _cases(request: HttpRequest) -> list[dict[str, Any]]:
    rows = waiting.cases(request).defer(*listing.HEAVY).order_by("until", "pk")[:MOST]
    return [
        _task("case", each.pk, each, each.kind, each.step, None if each.until == FAR else each.until) for each in rows
    ]


def _notes(request: HttpRequest) -> list[dict[str, Any]]:
    rows = waiting.notes(request).order_by("due", "pk")[:MOST]
    return [_task("progress", each.key, each, each.source, "", each.due) for each in rows]


def _reports(request: HttpRequest) -> list[dict[str, Any]]:
    rows = waiting.reports(request).order_by("received_at", "pk")[:MOST]
    by = time(23, 59, 59)
    return [
        _task("report", each.number, each, each.category, each.state, datetime.combine(taking.accept_by(each), by))
        for each in rows
    ]


def _records(request: HttpRequest) -> list[dict[str, Any]]:
    rows = waiting.records(request).defer("values", "searched").order_by("ranked", "pk")[:MOST]
    return [_task("record", each.number, each, each.kind, each.step, each.due) for each in rows]


def _task(what: str, key: object, row: Any, kind: str, step: str, due: datetime | None) -> dict[str, Any]:
    told = {"number": row.number, "division": row.division, "simulated": row.simulated}
    title = getattr(row, "title", kind)
    return {"what": what, "key": str(key), "kind": kind, "title": title, "step": step, "due": due, **told}


@router.get("/notices", response=Notices, summary="What was told to whoever asks, newest first")
@needs("cases.see")
def notices(
    request: HttpRequest,
    unread: bool = False,
    offset: int = Query(0, ge=0, le=10**9),
    limit: int = Query(50, ge=1, le=500),
) -> Any:
    """unread: only those not read yet."""
    every = waiting.notices(request)
    found = every.filter(read_at=None) if unread else every
    items = [_notice(each) for each in found[offset : offset + limit]]
    return {"count": found.count(), "unread": every.filter(read_at=None).count(), "items": items}


@router.post("/notices/read", response=Read, summary="Say that everything told is read")
@needs("cases.see")
def notices_read(request: HttpRequest) -> Any:
    """Of one's own and of one's organisation's, as the page does."""
    return {"read": Notice.objects.filter(waiting.told_to(request), read_at=None).update(read_at=now())}


def _notice(each: Notice) -> dict[str, Any]:
    told = {name: getattr(each, name) for name in ("id", "code", "told", "at", "read_at")}
    return {**told, "case": each.case_id, "record": each.record_id}
