"""Regular dispatch 调度: which notes of progress are waited for or were missed, and by whom."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from qingyuan.base.time import isoformat, now
from qingyuan.cases import dispatching, progress
from qingyuan.cases.models import DispatchRound
from qingyuan.interfaces.web import access, excel, places
from qingyuan.interfaces.web.cases import words
from qingyuan.interfaces.web.context import without_data

MOST_ROWS = 20_000


def scope(request: HttpRequest, action: str = "cases.see") -> Q:
    """The rounds of cases somebody may see."""
    return Q(source=progress.SOURCE) & access.rights(request).where(action)


def asked_of(ask: QueryDict) -> dispatching.Asked:
    """What the address asks for; what is not known is left out."""
    view, number = ask.get("view", ""), ask.get("organisation", "")
    return dispatching.Asked(
        view=view if view in dispatching.VIEWS else "waiting",
        organisation=int(number) if number.isdecimal() and len(number) < 12 else 0,
        domain=ask.get("domain", "") if ask.get("domain") in words.DOMAINS else "",
        place=ask.get("area", "") if places.known(ask.get("area", "")) else "",
        text=ask.get("q", "").strip()[:60],
    )


@access.needs("cases.see")
@without_data
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    """The list with the count of every organisation, or the workbook with ``export=xlsx``."""
    asked, at = asked_of(request.GET), now()
    if request.GET.get("export") == "xlsx":
        return _workbook(request, asked)
    offices = dispatching.by_organisation(scope(request), asked, at)
    part = Paginator(dispatching.found(scope(request), asked, at), dispatching.PAGE).get_page(request.GET.get("page"))
    ctx = getattr(request, "ctx", None)
    shown = {
        "asked": asked,
        "at": at,
        "chips": [(name, title) for name, title in _titles().items()],
        "offices": offices,
        "late": sum(each["late"] for each in offices),
        "rows": part,
        "lines": [_line(each) for each in part],
        "domains": [(each, words.domain(each)) for each in words.DOMAINS],
        "areas": [(code, places.name(code)) for code in places.CITIES],
        "may_export": access.rights(request).can("cases.export"),
        "kept": list(ctx.given) if ctx else [],
    }
    return render(request, "cases/dispatch.html", shown)


def _titles() -> dict[str, str]:
    return {"waiting": _("waited for"), "missed": _("missed"), "answered": _("told"), "all": _("all")}


def _line(each: DispatchRound) -> dict[str, Any]:
    return {
        "round": each,
        "place": words.place(each.division),
        "stage": words.stage(each.stage, "dispatch") if each.stage and each.is_open else "",
        "url": reverse("case", args=[each.key]),
    }


def _workbook(request: HttpRequest, asked: dispatching.Asked) -> HttpResponse:
    """Rounds and the count of organisations, of those one may export."""
    at, own = now(), scope(request, "cases.export")
    top = [
        _("Number"), _("Matter"), _("Location"), _("Organisation in charge"), _("Due"), _("Told"), _("Progress"),
        _("What was done"), _("Obstacles"), _("Due days missed"),
    ]  # fmt: skip
    rows = [
        [
            each.number, each.title, words.place(each.division), each.organisation_name, isoformat(each.due),
            isoformat(each.answered_at) if each.answered_at else None, each.progress, each.done, each.obstacle,
            each.missed,
        ]
        for each in dispatching.found(own, asked, at)[:MOST_ROWS]
    ]  # fmt: skip
    heads = [_("Organisation in charge"), _("Notes asked for"), _("Waited for"), _("Missed"), _("Due days missed")]
    offices = [
        [each["name"], each["asked"], each["waiting"], each["late"], each["days"]]
        for each in dispatching.by_organisation(own, asked, at)
    ]
    basis = [[_("Made"), isoformat(at), request.user.get_username()], [_("Filter"), request.GET.urlencode(), ""]]
    book = excel.workbook(
        excel.Sheet(_("Regular dispatch"), top, rows, [20, 48, 20, 24, 26, 26, 10, 48, 40, 12]),
        excel.Sheet(_("By organisation"), heads, offices, [30, 10, 10, 10, 12]),
        excel.Sheet(_("Codes and basis"), [_("What"), _("Value"), _("Remark")], basis, [24, 60, 30]),
    )
    return excel.download(book, f"qingyuan-dispatch-{at:%Y%m%d%H%M}.xlsx")


urlpatterns = [path("cases/dispatch/", index, name="dispatch")]
