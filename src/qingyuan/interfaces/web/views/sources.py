"""Pollution sources: the list of outlets, one outlet, its series, its workbook, the trace of an hour."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from qingyuan.base.time import isoformat, now
from qingyuan.domains.sources.law import medium_of
from qingyuan.interfaces.web import access, excel
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.sources import amounts, findings, outlets, series, tracing, words
from qingyuan.places.outlets import Outlet

PAGE = 50
KINDS = {outlets.OVER: "bad", outlets.WITHIN: "good", outlets.UNJUDGED: "none", outlets.ABSENT: "unknown"}


def _state(name: str) -> str:
    told = {
        outlets.OVER: _("over the limit"),
        outlets.WITHIN: _("within its limits"),
        outlets.UNJUDGED: _("not judged"),
        outlets.ABSENT: _("no data for 7 days"),
    }
    return told[name]


@access.needs("sources.see")
def page(request: HttpRequest) -> HttpResponse:
    """The outlets, those over a limit first; ``export=xlsx`` gives the workbook."""
    ctx = outlets.context_of(request)
    everything = outlets.standings(ctx, outlets.mine(request, ctx))
    picked = {
        "q": request.GET.get("q", "").strip()[:60],
        "medium": request.GET.get("medium", "") if request.GET.get("medium") in ("gas", "water") else "",
        "states": [each for each in outlets.STATES if each in request.GET.getlist("state")],
    }
    rows = [each for each in everything if _fits(each, picked)]
    if request.GET.get("export") == "xlsx":
        return _list_workbook(request, ctx, rows)
    part: Page[outlets.Standing] = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    shown: dict[str, Any] = {
        "picked": picked,
        "rows": part,
        "lines": [_line(each) for each in part],
        "total": len(everything),
        "found": len(rows),
        "sentence": _sentence(everything),
        "states": [
            (each, KINDS[each], _state(each), sum(row.state == each for row in everything)) for each in outlets.STATES
        ],
        "media": [("gas", words.medium("gas")), ("water", words.medium("water"))],
        "filtered": bool(picked["q"] or picked["medium"] or picked["states"]),
        "kept": list(ctx.given),
        "worlds": outlets.with_outlets(),
    }
    return render(request, "sources/list.html", shown)


def _fits(row: outlets.Standing, picked: dict[str, Any]) -> bool:
    wanted = picked["q"].casefold()
    return (
        (not wanted or wanted in row.name.casefold() or wanted in row.outlet.point.casefold())
        and (not picked["medium"] or row.medium == picked["medium"])
        and (not picked["states"] or row.state in picked["states"])
    )


def _line(row: outlets.Standing) -> dict[str, Any]:
    return {
        "row": row,
        "medium": words.medium(row.medium),
        "kind": KINDS[row.state],
        "word": _state(row.state),
        "items": [words.symbol(item) for item in row.items],
        "standards": " · ".join(each.replace("-", "—") for each in row.outlet.standards),
    }


def _sentence(everything: list[outlets.Standing]) -> str:
    if not everything:
        return _("No outlet is entered yet")
    over = sum(row.state == outlets.OVER for row in everything)
    if not over:
        return _("No outlet is over its limits now")
    told = ngettext(
        "%(over)s of %(total)s outlets is over its limit", "%(over)s of %(total)s outlets are over their limits", over
    )
    return told % {"over": over, "total": len(everything)}


def _list_workbook(request: HttpRequest, ctx: Context, rows: list[outlets.Standing]) -> HttpResponse:
    top = [
        _("Name"),
        _("Outlet"),
        _("Medium"),
        _("Standards"),
        _("State"),
        _("Over now"),
        _("Over in 7 days"),
        _("Last judged"),
    ]
    table = [
        [
            row.name, row.outlet.point, words.medium(row.medium), "; ".join(row.outlet.standards), _state(row.state),
            "; ".join(row.items), row.over, isoformat(row.last) if row.last else None,
        ]
        for row in rows
    ]  # fmt: skip
    return _workbook(
        request, ctx, excel.Sheet(_("Outlets"), top, table, [28, 14, 14, 30, 16, 20, 14, 26]), [], "outlets"
    )


def _workbook(
    request: HttpRequest, ctx: Context, sheet: excel.Sheet, facts: list[list[object]], name: str
) -> HttpResponse:
    simulated = _("Simulated data") if ctx.simulated else ""
    basis: list[list[object]] = [
        [_("Dataset"), ctx.dataset.slug, " ".join(filter(None, [ctx.dataset.title_zh, simulated]))],
        [_("Time"), isoformat(ctx.time), ""],
        [_("Made"), isoformat(now()), request.user.get_username()],
        *facts,
    ]
    codes = excel.Sheet(_("Codes and basis"), [_("What"), _("Value"), _("Remark")], basis, [24, 40, 60])
    file = f"qingyuan-{ctx.dataset.slug}-{name}-{ctx.time:%Y%m%d%H}.xlsx"
    return excel.download(excel.workbook(sheet, codes), file)


def _outlet(request: HttpRequest, ctx: Context, point: str) -> Outlet:
    found = next((each for each in outlets.mine(request, ctx) if each.point == point), None)
    if found is None:
        raise Http404(point)
    return found


@access.needs("sources.see")
def one(request: HttpRequest, point: str) -> HttpResponse:
    """An outlet: figures, series, exceedances, amounts, results."""
    ctx = outlets.context_of(request)
    outlet = _outlet(request, ctx, point)
    ctx = replace(ctx, standards=outlets.standards_of([outlet]))
    request.ctx = ctx  # type: ignore[attr-defined]
    step = request.GET.get("step", "hour") if request.GET.get("step", "hour") in series.STEPS else "hour"
    rows = _results(ctx, point, step)
    if request.GET.get("export") == "xlsx":
        return _results_workbook(request, ctx, outlet, rows, step)
    items = series.items_of(ctx, point)
    exceeded = _exceedances(ctx, point)
    part: Page[outlets.Row] = Paginator(list(reversed(rows)), PAGE).get_page(request.GET.get("page"))
    weighed = amounts.amounts_of(ctx, outlet)
    limits = [row for row in rows if row["limit"] is not None]
    shown: dict[str, Any] = {
        "outlet": outlet,
        "name": outlets.names(ctx.dataset.slug).get(point, point),
        "medium": words.medium(medium_of(outlet)),
        "gas": medium_of(outlet) == "gas",
        "standards": [each.replace("-", "—") for each in outlet.standards],
        "devices": outlets.devices_of(access.rights(request), ctx.dataset.slug, point),
        "step": step,
        "steps": [("minute", _("Minutes")), ("hour", _("Hours")), ("day", _("Days"))],
        "items": [(item, words.symbol(item)) for item in items],
        "item": _item(request, items),
        "lengths": series.STEPS[step],
        "length": _length(request, step),
        "exceeded": exceeded[:20],
        "over": len(exceeded),
        "last_over": exceeded[0] if exceeded else None,
        "share": _valid_share(ctx, point),
        "findings": findings.of_point(ctx, point),
        "amounts": weighed,
        "months": _months(ctx, weighed),
        "rows": part,
        "lines": [_result(ctx, row, step) for row in part],
        "unsure": words.confidence(limits),
        "version": rows[-1]["library_version"] if rows else "",
        "data": ctx.link("outlet_series", point, step=step),
    }
    return render(request, "sources/outlet.html", shown)


def _months(ctx: Context, weighed: list[amounts.Amount]) -> range:
    """The months of the year so far, from the first with an amount on."""
    first = min((month for each in weighed for month, _tonnes in each.months), default=ctx.time.month)
    return range(first, ctx.time.month + 1)


def _item(request: HttpRequest, items: list[str]) -> str:
    asked = request.GET.get("property", "")
    return asked if asked in items else items[0] if items else ""


def _length(request: HttpRequest, step: str) -> int:
    asked = request.GET.get("days", "")
    known = asked.isdecimal() and len(asked) < 4 and int(asked) in series.STEPS[step]
    return int(asked) if known else series.USUAL[step]


def _results(ctx: Context, point: str, step: str) -> list[outlets.Row]:
    """Judged results of the last 30 days (days: a year), by time, then property."""
    name, back = (outlets.DAILY, 365) if step == "day" else (outlets.HOURLY, 30)
    rows = outlets.results(ctx, name, ctx.time - timedelta(days=back), ctx.time, point)
    return sorted(rows, key=lambda row: (row["phenomenon_time"], row["property"]))


def _exceedances(ctx: Context, point: str) -> list[dict[str, Any]]:
    """Intervals over a limit in the last 30 days, newest first."""
    rows = outlets.results(ctx, outlets.EXCEEDANCE, ctx.time - timedelta(days=30), ctx.time, point)
    over = [row for row in rows if row["over"]]
    return [
        {
            "row": row,
            "at": f"{row['phenomenon_time']:{'%m-%d' if row['averaging'] == '24h' else '%m-%d %H:%M'}}",
            "symbol": words.symbol(row["property"]),
            "value": words.number(row["value"], row["property"]),
            "unit": words.unit(row["unit"]),
            "limit": words.number(row["limit"], row["property"]) if row["limit"] is not None else "",
            "mean": words.judging(row["averaging"]),
            "citation": words.citation(row["clause"]),
            "url": _trace(ctx, row, "day" if row["averaging"] == "24h" else "hour"),
        }
        for row in sorted(over, key=lambda each: each["phenomenon_time"], reverse=True)
    ]


def _trace(ctx: Context, row: outlets.Row, step: str) -> str:
    return tracing.address(ctx, step, row["point"], row["property"], row["phenomenon_time"])


def _valid_share(ctx: Context, point: str) -> float | None:
    """Share of the hours of the last 30 days that are valid, over the pollutants, in percent."""
    rows = outlets.results(ctx, outlets.HOURLY, ctx.time - timedelta(days=30), ctx.time, point)
    items = {row["property"] for row in rows}
    due = len(items) * 30 * 24
    return min(100.0, 100 * sum(bool(row["valid"]) for row in rows) / due) if due else None


def _result(ctx: Context, row: outlets.Row, step: str) -> dict[str, Any]:
    """A line of the table of results."""
    why = words.mark(row["mark"]) if row.get("mark") else words.tag(row["tag"]) if row.get("tag") else ""
    return {
        "row": row,
        "symbol": words.symbol(row["property"]),
        "value": words.number(row["value"], row["property"]),
        "measured": words.number(row["measured"], row["property"]),
        "unit": words.unit(row["unit"]),
        "limit": words.number(row["limit"], row["property"]) if row["limit"] is not None else "",
        "citation": words.citation(row["clause"]),
        "why": why or words.reason(row["reason"]),
        "url": _trace(ctx, row, "day" if step == "day" else "hour"),
    }


def _results_workbook(
    request: HttpRequest, ctx: Context, outlet: Outlet, rows: list[outlets.Row], step: str
) -> HttpResponse:
    top = [
        _("Time"),
        _("Property"),
        _("Value"),
        _("Measured"),
        _("Unit"),
        _("Valid"),
        _("Limit"),
        _("Over"),
        _("Times over"),
        _("Amount kg"),
        _("Why not judged"),
        _("Clause"),
    ]
    table = [
        [
            isoformat(row["phenomenon_time"]), row["property"], row["value"], row["measured"], row["unit"],
            _("yes") if row["valid"] else _("no"), row["limit"],
            None if row["over"] is None else _("yes") if row["over"] else _("no"), row["over_limit"], row["amount_kg"],
            words.reason(row["reason"]), words.citation(row["clause"]),
        ]
        for row in rows
    ]  # fmt: skip
    sheet = excel.Sheet(_("Results"), top, table, [26, 14, 12, 12, 10, 8, 10, 8, 10, 14, 36, 30])
    facts: list[list[object]] = [
        [_("Outlet"), outlet.point, outlets.names(ctx.dataset.slug).get(outlet.point, "")],
        [_("Standards"), "; ".join(outlet.standards), ""],
        *[[item, words.property_name(item), ""] for item in sorted({row["property"] for row in rows})],
    ]
    return _workbook(request, ctx, sheet, facts, f"{outlet.point}-{step}")


@access.needs("sources.see")
def data(request: HttpRequest, point: str) -> HttpResponse:
    """The series of one property as JSON: step, property and days by query."""
    ctx = outlets.context_of(request)
    _outlet(request, ctx, point)
    step, item = request.GET.get("step", "hour"), request.GET.get("property", "")
    if step not in series.STEPS or item not in series.items_of(ctx, point):
        raise Http404(item)
    return JsonResponse(series.series_of(ctx, point, item, step, _length(request, step)))


@access.needs("sources.see")
def trace(request: HttpRequest, point: str, item: str, when: str) -> HttpResponse:
    """Where an hourly value comes from: correction, limit, observations, the frame it came in."""
    return _traced(request, point, item, when, "hour")


@access.needs("sources.see")
def trace_minute(request: HttpRequest, point: str, item: str, when: str) -> HttpResponse:
    """Where a value as sent comes from: the frame."""
    return _traced(request, point, item, when, "minute")


@access.needs("sources.see")
def trace_day(request: HttpRequest, point: str, item: str, when: str) -> HttpResponse:
    """Where a day's value comes from: its hours, each with its own trace."""
    return _traced(request, point, item, when, "day")


