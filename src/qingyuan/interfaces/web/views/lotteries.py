"""Random inspections 双随机: publish the roll, draw, open the cases, let anyone recompute."""

from __future__ import annotations

import json
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qingyuan.base.errors import QingyuanError
from qingyuan.base.time import now
from qingyuan.cases import lots
from qingyuan.cases.lottery import fairness, record, roll
from qingyuan.cases.models import Lottery
from qingyuan.interfaces import rolls
from qingyuan.interfaces.web import access
from qingyuan.interfaces.web.cases import words
from qingyuan.interfaces.web.context import without_data

LARGEST = 8 * 2**20


def _lottery(request: HttpRequest, number: int, action: str) -> Lottery:
    found = rolls.lotteries(access.rights(request), action).filter(pk=number).first()
    if found is None:
        raise Http404
    assert isinstance(found, Lottery)
    return found


@access.needs("cases.see")
@without_data
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    """The lotteries of the place, newest first."""
    part = Paginator(rolls.lotteries(access.rights(request)).order_by("-committed_at").defer("file"), 50).get_page(
        request.GET.get("page")
    )
    lines = [(each, len(each.committed["roll"]["entries"]), each.committed["roll"]["quota"]) for each in part]
    shown = {"rows": part, "lines": lines, "may": access.rights(request).can("lottery.draw")}
    return render(request, "cases/lotteries.html", shown)


@access.needs("lottery.draw")
@require_POST
@without_data
def commit(request: HttpRequest) -> HttpResponse:
    """Fix a roll from its file and keep a new secret seed; what is to be published can be fetched at once."""
    sent = request.FILES.get("roll")
    if sent is None or (sent.size or 0) > LARGEST:
        raise QingyuanError(_("No roll was chosen"), _("Choose a JSON file of at most 8 MB."))
    made = roll.read(_json(sent.read()))
    if not access.rights(request).may("lottery.draw", made.division, made.domain):
        raise roll.BadRoll(_("Your duties do not include this place and domain."))
    ctx = getattr(request, "ctx", None)
    kept = lots.commit(made, access.actor(request), now(), bool(ctx and ctx.simulated))
    return redirect(reverse("lottery", args=[kept.pk]))


def _json(content: bytes) -> dict[str, Any]:
    try:
        given = json.loads(content)
    except (ValueError, UnicodeDecodeError):
        given = None
    if not isinstance(given, dict):
        raise roll.BadRoll(_("This is no roll"), _("Write it as JSON: entries, inspectors, quota."))
    return given


@access.needs("cases.see")
@without_data
@never_cache
def one(request: HttpRequest, number: int) -> HttpResponse:
    """One lottery: what was committed to, who was drawn, whether it holds, how fair it was."""
    kept = _lottery(request, number, "cases.see")
    made = roll.read(kept.committed["roll"])
    drawn = (kept.file or {}).get("draw", {})
    lines = [
        (each.entry, each.how, each.inspectors, words.place(each.entry.division), each.case)
        for each in rolls.drawn(kept, access.rights(request))
    ]
    shown = {
        "lottery": kept,
        "roll": made,
        "lines": lines,
        "checks": _checks(kept) if kept.file else [],
        "parts": [_part(each) for each in fairness.sheet(made, drawn["random"], drawn["targeted"])] if drawn else [],
        "may": access.rights(request).may("lottery.draw", kept.division, kept.domain),
        "place": words.place(kept.division),
    }
    return render(request, "cases/lottery.html", shown)


def _checks(kept: Lottery) -> list[tuple[bool, str]]:
    told = {
        "digest": _("the file is whole"),
        "published": _("it is the commitment published before"),
        "roll": _("the roll is the one committed to"),
        "seed": _("the seed is the one committed to"),
        "value": _("the public value is as promised"),
        "time": _("the commitment stood before the draw"),
        "targeted": _("those by risk follow from the roll"),
        "random": _("those by lottery follow from the seed"),
        "teams": _("the inspectors follow from the seed"),
        "readable": _("the roll can be drawn from"),
    }
    return [(check.good, told[check.code]) for check in record.verify(kept.file or {}, kept.committed)]


def _part(part: fairness.Part) -> dict[str, Any]:
    title = {"county": _("county"), "sector": _("sector"), "size": _("size")}[part.by]
    name = words.place if part.by == "county" else str
    return {"title": title, "share": f"{part.p:.0%}", "lines": [(name(line.group), line) for line in part.lines]}


@access.needs("lottery.draw")
@require_POST
@without_data
def draw(request: HttpRequest, number: int) -> HttpResponse:
    """Tell the seed, draw, and open a case for each one drawn."""
    _lottery(request, number, "lottery.draw")
    lots.draw(number, request.POST.get("value", "").strip(), access.actor(request), now())
    return redirect(reverse("lottery", args=[number]))


@access.needs("cases.see")
@without_data
def file(request: HttpRequest, number: int) -> HttpResponse:
    """What is published: before the draw the commitment, after it the whole file."""
    kept = _lottery(request, number, "cases.see")
    told = rolls.published(kept, request.GET.get("part", ""))
    text = json.dumps(told, ensure_ascii=False, indent=1)
    answer = HttpResponse(text + "\n", content_type="application/json; charset=utf-8")
    name = "commitment" if told is kept.committed else "lottery"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-{kept.pk}.json"'
    return answer


urlpatterns = [
    path("lotteries/", index, name="lotteries"),
    path("lotteries/commit/", commit, name="lottery_commit"),
    path("lotteries/<int:number>/", one, name="lottery"),
    path("lotteries/<int:number>/draw/", draw, name="lottery_draw"),
    path("lotteries/<int:number>/file.json", file, name="lottery_file"),
]
