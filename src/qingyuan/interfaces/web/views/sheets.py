"""Laboratory sheets: the template, an upload shown row by row before anything is saved, then the journal."""

from __future__ import annotations

import base64
import re
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qingyuan.base.errors import QingyuanError
from qingyuan.base.settings import data_dir
from qingyuan.gateway import scope, sheets
from qingyuan.gateway.models import Device
from qingyuan.interfaces.web import access, excel
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.devices import words
from qingyuan.interfaces.web.views.devices import device_of

LARGEST = 1 << 20
"""Bytes of an upload: ten thousand rows are about half of it."""
SHOWN = 200
PENDING = "sheet"


@access.needs("sheets.enter")
@without_data
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """The form; with an upload pending, its rows as they would be saved. POST takes an upload."""
    if request.method == "POST":
        return _take(request)
    told = request.session.pop("sheet_told", None)
    return _show(request, told=told)


def _devices(request: HttpRequest) -> QuerySet[Device]:
    """The devices whose samples this person may enter."""
    return scope.devices(access.rights(request), "sheets.enter").filter(active=True)


def _show(request: HttpRequest, why: str = "", told: str | None = None) -> HttpResponse:
    pending = request.session.get(PENDING)
    shown: dict[str, Any] = {
        "devices": [(each.mn, words.name(each), each.place) for each in _devices(request)],
        "why": why,
        "told": told,
        "pending": None,
    }
    if pending and not why:
        device = _devices(request).filter(mn=pending["mn"]).first()
        if device:
            shown |= _previewed(device, pending)
    return render(request, "sheets.html", shown, status=400 if why else 200)


def _previewed(device: Device, pending: dict[str, str]) -> dict[str, Any]:
    found = sheets.preview(data_dir(), base64.b64decode(pending["content"]), device)
    rows = sorted(found.rows, key=lambda row: (not row.fault, row.number))
    return {
        "pending": {"device": device, "name": words.name(device), "file": pending["name"]},
        "rows": [(row, fault(row.fault)) for row in rows[:SHOWN]],
        "count": len(found.rows),
        "faults": len(found.faults),
        "more": max(0, len(rows) - SHOWN),
    }


def _take(request: HttpRequest) -> HttpResponse:
    file = request.FILES.get("file")
    device = _devices(request).filter(mn=request.POST.get("mn", "")).first()
    request.session.pop(PENDING, None)
    if device is None:
        return _show(request, _("Choose the device or outlet the samples belong to."))
    if file is None or not file.size:
        return _show(request, _("Choose a filled template."))
    if file.size > LARGEST:
        return _show(request, _("The file is larger than 1 MB. Cut the sheet into parts."))
    content = file.read()
    try:
        sheets.preview(data_dir(), content, device)
    except QingyuanError:
        return _show(
            request, _("This is not the template as .xlsx, or its first row was changed. Fill in the template.")
        )
    name = re.sub(r"[^\w. -]", "_", file.name or "")[:80]
    request.session[PENDING] = {"mn": device.mn, "name": name, "content": base64.b64encode(content).decode()}
    return redirect(_home(request))


def _home(request: HttpRequest) -> str:
    ctx = getattr(request, "ctx", None)
    return ctx.link("sheets") if ctx else reverse("sheets")


@access.needs("sheets.enter")
@require_POST
@without_data
def save(request: HttpRequest) -> HttpResponse:
    """Save the pending upload, or (``do=drop``) forget it."""
    pending = request.session.pop(PENDING, None)
    if pending and request.POST.get("do") == "save":
        device = device_of(request, pending["mn"], "sheets.enter")
        by = request.user.get_username()
        done = sheets.save(data_dir(), device, base64.b64decode(pending["content"]), pending["name"], by)
        told = ngettext(
            "%(rows)s value is in the journal, record %(record)s.",
            "%(rows)s values are in the journal, record %(record)s.",
            done.rows,
        )
        known = _("This sheet was saved before; nothing was stored twice.")
        request.session["sheet_told"] = known if done.repeated else told % {"rows": done.rows, "record": done.record}
    return redirect(_home(request))


@access.needs("sheets.enter")
@without_data
def template(request: HttpRequest) -> HttpResponse:
    """The empty template, with the points of a device and the properties to choose from."""
    mn = request.GET.get("mn", "")
    points = [device_of(request, mn, "sheets.enter").place] if mn else [each.place for each in _devices(request)[:200]]
    return excel.download(sheets.template(points), "qingyuan-laboratory-sheet.xlsx")


def fault(text: str) -> str:
    """Why a row cannot be taken, in the language of the request."""
    patterns = {
        r"property (.*) in unit (.*) cannot be used": _("the property %s is not known, or the unit %s does not fit it"),
        r"phenomenon_time (.*) cannot be read": _("the time %s cannot be read"),
        r"value (.*) is no number": _("the value %s is no number"),
        r"value (.*) is not finite": _("the value %s is no number"),
    }
    for pattern, sentence in patterns.items():
        found = re.fullmatch(pattern, text)
        if found:
            return sentence % tuple(found.groups())
    return text


urlpatterns = [
    path("sheets/", page, name="sheets"),
    path("sheets/save/", save, name="sheets_save"),
    path("sheets/template.xlsx", template, name="sheets_template"),
]
