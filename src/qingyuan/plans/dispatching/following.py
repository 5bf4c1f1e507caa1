"""Who is late or lagging, and what the rules propose of it: supervision, a notice, a talk. People decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from qingyuan.base.working_days import working_days_between
from qingyuan.cases.models import Case
from qingyuan.people.models import Organisation
from qingyuan.plans.dispatching import asking, things
from qingyuan.plans.dispatching.declared import dispatch
from qingyuan.plans.dispatching.standing import Key
from qingyuan.plans.models import Version


@dataclass(frozen=True)
class Proposal:
    """What the rules propose for an organisation. reasons: in Chinese, for the case; facts: the numbers."""

    kind: str
    organisation: int
    name: str
    reasons: str
    facts: Mapping[str, int]


@dataclass(frozen=True)
class Cell:
    """A report of an organisation for a period: asked, late, returned, review, closed (accepted) or late_given."""

    case: int
    state: str
    due: date
    given: date | None


def proposals(
    version: Version, at: datetime, states: Mapping[Key, str], told_by: datetime | None = None
) -> list[Proposal]:
    """Every proposal that has no open case of its kind yet; states: the light of each item (`lights.of`)."""
    plan, rules = version.plan, dispatch()
    running = {(each.kind, each.organisation) for kind in rules.proposals for each in asking.open_of(plan, kind)}
    facts, found = lagging(version, at, states, told_by), []
    names = dict(Organisation.objects.filter(pk__in=facts).values_list("pk", "name_zh"))
    for number, known in sorted(facts.items()):
        for kind, when in rules.proposals.items():
            numbers = {name: Decimal(value) for name, value in known.items()}
            if (kind, number) not in running and number in names and when.value(numbers) is True:
                found.append(Proposal(kind, number, names[number], told(known), known))
    return found


def told(facts: Mapping[str, int]) -> str:
    """The reasons in a sentence."""
    words = {
        "late_days": "最早一次填报已逾期 {} 个工作日",
        "late_running": "连续 {} 期未按时填报",
        "behind": "{} 项任务进度落后",
        "tight": "{} 项任务进度吃紧",
    }
    return "；".join(text.format(facts[name]) for name, text in words.items() if facts.get(name)) + "。"


def lagging(
    version: Version, at: datetime, states: Mapping[Key, str], told_by: datetime | None = None
) -> dict[int, dict[str, int]]:
    """By organisation: late_days (working), late_running (periods), and its items behind and tight."""
    counted: dict[int, Counter[str]] = {}
    for each in things.things(version):
        for number in each.organisations:
            counted.setdefault(number, Counter())[states.get(each.id, "")] += 1
    cells = matrix(version, at, told_by)
    for number in {key[0] for key in cells} - counted.keys():
        counted[number] = Counter()
    return {
        number: {
            "late_days": _late_days((cell for (who, _period), cell in cells.items() if who == number), at.date()),
            "late_running": _running([cell for (who, _period), cell in sorted(cells.items()) if who == number]),
            "behind": held["behind"],
            "tight": held["tight"],
        }
        for number, held in counted.items()
    }


def matrix(version: Version, at: datetime, told_by: datetime | None = None) -> dict[tuple[int, tuple[str, str]], Cell]:
    """By organisation and period (first day, last day) how its report stands; of several cases the last.

    told_by: what was asked and given until then is known, where that is later than the moment lateness is judged at.
    """
    known = told_by or at
    rows = Case.objects.filter(kind=asking.KIND, values__plan=version.plan.code, opened_at__lte=known)
    return {
        (each.organisation, (each.values["first_day"], each.values["last_day"])): _cell(each, at.date(), known)
        for each in rows.exclude(step="void").order_by("pk")
        if each.organisation
    }


def _cell(case: Case, on: date, known: datetime) -> Cell:
    due = date.fromisoformat(case.values["due_day"])
    told_: Any = case.times.get("report")
    moment = datetime.fromisoformat(told_) if told_ else None
    given = moment.date() if moment and moment <= known else None
    if given is None:
        return Cell(case.pk, "late" if on > due else "asked", due, None)
    if case.step == "report":
        return Cell(case.pk, "returned", due, given)
    if given > due:
        return Cell(case.pk, "late_given", due, given)
    closed = case.closed_at is not None and case.closed_at <= known
    return Cell(case.pk, "closed" if closed else "review", due, given)


def _late_days(cells: Iterable[Cell], on: date) -> int:
    """Working days past the oldest deadline of a report not given."""
    due = min((cell.due for cell in cells if cell.state == "late"), default=None)
    return 0 if due is None else max(0, working_days_between(due, on))


def _running(cells: list[Cell]) -> int:
    """How many of the last reports, one after the other, were late; those still within time do not count."""
    number = 0
    for cell in reversed([each for each in cells if each.state not in ("asked", "returned")]):
        if cell.state not in ("late", "late_given"):
            break
        number += 1
    return number
