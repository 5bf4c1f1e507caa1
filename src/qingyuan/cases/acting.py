"""Acting on cases: steps by people who may, by the platform itself, and what keeps a case from moving on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from qingyuan.cases import auditing, measured, progress, telling
from qingyuan.cases.models import Case, CaseStep
from qingyuan.people.actors import SYSTEM, Actor
from qingyuan.registers.flow import acts, store
from qingyuan.registers.flow.acts import Given, Met
from qingyuan.registers.flow.declared import Signer, Words
from qingyuan.registers.flow.fold import Verb, fold
from qingyuan.registers.flow.reasons import Reason, Refused

Holds = Callable[[Signer], bool]
Guard = Callable[["Case", "Doing"], "list[Reason]"]
After = Callable[[store.Change], None]

GUARDS: dict[str, Guard] = {}
"""By kind: what else keeps an act back, joined by the room that has the kind."""

AFTER: dict[str, After] = {}
"""By kind: what else happens with an act, in its transaction."""


@dataclass(frozen=True)
class Doing:
    """One act as a person asks for it. seen: the version they looked at; organisations: those they act for."""

    verb: Verb
    actor: Actor
    seen: int
    values: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    to: str = ""
    handed: Mapping[str, Any] = field(default_factory=dict)


def act(number: int, doing: Doing, holds: Holds, at: datetime) -> store.Change:
    """One act of a person. holds: whether they have a duty for this case. Raises Refused or Conflict, told in words."""
    case = Case.objects.get(pk=number)
    given = Given(
        verb=doing.verb,
        actor=doing.actor,
        at=at,
        version=doing.seen,
        holds=in_charge(case, doing.actor, holds),
        values=doing.values,
        to=doing.to,
        note=doing.note,
        handed=doing.handed,
        met=met(case),
    )
    reasons = list(_kept_back(case, doing))
    if reasons and doing.seen == case.version:
        raise Refused(reasons)
    change = store.act(case.declared.flow, Case, number, CaseStep, given, aside)
    telling.tell(_case(change), _code(doing.verb, change), at, by=doing.actor)
    return change


def in_charge(case: Case, actor: Actor, holds: Holds) -> Holds:
    """Whether somebody may sign for a case now: by duty, and in its working steps as one of those who have it.

    The authority above, which only hands it over, need not have it.
    """
    beside = {number for number, _name in case.joint}
    its_own = case.organisation is None or actor.organisation == case.organisation or actor.organisation in beside
    anyone = case.step not in case.declared.charge or its_own

    def allowed(signer: Signer) -> bool:
        return holds(signer) and (anyone or signer.level == "facility" or signer in case.declared.flow.hands)

    return allowed


def may(case: Case, verb: Verb, actor: Actor, holds: Holds) -> bool:
    """Whether somebody may do a verb now at all, before anything is given."""
    state = fold(case.declared.flow, store.entries_of(CaseStep, case.pk))
    return acts.may(case.declared.flow, state, verb, in_charge(case, actor, holds))


def met(case: Case) -> dict[str, Met]:
    """What the monitor says to the needs of the present step."""
    if case.step not in case.declared.flow.steps:
        return {}
    return {need.text: _measured(case) for need in case.declared.flow.steps[case.step].needs}


def _measured(case: Case) -> Met:
    if not case.point:
        return Met(True, Words("没有监测点，以核查意见为准", "No monitor: the opinion of the check decides"))
    proof = proof_of(case)
    if proof is None:
        return Met(None, Words("监测数据还没算到整改之后", "The data after the mending are not computed yet"))
    lacking = proof.lacking
    told = Words(f"还差 {lacking} 天达标数据", f"{lacking} more days of agreeing data are needed")
    return Met(proof.proven, told)


def proof_of(case: Case) -> measured.Proof | None:
    """The days of proof as kept by the watch; None before it looked."""
    if not case.needed or not case.rectified_on:
        return None
    cells = tuple(measured.Cell(date.fromisoformat(day), verdict) for day, verdict in case.proof)
    return measured.Proof(case.needed, cells)


def _kept_back(case: Case, doing: Doing) -> list[Reason]:
    """What the case itself, beyond its declaration, does not allow."""
    found = list(GUARDS[case.kind](case, doing)) if case.kind in GUARDS else []
    if doing.verb == "fill":
        return [*found, *progress.lacking(case, doing.values)]
    if doing.verb != "sign":
        return found
    if case.step == "close" and case.children.filter(is_open=True).exists():
        told = Words("还有子案没有销号", "A case below it is still open")
        found.append(Reason("children", told))
    if case.step == "rectify" and (again := _before_relapse(case, doing)):
        found.append(again)
    return found


def _before_relapse(case: Case, doing: Doing) -> Reason | None:
    """After a relapse the mending has to be a new one."""
    last = str(case.told_relapse or "")
    day = str(doing.values.get("rectified_on") or case.values.get("rectified_on") or "")
    if not last or day > last:
        return None
    told = Words(f"{last} 数据反弹，整改完成日要晚于这一天", f"Data relapsed on {last}: the mending has to be later")
    return Reason("relapsed", told, "rectified_on")


def system(
    case: Case,
    verb: Verb,
    at: datetime,
    actor: Actor = SYSTEM,
    note: str = "",
    to: str = "",
    handed: Mapping[str, Any] | None = None,
) -> Case:
    """An act of the platform itself, on the case as it stands now."""
    case.refresh_from_db()
    given = Given(verb, actor, at, case.version, lambda _signer: True, note=note, to=to, handed=handed or {})
    change = store.act(case.declared.flow, Case, case.pk, CaseStep, replace(given, met=met(case)), aside)
    return _case(change)


def remark(case: Case, what: str, at: datetime) -> Case:
    """Note on a case what was found again."""
    return system(case, "note", at, note=what)


def relapse(case: Case, what: str, at: datetime, day: date | None = None) -> Case:
    """Open a case again because its matter came back after the rectification; everyone concerned is told.

    day: of the relapse, after which the next mending has to lie; today when not said.
    """
    verb: Verb = "reopen" if case.step == "closed" else "return"
    case = system(case, verb, at, note=f"relapse:{what}", to="rectify")
    case.told_relapse = day or at.date()
    case.save(update_fields=["told_relapse"])
    telling.tell(case, "relapsed", at, what=what)
    return case


def aside(change: store.Change) -> None:
    """Count what came back, and write the line of the audit chain."""
    case = _case(change)
    if change.entry.verb == "reopen" or (change.entry.verb == "return" and change.entry.actor.account is None):
        case.reopened += 1
        case.save(update_fields=["reopened"])
    progress.follow(change)
    auditing.tell(change)
    if case.kind in AFTER:
        AFTER[case.kind](change)


def _case(change: store.Change) -> Case:
    assert isinstance(change.record, Case)
    return change.record


def _code(verb: str, change: store.Change) -> str:
    return "closed" if _case(change).step == "closed" else verb
