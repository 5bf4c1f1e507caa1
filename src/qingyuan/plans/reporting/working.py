"""What work on a plan brought, for scoring: late reports, supervision, notices, talks, money, reported values, shares.

Real sheets take real rows only; simulated ones, which say so, take all. Everything is as it was known at the moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from django.db.models import QuerySet

from qingyuan.base.rounding import round_half_even
from qingyuan.base.time import isoformat
from qingyuan.cases.models import Case
from qingyuan.people.models import Organisation
from qingyuan.plans import division, facts, live, sharing
from qingyuan.plans.dispatching import asking, standing, things
from qingyuan.plans.dispatching import values as values_of
from qingyuan.plans.dispatching.standing import Whole
from qingyuan.plans.dispatching.things import Thing
from qingyuan.plans.evaluating.known import Amount, Department, Event, Own, Trace, Work
from qingyuan.plans.evaluating.rules import Rules
from qingyuan.plans.facts import Words
from qingyuan.plans.models import Item, Reported, Share, Version
from qingyuan.plans.reporting.proven import proven
from qingyuan.plans.told import Told
from qingyuan.registers.flow.declared import VOID
from qingyuan.registers.models import RegisterRecord

Whose = TypeVar("Whose")
FOLLOWED = {"plan_supervision": "supervised", "plan_notice": "notified", "plan_talk": "talked_to"}
"""Kind of case → event."""
LEDGER = Words("规划调度台账", "cases of the plan")
REGISTER = Words("项目台账；当年计划按已过天数折算", "register of projects; the running year by its days so far")
MONEY = Words(
    "责任单位填报；计划数自规划起始日至期限按直线推算", "as reported; planned on a straight line to its deadline"
)


def work(version: Version | None, simulated: bool, first: date, as_of: datetime, rules: Rules) -> Work:
    """All of it in a period; without a version in force only the issued shares and what the rules' cases proved."""
    issued, proved = _shares(simulated), proven(rules, simulated, first, as_of)
    if version is None:
        return Work(shares=issued, proven=proved)
    cases = list(_cases(version, simulated, as_of))
    events, reported = _events(cases, first, as_of, _home), _reported(version, simulated, as_of)
    amounts, values = _amounts(version, reported, simulated, as_of), _values(version, simulated, as_of)
    own = _departments(version, reported, _events(cases, first, as_of, _office), as_of)
    return Work(events, amounts, values, issued, proved, own)


def place(code: str) -> str:
    """The province or city a code of any level lies in: ``220122`` → ``220100``."""
    return division.normal(code[:6])


def _shares(simulated: bool) -> dict[tuple[str, int], Own]:
    """Shares of the final targets, of places (not of departments), by place and indicator; base 0: none was given."""
    ends = {str(each.no): each.targets[-1].day for each in facts.plan().indicators}
    found = {}
    for each in sharing.shares_in_force(simulated).filter(party="", division__endswith="00"):
        kept, own = each.decomposition, _own(each)
        if kept.day == ends.get(kept.indicator) and own is not None:
            found[place(each.division), int(kept.indicator)] = own
    return found


def _own(share: Share) -> Own | None:
    """A place's share in the unit of the indicator."""
    told, kept = sharing.in_unit(share), share.decomposition
    if told is None:
        return None
    base, value = told
    said = f"分解 {kept.indicator} 第 {kept.version} 版 {kept.digest[:8]}"
    if sharing.counted(share):
        return Own(base, value, f"{said}，{share.value:.0f}/{share.weight:.0f}")
    return Own(base or None, value, said)


def _cases(version: Version, simulated: bool, as_of: datetime) -> Iterable[Case]:
    kinds = (asking.KIND, *FOLLOWED)
    found = Case.objects.filter(kind__in=kinds, values__plan=version.plan.code, opened_at__lte=as_of)
    found = found.exclude(step=VOID).order_by("opened_at", "pk")
    return found if simulated else found.filter(simulated=False)


def _home(case: Case) -> str:
    return place(case.division)


def _office(case: Case) -> int | None:
    return case.organisation


def _events(
    cases: Iterable[Case], first: date, as_of: datetime, whose: Callable[[Case], Whose]
) -> dict[Whose, tuple[Event, ...]]:
    """By place (or organisation) what counts against it; one nobody asked in the period has no entry, one that kept
    to it all ()."""
    found: dict[Whose, list[Event]] = {}
    for case in cases:
        told = _report(case, first, as_of) if case.kind == asking.KIND else _followed(case, first)
        if told is not None:
            found.setdefault(whose(case), []).extend(told)
    return {key: tuple(events) for key, events in found.items()}


def _report(case: Case, first: date, as_of: datetime) -> list[Event] | None:
    """Whether a report was late; None while it is not due and not given, or when it was due before the period."""
    due = date.fromisoformat(case.values["due_day"])
    given = datetime.fromisoformat(case.times["report"]) if "report" in case.times else None
    given = given if given is not None and given <= as_of else None
    if due < first or (given is None and as_of.date() <= due):
        return None
    on_time = given is not None and given.date() <= due
    return [] if on_time else [_event("late_report", case, due, "迟报", "late report")]


def _followed(case: Case, first: date) -> list[Event] | None:
    opened: date = case.opened_at.date()
    return None if opened < first else [_event(FOLLOWED[case.kind], case, opened, "", "")]


def _event(kind: str, case: Case, day: date, zh: str, en: str) -> Event:
    title = case.declared.flow.title
    words = Words(
        f"{case.organisation_name}{zh or title.zh} {case.number}", f"{case.organisation_name}: {en or title.en}"
    )
    return Event(kind, words, day, Trace("case", LEDGER, case.number, isoformat(case.opened_at)))


