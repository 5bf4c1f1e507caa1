"""Lines of the audit chain, of the places and domains the account may read them for."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema

from qingyuan.base.time import isoformat, to_wall_clock
from qingyuan.interfaces.api.access import needs
from qingyuan.interfaces.api.paging import Paged, Paging, paged
from qingyuan.interfaces.caller import rights
from qingyuan.people import reading
from qingyuan.people.models import AuditEntry

router = Router()


class Line(Schema):
    """One line: who did what to which record where, and the digest that chains it to the line before."""

    number: int
    at: str
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

    @staticmethod
    def resolve_at(line: AuditEntry) -> str:
        """The moment with its offset."""
        return isoformat(line.at)


class Wanted(Paging):
    """Which lines: by part of a name, kind, record, action, and from and until days (both included)."""

    name: str = ""
    kind: str = ""
    record: str = ""
    action: str = ""
    since: date | None = None
    until: date | None = None
    sealed: bool = False


class State(Schema):
    """A record's fields at a moment."""

    kind: str
    record: str
    moment: str
    fields: dict[str, Any]


@router.get("", auth=needs("audit.read"), response=Paged[Line], summary="Lines of the audit chain, newest first")
def lines(request: HttpRequest, asked: Query[Wanted]) -> dict[str, Any]:
    """The lines the filters leave, newest first."""
    wanted = reading.Wanted(**asked.model_dump(exclude={"page", "size"}))
    return paged(reading.lines(rights(request), wanted), asked)


@router.get("/as-of", auth=needs("audit.read"), response=State, summary="A record as it was at a moment")
def as_of(request: HttpRequest, kind: str, record: str, moment: datetime) -> dict[str, Any]:
    """The fields of a record at a moment, as its lines tell them; 404 when it has none the account may read."""
    then = to_wall_clock(moment)
    fields = reading.as_of(rights(request), kind, record, then)
    if fields is None:
        raise Http404
    return {"kind": kind, "record": record, "moment": isoformat(then), "fields": fields}
