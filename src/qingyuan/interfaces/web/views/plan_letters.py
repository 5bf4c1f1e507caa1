"""Responsibility letters: which places have one, whether it still says what is in force; as Word, PDF, many as zip."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qingyuan.base.time import now
from qingyuan.interfaces import loading
from qingyuan.interfaces.web import access, scoreboard
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.downloads import download
from qingyuan.interfaces.web.registers import words as register_words
from qingyuan.interfaces.web.targets import showing
from qingyuan.places.divisions import UnknownDivision, children, division
from qingyuan.plans import sharing
from qingyuan.plans.facts import plan
from qingyuan.plans.letters import files, written
from qingyuan.plans.models.book import DOMAIN
from qingyuan.registers import acting, scope
from qingyuan.registers.flow.acts import Given
from qingyuan.registers.flow.fold import Actor
from qingyuan.registers.models import RegisterRecord

KIND = "responsibility_letter"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@access.needs("plan.see", DOMAIN)
@never_cache
def listed(request: HttpRequest) -> HttpResponse:
    """The places below the context's place that one may see, each with its letter."""
    ctx = _ctx(request)
    rows = [_row(ctx, code) for code in _places(request, sharing.SEE)]
    shown = {
        "rows": rows,
        "place": showing.name(ctx.place),
        "plan_title": scoreboard.said(plan().title),
        "signed": sum(each["step"] is not None for each in rows),
        "old": sum(each["state"] == "bad" for each in rows),
        "may_write": access.rights(request).may(sharing.DECOMPOSE, ctx.place, DOMAIN),
        "may_export": access.rights(request).can("plan.export", DOMAIN),
    }
    return render(request, "targets/letters.html", shown)


def _ctx(request: HttpRequest) -> Context:
    found: Context = request.ctx  # type: ignore[attr-defined]
    return found


def _places(request: HttpRequest, action: str) -> list[str]:
    rights = access.rights(request)
    return [each.code for each in children(_ctx(request).place) if rights.may(action, each.code, DOMAIN)]


def _row(ctx: Context, code: str) -> dict[str, Any]:
    kind = loading.registers().kind(KIND)
    record = RegisterRecord.objects.filter(kind=KIND, division=code, simulated=ctx.simulated).order_by("-pk").first()
    row: dict[str, Any] = {"code": code, "name": showing.name(code), "record": record, "step": None, "lines": 0}
    try:
        row["lines"] = len(written.content(code, ctx.simulated).lines)
    except written.NothingIssued:
        return {**row, "state": "none", "word": _("nothing issued")}
    if record is None:
        return {**row, "state": "tight", "word": _("no letter yet")}
    row["step"] = register_words.step(kind, record.step)
    if not written.up_to_date(code, str(record.values.get("content_digest", "")), ctx.simulated):
        return {**row, "state": "bad", "word": _("out of date")}
    return {**row, "state": "good", "word": _("says what is in force")}


@access.needs("plan.export", DOMAIN)
@never_cache
def file(request: HttpRequest, code: str) -> HttpResponse:
    """The letter of a place as Word, or with ``form=pdf`` as PDF."""
    ctx = _ctx(request)
    above = _above(request, code, "plan.export")
    try:
        made = files.word(code, above, now().date(), ctx.simulated)
    except written.NothingIssued:
        raise Http404 from None
    if request.GET.get("form") == "pdf":
        return download(files.pdf(made), "application/pdf", f"{code}.pdf")
    return download(made, WORD, f"{code}.docx")


def _above(request: HttpRequest, code: str, action: str) -> str:
    """Chinese name of the place above; 404 for a place that is none or not one's own."""
    try:
        found = division(code)
    except UnknownDivision:
        raise Http404 from None
    if found.parent is None or not access.rights(request).may(action, code, DOMAIN):
        raise Http404
    return division(found.parent).name_zh


@access.needs("plan.export", DOMAIN)
@never_cache
def archive(request: HttpRequest) -> HttpResponse:
    """The letters of all places below that have shares in force, in one zip."""
    ctx = _ctx(request)
    own = [code for code in _places(request, "plan.export") if _row(ctx, code)["lines"]]
    if not own:
        raise Http404
    above = division(ctx.place).name_zh
    made = files.archive(files.words(own, above, now().date(), ctx.simulated))
    return download(made, "application/zip", f"qingyuan-letters-{now():%Y%m%d%H%M}.zip")


@require_POST
@access.needs("plan.decompose", DOMAIN)
@never_cache
def opened(request: HttpRequest, code: str) -> HttpResponse:
    """Open the letter of a place as a record to be signed, with its content and digest."""
    ctx, kind = _ctx(request), loading.registers().kind(KIND)
    _above(request, code, sharing.DECOMPOSE)
    found = written.content(code, ctx.simulated)
    who = access.actor(request)
    values = {
        "party": division(code).name_zh,
        "plan_code": plan().code,
        "content": found.text,
        "content_digest": found.digest,
    }
    holds = scope.holds_at(access.rights(request), code, kind.domain, "")
    given = Given("open", Actor(who.account, who.name, who.organisation), now(), 0, holds, values=values)
    record = acting.open_record(kind, acting.Place(code, simulated=ctx.simulated), given).record
    return redirect(ctx.link("register_record", KIND, record.pk))


urlpatterns = [
    path("plan/letters/", listed, name="plan_letters"),
    path("plan/letters/all/", archive, name="plan_letters_all"),
    path("plan/letters/<slug:code>/file/", file, name="plan_letter_file"),
    path("plan/letters/<slug:code>/open/", opened, name="plan_letter_open"),
]
