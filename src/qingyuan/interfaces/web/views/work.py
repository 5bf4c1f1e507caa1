"""My work: what waits for the person, of cases, registers and reports in one list by deadline."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from qingyuan.base.time import now
from qingyuan.interfaces.web import access, todo
from qingyuan.interfaces.web.context import without_data


@access.signed_in
@without_data
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """The list: late, due today, within seven days, later."""
    at = now()
    found = todo.tasks(request)
    titles = {"late": _("late"), "today": _("due today"), "week": _("within seven days"), "later": _("later")}
    groups: list[dict[str, Any]] = []
    for name, part in groupby(found, lambda each: todo.group_of(each, at)):
        lines = [(each, todo.due_words(each, at)) for each in part]
        groups.append({"name": name, "title": titles[name], "lines": lines})
    held = {each["name"]: len(each["lines"]) for each in groups}
    shown = {
        "groups": groups,
        "all": len(found),
        "late": held.get("late", 0),
        "today": held.get("today", 0),
        "more": todo.count(request) > len(found),
    }
    return render(request, "work.html", shown)


urlpatterns = [path("work/", page, name="work")]
