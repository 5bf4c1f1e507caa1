"""Search over stations, cities, outlets, devices and pages: answers in JSON for the dialog of the top bar."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _

from qingyuan.gateway import scope
from qingyuan.interfaces.web import access, places, reading, shell, wording
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.devices import words as device_words
from qingyuan.interfaces.web.sources import outlets

MOST = 12
Hit = dict[str, str]


@access.signed_in
def page(request: HttpRequest) -> JsonResponse:
    """Up to twelve hits for ``q`` by name in either language or by code; without ``q`` the pages."""
    words = request.GET.get("q", "").strip().casefold()
    found = (
        _pages(request, words)
        if not words
        else [*_points(request, words), *_outlets(request, words), *_devices(request, words), *_pages(request, words)]
    )
    return JsonResponse({"hits": list(found)[:MOST]})


def _context(request: HttpRequest) -> Context:
    ctx: Context = request.ctx  # type: ignore[attr-defined]
    return ctx


def _pages(request: HttpRequest, words: str) -> Iterator[Hit]:
    ctx = _context(request)
    for entry in shell.rail(request):
        if words in str(entry.text).casefold() or words in entry.name:
            yield {"title": str(entry.text), "kind": _("page"), "url": ctx.link(entry.name), "icon": entry.icon}


def _points(request: HttpRequest, words: str) -> Iterator[Hit]:
    ctx = _context(request)
    if not access.rights(request).can("air.see", "air"):
        return
    rows = sorted(reading.points(ctx.dataset).values(), key=lambda row: row["kind"])
    for row in rows:
        if not any(words in str(row[key] or "").casefold() for key in ("name_zh", "name_en", "point")):
            continue
        city = row["kind"] == "city"
        where = _("city") if city else f"{row['point']} · {places.name(row['city'], short=True)}"
        url = ctx.link(row["kind"], row["point"])
        yield {"title": wording.point(row), "kind": where, "url": url, "icon": "pin" if city else "air"}


def _outlets(request: HttpRequest, words: str) -> Iterator[Hit]:
    ctx = _context(request)
    named = outlets.names(ctx.dataset.slug)
    for each in outlets.mine(request, ctx):
        title = named.get(each.point, each.point)
        if words in title.casefold() or words in each.point.casefold():
            url = ctx.link("outlet", each.point)
            yield {"title": title, "kind": f"{_('Outlet')} {each.point}", "url": url, "icon": "plant"}


def _devices(request: HttpRequest, words: str) -> Iterator[Hit]:
    ctx = _context(request)
    fits = Q(mn__icontains=words) | Q(name_zh__icontains=words) | Q(name_en__icontains=words)
    for each in scope.devices(access.rights(request)).filter(fits)[:MOST]:
        url = ctx.link("device", each.mn)
        yield {"title": device_words.name(each), "kind": f"{_('Device')} {each.mn}", "url": url, "icon": "chain"}
