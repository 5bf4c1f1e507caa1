"""For officers: reports of their own division and domains, answering them, reading an identity, granting a reward."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qingyuan.base.durable import content_path
from qingyuan.base.settings import data_dir
from qingyuan.base.time import isoformat, now
from qingyuan.cases.models import Case
from qingyuan.interfaces import reported
from qingyuan.interfaces.web import access, excel
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.reports import words
from qingyuan.people import audit
from qingyuan.reports import handling, rewards, taking
from qingyuan.reports.declared import categories
from qingyuan.reports.models import Photo, Report, State, Verb

PAGE = 50
MOST = 20_000
"""Rows of an export; more are cut into parts by the filter."""


def _seen(request: HttpRequest) -> QuerySet[Report]:
    return Report.objects.filter(access.rights(request).where("reports.handle"))


def _chosen(request: HttpRequest) -> tuple[dict[str, str], QuerySet[Report]]:
    ask: Mapping[str, str] = request.GET
    picked = {
        "state": ask.get("state", "open") if ask.get("state") in (*State.values, "all") else "open",
        "category": ask.get("category", "") if ask.get("category") in categories() else "",
        "words": ask.get("words", "").strip()[:80],
    }
    found = _seen(request).filter(handling.narrowed(picked["state"], picked["category"], picked["words"]))
    return picked, found


@access.needs("reports.handle")
@without_data
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """The list: those that are due first."""
    picked, found = _chosen(request)
    part: Page[Report] = Paginator(found.order_by("due", "id"), PAGE).get_page(request.GET.get("page"))
    counted = dict(_seen(request).order_by().values_list("state").annotate(Count("id")))
    shown: dict[str, Any] = {
        "picked": picked,
        "rows": part,
        "lines": [_line(each, now()) for each in part],
        "found": part.paginator.count,
        "open": counted.get(State.RECEIVED, 0) + counted.get(State.ACCEPTED, 0),
        "states": [("open", _("open")), *[(each, words.state(each)[1]) for each in State.values], ("all", _("all"))],
        "categories": [(code, words.category(code)) for code in categories()],
        "filtered": bool(picked["category"] or picked["words"] or picked["state"] != "open"),
        "kept": list(ctx.given) if (ctx := getattr(request, "ctx", None)) else [],
        "too_many": part.paginator.count > MOST,
        "query": request.GET.urlencode(),
    }
    return render(request, "reports/list.html", shown)


def _line(report: Report, at: datetime) -> dict[str, Any]:
    kind, word = words.state(report.state)
    left = (report.due - at.date()).days
    open_ = report.state in (State.RECEIVED, State.ACCEPTED)
    return {
        "report": report,
        "kind": kind,
        "word": word,
        "category": words.category(report.category),
        "division": words.division(report.division),
        "left": left if open_ else None,
        "late": open_ and left < 0,
    }


def _one(request: HttpRequest, number: str) -> Report:
    """A report of one's own; one of another division answers like one that does not exist."""
    found = _seen(request).filter(number=number).first()
    if found is None:
        raise Http404(_("There is no such report"))
    return found


@access.needs("reports.handle")
@without_data
@never_cache
def one(request: HttpRequest, number: str) -> HttpResponse:
    """One report: what was told, photos, timeline, what can be done."""
    report = _one(request, number)
    rights = access.rights(request)
    here = (report.division, report.domain, report.site)
    near = taking.nearby(report).filter(access.rights(request).where("reports.handle"))[:6]
    shown = {
        **_line(report, now()),
        "photos": report.photos.all(),
        "entries": [(each, words.verb(each.verb)) for each in report.entries.order_by("-id")],
        "case": Case.objects.filter(rights.where("cases.see"), number=report.case).first() if report.case else None,
        "channel": words.channel(report.channel),
        "accept_by": taking.accept_by(report),
        "may": set(handling.may(report)),
        "near": [_line(each, now()) for each in near],
        "may_read_identity": rights.may("reports.identity", *here),
        "may_reward": rights.may("rewards.offer", *here) and report.state in (State.ANSWERED, State.ENDED),
        "rewarded": report.entries.filter(verb=Verb.REWARDED).exists(),
        "purse": report.division[:4] + "00",
        "identity": request.session.pop("report_identity", None),
        "told": request.session.pop("report_told_officer", None),
    }
    return render(request, "reports/one.html", shown)


