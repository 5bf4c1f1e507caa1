"""Records and steps in the database: one act in one transaction, optimistic, with a readable conflict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from qingyuan.registers.flow import acts, chain
from qingyuan.registers.flow.acts import Given
from qingyuan.registers.flow.declared import Kind
from qingyuan.registers.flow.fold import State, StepEntry, advance, fold
from qingyuan.registers.flow.reasons import Refused
from qingyuan.registers.flow.rows import Record, Step, columns


@dataclass(frozen=True)
class Change:
    """One act done: the record as it is now, its state before and after, the entry."""

    kind: Kind
    record: Record
    before: State
    after: State
    entry: StepEntry


Settle = Callable[[Kind, Any], None]
"""Fills the columns of a record that follow from its values, before it is saved."""

Also = Callable[[Change], None]
"""What else happens in the same transaction: counts, balances, audit; an error there undoes the act."""


def open_record(
    kind: Kind, record: Record, steps: type[Step], given: Given, *also: Also, settle: Settle | None = None
) -> Change:
    """Store a new record by its first step. The caller has set its number, place and domain. Raises Refused."""
    entry = chain.linked(record.key, acts.act(kind, State(), given), "")
    after = advance(kind, State(), entry)
    with transaction.atomic():
        return _written(Change(kind, record, State(), after, entry), steps, settle, also)


def act(
    kind: Kind,
    records: type[Record],
    number: int,
    steps: type[Step],
    given: Given,
    *also: Also,
    settle: Settle | None = None,
) -> Change:
    """Do one act on the record with this primary key. Raises Refused, Conflict (somebody acted since), DoesNotExist.

    Remarks made since the version that was seen are no conflict.
    """
    with transaction.atomic():
        record = records.objects.select_for_update().get(pk=number)
        entries = entries_of(steps, number)
        before = fold(kind, entries)
        entry = chain.linked(record.key, _judged(kind, before, entries, given), before.head)
        return _written(Change(kind, record, before, advance(kind, before, entry), entry), steps, settle, also)


def entries_of(steps: type[Step], record: int) -> list[StepEntry]:
    """The steps of a record, in order."""
    return [row.entry for row in steps.objects.filter(record=record).order_by("sequence")]


def differs(kind: Kind, record: Record, entries: list[StepEntry]) -> str:
    """What is wrong between a record and its steps: empty when the chain is whole and the fold is what is stored."""
    if (broken := chain.first_broken(record.key, entries)) is not None:
        return f"{record.key}: step {broken} was changed after it was signed"
    state = fold(kind, entries)
    stored = (record.step, record.values, record.version, record.head, record.due, record.closed_at)
    folded = (state.step, dict(state.values), state.version, state.head, state.due, state.closed_at)
    return "" if stored == folded else f"{record.key}: the record is not what its steps add up to"


def _judged(kind: Kind, before: State, entries: list[StepEntry], given: Given) -> StepEntry:
    since = entries[given.version :] if 0 <= given.version <= before.version else entries
    if all(entry.verb == "note" for entry in since):
        return acts.act(kind, before, replace(given, version=before.version))
    raise acts.conflict(kind, before, since)


def _written(change: Change, steps: type[Step], settle: Settle | None, also: tuple[Also, ...]) -> Change:
    record: Any = change.record
    record.take(change.after)
    if settle:
        settle(change.kind, record)
    record.save()
    steps.objects.create(record=record, **columns(change.entry))
    for each in also:
        each(change)
    return change


__all__ = ["Also", "Change", "Refused", "act", "differs", "entries_of", "open_record"]
