"""How a case of the year is worked on: who signs each step, what they give, how long they take, what goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from qingyuan.cases import acting, attaching, checks, custody, kinds, routing
from qingyuan.cases.models import Case
from qingyuan.interfaces import reported
from qingyuan.interfaces.jobs.year import pictures
from qingyuan.interfaces.jobs.year.running import Story, Year, texts, working
from qingyuan.interfaces.jobs.year.staff import Member
from qingyuan.registers.flow.declared import Signer
from qingyuan.reports.models import Report, State

ENVIRONMENT = (Signer("any", "environment"),)
URGENT = ("hot_spot",)
DAY = timedelta(days=1)
Closed = Callable[[Year, Report, datetime], Story]
"""What a reporter does once their report was answered."""


def handled(year: Year, number: int, after: Closed, at: datetime) -> Story:
    """Bring a case on, step by step, until it is closed; now and then it is opened again."""
    if number in year.driven:
        return
    year.driven.add(number)
    chance = year.chance("case", number)
    slow = chance.random() < 0.2
    case = Case.objects.get(pk=number)
    while case.is_open:
        at = _when(case, chance, slow, at)
        yield at
        case = Case.objects.get(pk=number)
        if case.is_open and not _kept_waiting(case, at):
            _step(year, case, chance, at)
            _answered(year, case, after, at)
    year.driven.discard(number)
    if case.step == "closed" and chance.random() < 0.04:
        at = working(at + DAY * chance.uniform(4, 20), chance)
        yield at
        yield from _opened_again(year, case, after, chance, at)


def _opened_again(year: Year, case: Case, after: Closed, chance: Random, at: datetime) -> Story:
    case.refresh_from_db()
    who = year.staff.signer(ENVIRONMENT, case.division, case.domain)
    if who is None or case.is_open or case.pk in year.driven:
        return
    _do(case, who, at, "reopen", to="investigate", note=chance.choice(texts()["said"]["reopened"]))
    yield from handled(year, case.pk, after, at)


def _when(case: Case, chance: Random, slow: bool, at: datetime) -> datetime:
    """When the next act happens: a share of the time there is, or past it for the slow."""
    begun = max(at, case.entered_at)
    if _kept_waiting(case, begun):
        return working(begun + DAY * max(1, case.needed - case.agreeing), chance)
    there = max((case.due or begun + 5 * DAY) - begun, timedelta(hours=1))
    share = chance.uniform(1.05, 2.2) if slow and chance.random() < 0.5 else chance.uniform(0.04, 0.45)
    late = begun + there * share
    late = late.replace(microsecond=0)
    return late if case.kind in URGENT and case.step in ("assign", "investigate") else working(late, chance)


def _kept_waiting(case: Case, at: datetime) -> bool:
    """Data have to prove it first, it relapsed today, or a case below it is open."""
    if case.step == "rectify":
        return case.told_relapse is not None and at.date() <= case.told_relapse
    if case.step == "verify":
        return case.agreeing < case.needed
    return case.step == "close" and case.children.filter(is_open=True).exists()


def _step(year: Year, case: Case, chance: Random, at: datetime) -> None:
    if case.step == "assign":
        _in_hands(year, case, chance, at)
    if case.step == "investigate" and chance.random() < 0.06:
        _up(year, case, chance, at)
    who = _signer(year, case)
    if chance.random() < 0.12:
        _do(case, who, at, "note", note=chance.choice(texts()["said"]["notes"]))
    if case.step in ("investigate", "rectify") and chance.random() < _pictured(case):
        _picture(year, case, who, chance, at)
    if case.step == "verify" and case.reopened < 2 and chance.random() < 0.08:
        _do(case, who, at, "return", to="rectify", note=chance.choice(texts()["said"]["returned"]))
        return
    _do(case, who, at, "sign", values=VALUES[case.step](case, chance, at, who))


def _pictured(case: Case) -> float:
    return 0.5 if case.kind == "hot_spot" else 0.05


def _signer(year: Year, case: Case) -> Member:
    """Somebody who may sign the present step: in its working steps, one of those who have the case."""
    signs = case.declared.flow.steps[case.step].signs
    among = _theirs(case) if case.step in case.declared.charge and case.organisation else None
    found = year.staff.signer(signs, case.division, case.domain, case.site, among)
    if found is None:
        raise LookupError(f"{case.number}: nobody may sign {case.step} at {case.division}, {case.organisation_name}")
    return found


def _theirs(case: Case) -> list[int]:
    return [number for number in (case.organisation, *(number for number, _name in case.joint)) if number]


def _in_hands(year: Year, case: Case, chance: Random, at: datetime) -> None:
    """Hand it to somebody who can investigate: the organisation that has it, or the inspectors of the place."""
    flow = case.declared.flow.steps
    handed: dict[str, Any] = {}
    needed = (*flow["investigate"].signs, Signer("any", "inspection"))
    among = _theirs(case)
    if not among or any(
        year.staff.signer(flow[step].signs, case.division, case.domain, case.site, among) is None
        for step in kinds.WORKED
    ):
        handed = _inspectors(case)
        among = [handed["organisation"]]
    one = year.staff.signer(needed, case.division, case.domain, case.site, among)
    if one and one.actor.organisation == (handed.get("organisation") or case.organisation) and chance.random() < 0.4:
        handed |= {"handler": one.actor.account, "handler_name": one.actor.name}
    if chance.random() < 0.06 and (beside := _monitoring(case)):
        handed["joint"] = [*case.joint, [*beside]]
    if handed:
        who = year.staff.signer(ENVIRONMENT, case.division, case.domain)
        assert who is not None
        _do(case, who, at, "hand_over", handed=handed, note="交办" if "joint" not in handed else _said("joint"))


def _said(what: str) -> str:
    return str(texts()["said"][what][0])


def _inspectors(case: Case) -> dict[str, Any]:
    level = case.level if case.level in ("city", "county") else "county"
    level = level if routing.level_of(case.division) not in ("city", "province") else "city"
    lead = custody.lead(routing.Route(level, "inspection", routing.lifted(case.division, level)), case.domain)
    assert lead is not None, (case.division, level)
    return _to(lead, level)


def _to(organisation: tuple[int, str], level: str) -> dict[str, Any]:
    number, name = organisation
    return {"organisation": number, "organisation_name": name, "level": level, "handler": None, "handler_name": ""}


def _monitoring(case: Case) -> tuple[int, str] | None:
    city = routing.lifted(case.division, "city")
    found = custody.lead(routing.Route("city", "monitoring", city), case.domain)
    return found if found and found[0] != case.organisation else None


def _up(year: Year, case: Case, chance: Random, at: datetime) -> None:
    """The county hands a hard case up to the city."""
    if case.level != "county" or routing.level_of(case.division) == "city":
        return
    city = routing.lifted(case.division, "city")
    lead = custody.lead(routing.Route("city", "inspection", city), case.domain)
    if lead:
        handed = {
            "organisation": lead[0],
            "organisation_name": lead[1],
            "level": "city",
            "handler": None,
            "handler_name": "",
        }
        _do(case, _signer(year, case), at, "hand_over", handed=handed, note=_said("up"))


def _picture(year: Year, case: Case, who: Member, chance: Random, at: datetime) -> None:
    place = (case.lon, case.lat) if case.lon is not None and case.lat is not None else None
    taken = at - timedelta(minutes=chance.randrange(3, 30))
    name = f"{taken:%Y%m%d-%H%M}.jpg"
    sent = attaching.Sent(name, pictures.drawn(case.kind, chance, taken, place))
    attaching.attach(year.data, case, sent, who.actor, at)


def _do(
    case: Case, who: Member, at: datetime, verb: Any, values: Mapping[str, Any] | None = None, note: str = "",
    to: str = "", handed: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    doing = acting.Doing(verb, who.actor, case.version, values or {}, note, to, handed or {})
    change = acting.act(case.pk, doing, who.holds(case.division, case.domain, case.site), at)
    vars(case).update(vars(change.record))


def _answered(year: Year, case: Case, after: Closed, at: datetime) -> None:
    """The closing of a case answers its reports; their reporters go on from there."""
    if case.step == "closed" and case.kind == "public_report" and reported.answer(case, at):
        for report in Report.objects.filter(case=case.number, state=State.ANSWERED):
            year.tell(after(year, report, at))


def _assigning(case: Case, chance: Random, at: datetime, who: Member) -> dict[str, Any]:
    days = 2 if case.kind in URGENT else chance.randrange(8, 40)
    orders = chance.choice(texts()["said"]["orders"])
    return {"leader": who.actor.name, "limit": (at.date() + days * DAY).isoformat(), "orders": orders}


def _investigating(case: Case, chance: Random, at: datetime, who: Member) -> dict[str, Any]:
    told = texts()["cases"][case.kind]
    holds = chance.choices(["yes", "partly", "no"], [84, 9, 7])[0]
    if case.kind == "hot_spot":
        seen = chance.choices(["burnt", "burning", "nothing", "other"], [60, 15, 18, 7])[0]
        area = {"area": str(chance.randrange(1, 24) / 2)} if seen in ("burnt", "burning") else {}
        return {"seen": seen, "facts": chance.choice(told["facts"]), "holds": holds, **area}
    cause = chance.choice(["facility", "operation", "monitor", "illegal", "outside", "other"])
    found = {"facts": chance.choice(told["facts"]), "holds": holds, "cause": cause}
    if cause == "illegal" and holds == "yes":
        found |= {"penalty": _penalty(chance, at), "punished_on": at.date().isoformat()}
    return found | ({"sheet": _sheet(case, chance)} if case.kind == "inspection" else {})


def _penalty(chance: Random, at: datetime) -> str:
    return str(texts()["said"]["penalty"].format(year=at.year, number=chance.randrange(11, 240)))


def _sheet(case: Case, chance: Random) -> list[dict[str, str]]:
    results = [chance.choices(["good", "bad", "na"], [78, 15, 7])[0] for _ in checks.items(case.domain)]
    return [{"item": item, "result": result} for item, result in zip(checks.items(case.domain), results, strict=True)]


def _mending(case: Case, chance: Random, at: datetime, who: Member) -> dict[str, Any]:
    measures = chance.choice(texts()["cases"][case.kind]["measures"])
    return {"measures": measures, "rectified_on": at.date().isoformat()}


def _verifying(case: Case, chance: Random, at: datetime, who: Member) -> dict[str, Any]:
    return {"opinion": chance.choice(texts()["said"]["opinion"])}


def _closing(case: Case, chance: Random, at: datetime, who: Member) -> dict[str, Any]:
    return {"acceptance": chance.choice(texts()["said"]["acceptance"]), "published": chance.random() < 0.9}


VALUES: dict[str, Callable[[Case, Random, datetime, Member], dict[str, Any]]] = {
    "assign": _assigning,
    "investigate": _investigating,
    "rectify": _mending,
    "verify": _verifying,
    "close": _closing,
}
"""What signing each step takes."""
