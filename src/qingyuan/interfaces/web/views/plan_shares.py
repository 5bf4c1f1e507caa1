"""Targets split among cities and counties: the list, the table that answers at once, drafts, issuing, workbooks."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qingyuan.base.errors import QingyuanError
from qingyuan.base.time import now
from qingyuan.interfaces.web import access, excel, scoreboard
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.targets import asking, showing, workbook
from qingyuan.interfaces.web.targets import heat as heat_table
from qingyuan.interfaces.web.targets.asking import Form
from qingyuan.plans import reconciling, sharing
from qingyuan.plans.facts import Indicator, plan
from qingyuan.plans.models import Decomposition, Share
from qingyuan.plans.models.book import DOMAIN
from qingyuan.plans.sharing import Asked


def _ctx(request: HttpRequest) -> Context:
    found: Context = request.ctx  # type: ignore[attr-defined]
    return found


def _indicator(no: int) -> Indicator:
    try:
        return plan().indicator(no)
    except KeyError:
        raise Http404 from None


def _day(request: HttpRequest, indicator: Indicator) -> date:
    """The day asked for, else the last one of the indicator."""
    asked = request.POST.get("day") or request.GET.get("day", "")
    return next((day for day in showing.days(indicator) if day.isoformat() == asked), showing.days(indicator)[-1])


@access.needs("plan.see", DOMAIN)
@never_cache
def listed(request: HttpRequest) -> HttpResponse:
    """Every target of the plan: whether it is split below the place, by which version, from when."""
    ctx = _ctx(request)
    kept = _newest(sharing.seen(access.rights(request)).filter(division=ctx.place, simulated=ctx.simulated))
    rows = [_target(each, target, kept) for each in plan().indicators for target in each.targets]
    shown = {
        "rows": rows,
        "place": showing.name(ctx.place),
        "issued": sum(each["state"] == "issued" for each in rows),
        "plan_title": scoreboard.said(plan().title),
    }
    return render(request, "targets/list.html", shown)


def _newest(found: Any) -> dict[tuple[str, date], Decomposition]:
    """By indicator and day the one in force, else the draft."""
    order = {"replaced": 0, "draft": 1, "issued": 2}
    every = sorted(found, key=lambda each: (order[each.state], each.version))
    return {(each.indicator, each.day): each for each in every}


def _target(indicator: Indicator, target: Any, kept: dict[tuple[str, date], Decomposition]) -> dict[str, Any]:
    found = kept.get((str(indicator.no), target.day))
    return {
        "indicator": indicator,
        "name": scoreboard.said(indicator.short),
        "unit": showing.units(indicator),
        "target": scoreboard.target_text(target, indicator.direction),
        "day": target.day,
        "milestone": target.milestone,
        "kept": found,
        "state": found.state if found else "",
        "way": {code: word for code, word, _told in showing.methods()}.get(found.method, "") if found else "",
    }


@access.needs("plan.see", DOMAIN)
@never_cache
def page(request: HttpRequest, no: int) -> HttpResponse:
    """The split of one target: to be worked on where one may, else one's own share and the whole."""
    indicator = _indicator(no)
    day = _day(request, indicator)
    if not _may(request):
        return _read_only(request, indicator, day)
    asked, form = _present(request, indicator, day)
    if request.GET.get("export") == "xlsx":
        return _workbook(request, asked, form)
    return _answer(request, indicator, day, form, {}, [])


def _may(request: HttpRequest, action: str = sharing.DECOMPOSE) -> bool:
    return access.rights(request).may(action, _ctx(request).place, DOMAIN)


def _present(request: HttpRequest, indicator: Indicator, day: date) -> tuple[Asked, Form]:
    """What is kept of the target: the draft, else what is in force, else a form to start with."""
    ctx = _ctx(request)
    kept = reconciling.kept_of(indicator.no, ctx.place, day, ctx.simulated)
    form = asking.form_of(sharing.asked_of(kept)) if kept else asking.fresh(ctx, indicator, day)
    return asking.asked(indicator.no, ctx.place, day, form, ctx.simulated), form