def _reported(version: Version, simulated: bool, as_of: datetime) -> list[Reported]:
    found = Reported.objects.filter(plan=version.plan, at__lte=as_of, last_day__lte=as_of.date())
    return list(found if simulated else found.filter(simulated=False))


def _amounts(
    version: Version, reported: list[Reported], simulated: bool, as_of: datetime
) -> dict[str, tuple[Amount, ...]]:
    """Money of projects: as the register keeps it at its place; what is asked for at the place of the lead."""
    wholes = standing.wholes(map(asking.report, reported))
    homes = dict(Organisation.objects.values_list("pk", "division"))
    found: dict[str, list[Amount]] = {}
    for row in _registered(version, simulated, as_of):
        found.setdefault(place(row.division), []).append(_kept(row, as_of.date()))
    for each in things.things(version):
        if each.kind == Item.Kind.PROJECT and not each.known:
            home = homes[each.organisations[0]] if each.organisations else version.plan.division
            found.setdefault(place(home), []).append(_amount(each, wholes.get(each.id), version, as_of.date()))
    return {code: tuple(amounts) for code, amounts in found.items()}


def _registered(version: Version, simulated: bool, as_of: datetime) -> QuerySet[RegisterRecord]:
    found = RegisterRecord.objects.filter(kind=things.PROJECTS, values__plan=version.plan.code, opened_at__lte=as_of)
    found = found.exclude(step=VOID).order_by("number")
    return found if simulated else found.filter(simulated=False)


def _departments(version: Version, reported: list[Reported], events: Mapping[int | None, tuple[Event, ...]],
                 as_of: datetime) -> tuple[Department, ...]:  # fmt: skip
    """Departments of the plan's own level that lead an item of it, in the order of their names."""
    wholes = standing.wholes(map(asking.report, reported))
    led: dict[int, list[Thing]] = {}
    for each in things.things(version):
        for number in each.organisations[:1]:
            led.setdefault(number, []).append(each)
    level = {"pk__in": led, "division": version.plan.division.ljust(6, "0"), "kind": Organisation.Kind.DEPARTMENT}
    offices = Organisation.objects.filter(**level)
    numbers = values_of.numbers_of(version)
    return tuple(_department(one, led[one.pk], numbers, wholes, events, version, as_of) for one in offices)


def _department(office: Organisation, led: list[Thing], numbers: Mapping[str, int],
                wholes: Mapping[tuple[str, str], Whole], events: Mapping[int | None, tuple[Event, ...]],
                version: Version, as_of: datetime) -> Department:  # fmt: skip
    """What a department leads; money only of projects asked of it: those of the register belong to their places."""
    asked = [each for each in led if each.kind == Item.Kind.PROJECT and not each.known]
    return Department(
        office.pk, Words(office.name_zh, office.name_en or office.name_zh),
        frozenset(numbers[each.key] for each in led if each.kind == Item.Kind.INDICATOR and each.key in numbers),
        frozenset(each.key for each in led if each.kind == Item.Kind.TASK),
        tuple(_amount(each, wholes.get(each.id), version, as_of.date()) for each in asked), events.get(office.pk),
    )  # fmt: skip


def _kept(row: RegisterRecord, on: date) -> Amount:
    """A registered project: what was planned of the years that are over and of this one so far, and what was paid."""
    years = [each for each in row.values.get("years") or () if int(Decimal(str(each.get("year") or 9999))) <= on.year]
    planned = [_part(each, on) for each in years if each.get("planned") not in (None, "")]
    paid = [Decimal(str(each["paid"])) for each in years if each.get("paid") not in (None, "")]
    spent = sum(paid, Decimal(0)) if paid else None
    asked = round_half_even(sum(planned, Fraction(0)), 2) if planned else None
    return Amount(row.number, Words(row.title, row.title), asked, spent, Trace("reported", REGISTER, row.number))


def _part(year: Mapping[str, Any], on: date) -> Fraction:
    """Money planned for a year, of the running one as much as its days so far."""
    first = date(int(Decimal(str(year["year"]))), 1, 1)
    passed = min(Fraction((on - first).days + 1, 365), Fraction(1))
    return Fraction(Decimal(str(year["planned"]))) * passed


def _amount(thing: Thing, whole: Whole | None, version: Version, on: date) -> Amount:
    trace = Trace("reported", MONEY, f"项目 {thing.key}", str(whole.last_day) if whole else "")
    planned = None if thing.planned is None else _by(thing.planned, version.plan.first_day, thing.deadline, on)
    return Amount(thing.key, Words(thing.title, thing.title), planned, whole.amount if whole else None, trace)


def _by(planned: Decimal, first: date, last: date, on: date) -> Decimal:
    """What of the money was to be spent by a day, on a straight line."""
    span = max((last - first).days, 1)
    passed = min(max((on - first).days, 0), span)
    return round_half_even(Fraction(planned) * Fraction(passed, span), 2)


def _values(version: Version, simulated: bool, as_of: datetime) -> dict[tuple[str, int], tuple[Decimal, Trace]]:
    """By place and indicator what the live figures know beside the assessments, as it is published."""
    found = live.values_of(version, simulated, as_of)
    return {(code, no): (_published(no, told), _trace(code, no, told)) for (code, no), told in found.items()}


def _published(no: int, told: Told) -> Decimal:
    return round_half_even(told.exact, facts.plan().indicator(no).decimals)


def _trace(code: str, no: int, told: Told) -> Trace:
    came = told.came
    return Trace("reported", came.words, f"指标 {no} @ {code} {came.record}", came.as_of.isoformat())
