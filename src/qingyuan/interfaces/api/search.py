"""Search over the records one may see, grouped by what they are."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema

from qingyuan.interfaces import access, found
from qingyuan.interfaces.api.operations import signed_in
from qingyuan.people import managing
from qingyuan.people.managing import MANAGE

router = Router(tags=["work"])


class HitOut(Schema):
    """A record that was found. key: how its own operation names it; kind: of a case or record."""

    what: Literal["device", "case", "record", "finding", "report", "organisation", "account"]
    key: str
    kind: str
    number: str
    title: str
    division: str


class Hits(Schema):
    """more: the index of records holds more than it tells; more words find fewer."""

    more: bool
    hits: list[HitOut]


@router.get("/search", response=Hits, summary="What words find among the records one may see")
@signed_in
def search(request: HttpRequest, q: str = Query(..., min_length=1), limit: int = Query(6, ge=1, le=50)) -> Any:
    """limit: hits of a kind; the newest first."""
    words, rights = q.strip().casefold()[:60], access.rights(request)
    if not words:
        return {"more": False, "hits": []}
    records, more = found.records(rights, words)
    hits = [
        _hit("device", each.mn, each.edition, each.mn, each.name_zh, each)
        for each in found.devices(rights, words)[:limit]
    ]
    hits += [
        _hit("case", each.pk, each.kind, each.number, each.title, each) for each in found.cases(rights, words)[:limit]
    ]
    hits += [_hit("record", each.number, each.kind, each.number, each.title, each) for each in records[:limit]]
    hits += [
        _hit("finding", each.pk, each.rule, str(each.pk), each.name_zh, each)
        for each in found.findings(rights, found.named(words))[:limit]
    ]
    hits += [
        _hit("report", each.number, each.category, each.number, "", each)
        for each in found.reports(rights, words)[:limit]
    ]
    return {"more": more, "hits": hits + (_people(request, words, limit) if rights.can(MANAGE) else [])}


def _people(request: HttpRequest, words: str, limit: int) -> list[dict[str, Any]]:
    rights = access.rights(request)
    offices = managing.organisations(rights, words)[:limit]
    people = managing.people(rights, words)[:limit]
    return [
        *(_hit("organisation", each.pk, each.kind, str(each.pk), each.name_zh, each) for each in offices),
        *(_hit("account", each.pk, "", str(each.pk), each.name, each.organisation) for each in people),
    ]


def _hit(what: str, key: object, kind: str, number: str, title: str, placed: Any) -> dict[str, Any]:
    told = {"kind": kind, "number": number, "title": title, "division": placed.division}
    return {"what": what, "key": str(key), **told}
