"""Responsibility letters: who has one, whether it still says what is in force; Word at once, PDF and zip by a job."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qingyuan.base.settings import data_dir
from qingyuan.base.time import now
from qingyuan.cases.letters.word import document
from qingyuan.interfaces import loading
from qingyuan.interfaces.web import access, behind, scoreboard, wording
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.downloads import download
from qingyuan.interfaces.web.plans.words import plan_title
from qingyuan.interfaces.web.targets import letters, showing
from qingyuan.interfaces.web.targets.letters import Row
from qingyuan.plans import sharing
from qingyuan.plans.facts import plan
from qingyuan.plans.letters import keeping
from qingyuan.plans.models.book import DOMAIN
from qingyuan.plans.reporting.making import office
from qingyuan.registers import scope
from qingyuan.registers.flow.fold import Actor
from qingyuan.registers.flow.reasons import Refused

TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "zip": "application/zip",
}
ALL = "all"
EXPORT = "plan.export"


@access.needs("plan.see", DOMAIN)
@never_cache
def listed(request: HttpRequest) -> HttpResponse:
    """The places below the context's place and its departments that one may see, each with its letter."""
    ctx, rights = _ctx(request), access.rights(request)
    version = letters.version_of(ctx)
    groups = [
        (_("Places"), _("Targets"), letters.places(request, ctx, sharing.SEE)),
        (_("Departments"), _("Tasks and indicators"), letters.departments(request, ctx, sharing.SEE)),
    ]
    every = [row for _title, _what, rows in groups for row in rows]
    shown = {
        "groups": [(title, what, [letters.shown(each) for each in rows]) for title, what, rows in groups if rows],
        "place": showing.name(ctx.place),
        "plan_title": plan_title(version.plan) if version else scoreboard.said(plan().title),
        "all": len(every),
        "signed": sum(each.record is not None for each in every),
        "old": sum(each.state == "bad" for each in every),
        "may_write": rights.may(sharing.DECOMPOSE, ctx.place, DOMAIN),
        "may_export": rights.can(EXPORT, DOMAIN),
        "told": request.session.pop("plan", None) if "plan" in request.session else None,
        **_work(request, ctx),
    }
    return render(request, "targets/letters.html", shown)


def _ctx(request: HttpRequest) -> Context:
    found: Context = request.ctx  # type: ignore[attr-defined]
    return found


def _work(request: HttpRequest, ctx: Context) -> dict[str, Any]:
    return {"made": behind.standing(_folder(request, ctx)), "office": office()}


def _folder(request: HttpRequest, ctx: Context) -> Path:
    """Where what one account made for a place is kept."""
    who = request.user.pk or 0
    return data_dir() / "plans" / "letters" / f"{who}-{ctx.place}-{'simulated' if ctx.simulated else 'real'}"


def _rows(request: HttpRequest, action: str) -> list[Row]:
    ctx = _ctx(request)
    return [*letters.places(request, ctx, action), *letters.departments(request, ctx, action)]


def _row(request: HttpRequest, key: str, action: str) -> Row:
    """The party of a key below the context's place with something in force; 404 for any other."""
    found = next((each for each in _rows(request, action) if each.party.key == key and each.content), None)
    if found is None:
        raise Http404
    return found


@access.needs("plan.export", DOMAIN)
@never_cache
def file(request: HttpRequest, code: str) -> HttpResponse:
    """The letter of a party as Word: what its record says, else what is in force."""
    made = _row(request, code, EXPORT).letter()
    if made is None:
        raise Http404
    return download(document(made), TYPES["docx"], f"{code}.docx")


@access.needs("plan.export", DOMAIN)
@never_cache
def work(request: HttpRequest) -> HttpResponse:
    """How far the making is; POST begins it for ``code`` (a party, or ``all``) ``as`` docx or pdf, or stops it."""
    ctx = _ctx(request)
    if request.method == "POST":
        if request.POST.get("do") == "stop":
            behind.stop(_folder(request, ctx))
        else:
            _begin(request, ctx)
        if request.headers.get("HX-Request") != "true":
            return redirect(ctx.link("plan_letters"))
    return render(request, "targets/letters_work.html", _work(request, ctx))


def _begin(request: HttpRequest, ctx: Context) -> None:
    code, form = request.POST.get("code", ALL), request.POST.get("as", "docx")
    if form not in ("docx", "pdf"):
        raise Http404
    own = _rows(request, EXPORT) if code == ALL else [_row(request, code, EXPORT)]
    own = [each for each in own if each.content]
    if not own:
        raise Http404
    name = f"qingyuan-letters-{ctx.place}-{letters.dated(now().date())}.zip"
    behind.begin(_folder(request, ctx), letters.making(own, form, name))


@access.needs("plan.export", DOMAIN)
@never_cache
def made(request: HttpRequest) -> HttpResponse:
    """What was made last by this account for this place."""
    place = _folder(request, _ctx(request))
    name = behind.standing(place).name
    form = name.rpartition(".")[2]
    content = behind.made(place, form)
    if content is None:
        raise Http404
    answer = download(content, TYPES[form], f"letters.{form}")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer


@require_POST
@access.needs("plan.decompose", DOMAIN)
@never_cache
def opened(request: HttpRequest, code: str) -> HttpResponse:
    """Open the letter of a party as a record to be signed, with its content and digest."""
    ctx, row, who = _ctx(request), _row(request, code, sharing.DECOMPOSE), access.actor(request)
    assert row.content is not None
    party, kind = row.party, loading.registers().kind(row.party.kind)
    office_key = str(party.organisation or "")
    holds = scope.holds_at(access.rights(request), party.division, kind.domain, "", office_key)
    try:
        record = keeping.opened(kind, row.content, Actor(who.account, who.name, who.organisation), now(), holds)
    except Refused as refused:
        request.session["plan"] = "; ".join(refused.of("en" if wording.english() else "zh"))
        return redirect(ctx.link("plan_letters"))
    return redirect(ctx.link("register_record", party.kind, record.pk))


urlpatterns = [
    path("plan/letters/", listed, name="plan_letters"),
    path("plan/letters/work/", work, name="plan_letters_work"),
    path("plan/letters/made/", made, name="plan_letters_made"),
    path("plan/letters/<slug:code>/file/", file, name="plan_letter_file"),
    path("plan/letters/<slug:code>/open/", opened, name="plan_letter_open"),
]
