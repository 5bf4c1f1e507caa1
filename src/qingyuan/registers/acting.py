"""Acts on registers: opening, and every later step, with counts, balances, index and audit in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from qingyuan.registers import auditing, balances, numbering, searching, tallies
from qingyuan.registers.flow import acts, chain, store
from qingyuan.registers.flow.acts import Given
from qingyuan.registers.flow.declared import Kind, Words
from qingyuan.registers.flow.fold import State, StepEntry, advance, fold
from qingyuan.registers.flow.reasons import Reason, Refused
from qingyuan.registers.flow.rows import columns
from qingyuan.registers.models import NO_DEADLINE, OVER, RegisterRecord, RegisterStep

GUARDS: dict[str, Callable[[RegisterRecord, Given], list[Reason]]] = {}
"""By kind: what a room above keeps back of an act, before it is judged."""
AFTER: dict[str, Callable[[store.Change], None]] = {}
"""By kind: what a room above writes along, in the transaction of the act."""
DIGITS = (6, 9, 12)
"""Lengths of the codes of divisions: to county, township, grid."""


@dataclass(frozen=True)
class Place:
    """Where a new record belongs."""

    division: str
    site: str = ""
    simulated: bool = False


def open_record(kind: Kind, place: Place, given: Given) -> store.Change:
    """Open one record. Raises Refused."""
    return open_many(kind, [(place, given)])[0]


def open_many(kind: Kind, asked: Sequence[tuple[Place, Given]], imported: bool = False) -> list[store.Change]:
    """Open many records in one transaction, with few statements. Raises Refused for the first that may not be.

    imported: nobody typed the values, they stood in a workbook.
    """
    for place, _ in asked:
        _addressed(place.division, place.site)
    judged = [(place, given, acts.act(kind, State(), given)) for place, given in asked]
    with transaction.atomic():
        numbers = numbering.numbers(kind, [place.division for place, _, _ in judged], judged[0][1].at) if judged else []
        made = [_new(kind, place, number, entry) for (place, _, entry), number in zip(judged, numbers, strict=True)]
        records: list[Any] = [change.record for change in made]
        RegisterRecord.objects.bulk_create(records)
        steps = [_first(change, imported) for change in made]
        RegisterStep.objects.bulk_create(steps)
        _beside(kind, made, [])
    return made


def _first(change: store.Change, imported: bool) -> RegisterStep:
    told = columns(change.entry)
    if imported:
        told |= {"typed": 0, "prefilled": told["typed"] + told["prefilled"]}
    return RegisterStep(record=change.record, **told)  # type: ignore[misc]


def act(kind: Kind, number: int, given: Given) -> store.Change:
    """Do one act on a record (its primary key). Raises Refused, Conflict, RegisterRecord.DoesNotExist."""
    if given.handed:
        _addressed(given.handed.get("division", "220000"), given.handed.get("site", ""))
    with transaction.atomic():
        record = RegisterRecord.objects.select_for_update().get(pk=number, kind=kind.name)
        if kind.name in GUARDS and (reasons := GUARDS[kind.name](record, given)):
            raise Refused(reasons)
        before = [tallies.key(kind, record)]
        change = store.act(kind, RegisterRecord, number, RegisterStep, given, settle=settle)
        _beside(kind, [change], before)
        if kind.name in AFTER:
            AFTER[kind.name](change)
    return change


def _addressed(division: str, site: str) -> None:
    """Raise Refused for a place that cannot be one: codes of divisions have 6, 9 or 12 digits."""
    reasons = []
    if not (division.isascii() and division.isdecimal() and len(division) in DIGITS):
        told = Words("请选所在区县：区划代码有 6、9 或 12 位", "Choose the division: its code has 6, 9 or 12 digits")
        reasons.append(Reason("division", told, "division"))
    if len(site) > 64 or not site.isprintable():
        reasons.append(Reason("site", Words("单位代码太长", "The code of the site is too long"), "site"))
    if reasons:
        raise Refused(reasons)


def _new(kind: Kind, place: Place, number: str, entry: StepEntry) -> store.Change:
    record = RegisterRecord(
        kind=kind.name,
        number=number,
        division=place.division,
        site=place.site,
        domain=kind.domain,
        simulated=place.simulated,
    )
    linked = chain.linked(record.key, entry, "")
    after = advance(kind, State(), linked)
    record.take(after)
    settle(kind, record)
    return store.Change(kind, record, State(), after, linked)


def _beside(kind: Kind, changes: Sequence[store.Change], before: Sequence[tallies.Key]) -> None:
    after = [tallies.key(kind, change.record) for change in changes]  # type: ignore[arg-type]
    tallies.count(before, after)
    for simulated in {change.record.simulated for change in changes}:
        mine = [(each.before, each.after) for each in changes if each.record.simulated is simulated]
        balances.keep(kind, balances.changes(kind, mine), simulated)
    auditing.tell(changes)


def settle(kind: Kind, record: RegisterRecord) -> None:
    """Fill the columns that follow from a record's values: title, place, facets, order, words."""
    values: Mapping[str, Any] = record.values
    record.title = str(values.get(kind.about) or record.number)[:200]
    record.prefecture, record.county = record.division[:4], record.division[:6]
    record.ranked = OVER if record.closed_at else record.due or NO_DEADLINE
    point = values.get(kind.place) if kind.place else None
    record.lon, record.lat = (point[0], point[1]) if point else (None, None)
    for name, column in tallies.facets(kind).items():
        setattr(record, column, _facet(values.get(name)))
    record.searched = searching.words_of(kind.name, record.division, _texts(kind, record))


def _facet(value: Any) -> str:
    return "" if value is None else ("1" if value else "0") if isinstance(value, bool) else str(value)[:80]


def _texts(kind: Kind, record: RegisterRecord) -> list[str]:
    """What a record is found by: number, title, site, and texts that are not personal."""
    plain = [name for name, field in kind.fields.items() if field.type in ("text", "reference") and not field.personal]
    return [record.number, record.title, record.site, *(str(record.values.get(name) or "")[:80] for name in plain)]


def as_of(kind: Kind, record: RegisterRecord, moment: datetime) -> State:
    """A record as it was at a moment."""
    entries = store.entries_of(RegisterStep, record.pk)
    return fold(kind, [entry for entry in entries if entry.at <= moment])
