"""Asking: a case an organisation and period, with a table of its items; by schedule, or once by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from qingyuan.base.errors import QingyuanError
from qingyuan.base.working_days import add_working_days
from qingyuan.cases import acting, opening
from qingyuan.cases.models import Case, Origin
from qingyuan.people.actors import SYSTEM, Actor
from qingyuan.people.models import Organisation
from qingyuan.plans.dispatching import periods, rows, things
from qingyuan.plans.dispatching.declared import dispatch
from qingyuan.plans.dispatching.periods import Period
from qingyuan.plans.dispatching.standing import Key, Report, latest
from qingyuan.plans.dispatching.things import Thing
from qingyuan.plans.models import Plan, Reported, Version

KIND, SOURCE = "plan_report", "plan_report"


class NothingToAsk(QingyuanError):
    """Nothing was chosen that anybody could be asked for."""


@dataclass
class Asked:
    """What one look did. opened: cases; nobody: items whose responsible are no organisation known here."""

    opened: int = 0
    nobody: list[str] = field(default_factory=list)


def look(at: datetime) -> Asked:
    """Open the cases of every period that is over and was not asked for yet, of every plan."""
    done = Asked()
    for plan, version in things.plans(at):
        known = things.things(version)
        done.nobody += [each.key for each in known if each.every != "never" and not each.known and not each.asked]
        for every in ("monthly", "quarterly"):
            asked = [each for each in known if each.asked and each.every == every]
            for period in _periods(plan, version, every, at.date()):
                done.opened += _open(plan, period, asked, at)
    return done


def _periods(plan: Plan, version: Version, every: str, on: date) -> list[Period]:
    """Those that ended while a version was in force; the latest few."""
    first = plan.versions.exclude(in_force_from=None).order_by("in_force_from").first() or version
    since = first.in_force_from or plan.first_day
    found = [each for each in periods.over(every, plan.first_day, plan.last_day, on) if each.last >= since]
    return found[-dispatch().catch_up :]


def _open(plan: Plan, period: Period, asked: Sequence[Thing], at: datetime) -> int:
    by_organisation: dict[int, list[Thing]] = {}
    for each in asked:
        for number in each.organisations:
            by_organisation.setdefault(number, []).append(each)
    keys = {number: f"{plan.code}/{period.name}/{number}" for number in by_organisation}
    there = set(Origin.objects.filter(source=SOURCE, key__in=keys.values()).values_list("key", flat=True))
    fresh = Organisation.objects.filter(pk__in=[each for each in keys if keys[each] not in there], active=True)
    due = period.due(dispatch().due)
    due = due if at.date() <= due else add_working_days(at.date(), dispatch().due)
    last = reports(plan)
    for one in fresh:
        about = f"{plan.title} {period.zh}进展填报"
        open_one(plan, one, by_organisation[one.pk], period, due, at, about=about, key=keys[one.pk], last=last)
    return len(fresh)


def reports(plan: Plan) -> Mapping[Key, Mapping[int, Report]]:
    """The latest reports of a plan by item and organisation."""
    return latest(report(each) for each in Reported.objects.filter(plan=plan))


def report(row: Reported) -> Report:
    """A stored row as the pure core knows it."""
    return Report(
        row.pk, row.kind, row.key, row.organisation_id, row.last_day, row.value, row.progress, row.amount, row.status,
        row.replaces_id,
    )  # fmt: skip


def open_one(
    plan: Plan,
    to: Organisation,
    asked: Iterable[Thing],
    period: Period,
    due: date,
    at: datetime,
    *,
    about: str,
    key: str,
    last: Mapping[Key, Mapping[int, Report]],
    question: str = "",
    actor: Actor = SYSTEM,
) -> Case:
    """The case that asks one organisation for its items."""
    table = [rows.prefilled(each.row, last.get(each.id, {}).get(to.pk), each.known) for each in asked]
    values: dict[str, Any] = {"plan": plan.code, "due_day": due.isoformat(), "question": question, "rows": table}
    values |= {"first_day": period.first.isoformat(), "last_day": period.last.isoformat()}
    return opening.open_case(_signal(plan, KIND, to, about, SOURCE, key, at, values), at, actor)


def _signal(
    plan: Plan, kind: str, to: Organisation, about: str, source: str, key: str, at: datetime, values: Mapping[str, Any]
) -> opening.Signal:
    return opening.Signal(
        kind=kind, about=about[:120], division=to.division, domain=plan.domain, occurred_at=at, source=source,
        key=key[:64], origin="plan", simulated=plan.simulated, grouped=False,
        values={name: value for name, value in values.items() if value}, to=(to.pk, to.name_zh, to.level),
        told={"plan": plan.code},
    )  # fmt: skip


def once(
    version: Version,
    keys: Iterable[Key],
    organisations: Iterable[int],
    question: str,
    due: date,
    actor: Actor,
    at: datetime,
) -> list[Case]:
    """Ask by hand, out of turn: chosen items of chosen organisations (none chosen: those responsible).

    Raises NothingToAsk, or WrongUsage of the day.
    """
    if due <= at.date():
        raise NothingToAsk(f"The deadline {due} is not after today", "Give a later day.")
    wanted, chosen = set(keys), set(organisations)
    asked = [each for each in things.things(version) if each.id in wanted]
    offices = chosen or {number for each in asked for number in each.organisations}
    period, plan = Period(at.date().replace(day=1), at.date()), version.plan
    last, made = reports(plan), []
    for one in Organisation.objects.filter(pk__in=offices, active=True):
        theirs = [each for each in asked if chosen or one.pk in each.organisations]
        if theirs:
            key = f"{plan.code}/{at:%Y%m%d%H%M%S}/{one.pk}"
            about = f"{plan.title} 调度：{question}" if question else f"{plan.title} 专项调度"
            made.append(
                open_one(
                    plan, one, theirs, period, due, at, about=about, key=key, last=last, question=question, actor=actor
                )
            )
    if not made:
        raise NothingToAsk("Nothing was chosen that anybody could be asked for", "Tick items and organisations.")
    return made


def follow(
    plan: Plan, kind: str, to: Organisation, reasons: str, actor: Actor, at: datetime, question: str = ""
) -> Case:
    """Open a supervision, a notice or a talk for an organisation; one of a kind is open at a time."""
    due = add_working_days(at.date(), dispatch().answer)
    open_now = open_of(plan, kind).filter(organisation=to.pk).first()
    if open_now is not None:
        return open_now
    titles = {"plan_supervision": "督办", "plan_notice": "通报", "plan_talk": "约谈"}
    values = {"plan": plan.code, "due_day": due.isoformat(), "reasons": reasons, "question": question}
    key = f"{plan.code}/{at:%Y%m%d%H%M%S}/{to.pk}"
    about = f"{plan.title} {titles[kind]}：{to.name_zh}"
    return opening.open_case(_signal(plan, kind, to, about, kind, key, at, values), at, actor)


def open_of(plan: Plan, kind: str = KIND) -> Any:
    """The open cases of a plan."""
    return Case.objects.filter(kind=kind, is_open=True, values__plan=plan.code)


def send_back(case: Case, remarks: Sequence[Mapping[str, str]], doing: acting.Doing, at: datetime, holds: Any) -> None:
    """Return rows with their reasons, in one: the remarks are kept, the table goes back. Raises Refused, Conflict."""
    from django.db import transaction

    with transaction.atomic():
        kept = {"remarks": [dict(each) for each in remarks]}
        acting.act(case.pk, acting.Doing("fill", doing.actor, doing.seen, kept), holds, at)
        note = doing.note or "；".join(f"{each['key']}：{each['reason']}" for each in remarks)
        acting.act(case.pk, acting.Doing("return", doing.actor, doing.seen + 1, note=note, to="report"), holds, at)
