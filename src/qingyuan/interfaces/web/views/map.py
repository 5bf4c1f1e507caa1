"""The one map: the page, the boundaries it stands on, the hours of its stations, the panel of one point."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import asdict
from functools import lru_cache
from typing import Any, get_args

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qingyuan.base.time import now
from qingyuan.interfaces.web import access, reading, wording
from qingyuan.interfaces.web.context import Context, without_data
from qingyuan.interfaces.web.keeping import kept
from qingyuan.interfaces.web.onemap import frames, standing, words
from qingyuan.interfaces.web.onemap.panel import Panel, panel_of
from qingyuan.places.boundaries import boundaries_json
from qingyuan.places.divisions import Level

DAY = 86_400
GEOJSON = "application/geo+json"


def _context(request: HttpRequest) -> Context:
    ctx: Context = request.ctx  # type: ignore[attr-defined]
    return ctx


LAYERS = ("registers.see", "cases.see", "findings.see")
"""Who sees no air sees the layers of these, where there are any."""


@access.needs("air.see", "air", *LAYERS)
@require_safe
@kept
def page(request: HttpRequest) -> HttpResponse:
    """The map of the context's place and hour, with the layers the person may see and no others."""
    ctx = _context(request)
    air = access.rights(request).can("air.see", "air")
    points = frames.listed(ctx) if air else []
    stations = [point for point in points if point["kind"] == "station"]
    shown = {
        "config": {**_config(ctx, points, air), "overlays": (overlays := standing.layers(request))},
        "overlays": overlays,
        "air": air,
        "stations": len(stations),
        "micro": sum(point["rank"] == "micro" for point in stations),
        "cities": len(points) - len(stations),
        "levels": [(level, words.states()[str(level)], span) for level, span in enumerate(_spans(), 1)],
        "day": f"{ctx.time:%Y-%m-%d}",
        "latest_day": f"{ctx.latest:%Y-%m-%d}",
    }
    return render(request, "map.html", shown)


def _spans() -> list[str]:
    return ["0–50", "51–100", "101–150", "151–200", "201–300", ">300"]


def _config(ctx: Context, points: list[dict[str, Any]], air: bool) -> dict[str, Any]:
    """What the script starts from: addresses, points, words, the hour."""
    return {
        "ground": {level: reverse("map_boundaries", args=[level]) for level in get_args(Level)},
        "frames": reverse("map_stations") if air else "",
        "panel": reverse("map_point", args=["CODE", "html"]),
        "page": {"station": reverse("station", args=["CODE"]), "city": reverse("city", args=["CODE"])},
        "time": f"{ctx.time:%Y-%m-%dT%H}",
        "latest": f"{ctx.latest:%Y-%m-%dT%H}",
        "place": ctx.place,
        "points": points,
        "cities": words.city_names(),
        "around": words.neighbours(),
        "states": words.states(),
        "texts": words.texts(),
        "english": wording.english(),
    }


@access.signed_in
@require_safe
@without_data
def boundaries(request: HttpRequest, level: Level) -> HttpResponse:
    """GeoJSON of the divisions of one level, kept by the browser for a day and asked again by its mark."""
    if level not in get_args(Level):
        raise Http404(_("There is no such level of divisions"))
    packed, mark = _boundaries(level)
    if request.headers.get("If-None-Match") == mark:
        answer = HttpResponse(status=304)
    else:
        answer = _gzipped(request, packed, GEOJSON)
    answer.headers["ETag"] = mark
    answer.headers["Cache-Control"] = f"private, max-age={DAY}"
    return answer


@lru_cache(maxsize=4)
def _boundaries(level: Level) -> tuple[bytes, str]:
    text = boundaries_json(level).encode()
    return gzip.compress(text, 9), f'"{hashlib.sha256(text).hexdigest()[:20]}"'


@access.needs("air.see", "air")
@require_safe
def stations(request: HttpRequest) -> HttpResponse:
    """72 hours of states and AQI of the stations and cities of the context's place."""
    answer = _gzipped(request, frames.packed(_context(request)), "application/json")
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _gzipped(request: HttpRequest, packed: bytes, kind: str) -> HttpResponse:
    """An answer compressed beforehand, opened again for a client that cannot read it."""
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        answer = HttpResponse(packed, content_type=kind, headers={"Content-Encoding": "gzip"})
    else:
        answer = HttpResponse(gzip.decompress(packed), content_type=kind)
    patch_vary_headers(answer, ["Accept-Encoding"])
    return answer


def _panel(request: HttpRequest, code: str) -> Panel:
    ctx = _context(request)
    if code not in {point.point for point in frames.points_of(ctx)}:
        raise Http404(_("There is no such point in this place"))
    return panel_of(ctx, reading.points(ctx.dataset)[code])


@access.needs("air.see", "air")
@require_safe
def point(request: HttpRequest, code: str, form: str) -> HttpResponse:
    """One point at the context's hour, as a part of the page (html) or as data (json)."""
    panel = _panel(request, code)
    if form == "json":
        return JsonResponse(asdict(panel), json_dumps_params={"ensure_ascii": False})
    if form != "html":
        raise Http404(_("There is no such point in this place"))
    return render(request, "map_panel.html", {"panel": panel})


@access.needs("cases.see")
@require_safe
@never_cache
def cases(request: HttpRequest) -> HttpResponse:
    """The open cases of the context's place as GeoJSON."""
    return JsonResponse(standing.cases(request, _context(request).place, False, now()), content_type=GEOJSON)


@access.needs("cases.see")
@require_safe
@never_cache
def hot_spots(request: HttpRequest) -> HttpResponse:
    """The hot spots of the context's place whose cases are open, as GeoJSON."""
    return JsonResponse(standing.cases(request, _context(request).place, True, now()), content_type=GEOJSON)


@access.needs("findings.see")
@require_safe
@never_cache
def findings(request: HttpRequest) -> HttpResponse:
    """The findings of the context's place that are not over, as GeoJSON."""
    return JsonResponse(standing.findings(request, _context(request).place), content_type=GEOJSON)


urlpatterns = [
    path("map/", page, name="map"),
    path("map/boundaries/<str:level>.geojson", boundaries, name="map_boundaries"),
    path("map/stations.json", stations, name="map_stations"),
    path("map/cases.geojson", cases, name="map_cases"),
    path("map/hot-spots.geojson", hot_spots, name="map_hot_spots"),
    path("map/findings.geojson", findings, name="map_findings"),
    path("map/point/<str:code>.<str:form>", point, name="map_point"),
]
