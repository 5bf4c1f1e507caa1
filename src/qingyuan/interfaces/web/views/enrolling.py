"""Registering devices: the form, switching off and on, the workbook, taking in one that calls already.

Who registers devices does so within the scope of that duty; every change is kept with the name (`DeviceChange`).
"""

from __future__ import annotations

import base64
import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qingyuan.base.errors import QingyuanError
from qingyuan.base.settings import data_dir
from qingyuan.base.time import now
from qingyuan.gateway import newcomers, register_book, registering, scope
from qingyuan.gateway.models import Device
from qingyuan.interfaces.web import access, excel
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.devices import enrolling, words
from qingyuan.interfaces.web.views.devices import device_of
from qingyuan.interfaces.web.views.quarantine import told_of

LARGEST = 4 << 20
"""Bytes of a workbook."""
SHOWN = 300
PENDING, TOLD = "register_book", "enrolled"


def link(request: HttpRequest, name: str, *args: object) -> str:
    """Address of a page that holds the context of the request, where there is one."""
    ctx = getattr(request, "ctx", None)
    return str(ctx.link(name, *args)) if ctx else reverse(name, args=args)


@access.needs("devices.register")
@without_data
@never_cache
def fresh(request: HttpRequest) -> HttpResponse:
    """The form of a new device; ``mn`` in the address names one that calls already. POST saves it."""
    mn = request.POST.get("mn", request.GET.get("mn", "")).strip()[:64]
    if mn and not scope.strangers_too(access.rights(request), "devices.register") and request.method != "POST":
        raise Http404
    if request.method != "POST":
        return _show(request, enrolling.fresh(mn, _division(request)))
    form = enrolling.typed(request.POST, None, _facts(request, mn))
    return _saved(request, form)


@access.needs("devices.register")
@without_data
@never_cache
def edit(request: HttpRequest, mn: str) -> HttpResponse:
    """The form of a registered device. POST saves it."""
    device = device_of(request, mn, "devices.register")
    if request.method != "POST":
        return _show(request, enrolling.known_of(device))
    return _saved(request, enrolling.typed(request.POST, device, None))


def _division(request: HttpRequest) -> str:
    """The division a new device is thought to stand in: where the duty begins."""
    return min(access.rights(request).divisions("devices.register"), default="")


def _facts(request: HttpRequest, mn: str) -> newcomers.Facts | None:
    """What the frames of an MN say, to those who may see MN nobody registered."""
    mine = scope.strangers_too(access.rights(request), "devices.register")
    return newcomers.facts(data_dir(), mn) if mine else None


def _may(request: HttpRequest) -> registering.May:
    return scope.registrar(access.rights(request))


def _saved(request: HttpRequest, form: enrolling.Form) -> HttpResponse:
    if request.POST.get("do") == "more":
        return _show(request, form)
    by = request.user.get_username()
    device = enrolling.save(form, by, _may(request))
    if device is None:
        return _show(request, form)
    if form.newcomer:
        request.session[TOLD] = told_of(newcomers.take(data_dir(), device.mn, by))
    else:
        request.session[TOLD] = ("good", _("Saved. The gateway knows it within a few seconds."))
    return redirect(link(request, "device", device.mn))


def _show(request: HttpRequest, form: enrolling.Form) -> HttpResponse:
    shown = {
        "form": form,
        "device": form.device,
        "name": words.name(form.device) if form.device else "",
        "groups": form.groups(),
        "lines": form.lines(),
        "properties": enrolling.properties.all_properties(),
        "faults": form.faults,
        "told": request.session.pop(TOLD, None),
    }
    return render(request, "devices/form.html", shown, status=400 if form.faults else 200)


@access.needs("devices.register")
@require_POST
@without_data
def withdraw(request: HttpRequest, mn: str) -> HttpResponse:
    """Switch a device off here, or (``do=restore``) on again."""
    registering.withdraw(
        device_of(request, mn, "devices.register"),
        request.user.get_username(),
        active=request.POST.get("do") == "restore",
    )
    return redirect(link(request, "device", mn))


