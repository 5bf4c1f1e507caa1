"""Projects of the plans: bars of what was planned and what came, on one axis of years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from qingyuan.interfaces import loading
from qingyuan.interfaces.web import access, excel
from qingyuan.interfaces.web.registers import words
from qingyuan.plans.facts import Indicator, plan
from qingyuan.registers.flow.declared import CLOSED, VOID
from qingyuan.registers.models import RegisterRecord

KIND = "plan_project"
WIDE = 1000
"""Width of the axis in its own units."""


@dataclass(frozen=True)
class Bar:
    """A stretch on the axis: first and width in its units."""

    x: float
    width: float


@dataclass(frozen=True)
class Project:
    """One project. planned, actual: bars on the axis, None where no days are known; state: good, tight, bad or none.

    planned_money, paid: sums over its years, 10 000 yuan, None before money was planned; indicator: the one it serves.
    """

    record: RegisterRecord
    title: str
    step: str
    kind: str
    owner: str
    days: tuple[date | None, date | None, date | None, date | None]
    share: str
    money: str
    planned_money: Decimal | None
    paid: Decimal | None
    indicator: str
    served: Indicator | None
    effect: str
    state: str
    word: str
    planned: Bar | None
    actual: Bar | None


def records(request: HttpRequest) -> QuerySet[RegisterRecord]:
    """The projects in one's scope that were not cancelled, by their planned end."""
    seen = access.rights(request).where("registers.see")
    return RegisterRecord.objects.filter(seen, kind=KIND).exclude(step=VOID).order_by("division", "number")


def of_task(request: HttpRequest, plan: str, key: str) -> list[dict[str, Any]]:
    """The projects that serve a task of a plan: title, step and record."""
    kind = loading.registers().kind(KIND)
    found = [
        each
        for each in records(request)
        if each.values.get("task") == key and each.values.get("plan") in (plan, None, "")
    ]
    return [{"title": each.title, "step": words.step(kind, each.step), "pk": each.pk} for each in found]


def drawn(found: Sequence[RegisterRecord], today: date) -> tuple[list[Project], list[tuple[float, int]], float | None]:
    """The projects with their bars, the years of the axis with their places, and where the day of the page stands."""
    days = [day for each in found for day in _days(each) if day]
    first, last = (min(days).year, max(days).year) if days else (today.year, today.year)
    axis = (date(first, 1, 1), date(last + 1, 1, 1))
    years = [(_x(date(year, 1, 1), axis), year) for year in range(first, last + 1)]
    here = _x(today, axis) if axis[0] <= today <= axis[1] else None
    return [_project(each, axis, today) for each in found], years, here


def _days(record: RegisterRecord) -> tuple[date | None, date | None, date | None, date | None]:
    told = [record.values.get(name) for name in ("planned_start", "planned_end", "started", "finished")]
    start, end, began, finished = (date.fromisoformat(str(each)[:10]) if each else None for each in told)
    return start, end, began, finished


def _x(day: date, axis: tuple[date, date]) -> float:
    return round(WIDE * (day - axis[0]).days / (axis[1] - axis[0]).days, 1)


def _bar(first: date | None, last: date | None, axis: tuple[date, date]) -> Bar | None:
    if first is None or last is None or last < first:
        return None
    start = _x(first, axis)
    return Bar(start, max(3.0, round(_x(last, axis) - start, 1)))


def _project(record: RegisterRecord, axis: tuple[date, date], today: date) -> Project:
    kind = loading.registers().kind(KIND)
    start, end, began, finished = days = _days(record)
    state, word = _stands(record, days, today)
    share, total = record.values.get("share"), record.values.get("total")
    return Project(
        record=record,
        title=record.title,
        step=words.step(kind, record.step),
        kind=str(words.value(kind.fields["class"], record.values.get("class")) or ""),
        owner=str(record.values.get("owner") or ""),
        days=days,
        share="" if share in (None, "") else f"{share}%",
        money="" if total in (None, "") else f"{total}",
        planned_money=_sum(record, "planned"),
        paid=_sum(record, "paid"),
        indicator=(number := str(record.values.get("indicator") or "")),
        served=next((each for each in plan().indicators if str(each.no) == number), None),
        effect=_effect(record),
        state=state,
        word=word,
        planned=_bar(start, end, axis),
        actual=_bar(began, finished or max(today, began) if began else None, axis),
    )


