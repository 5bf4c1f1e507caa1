"""For everybody: the plan in force, its published figures, and how far its tasks are."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from qingyuan.base.time import now
from qingyuan.interfaces.web import access, scoreboard
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.dispatching.seen import lights_of
from qingyuan.interfaces.web.plans import tree, words
from qingyuan.plans.book import keeping
from qingyuan.plans.models import Item, Plan, Version

EVERYTHING = tree.Asked()


@access.public
@without_data
def page(request: HttpRequest) -> HttpResponse:
    """The newest plan with a version in force, or that of the code in the address; drafts are never shown."""
    found = [(plan, version) for plan in _plans(request) if (version := _version(plan))]
    shown: dict[str, Any] = {"others": [(plan.code, words.plan_title(plan)) for plan, _each in found[1:]]}
    if found:
        shown |= _shown(request, *found[0])
    return render(request, "public/plan.html", shown)


def _plans(request: HttpRequest) -> list[Plan]:
    """The province's plans, the one that was asked for first; those of cities and counties are not made public here."""
    asked = request.GET.get("plan", "")
    found = Plan.objects.filter(division__endswith="0000").order_by("-first_day")
    return sorted(found, key=lambda each: each.code != asked)


def _version(plan: Plan) -> Version | None:
    return keeping.in_force(plan, now().date())


def _shown(request: HttpRequest, plan: Plan, version: Version) -> dict[str, Any]:
    items = keeping.valid(version)
    branches = tree.branches(items, EVERYTHING, lights_of(request, version))
    leaves = tree.leaves(branches)
    rows = [item for item in items if item.kind == Item.Kind.INDICATOR]
    return {
        "plan": plan,
        "title": words.plan_title(plan),
        "version_title": words.version_title(version),
        "version": version,
        "branches": branches,
        "count": len(leaves),
        "lights": [
            (state, word, number)
            for state, word in words.LIGHTS.items()
            if (number := sum(leaf.state == state for leaf in leaves))
        ],
        "indicators": [_indicator(item) for item in rows],
    }


def _indicator(item: Item) -> dict[str, Any]:
    told = item.facts
    operator = {">": "> ", ">=": "≥ ", "<": "< ", "<=": "≤ "}.get(str(told.get("target_operator")), "")
    return {
        "no": item.number,
        "title": words.title(item),
        "unit": scoreboard.unit(told.get("unit", "")),
        "base": words.figure(told.get("base")),
        "target": f"{operator}{words.figure(told.get('target'))}",
        "binding": told.get("nature") == "binding",
    }


urlpatterns = [path("public/plan/", page, name="public_plan")]