@access.needs("devices.register")
@require_POST
@without_data
def promote(request: HttpRequest) -> HttpResponse:
    """Register an MN that calls without being registered, by what its frames say, and take its frames."""
    mn = request.POST.get("mn", "").strip()
    if not scope.strangers_too(access.rights(request), "devices.register"):
        raise Http404
    if Device.objects.filter(mn=mn).exists():
        raise QingyuanError(_("%s is registered already") % mn, _("Take its frames again in the quarantine."))
    device, done = newcomers.promote(data_dir(), mn, request.user.get_username())
    kind, told = told_of(done)
    unit = _(
        "Registered. Now enter its outlet, and what its codes mean: until then values are kept as sent, without unit."
    )
    request.session[TOLD] = (kind, f"{unit} {told}")
    return redirect(link(request, "device_edit", device.mn))


@access.needs("devices.register")
@without_data
@never_cache
def book(request: HttpRequest) -> HttpResponse:
    """The workbook: choose a filled one, see every row as it would be saved, save all or nothing."""
    if request.method == "POST":
        return _take(request)
    pending = request.session.get(PENDING)
    return _show_book(request, pending, request.session.pop(TOLD, None))


def _show_book(request: HttpRequest, pending: Any, told: Any = None, why: str = "") -> HttpResponse:
    shown: dict[str, Any] = {"why": why, "told": told, "pending": pending if not why else None}
    if pending and not why:
        rows = register_book.preview(base64.b64decode(pending["content"]), request.user.get_username(), _may(request))
        lines = sorted((_row(each) for each in rows), key=lambda line: not line["fault"])
        faults = sum(bool(line["fault"]) for line in lines)
        shown |= {"lines": lines[:SHOWN], "count": len(rows), "faults": faults, "more": max(0, len(rows) - SHOWN)}
    return render(request, "devices/book.html", shown, status=400 if why else 200)


def _row(row: register_book.Row) -> dict[str, Any]:
    given = {key: text for key, text in row.given.items() if text and key != "mn"}
    shown = {key: registering.MASKED if key in ("password", "key") else text for key, text in given.items()}
    return {
        "row": row,
        "sheet": _("devices") if row.sheet == "devices" else _("codes"),
        "mn": row.given.get("mn", ""),
        "given": [(enrolling.label(key), text) for key, text in shown.items()],
        "fault": enrolling.fault(row.fault)[1] if row.fault else "",
    }


def _take(request: HttpRequest) -> HttpResponse:
    request.session.pop(PENDING, None)
    file = request.FILES.get("file")
    if file is None or not file.size:
        return _show_book(request, None, why=_("Choose a filled workbook."))
    if file.size > LARGEST:
        return _show_book(request, None, why=_("The file is larger than 4 MB. Cut it into parts."))
    content = file.read()
    try:
        register_book.preview(content, request.user.get_username(), _may(request))
    except QingyuanError:
        why = _("This is not the workbook as .xlsx, or its first rows were changed. Download it and fill it in.")
        return _show_book(request, None, why=why)
    name = re.sub(r"[^\w. -]", "_", file.name or "")[:80]
    request.session[PENDING] = {"name": name, "content": base64.b64encode(content).decode()}
    return redirect(link(request, "device_book"))


@access.needs("devices.register")
@require_POST
@without_data
def book_save(request: HttpRequest) -> HttpResponse:
    """Save the pending workbook, or (``do=drop``) forget it."""
    pending = request.session.pop(PENDING, None)
    if pending and request.POST.get("do") == "save":
        rows = register_book.save(base64.b64decode(pending["content"]), request.user.get_username(), _may(request))
        told = ngettext("%(count)s row is saved.", "%(count)s rows are saved.", len(rows)) % {"count": len(rows)}
        request.session[TOLD] = ("good", told)
    return redirect(link(request, "device_book"))


@access.needs("devices.register")
@without_data
def book_file(request: HttpRequest) -> HttpResponse:
    """The register as a workbook; ``empty=yes`` the template."""
    empty = request.GET.get("empty") == "yes"
    devices = scope.devices(access.rights(request), "devices.register").prefetch_related("factors")
    name = "template" if empty else f"{now():%Y%m%d%H%M}"
    return excel.download(register_book.write([] if empty else devices), f"qingyuan-register-{name}.xlsx")


urlpatterns = [
    path("devices/register/", fresh, name="device_register"),
    path("devices/promote/", promote, name="device_promote"),
    path("devices/workbook/", book, name="device_book"),
    path("devices/workbook/save/", book_save, name="device_book_save"),
    path("devices/workbook.xlsx", book_file, name="device_book_file"),
    path("devices/<path:mn>/edit/", edit, name="device_edit"),
    path("devices/<path:mn>/withdraw/", withdraw, name="device_withdraw"),
]