@access.needs("reports.handle")
@require_POST
@without_data
def act(request: HttpRequest, number: str) -> HttpResponse:
    """Take up, decline, ask, answer, end; or join to an earlier one."""
    report, did = _one(request, number), request.POST.get("do", "")
    by, text = access.actor(request), request.POST.get("text", "")[:4000]
    try:
        if did == "join":
            handling.join(report, _one(request, request.POST.get("first", "")), by, now())
        elif did in handling.OFFICERS:
            reported.take_up(handling.act(report, handling.OFFICERS[did], by, now(), text), now())
        else:
            raise Http404(_("There is no such act"))
    except handling.NotNow as why:
        request.session["report_told_officer"] = ("bad", words.not_now(why.code))
    return redirect("reports_one", number)


@access.needs("reports.identity")
@require_POST
@without_data
def read_identity(request: HttpRequest, number: str) -> HttpResponse:
    """Open the sealed identity once; reason, person and time are in the audit chain first."""
    found = Report.objects.filter(access.rights(request).where("reports.identity"), number=number).first()
    if found is None:
        raise Http404(_("There is no such report"))
    try:
        told = handling.open_identity(data_dir(), found, access.actor(request), now(), request.POST.get("reason", ""))
    except handling.NotNow as why:
        request.session["report_told_officer"] = ("bad", words.not_now(why.code))
        return redirect("reports_one", number)
    answer = render(request, "reports/identity.html", {"report": found, "identity": told})
    answer.headers["Cache-Control"] = "no-store"
    return answer


@access.needs("rewards.offer")
@require_POST
@without_data
def reward(request: HttpRequest, number: str) -> HttpResponse:
    """Grant a reward for an answered report."""
    allowed = access.rights(request).where("rewards.offer")
    report = Report.objects.filter(allowed, number=number).first()
    if report is None:
        raise Http404(_("There is no such report"))
    try:
        amount = Decimal(request.POST.get("amount", "").strip())
        if not amount.is_finite():
            raise InvalidOperation
        rewards.offer(data_dir(), report, amount, access.actor(request), now(), report.division[:4] + "00")
        request.session["report_told_officer"] = ("good", _("Granted. The reporter sees it by the code."))
    except InvalidOperation:
        request.session["report_told_officer"] = ("bad", words.not_now("amount"))
    except handling.NotNow as why:
        request.session["report_told_officer"] = ("bad", words.not_now(why.code))
    return redirect("reports_one", number)


@access.needs("reports.handle")
@without_data
def photo(request: HttpRequest, number: str, sha256: str) -> FileResponse:
    """A photo of a report one may see."""
    report = _one(request, number)
    if not Photo.objects.filter(report=report, sha256=sha256).exists():
        raise Http404(_("There is no such report"))
    answer = FileResponse(content_path(data_dir() / "photos", sha256).open("rb"), content_type="image/jpeg")
    answer.headers["Cache-Control"] = "private, max-age=3600"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@access.needs("reports.export")
@without_data
def export(request: HttpRequest) -> HttpResponse:
    """The rows of the list as a workbook; no identities."""
    _picked, found = _chosen(request)
    rights = access.rights(request)
    rows = found.filter(rights.where("reports.export")).order_by("due", "id")[:MOST]
    head = [
        _("Number"),
        _("Category"),
        _("Division"),
        _("Place"),
        _("Received"),
        _("Due"),
        _("State"),
        _("Case"),
        _("Text"),
    ]
    body = [
        [
            each.number, words.category(each.category), words.division(each.division), each.place,
            isoformat(each.received_at), each.due.isoformat(), words.state(each.state)[1], each.case, each.text,
        ]
        for each in rows
    ]  # fmt: skip
    audit.append(
        access.actor(request), "reports.export", "report", "list",
        division="", domain="", change={"rows": len(body), "filter": request.GET.urlencode()}, at=now(),
    )  # fmt: skip
    sheet = excel.Sheet(_("Reports"), head, body, [16, 18, 16, 30, 22, 12, 18, 16, 60])
    about = excel.Sheet(_("About"), None, [[_("Printed"), isoformat(now())], [_("Simulated"), _simulated(rows)]])
    return excel.download(excel.workbook(sheet, about), "qingyuan-reports.xlsx")


def _simulated(rows: QuerySet[Report]) -> str:
    return _("some rows are simulated") if any(each.simulated for each in rows) else _("no")


urlpatterns = [
    path("reports/", page, name="reports"),
    path("reports/export.xlsx", export, name="reports_export"),
    path("reports/<str:number>/", one, name="reports_one"),
    path("reports/<str:number>/act/", act, name="reports_act"),
    path("reports/<str:number>/identity/", read_identity, name="reports_identity"),
    path("reports/<str:number>/reward/", reward, name="reports_reward"),
    path("reports/<str:number>/photo/<str:sha256>/", photo, name="reports_photo"),
]
