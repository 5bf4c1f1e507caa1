"""Search over everything one may see: answers in JSON for the dialog of the top bar, grouped by what they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _

from qingyuan.interfaces import found, loading
from qingyuan.interfaces.web import access, places, reading, shell, wording
from qingyuan.interfaces.web.cases import words as case_words
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.devices import words as device_words
from qingyuan.interfaces.web.findings import words as finding_words
from qingyuan.interfaces.web.people import words as people_words
from qingyuan.interfaces.web.registers import words as register_words
from qingyuan.interfaces.web.reports import words as report_words
from qingyuan.interfaces.web.sources import outlets
from qingyuan.people import managing
from qingyuan.registers import searching

MOST = 6
"""Hits of a kind."""
Hit = dict[str, str]


@access.signed_in
def page(request: HttpRequest) -> JsonResponse:
    """Up to six hits a kind for ``q``, by name in either language or by code; without ``q`` the pages."""
    words = request.GET.get("q", "").replace("\x00", "").strip().casefold()[:60]
    kinds = _kinds() if words else _kinds()[-1:]
    return JsonResponse(
        {
            "hits": [
                {**hit, "group": title + hit.pop("told", "")}
                for title, find in kinds
                for hit in islice(find(request, words), MOST)
            ]
        }
    )


def _kinds() -> list[tuple[str, Callable[[HttpRequest, str], Iterator[Hit]]]]:
    """What is searched, in the order it is told."""
    return [
        (_("Stations and cities"), _points),
        (_("Pollution sources"), _outlets),
        (_("Devices"), _devices),
        (_("Cases"), _cases),
        (_("Registers"), _records),
        (_("Findings"), _findings),
        (_("Public reports"), _reports),
        (_("Organisations"), _organisations),
        (_("People"), _people),
        (_("Pages of the console"), _pages),
    ]


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
    for each in found.devices(access.rights(request), words)[:MOST]:
        url = ctx.link("device", each.mn)
        yield {"title": device_words.name(each), "kind": f"{_('Device')} {each.mn}", "url": url, "icon": "chain"}


def _cases(request: HttpRequest, words: str) -> Iterator[Hit]:
    """By number, matter and site, the newest first."""
    for each in found.cases(access.rights(request), words)[:MOST]:
        kind = f"{each.number} · {case_words.step(each)}"
        yield {
            "title": each.title,
            "kind": kind,
            "url": _context(request).link("case", each.pk),
            "icon": each.declared.icon,
        }


def _records(request: HttpRequest, words: str) -> Iterator[Hit]:
    """Records of every register, the newest first; of more than the index tells it is said so."""
    kinds, ctx = loading.registers().kinds, _context(request)
    records, more = found.records(access.rights(request), words)
    told = " · " + _("of more than %s found") % searching.MOST if more else ""
    for each in records[:MOST]:
        kind = f"{register_words.of(kinds[each.kind].title)} · {each.number}"
        url = ctx.link("register_record", each.kind, each.pk)
        yield {"title": each.title, "kind": kind, "url": url, "icon": "book", "told": told}


def _findings(request: HttpRequest, words: str) -> Iterator[Hit]:
    for each in found.findings(access.rights(request), finding_words.spoken(words))[:MOST]:
        kind = f"{finding_words.name(each)} · {finding_words.state(each.state)[1]}"
        url = _context(request).link("finding", each.pk)
        yield {"title": finding_words.rule(each.rule), "kind": kind, "url": url, "icon": "bell"}


def _reports(request: HttpRequest, words: str) -> Iterator[Hit]:
    """By number only: what was told stays on its page."""
    for each in found.reports(access.rights(request), words)[:MOST]:
        kind = f"{report_words.category(each.category)} · {report_words.state(each.state)[1]}"
        url = _context(request).link("reports_one", each.number)
        yield {"title": each.number, "kind": kind, "url": url, "icon": "user"}


def _organisations(request: HttpRequest, words: str) -> Iterator[Hit]:
    """Of whoever manages accounts: those of their subtree."""
    for each in managing.organisations(access.rights(request), words)[:MOST]:
        kind = f"{people_words.kind(each.kind)} · {people_words.place(each.division)}"
        yield {
            "title": each.name_zh,
            "kind": kind,
            "url": _context(request).link("organisation", each.pk),
            "icon": "board",
        }


def _people(request: HttpRequest, words: str) -> Iterator[Hit]:
    for each in managing.people(access.rights(request), words)[:MOST]:
        url = _context(request).link("person", each.pk)
        yield {"title": each.name, "kind": each.organisation.name_zh, "url": url, "icon": "user"}
