"""Workbooks taken in: upload, a preview of every fault, then batch by batch with progress; resumed where it stopped."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qingyuan.base.errors import QingyuanError
from qingyuan.base.settings import data_dir
from qingyuan.base.time import now
from qingyuan.interfaces import workbooks
from qingyuan.interfaces.web import access
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.registers import asking, forms, words
from qingyuan.people.rights import Rights
from qingyuan.registers import intake, scope
from qingyuan.registers.flow.declared import Kind
from qingyuan.registers.models import Import

LARGEST = 20 << 20


@access.needs("registers.import")
@without_data
@never_cache
def upload(request: HttpRequest, kind: str) -> HttpResponse:
    """The form; POST reads a workbook and goes on to its preview."""
    found = asking.kind_of(request, kind)
    if request.method != "POST":
        return _form(request, found)
    file = request.FILES.get("file")
    if file is None or not file.size:
        return _form(request, found, _("Choose a filled template."))
    if file.size > LARGEST:
        return _form(request, found, _("The file is larger than 20 MB. Cut the sheet into parts."))
    content = file.read()
    ctx = getattr(request, "ctx", None)
    run = Import.objects.create(
        account=asking.account(request), kind=found.name, name=(file.name or "")[:120], at=now(),
        file=hashlib.sha256(content).hexdigest(), division="", simulated=bool(ctx and ctx.simulated),
    )  # fmt: skip
    try:
        intake.prepare(run, found, content, forms.folder(), _opener(access.rights(request), found), now())
    except QingyuanError as why:
        run.delete()
        return _form(request, found, str(why))
    return redirect(_address(request, found, run))


def _opener(rights: Rights, kind: Kind) -> Any:
    """Whether a record of a division and site may be opened and imported."""

    def answer(division: str, site: str) -> bool:
        holds = scope.holds_at(rights, division, kind.domain, site)
        return rights.may("registers.import", division, kind.domain, site) and any(map(holds, kind.opens))

    return answer


def _form(request: HttpRequest, kind: Kind, why: str = "") -> HttpResponse:
    runs = Import.objects.filter(account=asking.account(request), kind=kind.name).order_by("-pk")[:10]
    shown = {"kind": kind, "title": words.of(kind.title), "why": why, "runs": runs}
    return render(request, "registers/import.html", shown, status=400 if why else 200)


def _address(request: HttpRequest, kind: Kind, run: Import) -> str:
    ctx = getattr(request, "ctx", None)
    return ctx.link("register_run", kind.name, run.pk) if ctx else reverse("register_run", args=[kind.name, run.pk])


def _run(request: HttpRequest, kind: Kind, number: int) -> Import:
    """One's own import; 404 for every other."""
    found = Import.objects.filter(pk=number, account=asking.account(request), kind=kind.name).first()
    if found is None:
        raise Http404
    return found


@access.needs("registers.import")
@without_data
@never_cache
def preview(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """What was read: how many rows can be taken, and every fault with row and field."""
    found = asking.kind_of(request, kind)
    run = _run(request, found, number)
    english = words.language() == "en"
    faults = [(row, field, en if english else zh) for row, field, zh, en in run.faults]
    titles = {name: words.of(each.title) for name, each in found.fields.items()}
    shown = {
        "kind": found,
        "title": words.of(found.title),
        **_progress(run),
        "faults": [(row, titles.get(field, field.lstrip("*")), told) for row, field, told in faults],
    }
    return render(request, "registers/import_run.html", shown)


@access.needs("registers.import")
@require_POST
@without_data
def go_on(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """Open the next batch; answers the progress, which asks for the next one by itself.

    The jobs carry on what runs as well, so that the page may be closed. again: from where it failed.
    """
    found = asking.kind_of(request, kind)
    run = _run(request, found, number)
    if request.POST.get("again"):
        run = intake.resume(run.pk)
    run = workbooks.go_on(run, data_dir(), now())
    if request.headers.get("HX-Request") != "true":
        return redirect(_address(request, found, run))
    return render(request, "registers/import_progress.html", {"kind": found, **_progress(run)})


def _progress(run: Import) -> dict[str, Any]:
    """How far it has come, whether it goes on, and why it does not."""
    share = round(100 * run.done / run.rows) if run.rows else 100
    why = run.why[words.language() == "en"] if run.state == "failed" and run.why else ""
    return {"run": run, "share": share, "going": run.state == "running", "why": why}


urlpatterns = [
    path("registers/<slug:kind>/import/", upload, name="register_import"),
    path("registers/<slug:kind>/import/<int:number>/", preview, name="register_run"),
    path("registers/<slug:kind>/import/<int:number>/next/", go_on, name="register_run_next"),
]
