"""Organisations and people from a workbook: shown row by row before anything is saved."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from qingyuan.base.errors import QingyuanError
from qingyuan.interfaces.web import access
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.views.manage import refusal
from qingyuan.people import book
from qingyuan.people.managing import MANAGE

LARGEST = 1 << 20
"""Bytes of an upload."""
SHOWN = 200
PENDING = "people_book"


@access.needs(MANAGE)
@without_data
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """The form; with an upload pending its rows; POST takes an upload, saves it or drops it."""
    if request.method != "POST":
        return _show(request)
    match request.POST.get("do"):
        case "save":
            return _save(request)
        case "drop":
            request.session.pop(PENDING, None)
            return redirect("people_import")
    return _take(request)


def _take(request: HttpRequest) -> HttpResponse:
    file = request.FILES.get("file")
    request.session.pop(PENDING, None)
    if file is None or not file.size or file.size > LARGEST:
        return _show(request, _("Choose a workbook of at most 1 MB."))
    content = file.read()
    try:
        book.preview(content, access.manager(request))
    except QingyuanError:
        return _show(request, _("This is not the workbook of the export, or it has more than 2000 rows."))
    request.session[PENDING] = base64.b64encode(content).decode()
    return redirect("people_import")


def _pending(request: HttpRequest) -> bytes:
    try:
        return base64.b64decode(request.session.get(PENDING, ""))
    except binascii.Error:
        return b""


def _show(request: HttpRequest, why: str = "") -> HttpResponse:
    content = b"" if why else _pending(request)
    rows = book.preview(content, access.manager(request)) if content else []
    return render(request, "manage/import.html", {"why": why, **_told(rows)}, status=400 if why else 200)


def _told(rows: list[book.Row]) -> dict[str, Any]:
    first = sorted(rows, key=lambda row: (row.fault is None, row.sheet, row.number))[:SHOWN]
    return {
        "rows": [(each, each.given.get("name_zh") or each.given.get("account"), refusal(each.fault)) for each in first],
        "count": len(rows),
        "faults": sum(each.fault is not None for each in rows),
        "more": max(0, len(rows) - SHOWN),
    }


def _save(request: HttpRequest) -> HttpResponse:
    content = _pending(request)
    if not content:
        return redirect("people_import")
    rows = book.save(content, access.manager(request))
    if any(each.fault for each in rows):
        return _show(request)
    request.session.pop(PENDING, None)
    shown = {"saved": len(rows), "passwords": [each for each in rows if each.password]}
    return render(request, "manage/imported.html", shown)


urlpatterns = [path("people/import/", page, name="people_import")]