def _traced(request: HttpRequest, point: str, item: str, when: str, step: str) -> HttpResponse:
    ctx = outlets.context_of(request)
    outlet = _outlet(request, ctx, point)
    try:
        moment = datetime.fromisoformat(when).replace(tzinfo=None)
    except ValueError as wrong:
        raise Http404(when) from wrong
    if not date(1970, 1, 1) <= moment.date() < date(2200, 1, 1):
        raise Http404(when)
    found = {"minute": tracing.minute, "hour": tracing.hour, "day": tracing.day}[step](ctx, outlet, item, moment)
    return render(request, f"sources/trace{'' if step == 'hour' else f'_{step}'}.html", {"trace": found})


urlpatterns = [
    path("sources/", page, name="sources"),
    path("sources/outlet/<str:point>/", one, name="outlet"),
    path("sources/outlet/<str:point>/series.json", data, name="outlet_series"),
    path("sources/outlet/<str:point>/trace/<str:item>/<str:when>/", trace, name="outlet_trace"),
    path("sources/outlet/<str:point>/trace/<str:item>/<str:when>/day/", trace_day, name="outlet_trace_day"),
    path("sources/outlet/<str:point>/trace/<str:item>/<str:when>/minute/", trace_minute, name="outlet_trace_minute"),
]
