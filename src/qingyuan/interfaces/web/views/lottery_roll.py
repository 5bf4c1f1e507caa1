"""A roll of a lottery taken from outlets or a register: looked at, completed, then fixed with a secret seed."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from qingyuan.base.time import now
from qingyuan.cases import lots
from qingyuan.cases.lottery.roll import BadRoll
from qingyuan.interfaces.web import access
from qingyuan.interfaces.web.cases import rolls, words
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.downloads import download

SHOWN = 300
"""Sites of the roll on the page; the file holds all of them."""


@access.needs("lottery.draw")
@without_data
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """The roll as it would be fixed; sent as a form with ``do=fix`` it is, with ``do=file`` it is a file."""
    try:
        wish = rolls.wanted(request)
    except BadRoll as why:
        return _show(request, None, None, str(why))
    taken = None
    try:
        taken = rolls.take(request, wish, now())
        roll = rolls.checked(wish, taken)
        if request.POST.get("do") == "file":
            return _file(roll.plain())
        if request.POST.get("do") == "fix":
            return _fix(request, taken)
    except BadRoll as why:
        return _show(request, wish, taken, str(why))
    return _show(request, wish, taken)


def _fix(request: HttpRequest, taken: rolls.Taken) -> HttpResponse:
    """Commit to what was looked at. Raises BadRoll where it is something else by now."""
    if request.POST.get("seen") != taken.digest:
        raise BadRoll(_("The roll is not the one that was looked at"), _("Look at it again, then fix it."))
    kept = lots.commit(taken.roll, access.actor(request), now(), taken.simulated)
    return redirect(reverse("lottery", args=[kept.pk]))


def _file(plain: dict[str, Any]) -> HttpResponse:
    text = json.dumps(plain, ensure_ascii=False, indent=1) + "\n"
    return download(text.encode(), "application/json; charset=utf-8", "roll.json")


def _show(request: HttpRequest, wish: rolls.Wanted | None, taken: rolls.Taken | None, why: str = "") -> HttpResponse:
    roll = taken.roll if taken else None
    sent = {each.id for each in roll.inspectors} if roll else set()
    shown = {
        "wish": wish,
        "taken": taken,
        "roll": roll,
        "title": roll.title if roll else "",
        "why": why,
        "sources": rolls.sources(request).items(),
        "places": rolls.places(request),
        "steps": rolls.steps(wish.source) if wish else [],
        "lines": [(each, words.place(each.entry.division)) for each in taken.ranked[:SHOWN]] if taken else [],
        "people": [(each, each.id in sent) for each in taken.people] if taken else [],
        "conflicts": [*(roll.conflicts if roll else ()), *({} for _line in range(rolls.BLANK))],
        "counties": sorted({each.entry.division for each in taken.ranked}) if taken else [],
    }
    return render(request, "cases/roll.html", shown, status=400 if why and request.method == "POST" else 200)


urlpatterns = [path("lotteries/roll/", page, name="lottery_roll")]