def _effect(record: RegisterRecord) -> str:
    """What it brought, else what is expected: in the unit of its indicator, and in words."""
    told = record.values
    done = told.get("achieved_amount") not in (None, "") or bool(told.get("achieved"))
    amount, text = (
        told.get("achieved_amount" if done else "effect_amount"),
        told.get("achieved" if done else "effect"),
    )
    return " · ".join(str(each) for each in (amount, text) if each not in (None, ""))


def _sum(record: RegisterRecord, column: str) -> Decimal | None:
    told = [each[column] for each in record.values.get("years") or () if each.get(column) not in (None, "")]
    return sum((Decimal(str(each)) for each in told), Decimal(0)) if told else None


def totals(found: Sequence[Project]) -> tuple[Decimal, Decimal, Decimal]:
    """Money of these projects, 10 000 yuan: total investment, planned and paid over their years."""
    return (
        sum((Decimal(each.money or 0) for each in found), Decimal(0)),
        sum((each.planned_money or Decimal(0) for each in found), Decimal(0)),
        sum((each.paid or Decimal(0) for each in found), Decimal(0)),
    )


def workbook(found: Sequence[Project], basis: Sequence[Sequence[object]]) -> bytes:
    """The projects with days, money and effect, their money year by year, and how to read it."""
    head = [
        _("Number"), _("Name"), _("Class"), _("Owner"), _("Step"), _("Planned start"), _("Planned end"), _("Started"),
        _("Finished"), _("Progress"), _("Total (10⁴ yuan)"), _("Planned (10⁴ yuan)"), _("Paid (10⁴ yuan)"),
        _("Source of the money"), _("Indicator"), _("Expected contribution"), _("Expected effect"),
        _("Contribution achieved"), _("Effect achieved"), _("How it stands"),
    ]  # fmt: skip
    years = [_("Number"), _("Name"), _("Year"), _("Planned (10⁴ yuan)"), _("Paid (10⁴ yuan)")]
    money = [
        [each.record.number, each.title, *(_number(row.get(name)) for name in ("year", "planned", "paid"))]
        for each in found
        for row in each.record.values.get("years") or ()
    ]
    return excel.workbook(
        excel.Sheet(_("Projects"), head, [_row(each) for each in found], [20, 40, 14, 28, 10, *[12] * 15]),
        excel.Sheet(_("Money by year"), years, money, [20, 40, 8, 18, 18]),
        excel.Sheet(_("Codes and basis"), [_("What"), _("Value"), _("Remark")], basis, [16, 40, 50]),
    )


def _row(each: Project) -> list[object]:
    told, kind = each.record.values, loading.registers().kind(KIND)
    return [
        each.record.number, each.title, each.kind, each.owner, each.step,
        *(day.isoformat() if day else None for day in each.days),
        _number(told.get("share")), *map(_number, (told.get("total"), each.planned_money, each.paid)),
        words.value(kind.fields["source"], told.get("source")), each.indicator or None,
        _number(told.get("effect_amount")), told.get("effect"), _number(told.get("achieved_amount")),
        told.get("achieved"), each.word,
    ]  # fmt: skip


def _number(given: Any) -> float | None:
    return None if given in (None, "") else float(given)


def _stands(record: RegisterRecord, days: Sequence[date | None], today: date) -> tuple[str, str]:
    """Done, on time, late to begin or late to end, by the planned days; not told where there are none."""
    start, end, began, finished = days
    if finished or record.step == CLOSED:
        return "good", _("done")
    if start is None or end is None:
        return "none", _("no days planned")
    if today > end:
        return "bad", _("late to end")
    if today > start and began is None:
        return "tight", _("late to begin")
    return "good", _("on time")
