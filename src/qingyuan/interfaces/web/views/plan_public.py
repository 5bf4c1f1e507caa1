"""For everybody: the plan in force, its published figures, and how far its tasks are."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from qingyuan.base.settings import data_dir
from qingyuan.base.time import now
from qingyuan.interfaces.web import access, scoreboard
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.plans import tree, words
from qingyuan.observations.datasets import list_datasets
from qingyuan.plans import facts, lights, live
from qingyuan.plans.book import keeping
from qingyuan.plans.models import Item, Plan, Version
from qingyuan.plans.scoreboard import Row, Scoreboard

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
    items, board = keeping.valid(version), _board(version)
    indicators = lights.of_board(version, board, board.so_far.last) if board else None
    branches = tree.branches(items, EVERYTHING, lights.of(version, now(), indicators))
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
        "indicators": [_indicator(item, board) for item in rows],
        "as_of": board.so_far.last if board else None,
    }


def _board(version: Version) -> Scoreboard | None:
    """The live figures of the province; none for a plan that is not the library's, or without a dataset."""
    if version.plan.code != facts.plan().code:
        return None
    return live.board(list_datasets(data_dir()), version.plan.simulated)


def _indicator(item: Item, board: Scoreboard | None) -> dict[str, Any]:
    told, no = item.facts, int(item.number) if item.number.isdecimal() else 0
    row = {each.no: each for each in board.rows}.get(no) if board else None
    operator = {">": "> ", ">=": "≥ ", "<": "< ", "<=": "≤ "}.get(str(told.get("target_operator")), "")
    return {
        "no": item.number,
        "title": words.title(item),
        "unit": scoreboard.unit(told.get("unit", "")),
        "base": words.figure(told.get("base")),
        "target": f"{operator}{words.figure(told.get('target'))}",
        "binding": told.get("nature") == "binding",
        "row": row,
        **(_live(row) if row else {}),
    }


def _live(row: Row) -> dict[str, str]:
    """Value, state and grounds in the language of the request."""
    return {
        "value": "" if row.value is None else str(row.value),
        "state": scoreboard.ICONS[row.state],
        "word": scoreboard.word(row),
        "reason": scoreboard.said(row.reason),
        "source": scoreboard.said(row.came.told()) if row.came else "",
    }


urlpatterns = [path("public/plan/", page, name="public_plan")]
