"""A year of quarterly reports on a plan 模拟: asked, filled in time, late or never, returned and accepted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from qingyuan.base.errors import WrongUsage
from qingyuan.base.working_days import add_working_days
from qingyuan.cases import acting
from qingyuan.cases.models import Case
from qingyuan.people.actors import Actor
from qingyuan.people.models import Person
from qingyuan.people.rights import of
from qingyuan.plans import facts
from qingyuan.plans.book import keeping
from qingyuan.plans.decomposing.rules import rules
from qingyuan.plans.dispatching import asking, scope, things
from qingyuan.plans.dispatching.things import Thing
from qingyuan.plans.models import Plan, Reported

LATE, NEVER, RETURNED = 0.12, 0.08, 0.12
"""Shares of the reports that come late, do not come, and are returned once."""
MORNING = time(8, 30)
INVENTED = {
    9: Decimal(100),
    15: Decimal("69.5"),
    16: Decimal(50000),
    17: Decimal(19),
    18: Decimal("14.5"),
    19: Decimal("13.5"),
}
"""Numbers of indicators whose target is a wording, made up for the demo."""


def simulate(plan: Plan, begins: datetime, ends: datetime, seed: int = 14) -> int:
    """Ask and answer quarter by quarter until a moment; gives the number of rows reported.

    Only for a simulated plan with a version in force, whose responsible are people of this database. Raises WrongUsage.
    """
    if not plan.simulated:
        raise WrongUsage(f"{plan.code} is no simulated plan", "Reports of a real plan are made by people only.")
    before = Reported.objects.filter(plan=plan).count()
    for at in _quarters(begins, ends):
        asking.look(at)
        waiting = asking.open_of(plan).filter(step="report", entered_at__gte=at).order_by("pk")
        for case in list(waiting):
            _answered(plan, case, ends, Random(f"{seed} {case.number}"))  # noqa: S311 - a simulation, no secret
    return Reported.objects.filter(plan=plan).count() - before


def _quarters(begins: datetime, ends: datetime) -> Iterator[datetime]:
    day = date(begins.year, begins.month, 1)
    while datetime.combine(day, MORNING) <= ends:
        if day.month % 3 == 1 and datetime.combine(day, MORNING) >= begins:
            yield datetime.combine(day, MORNING)
        day = (day + timedelta(days=32)).replace(day=1)


def _answered(plan: Plan, case: Case, ends: datetime, chance: Random) -> None:
    """One report from the department's desk to the reviewer's, as far as the time reaches."""
    fate, who, reviewer = chance.random(), _member(case.organisation, case), _reviewer(case)
    if fate < NEVER or who is None:
        return
    days = chance.randrange(12, 26) if fate < NEVER + LATE else chance.randrange(2, 10)
    at = _working(case.entered_at, days, chance)
    if at > ends:
        return
    _do(case, who, at, "sign", {"rows": _filled(plan, case, chance), "summary": "模拟填报"})
    at = _working(at, chance.randrange(1, 6), chance)
    if reviewer is None or at > ends:
        return
    if chance.random() < RETURNED:
        at = _returned(case, who, reviewer, at, ends, chance)
        if at > ends:
            return
    _do(case, reviewer, at, "sign", {"opinion": "同意"})


def _returned(case: Case, who: Person, reviewer: Person, at: datetime, ends: datetime, chance: Random) -> datetime:
    """A row is returned, explained and signed again; gives the moment of the next look."""
    rows = [dict(row) for row in case.values["rows"]]
    row = rows[chance.randrange(len(rows))]
    remark = [{"key": row["key"], "reason": "请补充说明进展依据"}]
    asking.send_back(
        case, remark, acting.Doing("return", _actor(reviewer), case.version), at, _holds(reviewer, case, at)
    )
    at = _working(at, 2, chance)
    if at > ends:
        return at
    row["note"] = "已补充：依据为季度统计（模拟）"
    _do(case, who, at, "sign", {"rows": rows})
    return _working(at, 1, chance)


def _filled(plan: Plan, case: Case, chance: Random) -> list[dict[str, Any]]:
    known = {each.id: each for each in things.things(_version(plan, case))}
    return [_row(plan, case, row, known.get((row["kind"], row["key"])), chance) for row in case.values["rows"]]


def _version(plan: Plan, case: Case) -> Any:
    return keeping.in_force(plan, case.entered_at.date())


def _row(plan: Plan, case: Case, row: Mapping[str, Any], thing: Thing | None, chance: Random) -> dict[str, Any]:
    if row["kind"] == "indicator":
        return {**row, "value": _value(plan, case, thing, chance)}
    own = Random(f"{row['key']} {case.organisation}")  # noqa: S311 - how an item fares over all its reports
    deadline = thing.deadline if thing else plan.last_day
    share = (date.fromisoformat(case.values["last_day"]) - plan.first_day) / (deadline - plan.first_day)
    progress = min(100.0, max(float(row.get("progress", 0)), 100 * share * own.uniform(0.6, 1.12)))
    filled = {**row, "progress": f"{progress:.1f}", "status": "done" if progress >= 100 else "under_way"}
    if thing and thing.planned:
        filled["amount"] = str(round(thing.planned * Decimal(filled["progress"]) / 100, 2))
    if thing and thing.quantity:
        filled["value"] = str(round(thing.quantity * Decimal(filled["progress"]) / 100, 2))
    return filled


def _value(plan: Plan, case: Case, thing: Thing | None, chance: Random) -> str:
    """An indicator near its target; what adds up over the years as far as the time is; without a number, invented."""
    numbers = {each.name.zh: each for each in facts.plan().indicators}
    known = numbers.get(thing.title) if thing else None
    target = (thing.quantity if thing else None) or (known and INVENTED.get(known.no)) or Decimal(10)
    gone = (date.fromisoformat(case.values["last_day"]) - plan.first_day) / (plan.last_day - plan.first_day)
    share = gone * 1.02 if known and rules()[known.no].from_nothing else 1.0
    return str(round(target * Decimal(share * chance.uniform(0.95, 1.0)), known.decimals if known else 1))


def _working(moment: datetime, days: int, chance: Random) -> datetime:
    day = add_working_days(moment.date(), days)
    return datetime.combine(day, MORNING) + timedelta(minutes=chance.randrange(5, 480))


def _member(organisation: int | None, case: Case) -> Person | None:
    """Somebody of an organisation who may sign its report."""
    signers = case.declared.flow.steps["report"].signs
    found = Person.objects.filter(organisation=organisation, user__is_active=True).order_by("pk")
    return next((each for each in found if any(map(_holds(each, case, case.entered_at), signers))), None)


def _reviewer(case: Case) -> Person | None:
    """Somebody who dispatches there."""
    found = Person.objects.filter(organisation__duties__code="planning", user__is_active=True).distinct().order_by("pk")
    able = (each for each in found if scope.dispatches(of(each.user, case.entered_at), case.division, case.domain))
    return next(able, None)


def _actor(person: Person) -> Actor:
    return Actor(person.user_id, person.name, person.organisation_id)


def _holds(person: Person, case: Case, at: datetime) -> acting.Holds:
    rights = of(person.user, at)
    return lambda signer: rights.holds(signer.duty, None, case.division, case.domain)


def _do(case: Case, person: Person, at: datetime, verb: Any, values: Mapping[str, Any]) -> None:
    case.refresh_from_db()
    acting.act(case.pk, acting.Doing(verb, _actor(person), case.version, values), _holds(person, case, at), at)
    case.refresh_from_db()
