"""Registers: kinds, records, their steps, acts on them; personal values are masked."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema, Status

from qingyuan.base.time import now, to_wall_clock
from qingyuan.interfaces import access, loading
from qingyuan.interfaces.api.operations import Listed, Refusal, needs
from qingyuan.registers import acting, known, listing, scope, tallies
from qingyuan.registers.catalogue import UnknownKind
from qingyuan.registers.flow import acts, chain, store, values
from qingyuan.registers.flow.declared import CLOSED, VOID, Kind
from qingyuan.registers.flow.fold import Actor, State, StepEntry, fold
from qingyuan.registers.flow.reasons import Conflict, Refused
from qingyuan.registers.listing import Asked
from qingyuan.registers.models import RegisterRecord, RegisterStep

router = Router(tags=["registers"])
MASKED = "•••"
STATES = Literal["", "open", "overdue", "soon", "closed"]


class Title(Schema):
    """A wording in both languages."""

    zh: str
    en: str


class FieldOut(Schema):
    """A field; numbers are decimal text in its unit."""

    name: str
    title: Title
    type: str
    unit: str
    codes: dict[str, Title]
    personal: bool


class StepOut(Schema):
    """A step of a kind."""

    name: str
    title: Title
    signs: list[str]
    requires: list[str]
    asks: list[str]
    seals: list[str]
    next: list[str]


class KindOut(Schema):
    """A kind of register."""

    name: str
    domain: str
    title: Title
    basis: list[str]
    filters: list[str]
    fields: list[FieldOut]
    steps: list[StepOut]


class RecordOut(Schema):
    """A record as its steps add up."""

    number: str
    title: str
    division: str
    domain: str
    site: str
    simulated: bool
    step: str
    version: int
    opened_at: datetime
    due: datetime | None
    closed_at: datetime | None
    lon: float | None
    lat: float | None
    values: dict[str, Any]


class Whole(RecordOut):
    """A record with what is sealed, what signing leads to, and whether its chain is whole."""

    sealed: dict[str, str]
    signed: list[str]
    known: dict[str, str]
    ways: list[str]
    may: list[str]
    whole: bool


class Records(Listed):
    """A page of records; more: there are more than counted."""

    more: bool
    items: list[RecordOut]


class EntryOut(Schema):
    """One step of a record."""

    sequence: int
    step: str
    verb: str
    name: str
    at: datetime
    values: dict[str, Any]
    set: dict[str, Any]
    to: str
    note: str
    digest: str


class Counted(Schema):
    """How many records of a kind stand at a step in a county."""

    division: str
    step: str
    count: int


class ReasonOut(Schema):
    """Why an act was refused."""

    code: str
    field: str
    zh: str
    en: str


class RefusedOut(Schema):
    """Every reason at once."""

    detail: str
    reasons: list[ReasonOut]


class Opening(Schema):
    """A record to be opened."""

    division: str
    site: str = ""
    values: dict[str, Any] = Field(default_factory=dict)


class Act(Schema):
    """An act; version: the one that was seen."""

    verb: Literal["fill", "sign", "return", "amend", "void", "note", "hand_over", "reopen"]
    version: int
    values: dict[str, Any] = Field(default_factory=dict)
    to: str = ""
    note: str = ""
    handed: dict[str, str] = Field(default_factory=dict)


@router.get("/registers", response=list[KindOut], summary="Kinds of registers one may see something of")
@needs("registers.see")
def register_kinds(request: HttpRequest) -> Any:
    """The declarations, as programs need them."""
    return [_kind_out(kind) for kind in loading.registers().kinds.values() if _visible(request, kind)]


@router.get("/registers/{kind}", response={200: Records, 404: Refusal}, summary="Records of a kind in one's scope")
@needs("registers.see")
def register_records(
    request: HttpRequest,
    kind: str,
    place: str = "",
    step: str = "",
    state: STATES = "",
    q: str = "",
    order: Literal["due", "newest", "number"] = "due",
    offset: int = Query(0, ge=0, le=100_000),
    limit: int = Query(50, ge=1, le=500),
) -> Any:
    """Filtered like the list on the screen; fields a kind is filtered by are asked as ``f_<field>``."""
    found = _kind(request, kind)
    facets = {name: request.GET.get(f"f_{name}", "")[:80] for name in tallies.facets(found)}
    stands = step if step in (*found.steps, CLOSED, VOID) else ""
    if (step and not stands) or (place and not (place.isascii() and place.isdecimal() and len(place) in (6, 9, 12))):
        raise Http404
    asked = Asked(place, stands, state, {name: text for name, text in facets.items() if text}, q[:60], order)
    seen = _scope(request, found)
    count = listing.count(found, seen, asked, now())
    rows = listing.records(found, seen, asked, now())[offset : offset + limit]
    return {"count": count.number, "more": count.more, "items": [_record_out(found, row) for row in rows]}


@router.post("/registers/{kind}", response={201: Whole, 404: Refusal, 422: RefusedOut}, summary="Open a record")
@needs("registers.write")
def register_open(request: HttpRequest, kind: str, given: Opening) -> Any:
    """What is known is filled in; what is wrong is told with its field."""
    found = _kind(request, kind)
    kept, _ = values.kept_all(found.fields, given.values)
    prefilled, sources = known.values(found, given.division, given.site, kept, now())
    office = str(kept.get(scope.ORGANISATION) or "")
    holds = scope.holds_at(access.rights(request), given.division, found.domain, given.site, office)
    asked = acts.Given("open", _actor(request), now(), 0, holds, {**prefilled, **given.values}, sources)
    try:
        change = acting.open_record(found, acting.Place(given.division, given.site[:64]), asked)
    except Refused as refused:
        return Status(422, _told(refused))
    return Status(201, _whole(request, found, change.record))  # type: ignore[arg-type]


@router.get(
    "/registers/{kind}/statistics", response={200: list[Counted], 404: Refusal}, summary="Counts by county and step"
)
@needs("registers.see")
def register_statistics(request: HttpRequest, kind: str, place: str = "") -> Any:
    """Kept counts; none for rights that are finer than a county."""
    found = _kind(request, kind)
    counted = listing.by_county(found, _scope(request, found), Asked(place if place.isdecimal() else "")) or {}
    return [{"division": key[0], "step": key[1], "count": number} for key, number in sorted(counted.items())]


@router.get("/registers/{kind}/{number}", response={200: Whole, 404: Refusal}, summary="One record, now or as it was")
@needs("registers.see")
def register_one(request: HttpRequest, kind: str, number: str, at: datetime | None = None) -> Any:
    """at: the moment it is shown as of."""
    found = _kind(request, kind)
    return _whole(request, found, _record(request, found, number), to_wall_clock(at) if at else None)


@router.get(
    "/registers/{kind}/{number}/steps", response={200: list[EntryOut], 404: Refusal}, summary="Steps of a record"
)
@needs("registers.see")
def register_steps(request: HttpRequest, kind: str, number: str) -> Any:
    """Every entry in order, with its digest."""
    found = _kind(request, kind)
    entries = store.entries_of(RegisterStep, _record(request, found, number).pk)
    return [_entry_out(found, entry) for entry in entries]


@router.post(
    "/registers/{kind}/{number}/acts",
    response={200: Whole, 404: Refusal, 409: RefusedOut, 422: RefusedOut},
    summary="Do one act on a record",
)
@needs("registers.write")
def register_act(request: HttpRequest, kind: str, number: str, given: Act) -> Any:
    """409: somebody acted since the version that was seen; 422: every reason why it must not be."""
    found = _kind(request, kind)
    record = _record(request, found, number)
    handed = {name: given.handed[name] for name in ("division", "site") if given.handed.get(name)}
    asked = acts.Given(
        given.verb, _actor(request), now(), given.version, scope.holds(access.rights(request), record),
        given.values, {}, given.to, given.note, handed, known.context(found, record.values, loading.registers().kinds),
    )  # fmt: skip
    try:
        change = acting.act(found, record.pk, asked)
    except Conflict as conflict:
        return Status(409, _told(conflict))
    except Refused as refused:
        return Status(422, _told(refused))
    return Status(200, _whole(request, found, change.record))  # type: ignore[arg-type]


def _kind(request: HttpRequest, name: str) -> Kind:
    """The kind; 404 where none of its records could be seen."""
    try:
        found = loading.registers().kind(name)
    except UnknownKind:
        raise Http404 from None
    if not _visible(request, found):
        raise Http404
    return found


def _scope(request: HttpRequest, kind: Kind) -> listing.Scope:
    return scope.of(access.rights(request), kind)


def _visible(request: HttpRequest, kind: Kind) -> bool:
    seen = _scope(request, kind)
    return bool(seen.places or seen.few)


def _record(request: HttpRequest, kind: Kind, number: str) -> RegisterRecord:
    """A record in the scope; every other is answered like one that does not exist."""
    found = listing.records(kind, _scope(request, kind), Asked(), now()).filter(number=number[:64]).first()
    if found is None:
        raise Http404
    return found


def _actor(request: HttpRequest) -> Actor:
    who = access.actor(request)
    return Actor(who.account, who.name, who.organisation)


def _told(refused: Refused) -> dict[str, Any]:
    reasons = [{"code": each.code, "field": each.field, **each.words._asdict()} for each in refused.reasons]
    return {"detail": str(refused), "reasons": reasons}


def _kind_out(kind: Kind) -> dict[str, Any]:
    return {
        "name": kind.name, "domain": kind.domain, "title": kind.title._asdict(), "basis": list(kind.basis),
        "filters": list(tallies.facets(kind)),
        "fields": [
            {
                "name": each.name, "title": each.title._asdict(), "type": each.type, "unit": each.unit,
                "codes": {code: words._asdict() for code, words in each.codes.items()}, "personal": each.personal,
            }
            for each in kind.fields.values()
        ],
        "steps": [
            {
                "name": each.name, "title": each.title._asdict(), "signs": [str(signer) for signer in each.signs],
                "requires": list(each.requires), "asks": list(each.asks), "seals": list(each.seals),
                "next": [branch.to for branch in each.next],
            }
            for each in kind.steps.values()
        ],
    }  # fmt: skip


def _masked(kind: Kind, given: Any) -> dict[str, Any]:
    return {
        name: MASKED if name in kind.fields and kind.fields[name].personal else value for name, value in given.items()
    }


def _record_out(kind: Kind, record: RegisterRecord) -> dict[str, Any]:
    plain = {name: getattr(record, name) for name in RecordOut.model_fields if name != "values"}
    return {**plain, "values": _masked(kind, record.values)}


def _whole(request: HttpRequest, kind: Kind, record: RegisterRecord, at: datetime | None = None) -> dict[str, Any]:
    entries = store.entries_of(RegisterStep, record.pk)
    state: State = fold(kind, [entry for entry in entries if at is None or entry.at <= at])
    holds = scope.holds(access.rights(request), record)
    verbs: tuple[Any, ...] = ("fill", "sign", "return", "amend", "void", "hand_over", "reopen")
    told = _record_out(kind, record) | {
        "step": state.step, "version": state.version, "due": state.due, "closed_at": state.closed_at,
        "values": _masked(kind, state.values),
    }  # fmt: skip
    return told | {
        "sealed": {name: seal.step for name, seal in state.sealed.items()},
        "signed": [each.step for each in state.signed],
        "known": dict(state.known),
        "ways": acts.ways(kind, state),
        "may": [verb for verb in verbs if at is None and acts.may(kind, state, verb, holds)],
        "whole": chain.first_broken(record.key, entries) is None,
    }


def _entry_out(kind: Kind, entry: StepEntry) -> dict[str, Any]:
    return {
        "sequence": entry.sequence, "step": entry.step, "verb": entry.verb, "name": entry.actor.name, "at": entry.at,
        "values": _masked(kind, entry.values), "set": dict(entry.set), "to": entry.to, "note": entry.note,
        "digest": entry.digest,
    }  # fmt: skip