def _answer(
    request: HttpRequest,
    indicator: Indicator,
    day: date,
    form: Form,
    before: dict[str, Decimal],
    past: list[str],
    changed: str = "",
    **more: Any,
) -> HttpResponse:
    ctx = _ctx(request)
    readable = form if not form.faults else asking.posted(ctx.place, {})
    asked = asking.asked(indicator.no, ctx.place, day, readable, ctx.simulated)
    numeric = asked.rule.numeric
    found = showing.made(asked, form, before, changed) if numeric else showing.Made({}, None, "")
    kept = sharing.in_force(indicator.no, ctx.place, day, ctx.simulated)
    shown = {
        **_heads(ctx, indicator, day, asked),
        "form": form,
        "lines": showing.lines(asked, form, found),
        "whole": showing.whole_words(asked, found) if numeric else None,
        "alone": showing.alone_words(asked, found),
        "made": found,
        "methods": showing.methods(),
        "past": json.dumps(past, ensure_ascii=False),
        "now": form.state(),
        "was": json.dumps({code: str(value) for code, value in found.values.items()}),
        "kept": kept,
        "draft": Decomposition.objects.filter(
            plan__code=plan().code, indicator=str(indicator.no), division=ctx.place, day=day, state=sharing.DRAFT,
            simulated=ctx.simulated,
        ).first(),
        "can_issue": not found.why and not form.faults,
        "undo": bool(past),
        **more,
    }  # fmt: skip
    return render(request, "targets/one.html", shown, status=400 if more.get("refused") else 200)


def _heads(ctx: Context, indicator: Indicator, day: date, asked: Asked) -> dict[str, Any]:
    target = next(each for each in indicator.targets if each.day == day)
    return {
        "indicator": indicator,
        "name": scoreboard.said(indicator.name),
        "place": showing.name(ctx.place),
        "unit": showing.unit(indicator, asked),
        "weighed_by": scoreboard.said(asked.rule.weighed_by),
        "shared_by": scoreboard.said(asked.rule.shared_by),
        "rule": asked.rule,
        "target": scoreboard.target_text(target, indicator.direction),
        "clause": target.cited.of(get_language() or "zh"),
        "wording": scoreboard.said(target.wording),
        "day": day,
        "days": showing.days(indicator),
        "by_mean": asked.rule.by in ("mean", "sum", "count"),
    }


def _read_only(request: HttpRequest, indicator: Indicator, day: date) -> HttpResponse:
    """What was issued, as far as it is one's own: the whole, and the shares of one's own places."""
    ctx, rights = _ctx(request), access.rights(request)
    kept = sharing.seen(rights).filter(
        indicator=str(indicator.no), division=ctx.place, day=day, state=sharing.ISSUED, simulated=ctx.simulated
    ).first()  # fmt: skip
    shares = list(sharing.shares_seen(rights).filter(decomposition=kept)) if kept else []
    if request.GET.get("export") == "xlsx":
        if not kept or not access.rights(request).can("plan.export", DOMAIN):
            raise Http404
        asked = sharing.asked_of(kept, shares)
        return _file(workbook.written(asked, _rows(shares), access.actor(request).name, "issued"), indicator.no)
    asked = Asked(indicator.no, ctx.place, day, ())
    shown = {**_heads(ctx, indicator, day, asked), "kept": kept, "lines": _rows(shares)}
    return render(request, "targets/issued.html", shown)


def _rows(shares: list[Share]) -> list[dict[str, Any]]:
    return [_shown(each) for each in shares]


def _shown(share: Share) -> dict[str, Any]:
    part = sharing.asked_of(share.decomposition, [share]).parts[0]
    texts = asking.form_of(Asked(1, share.division, share.decomposition.day, (part,))).texts[part.key]
    rule = sharing.asked_of(share.decomposition, []).rule
    value = None if share.value is None else round(share.value, rule.decimals)
    return {
        "code": share.division, "name": showing.name(share.division), "row": texts, "value": value,
        "wording": share.wording, "by_hand": share.by_hand,
    }  # fmt: skip


