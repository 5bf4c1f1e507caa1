"""Findings: the list by urgency, one with its evidence and its explanation, suppression, the workbook."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from qingyuan.base.errors import WrongUsage
from qingyuan.base.settings import data_dir
from qingyuan.base.time import isoformat, now
from qingyuan.domains import DOMAINS
from qingyuan.interfaces import access
from qingyuan.interfaces.web import excel
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.devices.words import clock
from qingyuan.interfaces.web.findings import words
from qingyuan.interfaces.web.findings.picture import picture
from qingyuan.rules import suppressing
from qingyuan.rules.declared import SEVERITIES
from qingyuan.rules.evidence import sealing
from qingyuan.rules.explaining import explain
from qingyuan.rules.models import HEAVY, Finding, Suppression

PAGE = 50
MOST = 50_000
"""Rows of a workbook."""
STANDS = {"now": ("open", "relapsed"), "ended": ("ended",), "suppressed": ("suppressed",), "retracted": ("retracted",)}
SEE = "findings.see"


def _mine(request: HttpRequest, action: str = SEE) -> QuerySet[Finding]:
    return Finding.objects.filter(access.rights(request).where(action))


def _chosen(request: HttpRequest) -> tuple[dict[str, str], QuerySet[Finding]]:
    """What the list shows, and the findings."""
    ask = request.GET
    stands, severity = ask.get("stands", "now"), ask.get("severity", "")
    picked = {
        "stands": stands if stands in (*STANDS, "all") else "now",
        "severity": severity if severity in SEVERITIES else "",
        "words": ask.get("words", "").strip()[:64],
        "event": ask.get("event", "") if ask.get("event", "").isdecimal() else "",
    }
    found = _mine(request)
    if picked["event"]:
        found, picked["stands"] = found.filter(event=int(picked["event"][:18])), "all"
    if picked["stands"] != "all":
        found = found.filter(state__in=STANDS[picked["stands"]])
    if picked["severity"]:
        found = found.filter(severity=picked["severity"])
    if picked["words"]:
        found = found.filter(words.spoken(picked["words"]))
    return picked, found


@access.needs(SEE)
@without_data
@never_cache
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The list, most urgent first."""
    picked, found = _chosen(request)
    rows = Paginator(found.defer(*HEAVY), PAGE).get_page(request.GET.get("page"))
    ctx = getattr(request, "ctx", None)
    shown = {
        "picked": picked,
        "rows": rows,
        "lines": [_line(each) for each in rows],
        "found": rows.paginator.count,
        "waiting": _mine(request).filter(state__in=STANDS["now"]).count(),
        "stands": [
            ("now", _("not over")), ("ended", _("over")), ("suppressed", _("suppressed")),
            ("retracted", _("taken back")), ("all", _("all")),
        ],
        "severities": [(each, words.severity(each)[1]) for each in reversed(SEVERITIES)],
        "filtered": picked["stands"] != "now" or any(picked[name] for name in ("severity", "words", "event")),
        "kept": list(ctx.given) if ctx else [],
    }  # fmt: skip
    return render(request, "findings/list.html", shown)


def _line(finding: Finding) -> dict[str, Any]:
    today = now()
    return {
        "finding": finding,
        "title": words.rule(finding.rule),
        "name": words.name(finding),
        "place": words.place(finding.division),
        "item": words.item(finding.property),
        "severity": words.severity(finding.severity),
        "state": words.state(finding.state),
        "begin": clock(finding.window_from, today),
        "found": clock(finding.opened_at, today),
        "hours": (finding.window_to - finding.window_from) / timedelta(hours=1),
    }


@access.needs(SEE)
@without_data
@never_cache
@require_GET
def one(request: HttpRequest, number: int) -> HttpResponse:
    """One finding: its picture, its explanation, its history, what belongs to the same event."""
    finding = get_object_or_404(_mine(request).select_related("event"), pk=number)
    rule = words.rules().rules.get(finding.rule)
    assessments = {each.name: each for domain in DOMAINS for each in domain.assessments}
    parts = explain(finding, rule, assessments)
    rights = access.rights(request)
    where = (finding.division, finding.domain, finding.site)
    same = _mine(request).filter(event=finding.event_id, event__isnull=False).exclude(pk=finding.pk)
    shown = {
        **_line(finding),
        "parts": [(each.title[words.english()], [line[words.english()] for line in each.lines]) for each in parts],
        "picture": picture(finding, rule.value_column if rule else "value"),
        "changes": [(each, words.change(each.what)) for each in finding.changes.all()],
        "same": [_line(each) for each in same[:20]],
        "suppression": suppressing.covering(finding),
        "may_suppress": rights.may(suppressing.ACTION, *where),
        "may_download": rights.may("findings.evidence", *where) and bool(finding.evidence_path),
        "until": f"{now() + timedelta(days=7):%Y-%m-%dT%H:%M}",
        "house": any(each["kind"] == "house" for each in finding.basis),
    }
    return render(request, "findings/one.html", shown)


