"""The audit chain on screen: its lines by person, kind, record and day, a record as it was, the workbook."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from qingyuan.base.time import isoformat, now
from qingyuan.interfaces.web import access, excel
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.people import words
from qingyuan.people import reading
from qingyuan.people.models import AuditEntry

PAGE = 50
MOST = 20_000
"""Lines of one workbook; more would keep a person waiting (``qingyuan audit export`` gives all)."""


def _wanted(ask: Any) -> reading.Wanted:
    plain = {name: ask.get(name, "").strip()[:80] for name in ("name", "kind", "record", "action")}
    since, until = words.day(ask.get("since", "")), words.day(ask.get("until", ""))
    return reading.Wanted(**plain, since=since, until=until, sealed=ask.get("sealed") == "yes")


@access.needs("audit.read")
@without_data
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """Lines, newest first, 50 a page; the workbook of them with ``export=xlsx``."""
    wanted = _wanted(request.GET)
    found = reading.lines(access.rights(request), wanted)
    if request.GET.get("export") == "xlsx":
        return _workbook(request, found)
    rows: Page[AuditEntry] = Paginator(found, PAGE).get_page(request.GET.get("page"))
    shown = {
        "wanted": wanted,
        "rows": rows,
        "lines": [line(each) for each in rows],
        "total": rows.paginator.count,
        "filtered": wanted != reading.Wanted(),
        "kinds": [(each, words.record_kind(each)) for each in reading.kinds(access.rights(request))],
    }
    return render(request, "audit/list.html", shown)


def line(entry: AuditEntry) -> dict[str, Any]:
    """A line in words."""
    return {
        "entry": entry,
        "kind": words.record_kind(entry.kind),
        "action": words.action_title(entry.action),
        "place": words.place(entry.division) if entry.division else "",
        "domain": words.domain(entry.domain),
        "changes": [_change(name, value) for name, value in list(entry.change.items())[:8]],
        "more": max(0, len(entry.change) - 8),
    }


def _change(name: str, value: Any) -> tuple[str, str, str]:
    """Field, before (empty: none), after."""
    if isinstance(value, list) and len(value) == 2:
        return name, _short(value[0]), _short(value[1])
    return name, "", _short(value)


def _short(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    text = "" if value is None else str(value)
    return text if len(text) <= 120 else text[:119] + "…"


def _workbook(request: HttpRequest, found: Any) -> HttpResponse:
    head = [
        _("Line"), _("Time"), _("Who"), _("Action"), _("Kind"), _("Which record"), _("Place"), _("Domain"), _("Change"),
        _("Sealed data"), _("Digest"),
    ]  # fmt: skip
    rows = [_cells(line(each)) for each in found[:MOST]]
    lines = excel.Sheet(_("Audit"), head, rows, [10, 26, 14, 22, 14, 24, 14, 12, 60, 12, 66])
    left = max(0, found.count() - MOST)
    basis = [
        [_("Made"), isoformat(now()), access.actor(request).name],
        [_("Lines left out"), left, _("qingyuan audit export gives all")],
        [_("Digest"), "SHA-256", _("of the line and the digest before it; qingyuan audit verify compares them")],
    ]
    codes = excel.Sheet(_("Codes and basis"), [_("What"), _("Value"), _("Remark")], basis, [24, 30, 60])
    return excel.download(excel.workbook(lines, codes), f"qingyuan-audit-{now():%Y%m%d%H%M}.xlsx")


def _cells(told: dict[str, Any]) -> list[object]:
    entry = told["entry"]
    change = "; ".join(
        f"{name}: {before} → {after}" if before else f"{name}: {after}" for name, before, after in told["changes"]
    )
    return [
        entry.number, isoformat(entry.at), entry.name, told["action"], told["kind"], entry.record, told["place"],
        told["domain"], change, _("yes") if entry.sealed else "", entry.digest,
    ]  # fmt: skip


@access.needs("audit.read")
@without_data
@never_cache
def record(request: HttpRequest) -> HttpResponse:
    """A record's lines and its fields at a moment; 404 for one with a line the account may not read."""
    kind, name = request.GET.get("kind", "")[:32], request.GET.get("record", "")[:80]
    moment = _moment(request.GET.get("moment", ""))
    fields = reading.as_of(access.rights(request), kind, name, moment)
    if fields is None:
        raise Http404
    found = reading.lines(access.rights(request), reading.Wanted(kind=kind, record=name))
    rows: Page[AuditEntry] = Paginator(found, PAGE).get_page(request.GET.get("page"))
    shown = {
        "kind": kind,
        "kind_word": words.record_kind(kind),
        "record": name,
        "moment": moment,
        "fields": sorted((field, _short(value)) for field, value in fields.items()),
        "rows": rows,
        "lines": [line(each) for each in rows],
    }
    return render(request, "audit/record.html", shown)


def _moment(text: str) -> datetime:
    """The moment a form names; the present for none, the end of the day for a day alone."""
    alone = words.day(text)
    if alone:
        return datetime.combine(alone, time(23, 59, 59))
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None) if text else now()
    except ValueError:
        return now()


urlpatterns = [
    path("audit/", page, name="audit"),
    path("audit/record/", record, name="audit_record"),
]
