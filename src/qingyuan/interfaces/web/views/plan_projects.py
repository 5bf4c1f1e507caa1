"""Projects of the plans: planned and actual stretches as bars; a list on a phone and on paper."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache

from qingyuan.interfaces import loading
from qingyuan.interfaces.web import access
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.plans import projects, words
from qingyuan.interfaces.web.registers import words as register_words

MOST = 500


@access.needs("plan.see")
@without_data
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """The projects in one's scope, narrowed by words, class and how they stand."""
    kind = loading.registers().kind(projects.KIND)
    asked = {name: request.GET.get(name, "").strip()[:80] for name in ("q", "class", "state")}
    drawn, years, today = projects.drawn(list(projects.records(request)[:MOST]))
    found = [each for each in drawn if _fits(each, asked)]
    shown = {
        "tabs": words.tabs(request),
        "projects": found,
        "years": years,
        "today": today,
        "simulated": any(each.record.simulated for each in found),
        "asked": asked,
        "classes": [(code, register_words.of(each)) for code, each in kind.fields["class"].codes.items()],
        "states": [(state, sum(each.state == state for each in drawn)) for state in ("bad", "tight", "good", "none")],
        "words": {each.state: each.word for each in drawn},
    }
    return render(request, "plans/projects.html", shown)


def _fits(project: projects.Project, asked: dict[str, str]) -> bool:
    return (
        asked["q"].lower() in f"{project.title} {project.owner} {project.record.number}".lower()
        and asked["class"] in ("", project.record.values.get("class"))
        and asked["state"] in ("", project.state)
    )


urlpatterns = [path("plan/projects/", page, name="plan_projects")]
