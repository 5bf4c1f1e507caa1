"""Pages of a station and of a city, the data of their charts, and their files."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from qingyuan.domains.air.law import ITEMS
from qingyuan.interfaces.web import access, places, reading, wording
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.keeping import kept
from qingyuan.interfaces.web.stations import evaluation, files, ranking, series
from qingyuan.interfaces.web.stations.calendar import drawing
from qingyuan.interfaces.web.stations.days import other_edition
from qingyuan.interfaces.web.stations.lawful import clause, daily_limit
from qingyuan.interfaces.web.stations.page import TABS, Asked, Page
from qingyuan.interfaces.web.stations.words import symbol
from qingyuan.interfaces.web.views import trace
from qingyuan.interfaces.web.wording import unit
from qingyuan.places.divisions import UnknownDivision, division

LENGTHS = (10, 30, 90)


@access.needs("air.see", "air")
@kept
def station(request: HttpRequest, code: str) -> HttpResponse:
    """A station: figures, series, calendar, shares, profiles, table."""
    return _page(request, code, "station")


@access.needs("air.see", "air")
@kept
def city(request: HttpRequest, code: str) -> HttpResponse:
    """A city: the same, with its stations."""
    if code == places.PROVINCE:
        return _province(request)
    return _page(request, code, "city")


@access.needs("air.see", "air")
def series_json(request: HttpRequest, code: str) -> JsonResponse:
    """The series of one property for the chart."""
    page = _gathered(request, code)
    record = series.series_of(page.ctx, page.point, page.asked.item, page.asked.length)
    record["profiles"] = page.profiles()
    return JsonResponse(record, json_dumps_params={"separators": (",", ":")})


@access.needs("air.see", "air")
def series_csv(request: HttpRequest, code: str) -> HttpResponse:
    """The hours of the chart as CSV."""
    page = _gathered(request, code)
    record = series.series_of(page.ctx, page.point, page.asked.item, page.asked.length)
    return files.series_csv(record)


@access.needs("air.see", "air")
def table_file(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """The whole table of the page as CSV or Excel."""
    page = _gathered(request, code)
    table = page.table(0)
    if kind == "csv":
        return files.as_csv(table, page.name_of_file())
    facts = files.about(page.ctx, str(_heading(page)), f"{wording.point(page.point)} {code}")
    return files.as_workbook(table, facts, page.name_of_file())


def _page(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    page = _gathered(request, code)
    if page.point["kind"] != kind:
        raise Http404(code)
    limit = daily_limit(page.asked.item, page.last, page.ctx.edition)
    shown = {
        "page": page,
        "point": page.point,
        "name": wording.point(page.point),
        "figures": page.figures(),
        "calendar": drawing(page.calendar(), page.ctx, code),
        "shares": page.shares(),
        "table": page.table(),
        "heading": _heading(page),
        "statistics": page.statistics,
        "judged": evaluation.in_words(page.statistics),
        "rank": _rank(page.point["rank"]),
        "county": _county(page.point["county"]),
        "version": page.days[-1]["library_version"] if page.days else "",
        "items": [(item, symbol(item)) for item in wording.PROPERTIES],
        "lengths": LENGTHS,
        "tabs": [("hour", _("Hour")), ("day", _("Day")), ("month", _("Month")), ("year", _("Year"))],
        "other": other_edition(page.last),
        "clause": clause(limit),
        "unit": unit(page.asked.item),
        "symbol": symbol(page.asked.item),
        "data": page.ctx.link("station_series", code),
        "series_file": page.ctx.link("station_series_csv", code),
        "years": _years(page),
        "stations": page.stations() if kind == "city" else [],
    }
    return render(request, f"{kind}.html", shown)


def _province(request: HttpRequest) -> HttpResponse:
    ctx: Context = request.ctx  # type: ignore[attr-defined]
    asked = _asked(request.GET, ctx)
    board = ranking.board(ctx, asked.year)
    return render(
        request,
        "city_province.html",
        {"board": board, "year": asked.year, "other": other_edition(ctx.time.date())},
    )


def _gathered(request: HttpRequest, code: str) -> Page:
    ctx: Context = request.ctx  # type: ignore[attr-defined]
    point = reading.points(ctx.dataset).get(code)
    if point is None:
        raise Http404(code)
    return Page(ctx, point, _asked(request.GET, ctx))


def _asked(query: Mapping[str, str], ctx: Context) -> Asked:
    tab, item = query.get("tab", "day"), query.get("property", "pm25")
    length = _whole(query.get("days"), LENGTHS[0])
    year = _whole(query.get("year"), ctx.time.year)
    return Asked(
        tab if tab in TABS else "day",
        item if item in ITEMS else "pm25",
        length if length in LENGTHS else LENGTHS[0],
        max(1, _whole(query.get("page"), 1)),
        year if ctx.time.year - 10 <= year <= ctx.time.year else ctx.time.year,
    )


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else otherwise


def _rank(rank: str) -> str:
    words = {
        "national": _("national air station"),
        "local": _("local air station"),
        "micro": _("micro-station"),
    }
    return words.get(rank, rank)


def _county(code: str | None) -> str:
    if not code:
        return ""
    try:
        found = division(code)
    except UnknownDivision:
        return code
    return found.name_en if wording.english() else found.name_zh


def _heading(page: Page) -> str:
    names = {
        "hour": _("Hourly assessment"),
        "day": _("Daily assessment"),
        "month": _("Monthly statistics"),
        "year": _("Annual evaluation"),
    }
    return names[page.asked.tab]


def _years(page: Page) -> list[int]:
    return list(range(page.first.year, page.ctx.time.year + 1))


urlpatterns = [
    path("air/station/<str:code>/", station, name="station"),
    path("air/city/<str:code>/", city, name="city"),
    path("air/point/<str:code>/series.json", series_json, name="station_series"),
    path("air/point/<str:code>/series.csv", series_csv, name="station_series_csv"),
    path("air/point/<str:code>/table.<str:kind>", table_file, name="station_table"),
    *trace.urlpatterns,
]
