"""The audit chain, within the scope of whoever reads it, and any record as it stood at a moment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema

from qingyuan.base.time import to_wall_clock
from qingyuan.interfaces import access
from qingyuan.interfaces.api.operations import Listed, Refusal, needs
from qingyuan.people import audit
from qingyuan.people.models import AuditEntry

router = Router(tags=["audit"])


class Line(Schema):
    """One line of the chain."""

    number: int
    at: datetime
    account: int | None
    name: str
    organisation: int | None
    action: str
    kind: str
    record: str
    division: str
    domain: str
    change: dict[str, Any]
    sealed: bool
    digest: str


class Lines(Listed):
    """A page of lines, newest first."""

    items: list[Line]


@router.get("/audit", response=Lines, summary="Lines of the audit chain in one's scope")
@needs("audit.read")
def lines(
    request: HttpRequest,
    kind: str = "",
    record: str = "",
    offset: int = Query(0, ge=0, le=10**9),
    limit: int = Query(50, ge=1, le=500),
) -> Any:
    """Newest first; kind and record narrow it to one record's."""
    given = {name: text for name, text in (("kind", kind), ("record", record)) if text}
    mine = readable(request).filter(**given).order_by("-number")
    return {"count": mine.count(), "items": list(mine[offset : offset + limit])}


@router.get("/audit/as-of", response={200: dict[str, Any], 404: Refusal}, summary="A record as it stood at a moment")
@needs("audit.read")
def as_of(request: HttpRequest, kind: str, record: str, moment: datetime) -> Any:
    """The fields of a record by the chain; 404 where none of its lines is in scope."""
    if not readable(request).filter(kind=kind, record=record).exists():
        raise Http404
    return audit.as_of(kind, record, to_wall_clock(moment), readable(request))


def readable(request: HttpRequest) -> QuerySet[AuditEntry]:
    """The lines the person of a request may read. No line is of a site."""
    return audit.readable(access.rights(request))
