"""Layers a person switches on: registers, open cases, hot spots, findings, each of what the rights reach."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.cases import listing
from qingyuan.cases.models import Case
from qingyuan.interfaces import loading
from qingyuan.interfaces.found import HEAVY
from qingyuan.interfaces.web import access, context
from qingyuan.interfaces.web.cases import words
from qingyuan.interfaces.web.findings import words as finding_words
from qingyuan.interfaces.web.registers import asking
from qingyuan.interfaces.web.registers import words as register_words
from qingyuan.places.divisions import next_stem, stem
from qingyuan.rules import placing
from qingyuan.rules.models import Finding

MOST = 2000
"""Symbols of a layer, the most urgent first."""
HOT = "hot_spot"
"""Kind of the cases that are drawn as hot spots; the others are flags."""


def layers(request: HttpRequest) -> list[dict[str, str]]:
    """Layers the person may switch on: id, title, shape of the symbol, address of the features, page of the list."""
    found = [_register(kind) for kind in loading.registers().kinds.values() if kind.place and _sees(request, kind)]
    if access.rights(request).can("cases.see"):
        listed = reverse("cases")
        found += [
            {"id": "cases", "title": _("Open cases"), "shape": "flag", "url": reverse("map_cases"), "page": listed},
            {
                "id": "hot_spots",
                "title": _("Hot spots"),
                "shape": "triangle_up",
                "url": reverse("map_hot_spots"),
                "page": f"{listed}?kind={HOT}",
            },
        ]
    if access.rights(request).can("findings.see"):
        told = {"id": "findings", "title": _("Findings not over"), "shape": "circle"}
        found.append({**told, "url": reverse("map_findings"), "page": reverse("findings")})
    return found


def _sees(request: HttpRequest, kind: Any) -> bool:
    scope = asking.scope_of(request, kind)
    return bool(scope.places or scope.few)


def _register(kind: Any) -> dict[str, str]:
    return {
        "id": f"register:{kind.name}",
        "title": register_words.of(kind.title),
        "shape": kind.symbol.shape if kind.symbol else "diamond",
        "url": reverse("register_layer", args=[kind.name]),
        "page": reverse("register", args=[kind.name]),
    }


def cases(request: HttpRequest, place: str, hot: bool, at: datetime) -> dict[str, Any]:
    """GeoJSON of the open cases of a place one may see, or of those that are hot spots."""
    start = stem(place)
    found = Case.objects.filter(access.rights(request).where("cases.see"), is_open=True, lon__isnull=False)
    found = found.filter(kind=HOT) if hot else found.exclude(kind=HOT)
    found = found.filter(division__gte=start, division__lt=next_stem(start)).defer(*listing.HEAVY)
    features = [_feature(case, at) for case in found.order_by("until", "id")[:MOST]]
    return {"type": "FeatureCollection", "features": features}


def findings(request: HttpRequest, place: str) -> dict[str, Any]:
    """GeoJSON of the findings of a place one may see that are not over, where their point has coordinates."""
    start, state = stem(place), Finding.State
    found = Finding.objects.filter(access.rights(request).where("findings.see"))
    found = found.filter(state__in=(state.OPEN, state.RELAPSED), division__gte=start, division__lt=next_stem(start))
    known = {each.slug: placing.places(each.slug, each.path) for each in context.datasets()}
    features = []
    for each in found.defer(*HEAVY).order_by("-urgency", "-opened_at", "-pk")[:MOST]:
        at = known[each.dataset].of(each.point) if each.dataset in known else placing.Place(each.point)
        if at.lon is not None and at.lat is not None:
            features.append(_point(at.lon, at.lat, _told_of(each)))
    return {"type": "FeatureCollection", "features": features}


def _told_of(each: Finding) -> dict[str, Any]:
    return {
        "number": finding_words.name(each),
        "title": finding_words.rule(each.rule),
        "step_title": finding_words.severity(each.severity)[1],
        "state": "bad" if each.severity in ("high", "urgent") else "",
        "url": reverse("finding", args=[each.pk]),
        "simulated": each.simulated,
    }


def _point(lon: float, lat: float, told: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, lat]}, "properties": told}


def _feature(case: Case, at: datetime) -> Mapping[str, Any]:
    assert case.lon is not None and case.lat is not None
    told = {
        "number": case.number,
        "title": case.title,
        "step_title": words.step(case),
        "state": "bad" if case.until < at else "",
        "url": reverse("case", args=[case.pk]),
        "simulated": case.simulated,
    }
    return _point(case.lon, case.lat, told)