@access.needs(suppressing.ACTION)
@require_POST
@without_data
def suppress(request: HttpRequest, number: int) -> HttpResponse:
    """Suppress the rule at this line until a moment, for a reason."""
    finding = get_object_or_404(_mine(request, suppressing.ACTION), pk=number)
    at = now()
    until = _moment(request.POST.get("until", ""))
    try:
        suppressing.suppress(
            finding, since=finding.window_from, until=until, reason=request.POST.get("reason", ""),
            wide=request.POST.get("wide") == "yes", actor=access.actor(request), at=at,
        )  # fmt: skip
    except suppressing.TooLong:
        raise WrongUsage(_("A suppression may last 90 days"), _("Choose an earlier end.")) from None
    return redirect(_back(request, number))


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise WrongUsage(_("The end of the suppression is no moment"), _("Write it as 2026-03-01T08:00.")) from None


@access.needs(suppressing.ACTION)
@require_POST
@without_data
def release(request: HttpRequest, number: int) -> HttpResponse:
    """End the suppression a finding falls under."""
    finding = get_object_or_404(_mine(request, suppressing.ACTION), pk=number)
    covering: Suppression | None = suppressing.covering(finding)
    if covering:
        suppressing.release(covering, actor=access.actor(request), at=now())
    return redirect(_back(request, number))


@access.needs("findings.evidence")
@without_data
@never_cache
@require_GET
def evidence(request: HttpRequest, number: int) -> HttpResponseBase:
    """The sealed evidence as it is on the disk; each download is a line of the audit chain."""
    finding = get_object_or_404(_mine(request, "findings.evidence"), pk=number)
    file = sealing.taken(data_dir(), finding, access.actor(request), now())
    if file is None:
        raise Http404(_("The evidence of this finding is not sealed yet."))
    return FileResponse(file.open("rb"), as_attachment=True, filename=file.name)


@access.needs(SEE)
@without_data
@never_cache
@require_GET
def workbook(request: HttpRequest) -> HttpResponse:
    """What the list shows, as a workbook; codes and how it was chosen on a second sheet."""
    picked, found = _chosen(request)
    top = [
        _("Number"), _("Severity"), _("Finding"), _("Point"), _("Name"), _("Division"), _("Item"), _("From"), _("To"),
        _("Value"), _("Limit"), _("Unit"), _("Clause"), _("State"), _("Simulated"),
    ]  # fmt: skip
    rows = [_cells(each) for each in found.defer(*HEAVY)[: MOST + 1]]
    facts: list[list[object]] = [[name, value] for name, value in picked.items()]
    facts += [[_("Chosen"), _("not all: the list was cut")]] if len(rows) > MOST else []
    facts.append([_("Made"), f"{isoformat(now())} {request.user.get_username()}"])
    made = excel.workbook(
        excel.Sheet(_("Findings"), top, rows[:MOST], [8, 8, 26, 14, 20, 10, 12, 17, 17, 10, 10, 8, 34, 10, 8]),
        excel.Sheet(_("Codes and basis"), [_("What"), _("Value")], facts, [24, 40]),
    )
    return excel.download(made, "findings.xlsx")


def _cells(each: Finding) -> list[object]:
    window = [f"{moment:%Y-%m-%d %H:%M}" for moment in (each.window_from, each.window_to)]
    said = (words.severity(each.severity)[1], words.rule(each.rule))
    end = (words.state(each.state)[1], _("yes") if each.simulated else "")
    return [each.pk, *said, each.point, words.name(each), each.division, words.item(each.property), *window,
            each.value, each.limit, each.unit, each.clause, *end]  # fmt: skip


def _back(request: HttpRequest, number: int) -> str:
    ctx = getattr(request, "ctx", None)
    return str(ctx.link("finding", number)) if ctx else reverse("finding", args=[number])


urlpatterns = [
    path("findings/", page, name="findings"),
    path("findings/findings.xlsx", workbook, name="findings_workbook"),
    path("findings/<int:number>/", one, name="finding"),
    path("findings/<int:number>/suppress/", suppress, name="finding_suppress"),
    path("findings/<int:number>/release/", release, name="finding_release"),
    path("findings/<int:number>/evidence.zip", evidence, name="finding_evidence"),
]
