"""Projects of the plans: planned and actual stretches as bars; a list on a phone and on paper."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from qingyuan.base.time import isoformat, now
from qingyuan.interfaces import loading
from qingyuan.interfaces.web import access, excel, scoreboard
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.dispatching.seen import moment
from qingyuan.interfaces.web.plans import projects, words
from qingyuan.interfaces.web.registers import words as register_words
from qingyuan.registers.flow.declared import CLOSED

PAGE = 50


@access.needs("plan.see")
@without_data
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """The projects in one's scope, narrowed and in pages; as a workbook with ``export=xlsx``."""
    kind = loading.registers().kind(projects.KIND)
    asked = {name: request.GET.get(name, "").strip()[:80] for name in ("q", "class", "step", "state", "indicator")}
    drawn, years, today = projects.drawn(list(projects.records(request)), moment(request).date())
    found = [each for each in drawn if _fits(each, asked)]
    may_export = access.rights(request).can("registers.export")
    if request.GET.get("export") == "xlsx":
        return _workbook(request, found, may_export)
    money = projects.totals(found)
    rows = Paginator(found, PAGE).get_page(request.GET.get("page"))
    shown = {
        "tabs": words.tabs(request),
        "here": "plan_projects",
        "rows": rows,
        "years": years,
        "today": today,
        "money": money,
        "may_export": may_export,
        "simulated": any(each.record.simulated for each in found),
        "asked": asked,
        "classes": [(code, register_words.of(each)) for code, each in kind.fields["class"].codes.items()],
        "steps": [(name, register_words.step(kind, name)) for name in (*kind.steps, CLOSED)],
        "states": [(state, sum(each.state == state for each in drawn)) for state in ("bad", "tight", "good", "none")],
        "indicators": sorted({each.indicator for each in drawn if each.indicator}, key=lambda no: (len(no), no)),
        "lines": [(each, scoreboard.said(each.served.short) if each.served else "") for each in rows],
    }
    return render(request, "plans/projects.html", shown)


def _fits(project: projects.Project, asked: dict[str, str]) -> bool:
    return (
        asked["q"].lower() in f"{project.title} {project.owner} {project.record.number}".lower()
        and asked["class"] in ("", project.record.values.get("class"))
        and asked["step"] in ("", project.record.step)
        and asked["state"] in ("", project.state)
        and asked["indicator"] in ("", project.indicator)
    )


def _workbook(request: HttpRequest, found: list[projects.Project], may_export: bool) -> HttpResponse:
    if not may_export:
        raise Http404
    simulated = _("Simulated data") if any(each.record.simulated for each in found) else ""
    basis = [
        [_("Time"), isoformat(moment(request)), simulated],
        [_("Made"), isoformat(now()), access.actor(request).name],
        [_("Filter"), request.GET.urlencode(), ""],
    ]
    return excel.download(projects.workbook(found, basis), f"qingyuan-projects-{now():%Y%m%d%H%M}.xlsx")


urlpatterns = [path("plan/projects/", page, name="plan_projects")]
