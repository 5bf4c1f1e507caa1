"""Letters as records: opened with their content, sealed, signed from below and from above, replaced by the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from qingyuan.people.actors import SYSTEM, Actor
from qingyuan.plans.letters.parties import Content, Party, digest_kept
from qingyuan.plans.letters.written import Signed
from qingyuan.registers import acting
from qingyuan.registers.flow.acts import Given
from qingyuan.registers.flow.declared import CLOSED, VOID, Kind, Signer, Words
from qingyuan.registers.flow.reasons import Reason
from qingyuan.registers.flow.store import Change
from qingyuan.registers.models import RegisterRecord

DRAFT, UPPER, IN_FORCE = "draft", "upper", "in_force"


def opened(kind: Kind, found: Content, actor: Actor, at: datetime, holds: Callable[[Signer], bool]) -> RegisterRecord:
    """The record of a letter to be signed; one that says the same and is not over is that. Raises Refused.

    One that says something else and is not in force yet is void from now on.
    """
    there = of_party(found.party, found.simulated)
    if there is not None and there.step != CLOSED and there.values.get("content_digest") == found.digest:
        return there
    if there is not None and there.step not in (CLOSED, IN_FORCE):
        void = Given("void", actor, at, there.version, holds, note="目标任务已调整，重新起草")
        acting.act(kind, there.pk, void)
    given = Given("open", actor, at, 0, holds, values=found.values)
    record: Any = acting.open_record(kind, acting.Place(found.party.division, simulated=found.simulated), given).record
    assert isinstance(record, RegisterRecord)
    return record


def of_party(party: Party, simulated: bool) -> RegisterRecord | None:
    """The newest letter of a party; None where it has none."""
    found = RegisterRecord.objects.filter(kind=party.kind, division=party.division, simulated=simulated)
    if party.organisation:
        found = found.filter(values__organisation=str(party.organisation))
    return found.exclude(step=VOID).order_by("-pk").first()


def signed(record: RegisterRecord) -> Signed:
    """Who signed a letter when, as its steps tell."""
    told = {each.step: each for each in record.steps.filter(verb="sign").order_by("sequence")}
    name = {each: str(record.values.get(f"{each}_signer") or "") for each in ("lower", "upper")}
    on = {each: told[each].at.date() if each in told else None for each in name}
    return Signed(record.number, name["lower"], on["lower"], name["upper"], on["upper"])


def guard(record: RegisterRecord, given: Given) -> list[Reason]:
    """Nothing is signed whose digest is not that of the content."""
    values: Mapping[str, Any] = {**record.values, **given.values}
    if given.verb != "sign" or values.get("content_digest") == digest_kept(record.division, values):
        return []
    told = Words(
        "内容摘要与责任内容不符，请作废后重新起草", "The digest is not that of the content: void it and draft it again"
    )
    return [Reason("digest", told, "content_digest")]


def after(change: Change) -> None:
    """A letter that comes into force ends those of the same party and plan that are in force."""
    if change.entry.verb != "sign" or change.entry.step != UPPER:
        return
    record: Any = change.record
    same = {"kind": record.kind, "division": record.division, "simulated": record.simulated, "step": IN_FORCE}
    same |= {f"values__{name}": record.values.get(name) for name in ("plan_code", "party")}
    for each in RegisterRecord.objects.filter(**same).exclude(pk=record.pk):
        values = {"replaced_by": f"由 {record.number} 替换"}
        given = Given("sign", SYSTEM, change.entry.at, each.version, lambda _signer: True, values=values)
        acting.act(change.kind, each.pk, given)
