"""The burden of forms: typed fields per person and day, and the share that was known without asking."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from qingyuan.base.time import isoformat, now
from qingyuan.cases import kinds
from qingyuan.interfaces import burdened, loading
from qingyuan.interfaces.web import access, excel, places
from qingyuan.interfaces.web.registers import words
from qingyuan.registers.flow.burden import Line, person_days

WEEKS = (4, 12, 52)


@dataclass(frozen=True)
class Row:
    """Added up: steps, typed and pre-filled values, persons times days."""

    steps: int
    typed: int
    prefilled: int
    days: int

    @property
    def a_day(self) -> float | None:
        """Typed fields per person and day; None where nobody acted."""
        return self.typed / self.days if self.days else None

    @property
    def share(self) -> float | None:
        """Percent of the values that were known without asking; None where there are none."""
        every = self.typed + self.prefilled
        return 100 * self.prefilled / every if every else None


def _added(found: Iterable[Line], days: int | None = None) -> Row:
    held = list(found)
    days = sum(each.days for each in held) if days is None else days
    return Row(
        sum(each.steps for each in held), sum(each.typed for each in held), sum(each.prefilled for each in held), days
    )


@access.needs(burdened.SEE)
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """By week, and by division and kind; with ``export=xlsx`` all three as a workbook."""
    asked = request.GET.get("weeks", "")
    weeks = int(asked) if asked.isdecimal() and int(asked[:3]) in WEEKS else WEEKS[1]
    until = now()
    since, scope = burdened.since(until, weeks), _scope(request)
    found = list(burdened.told(scope, since, until, _digits(request)))
    if request.GET.get("export") == "xlsx":
        return _workbook(request, found, since, until)
    shown = {
        "whole": _whole(found, scope, since, until),
        "by_week": _by_week(found),
        "rows": _by_place_and_kind(found),
        "weeks": weeks,
        "choices": WEEKS,
        "since": since,
        "kept": list(request.ctx.given),  # type: ignore[attr-defined]
    }
    return render(request, "burden.html", shown)


def _scope(request: HttpRequest) -> Q:
    """In the place and of the data of the page."""
    ctx: Any = request.ctx  # type: ignore[attr-defined]
    return burdened.scope(access.rights(request), ctx.place, ctx.simulated)


def _digits(request: HttpRequest) -> int:
    """Prefectures of the province, counties of a prefecture."""
    ctx: Any = request.ctx  # type: ignore[attr-defined]
    return 4 if ctx.province else 6


def _whole(found: list[tuple[str, Line]], scope: Q, since: datetime, until: datetime) -> Row:
    """Everything; a person who acted on cases and registers on one day is one person on that day."""
    every = set().union(*(person_days(steps, scope, since, until) for steps in burdened.SOURCES.values()))
    return _added((line for _source, line in found), len(every))


def _by_week(found: list[tuple[str, Line]]) -> list[tuple[Any, Row]]:
    weeks = defaultdict(list)
    for _source, line in found:
        weeks[line.week].append(line)
    return [(week, _added(held)) for week, held in sorted(weeks.items(), reverse=True)]


def _by_place_and_kind(found: list[tuple[str, Line]]) -> list[tuple[str, str, Row]]:
    """The heaviest first."""
    groups = defaultdict(list)
    for source, line in found:
        groups[line.division, source, line.kind].append(line)
    rows = [(_place(place), _kind(source, kind), _added(held)) for (place, source, kind), held in groups.items()]
    return sorted(rows, key=lambda row: (-(row[2].a_day or 0), row[0], row[1]))


def _place(code: str) -> str:
    return words.place(code.ljust(6, "0"))


def _kind(source: str, name: str) -> str:
    """Title of a kind; its slug when it is not declared any more."""
    known = loading.registers().kinds.get(name) if source == "registers" else None
    if source == "cases" and name in kinds.kinds():
        known = kinds.kind(name).flow
    told = words.of(known.title) if known else name
    return told if source == "registers" else _("Case: %(kind)s") % {"kind": told}


def _workbook(request: HttpRequest, found: list[tuple[str, Line]], since: datetime, until: datetime) -> HttpResponse:
    top = [
        _("Week from"), _("Division"), _("Code"), _("Kind"), _("Steps"), _("Typed values"), _("Pre-filled values"),
        _("Persons × days"), _("Typed per person and day"), _("Pre-filled share %"),
    ]  # fmt: skip
    table = [_cells(source, line) for source, line in found]
    ctx: Any = request.ctx  # type: ignore[attr-defined]
    basis = [
        [_("Made"), isoformat(now()), request.user.get_username()],
        [_("From – to"), isoformat(since), isoformat(until)],
        [_("Dataset"), ctx.dataset.slug, _("Simulated data") if ctx.simulated else ""],
        [_("Location"), places.name(ctx.place), ctx.place],
    ]
    content = excel.workbook(
        excel.Sheet(_("Burden of forms"), top, table, [12, 20, 10, 24, 8, 10, 12, 12, 14, 12]),
        excel.Sheet(_("Codes and basis"), [_("What"), _("Value"), _("Remark")], basis, [20, 30, 30]),
    )
    return excel.download(content, f"qingyuan-burden-{until:%Y%m%d}.xlsx")


def _cells(source: str, line: Line) -> list[object]:
    row = _added([line])
    place = [line.week.isoformat(), _place(line.division), line.division.ljust(6, "0"), _kind(source, line.kind)]
    return [*place, row.steps, row.typed, row.prefilled, row.days, _rounded(row.a_day), _rounded(row.share)]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


urlpatterns = [path("burden/", page, name="burden")]