@require_POST
@access.needs("plan.decompose", DOMAIN)
@never_cache
def tried(request: HttpRequest, no: int) -> HttpResponse:
    """What the form gives now, nothing kept: a change, another way to split, a step back, or a workbook."""
    indicator, ctx = _indicator(no), _ctx(request)
    _must(request)
    day, sent = _day(request, indicator), request.POST
    past, form = asking.past(sent.get("past", "")), asking.posted(ctx.place, sent)
    wrong: list[str] = []
    if "undo" in sent and past:
        form = asking.back_to(past.pop(), ctx.place)
    elif sent.get("now") and sent["now"] != form.state():
        past.append(sent["now"])
    if "read" in sent:
        past.append(form.state())
        form, wrong = _taken(request, form)
    changed = asking.set_by_hand(asking.back_to(sent.get("now", ""), ctx.place), form)
    return _answer(request, indicator, day, form, _before(sent.get("was", "")), past, changed, wrong=wrong)


def _must(request: HttpRequest) -> None:
    """Answer a place one may not split like one that does not exist."""
    if not _may(request):
        raise Http404


def _before(text: str) -> dict[str, Decimal]:
    try:
        return {str(code): Decimal(str(value)) for code, value in json.loads(text or "{}").items()}
    except (ValueError, ArithmeticError, AttributeError):
        return {}


def _taken(request: HttpRequest, form: Form) -> tuple[Form, list[str]]:
    file = request.FILES.get("file")
    if file is None or not file.size or file.size > workbook.LARGEST:
        return form, [_("Choose a workbook of at most 1 MB.")]
    try:
        return workbook.read(file.read(), _ctx(request).place, form)
    except QingyuanError as why:
        return form, [str(why)]


@require_POST
@access.needs("plan.decompose", DOMAIN)
@never_cache
def saved(request: HttpRequest, no: int) -> HttpResponse:
    """Keep the form as a draft (``do=save``) or issue it (``do=issue``)."""
    indicator, ctx = _indicator(no), _ctx(request)
    _must(request)
    day, form = _day(request, indicator), asking.posted(ctx.place, request.POST)
    before, past = _before(request.POST.get("was", "")), asking.past(request.POST.get("past", ""))
    if form.faults:
        return _answer(request, indicator, day, form, before, past, refused=True)
    rights, actor = access.rights(request), access.actor(request)
    try:
        kept = sharing.save(rights, actor, now(), asking.asked(indicator.no, ctx.place, day, form, ctx.simulated))
        if request.POST.get("do") == "issue":
            sharing.issue(rights, actor, now(), kept)
    except QingyuanError:
        return _answer(request, indicator, day, form, before, past, refused=True)
    return redirect(ctx.link("plan_target", no, day=day.isoformat()))


def _workbook(request: HttpRequest, asked: Asked, form: Form) -> HttpResponse:
    if not _may(request, "plan.export"):
        raise Http404
    found = showing.made(asked, form, {})
    content = workbook.written(asked, showing.lines(asked, form, found), access.actor(request).name, "draft")
    return _file(content, asked.indicator)


def _file(content: bytes, no: int) -> HttpResponse:
    return excel.download(content, f"qingyuan-target-{no}-{now():%Y%m%d%H%M}.xlsx")


@access.needs("plan.see", DOMAIN)
@never_cache
def heat(request: HttpRequest) -> HttpResponse:
    """The heat table of the context's place; ``open`` a city to see its counties, ``export=xlsx`` as a workbook."""
    ctx, opened = _ctx(request), request.GET.get("open", "")
    lines = heat_table.table(ctx, access.rights(request), opened)
    if request.GET.get("export") == "xlsx":
        if not _may(request, "plan.export"):
            raise Http404
        head, rows = heat_table.sheet(lines)
        return _file(excel.workbook(excel.Sheet(_("Heat table"), head, rows, [10, 20, 6, 26, 8, 10, 18, 14, 60])), 0)
    shown = {
        "lines": lines,
        "columns": [(each, scoreboard.said(each.short), showing.units(each)) for each in heat_table.columns(ctx)],
        "place": showing.name(ctx.place),
        "opened": opened,
        "sentence": heat_table.sentence(lines),
        "plan_title": scoreboard.said(plan().title),
        "year": ctx.time.year,
    }
    return render(request, "targets/heat.html", shown)


urlpatterns = [
    path("plan/targets/", listed, name="plan_targets"),
    path("plan/targets/<int:no>/", page, name="plan_target"),
    path("plan/targets/<int:no>/try/", tried, name="plan_target_try"),
    path("plan/targets/<int:no>/save/", saved, name="plan_target_save"),
    path("plan/heat/", heat, name="plan_heat"),
]
