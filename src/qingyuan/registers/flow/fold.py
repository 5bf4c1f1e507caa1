"""A record is the fold of its steps: values, seals, signatures, where it stands, until when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import reduce
from typing import Any, Literal

from qingyuan.base.working_days import add_working_days
from qingyuan.people.actors import Actor
from qingyuan.registers.flow.declared import CLOSED, VOID, Deadline, Kind

Verb = Literal["open", "fill", "sign", "return", "amend", "void", "note", "hand_over", "reopen"]
END_OF_DAY = time(23, 59, 59)


@dataclass(frozen=True)
class StepEntry:
    """One appended step of a record.

    step: where the record stood; to: where it goes, if it moves; values: what was given; known: where pre-filled ones
    come from; set: what the declaration set; handed: new place or owner; effects: what else follows; digest: of the
    entry and of all before it.
    """

    sequence: int
    step: str
    verb: Verb
    actor: Actor
    at: datetime
    values: Mapping[str, Any] = field(default_factory=dict)
    known: Mapping[str, str] = field(default_factory=dict)
    set: Mapping[str, Any] = field(default_factory=dict)
    to: str = ""
    handed: Mapping[str, Any] = field(default_factory=dict)
    effects: tuple[tuple[str, str], ...] = ()
    note: str = ""
    digest: str = ""

    @property
    def given(self) -> dict[str, Any]:
        """What the entry brings, without what it does not: the JSON that is stored and digested."""
        parts: dict[str, Any] = {"values": dict(self.values), "known": dict(self.known), "set": dict(self.set)}
        parts |= {"to": self.to, "handed": dict(self.handed), "effects": [list(each) for each in self.effects]}
        return {name: part for name, part in parts.items() if part}


@dataclass(frozen=True)
class Seal:
    """A field sealed by the signature of a step."""

    step: str
    actor: Actor
    at: datetime
    sequence: int


@dataclass(frozen=True)
class Signature:
    """A step signed."""

    step: str
    actor: Actor
    at: datetime
    sequence: int


@dataclass(frozen=True)
class State:
    """What a record's steps add up to.

    step: where it stands (a step, `CLOSED`, `VOID`; empty before it is opened); version: number of its steps;
    signed: path of signatures that hold; filled: the entry each value comes from; known: source of pre-filled values;
    due: last moment of the present step; head: digest of the last entry.
    """

    step: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    sealed: Mapping[str, Seal] = field(default_factory=dict)
    signed: tuple[Signature, ...] = ()
    filled: Mapping[str, int] = field(default_factory=dict)
    known: Mapping[str, str] = field(default_factory=dict)
    handed: Mapping[str, Any] = field(default_factory=dict)
    opened_at: datetime | None = None
    entered_at: datetime | None = None
    due: datetime | None = None
    closed_at: datetime | None = None
    version: int = 0
    head: str = ""

    @property
    def is_over(self) -> bool:
        """Whether no step is waiting: closed or void."""
        return self.step in (CLOSED, VOID)

    def has_signed(self, step: str) -> bool:
        """Whether the signature of a step holds."""
        return any(each.step == step for each in self.signed)


def fold(kind: Kind, steps: Iterable[StepEntry]) -> State:
    """The state after all these steps, in their order; of the first few, it is the record as it was then."""
    return reduce(lambda state, entry: advance(kind, state, entry), steps, State())


def advance(kind: Kind, state: State, entry: StepEntry) -> State:
    """The state after one more step."""
    after = replace(_with_values(state, entry), version=entry.sequence, head=entry.digest)
    if entry.handed:
        after = replace(after, handed={**state.handed, **entry.handed})
    if entry.verb == "open":
        after = _entered(kind, replace(after, opened_at=entry.at), kind.first.name, entry)
    elif entry.verb == "sign":
        after = _entered(kind, _signed(kind, after, entry), entry.to, entry)
    elif entry.verb in ("return", "reopen"):
        after = _entered(kind, _taken_back(kind, after, entry.to), entry.to, entry)
    elif entry.verb == "void":
        after = _entered(kind, after, VOID, entry)
    elif entry.verb == "amend":
        again = {name: Seal(after.sealed[name].step, entry.actor, entry.at, entry.sequence) for name in entry.values}
        after = replace(after, sealed={**after.sealed, **again})
    return replace(after, due=due_of(kind, after)) if entry.verb != "note" else after


def due_of(kind: Kind, state: State) -> datetime | None:
    """Last moment of the present step; None when it has no deadline or nothing waits."""
    if state.is_over or state.entered_at is None:
        return None
    deadline = kind.steps[state.step].deadline
    return None if deadline is None else _due(deadline, state.entered_at, state.values)


def _due(deadline: Deadline, entered: datetime, values: Mapping[str, Any]) -> datetime | None:
    """The day of entering is not counted; the last day counts to its end."""
    if deadline.by:
        day = values.get(deadline.by)
        return datetime.combine(date.fromisoformat(day), END_OF_DAY) if day else None
    if deadline.unit == "hours":
        return entered + timedelta(hours=deadline.amount)
    if deadline.unit == "working_days":
        return datetime.combine(add_working_days(entered.date(), deadline.amount), END_OF_DAY)
    return datetime.combine(entered.date() + timedelta(days=deadline.amount), END_OF_DAY)


def _with_values(state: State, entry: StepEntry) -> State:
    changed = {**entry.values, **entry.set}
    if not changed:
        return state
    values = {name: value for name, value in {**state.values, **changed}.items() if value is not None}
    filled = {**state.filled, **dict.fromkeys(changed, entry.sequence)}
    known = {name: source for name, source in state.known.items() if name not in changed} | dict(entry.known)
    return replace(state, values=values, filled=filled, known=known)


def _signed(kind: Kind, state: State, entry: StepEntry) -> State:
    mark = (entry.step, entry.actor, entry.at, entry.sequence)
    seals = {name: Seal(*mark) for name in kind.steps[entry.step].seals if name not in state.sealed}
    return replace(state, signed=(*state.signed, Signature(*mark)), sealed={**state.sealed, **seals})


def _taken_back(kind: Kind, state: State, to: str) -> State:
    """Signatures from the step gone back to no longer hold, nor do their seals."""
    place = next((number for number, each in enumerate(state.signed) if each.step == to), len(state.signed))
    gone = {each.step for each in state.signed[place:]}
    sealed = {name: seal for name, seal in state.sealed.items() if seal.step not in gone}
    return replace(state, signed=state.signed[:place], sealed=sealed, closed_at=None)


def _entered(_kind: Kind, state: State, step: str, entry: StepEntry) -> State:
    over = step in (CLOSED, VOID)
    return replace(state, step=step, entered_at=entry.at, closed_at=entry.at if over else None)
