"""The page of one indicator of the plan, and its workbook."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from qingyuan.base.time import isoformat
from qingyuan.interfaces.web import access, excel, places, scoreboard, yearend
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.keeping import kept_while


@access.needs("plan.see")
@kept_while(scoreboard.standing)
def page(request: HttpRequest, no: int) -> HttpResponse:
    """Figures, charts, back-test and cities of an indicator."""
    view = _view(request, no)
    texts = {
        "this_year": _("This year"), "last_year": _("Last year"), "target": _("target"),
        "forecast": pgettext("forecast", "expected"), "path": _("target path"), "so_far": _("so far"),
    }  # fmt: skip
    return render(request, "plan_indicator.html", {"view": view, "charts": view.charts(), "texts": texts})


@access.needs("plan.see")
def workbook(request: HttpRequest, no: int) -> HttpResponse:
    """The same as Excel: cities, the back-test by year, and on what it stands."""
    ctx: Context = request.ctx  # type: ignore[attr-defined]
    view = _view(request, no)
    of_kind = _tested_sheet(view) if view.shown.row.computed else _pieces_sheet(view)
    made = excel.workbook(_cities_sheet(view), of_kind, _basis(ctx, view))
    name = f"qingyuan-{ctx.dataset.slug}-indicator-{no}.xlsx"
    return excel.download(made, name)


def _view(request: HttpRequest, no: int) -> yearend.View:
    try:
        return yearend.of(request.ctx, no)  # type: ignore[attr-defined]
    except KeyError as unknown:
        raise Http404(_("The plan has no indicator of that number.")) from unknown


def _cities_sheet(view: yearend.View) -> excel.Sheet:
    head = [
        _("City"),
        _("Code"),
        _("This year so far"),
        _("Last year"),
        _("Rank"),
        _("Rank last year"),
        _("Year's end"),
    ]
    rows = [
        [each.name, each.code, each.shown.row.value, each.last_year, each.rank, each.rank_before, each.forecast]
        for each in view.cities
    ]
    return excel.Sheet(_("Cities"), head, rows, [14, 10, 16, 12, 8, 14, 14])


def _pieces_sheet(view: yearend.View) -> excel.Sheet:
    head = [_("Where from"), _("Value"), _("As of"), _("Remark")]
    rows: list[list[object]] = [[each.name, each.value, each.day, each.note] for each, _url in view.pieces]
    return excel.Sheet(_("What the value is made of"), head, rows, [40, 14, 12, 50])


def _tested_sheet(view: yearend.View) -> excel.Sheet:
    head = [
        _("Year"),
        _("Forecasts"),
        _("Forecast"),
        _("Same as last year"),
        _("Year to date"),
        _("80 % interval held, %"),
    ]
    names = ("trials", "forecast", "last_year", "year_to_date", "held")
    rows = [[each["year"], *(float(each[name]) for name in names)] for each in view.tested_years]
    return excel.Sheet(_("Back-test"), head, rows, [10, 12, 12, 20, 16, 22])


def _basis(ctx: Context, view: yearend.View) -> excel.Sheet:
    ends = [str(each) for each in view.forecast] if view.forecast else ["", "", ""]
    rows: list[list[object]] = [
        [_("Indicator"), view.shown.full_name, view.shown.unit],
        [_("Place"), ctx.place, places.name(ctx.place)],
        [_("Dataset"), ctx.dataset.slug, _("Simulated data") if ctx.simulated else ""],
        [_("Time"), isoformat(ctx.time), ""],
        [_("This year so far"), view.shown.row.value, ""],
        [_("Year's end"), ends[0], f"{ends[1]} – {ends[2]}"],
        [_("Verdict"), view.light_text, ""],
        [_("Source"), view.shown.source, view.shown.row.came.record if view.shown.row.came else ""],
        [_("Base and target"), view.board.figures, view.shown.target],
    ]
    return excel.Sheet(_("Codes and basis"), [_("What"), _("Value"), _("Remark")], rows, [26, 44, 30])


urlpatterns = [
    path("plan/<int:no>/", page, name="plan_indicator"),
    path("plan/<int:no>.xlsx", workbook, name="plan_indicator_xlsx"),
]
