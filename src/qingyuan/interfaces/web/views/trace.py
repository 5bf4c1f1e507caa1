"""Traces as pages and drawer parts, and the whole trace as JSON to keep as evidence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from qingyuan import __version__
from qingyuan.base.time import isoformat, now
from qingyuan.domains.air.law import ITEMS
from qingyuan.interfaces.web import access, reading
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.places import PROVINCE
from qingyuan.interfaces.web.stations.observed import observations
from qingyuan.interfaces.web.tracing import day as days
from qingyuan.interfaces.web.tracing import hour as hours
from qingyuan.interfaces.web.tracing import indicator as plan
from qingyuan.interfaces.web.tracing import source as sources

Trace = dict[str, Any]


@access.needs("air.see", "air")
def day(request: HttpRequest, code: str, when: str) -> HttpResponse:
    """The trace of a day's AQI, or of a property's value (``property``)."""
    ctx = _context(request)
    trace = days.day_trace(ctx, _point(ctx, code), _day(when), _item(request.GET.get("property")))
    return _answer(request, {**trace, "up": _back(request, ctx)})


@access.needs("air.see", "air")
def hour(request: HttpRequest, code: str, when: str, item: str) -> HttpResponse:
    """The trace of an hourly value."""
    ctx = _context(request)
    if item not in ITEMS:
        raise Http404(item)
    return _answer(request, hours.hour_trace(ctx, _point(ctx, code), _moment(when), item))


@access.needs("plan.see")
def indicator(request: HttpRequest, no: int) -> HttpResponse:
    """The trace of an indicator of the plan."""
    city = request.GET.get("city", "")
    return _answer(request, plan.indicator_trace(_context(request), plan.Asked(no, _number(request, "page"), city)))


@access.needs("air.see", "air")
def source(request: HttpRequest, name: str, line: int) -> HttpResponse:
    """The trace of a line of an imported file."""
    ctx = _context(request)
    row = _observation(ctx, request.GET)
    published = (
        row is not None
        and row["source"] == name
        and row["line"] == line
        and row["point"] in reading.points(ctx.dataset)
    )
    if not published and not access.rights(request).may("network.see", PROVINCE, "air"):
        raise Http404
    trace = sources.source_trace(ctx, name, line, row)
    up = ctx.link("trace_hour", row["point"], request.GET["hour"], row["property"]) if row else ""
    return _answer(request, {**trace, "observation": hours.observed(row) if row else None, "up": up})


@access.signed_in
def by_kind(request: HttpRequest) -> HttpResponse:
    """The same traces by query: kind=indicator|day|daily|hourly with point, property, time or indicator."""
    query = request.GET
    kind, item = query.get("kind", ""), query.get("property", "pm25")
    if kind == "indicator":
        return indicator(request, _number(request, "indicator"))
    if kind in ("day", "daily"):
        return day(request, query.get("point", ""), query.get("time", "")[:10])
    if kind == "hourly":
        return hour(request, query.get("point", ""), query.get("time", ""), _followed(request, item))
    raise Http404(kind)


def _followed(request: HttpRequest, item: str) -> str:
    """For an AQI the property that makes it, else the property itself."""
    if item != "aqi":
        return item
    ctx, at = _context(request), _moment(request.GET.get("time", ""))
    rows = [row for row in reading.hours(ctx.dataset, at, at) if row["point"] == request.GET.get("point")]
    return days.leading(rows[0]) if rows else "pm25"


def _context(request: HttpRequest) -> Context:
    ctx: Context = request.ctx  # type: ignore[attr-defined]
    return ctx


def _point(ctx: Context, code: str) -> dict[str, Any]:
    point = reading.points(ctx.dataset).get(code)
    if point is None:
        raise Http404(code)
    return point


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Http404(text) from None


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise Http404(text) from None


def _item(text: str | None) -> str | None:
    return text if text in ITEMS else None


def _number(request: HttpRequest, key: str) -> int:
    text = request.GET.get(key, "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def _back(request: HttpRequest, ctx: Context) -> str:
    if "indicator" not in request.GET:
        return ""
    return ctx.link("trace_indicator", _number(request, "indicator"), page=_number(request, "page"))


def _observation(ctx: Context, query: Mapping[str, str]) -> dict[str, Any] | None:
    point, item, text = query.get("point"), query.get("property"), query.get("hour")
    if not point or item not in ITEMS or not text:
        return None
    at = _moment(text)
    rows = observations(ctx.dataset.path, (point,), str(item), at, at)
    return rows[0] if rows else None


def _answer(request: HttpRequest, trace: Trace) -> HttpResponse:
    if request.GET.get("format") == "json":
        return _evidence(request, trace)
    return render(request, "trace.html", {"trace": trace, "title": _title(trace)})


def _title(trace: Trace) -> str:
    if trace["kind"] in ("indicator", "told"):
        return f"{trace['value']['name']} {trace['span'][1]}"
    if trace["kind"] == "source":
        return _("%(file)s, line %(line)d") % {"file": trace["file"] or trace["source"], "line": trace["line"]}
    return f"{trace['point']['name']} {trace.get('day') or trace['time'].replace('T', ' ')}"


def _evidence(request: HttpRequest, trace: Trace) -> HttpResponse:
    """The whole trace as JSON, with what is needed to find and check it again."""
    ctx = _context(request)
    head = {
        "format": "qingyuan trace 1",
        "written": isoformat(now()),
        "library_version": __version__,
        "dataset": {"slug": ctx.dataset.slug, "simulated": ctx.dataset.simulated},
        "law": ctx.law_names,
        "address": request.build_absolute_uri(),
    }
    text = json.dumps({**head, "trace": trace}, ensure_ascii=False, indent=1, default=str)
    name = "_".join(["trace", trace["kind"], *[str(part) for part in request.resolver_match.kwargs.values()]])  # type: ignore[union-attr]
    name = "".join(c if c.isalnum() or c in "-_" else "-" for c in name)
    disposition = f'attachment; filename="{name}.json"'
    return HttpResponse(text, content_type="application/json", headers={"Content-Disposition": disposition})


urlpatterns = [
    path("trace/", by_kind, name="trace"),
    path("trace/day/<str:code>/<str:when>/", day, name="trace_day"),
    path("trace/hour/<str:code>/<str:when>/<str:item>/", hour, name="trace_hour"),
    path("trace/indicator/<int:no>/", indicator, name="trace_indicator"),
    path("trace/source/<str:name>/<int:line>/", source, name="trace_source"),
]
