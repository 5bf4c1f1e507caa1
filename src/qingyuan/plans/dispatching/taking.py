"""What a signed table brings: rows of `Reported`; and what keeps one from being signed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from qingyuan.cases.acting import Doing
from qingyuan.cases.models import Case
from qingyuan.plans.book import keeping
from qingyuan.plans.dispatching import rows, things
from qingyuan.plans.dispatching.asking import reports
from qingyuan.plans.dispatching.declared import dispatch
from qingyuan.plans.models import Plan, Reported
from qingyuan.registers.flow import values
from qingyuan.registers.flow.reasons import Reason
from qingyuan.registers.flow.store import Change

NUMBERS = ("value", "progress", "amount")


def guard(case: Case, doing: Doing) -> list[Reason]:
    """What is wrong with a table that is kept or signed."""
    if case.step != "report" or doing.verb not in ("sign", "fill"):
        return []
    sent = case.values.get("rows", [])
    if "rows" in doing.values:
        kept, unread = values.kept_all(case.declared.flow.fields, {"rows": doing.values["rows"]})
        if unread:
            return []  # told by the flow itself
        if other := rows.same_items(sent, kept.get("rows") or []):
            return other
        sent = kept["rows"]
    return _judged(case, sent) if doing.verb == "sign" else []


def _judged(case: Case, table: list[dict[str, Any]]) -> list[Reason]:
    plan = Plan.objects.get(code=case.values["plan"])
    last, version = reports(plan), keeping.in_force(plan, date.fromisoformat(case.values["last_day"]))
    planned = {each.id: each.planned for each in things.things(version)} if version else {}
    found = []
    for row in table:
        key = (row["kind"], row["key"])
        before = last.get(key, {}).get(case.organisation or 0)
        if before and before.last_day.isoformat() >= case.values["last_day"]:
            before = None  # its own report, sent back: it may fall again
        found += list(rows.faults(row, before, planned.get(key), dispatch()))
    return found


def after(change: Change) -> None:
    """Write the rows of a table that was signed, in the transaction of the signature."""
    if change.entry.verb != "sign" or change.entry.step != "report":
        return
    case: Any = change.record
    plan = Plan.objects.get(code=change.after.values["plan"])
    for row in change.after.values["rows"]:
        _take(plan, case, row, change)


def _take(plan: Plan, case: Case, row: Mapping[str, Any], change: Change) -> None:
    period = {name: date.fromisoformat(change.after.values[name]) for name in ("first_day", "last_day")}
    of_item = {"plan": plan, "kind": row["kind"], "key": row["key"], "organisation_id": case.organisation}
    before = Reported.objects.filter(**of_item, **period, replaced_by=None).order_by("-pk").first()
    given: dict[str, Any] = {name: _decimal(row.get(name)) for name in NUMBERS}
    given |= {"status": row.get("status", ""), "note": row.get("note", ""), "evidence": row.get("evidence", [])}
    if before and all(getattr(before, name) == value for name, value in given.items()):
        return
    Reported.objects.create(
        **of_item, **period, **given, title=row.get("title", ""), unit=row.get("unit", ""), division=case.division,
        case=case, step=change.entry.sequence, at=change.entry.at, by=change.entry.actor.name, replaces=before,
        simulated=case.simulated,
    )  # fmt: skip


def _decimal(given: Any) -> Decimal | None:
    return None if given in (None, "") else Decimal(given)
