"""For programs of everybody, without a token: closed cases that were made public, public fields of registers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from qingyuan.cases import publishing as published
from qingyuan.cases.models import Case
from qingyuan.interfaces import loading
from qingyuan.interfaces.api import operations
from qingyuan.interfaces.api.operations import Refusal
from qingyuan.registers import publishing
from qingyuan.registers.catalogue import UnknownKind
from qingyuan.registers.flow.declared import Kind
from qingyuan.registers.models import RegisterRecord

router = Router(tags=["public"], auth=None)
OFFSET, LIMIT = Query(0, ge=0, le=100_000), Query(50, ge=1, le=200)


class PublicKind(Schema):
    """A kind of register with public fields; title and fields in Chinese and English."""

    name: str
    domain: str
    title: dict[str, str]
    fields: dict[str, dict[str, str]]


class PublicRecord(Schema):
    """What everybody may read of a record. county: code; values: of public fields, places to a kilometre."""

    number: str
    kind: str
    domain: str
    county: str
    step: str
    simulated: bool
    values: dict[str, Any]


class PublicCase(PublicRecord):
    """What everybody may read of a closed case."""

    id: int
    closed_at: datetime


@router.get("/public/cases", response=list[PublicCase], summary="Closed cases that were made public")
@operations.public
def public_cases(request: HttpRequest, offset: int = OFFSET, limit: int = LIMIT) -> Any:
    """The last closed first; a page that is not full is the last."""
    return [_case(each) for each in _part(published.cases(), offset, limit)]


@router.get("/public/cases/{number}", response={200: PublicCase, 404: Refusal}, summary="One of them")
@operations.public
def public_case(request: HttpRequest, number: int) -> Any:
    """number: its id."""
    return _case(get_object_or_404(published.cases(), pk=number if abs(number) < 2**62 else 0))


@router.get("/public/registers", response=list[PublicKind], summary="Registers with public fields")
@operations.public
def public_kinds(request: HttpRequest) -> Any:
    """Kinds with their public fields."""
    return [_kind_out(each) for each in loading.registers().kinds.values() if publishing.is_public(each)]


@router.get(
    "/public/registers/{kind}", response={200: list[PublicRecord], 404: Refusal}, summary="Public records of a register"
)
@operations.public
def public_records(request: HttpRequest, kind: str, offset: int = OFFSET, limit: int = LIMIT) -> Any:
    """Newest first; a page that is not full is the last."""
    found = _kind(kind)
    return [_record(found, each) for each in _part(publishing.records(found), offset, limit)]


@router.get(
    "/public/registers/{kind}/{number}", response={200: PublicRecord, 404: Refusal}, summary="One public record"
)
@operations.public
def public_record(request: HttpRequest, kind: str, number: str) -> Any:
    """number: of the record; one that is not public is answered like one that does not exist."""
    found = _kind(kind)
    plain = number.replace("\x00", "")[:64]
    return _record(found, get_object_or_404(publishing.records(found), number=plain))


def _part(rows: QuerySet[Any], offset: int, limit: int) -> QuerySet[Any]:
    return rows[offset : offset + limit]


def _kind(name: str) -> Kind:
    try:
        found = loading.registers().kind(name)
    except UnknownKind:
        raise Http404 from None
    if not publishing.is_public(found):
        raise Http404
    return found


def _kind_out(kind: Kind) -> dict[str, Any]:
    told = {each.name: each.title._asdict() for each in publishing.fields(kind)}
    return {"name": kind.name, "domain": kind.domain, "title": kind.title._asdict(), "fields": told}


def _record(kind: Kind, row: RegisterRecord | Case) -> dict[str, Any]:
    return {
        "number": row.number, "kind": row.kind, "domain": row.domain, "county": row.division[:6],
        "step": row.step if "step" in kind.public else "", "simulated": row.simulated,
        "values": publishing.values(kind, row),
    }  # fmt: skip


def _case(row: Case) -> dict[str, Any]:
    told = _record(row.declared.flow, row) | {"values": published.values(row)}
    return told | {"id": row.pk, "closed_at": row.closed_at}
