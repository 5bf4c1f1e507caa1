"""Values of indicators as their organisations reported them and a reviewer accepted them; what is still asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.db.models import Max

from qingyuan.base.time import in_year
from qingyuan.cases.models import Case, CaseStep
from qingyuan.people.models import Organisation
from qingyuan.plans import facts
from qingyuan.plans.decomposing.rules import rules
from qingyuan.plans.dispatching import asking, periods, standing, things
from qingyuan.plans.dispatching.declared import dispatch
from qingyuan.plans.dispatching.things import Thing
from qingyuan.plans.division import exact
from qingyuan.plans.facts import Words
from qingyuan.plans.models import Item, Reported, Version
from qingyuan.plans.told import Came, Key, Piece, Told

REPORTED = Words("责任单位填报并经审核", "reported by the responsible and accepted")


def values(version: Version, simulated: bool, by: datetime) -> dict[Key, Told]:
    """By place and indicator the latest value that was reported and accepted up to a moment.

    Real figures take real rows only. Values of several organisations of a place count where they add up, or agree.
    """
    numbers, found = numbers_of(version), {}
    for key, rows in _by_place(confirmed(version, simulated, by), numbers).items():
        told = _told(key[1], rows, by.date())
        if told is not None:
            found[key] = told
    return found


def numbers_of(version: Version) -> Mapping[str, int]:
    """Number of each indicator by its key in the version."""
    rows: Any = version.items.filter(kind=Item.Kind.INDICATOR).values_list("key", "number")
    known = {each.no for each in facts.plan().indicators}
    return {key: int(no) for key, no in rows if no.isdecimal() and int(no) in known}


def confirmed(version: Version, simulated: bool, by: datetime) -> list[Reported]:
    """The rows of indicators whose review was signed by a moment; oldest first."""
    found = Reported.objects.filter(plan=version.plan, kind=Item.Kind.INDICATOR, at__lte=by, last_day__lte=by.date())
    found = found if simulated else found.filter(simulated=False)
    rows = found.select_related("case", "organisation").order_by("last_day", "pk")
    accepted = _accepted({each.case_id for each in rows}, by)
    return [each for each in rows if accepted.get(each.case_id, 0) > each.step]


def _accepted(cases: Collection[int], by: datetime) -> dict[int, int]:
    """By case the sequence of the last acceptance: what was signed before it is confirmed."""
    signed = CaseStep.objects.filter(record__in=cases, verb="sign", step="review", at__lte=by)
    return dict(signed.values_list("record").annotate(last=Max("sequence")).order_by())


def _by_place(rows: Iterable[Reported], numbers: Mapping[str, int]) -> dict[Key, list[Reported]]:
    found: dict[Key, list[Reported]] = {}
    for row in rows:
        if row.key in numbers:
            found.setdefault((exact(row.division), numbers[row.key]), []).append(row)
    return found


def _told(no: int, rows: Sequence[Reported], on: date) -> Told | None:
    current = _whole(no, rows, on)
    if current is None:
        return None
    value, parts = current
    last = max(each.last_day for each in parts)
    before = _whole(no, rows, in_year(last, last.year - 1))
    ends = {each.last_day.year for each in rows if each.last_day.year < last.year}
    years = ((year, _whole(no, rows, date(year, 12, 31))) for year in sorted(ends))
    numbers = "、".join(dict.fromkeys(each.case.number for each in parts))
    return Told(
        value, Came("reported", REPORTED, numbers, last, tuple(map(_piece, parts))),
        before[0] if before else None, tuple((year, found[0]) for year, found in years if found),
    )  # fmt: skip


def _piece(row: Reported) -> Piece:
    shown = "" if row.value is None else f"{row.value.normalize():f}"
    return Piece(row.organisation.name_zh, shown, row.last_day, ("case", str(row.case_id)), row.note)


def _whole(no: int, rows: Sequence[Reported], on: date) -> tuple[Fraction, list[Reported]] | None:
    """The value of a place on a day and the rows it is made of; None where there is none, or they contradict."""
    by_number = {each.pk: each for each in rows if each.last_day <= on and each.value is not None}
    latest = standing.latest(asking.report(each) for each in by_number.values())
    parts = [by_number[each.number] for found in latest.values() for each in found.values()]
    numbers = [Fraction(each.value) for each in parts if each.value is not None]
    if not numbers or (len(set(numbers)) > 1 and rules()[no].by != "sum"):
        return None
    return (sum(numbers, Fraction(0)) if rules()[no].by == "sum" else numbers[0]), parts


def missing(version: Version, by: datetime) -> dict[Key, Words]:
    """By place and indicator who was asked, by when; what of the plan's own place nobody was asked for yet, too."""
    numbers = numbers_of(version)
    found = _expected(version, numbers, by.date())
    for case in asking.open_of(version.plan).filter(opened_at__lte=by).order_by("pk"):
        for row in case.values.get("rows", ()):
            if row["kind"] == Item.Kind.INDICATOR and row["key"] in numbers:
                found[exact(case.division), numbers[row["key"]]] = _asked(case, by.date())
    return found


def _asked(case: Case, on: date) -> Words:
    name, due = case.organisation_name, case.values["due_day"]
    if case.step != "report":
        return Words(f"{name}已填报，待审核", f"reported by {name}, not accepted yet")
    late = on.isoformat() > due
    return Words(
        f"尚未填报：已向{name}调度，期限 {due}{'（已逾期）' if late else ''}",
        f"not reported yet: asked of {name}, due {due}{' (late)' if late else ''}",
    )


def _expected(version: Version, numbers: Mapping[str, int], on: date) -> dict[Key, Words]:
    place = exact(version.plan.division)
    asked = [each for each in things.things(version) if each.kind == Item.Kind.INDICATOR and each.key in numbers]
    offices = {number for each in asked for number in each.organisations}
    names = dict(Organisation.objects.filter(pk__in=offices).values_list("pk", "name_zh"))
    suppliers = {each.no: each.supplier.name for each in facts.plan().indicators}
    return {(place, no): _next(each, suppliers[no], version, names, on) for each in asked for no in [numbers[each.key]]}


def _next(thing: Thing, supplier: Words, version: Version, names: Mapping[int, str], on: date) -> Words:
    """Of whom it will be asked, by when; or who should, where that is no organisation here."""
    name = "、".join(names[each] for each in thing.organisations if each in names)
    running = periods.running(thing.every, version.plan.first_day, version.plan.last_day, on)
    if not name:
        return Words(
            f"尚未填报：应由{supplier.zh}提供，平台里还没有指定填报单位",
            f"not reported yet: of {supplier.en}, for whom no office is named here",
        )
    if running is None:
        return Words(f"尚未填报：{name}（不再定期调度）", f"not reported yet: of {name}, not asked any more")
    due = running.due(dispatch().due)
    return Words(
        f"尚未填报：将向{name}调度{running.zh}数据，期限 {due}",
        f"not reported yet: to be asked of {name} for the period to {running.last}, due {due}",
    )
