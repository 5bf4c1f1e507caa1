"""Dispatch: my tasks, the table of a report, periods and organisations, what the rules propose."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from qingyuan.base.errors import WrongUsage
from qingyuan.base.settings import data_dir
from qingyuan.base.time import isoformat, now
from qingyuan.cases import acting, attaching, files
from qingyuan.cases.models import Case
from qingyuan.interfaces.web import access, excel, scoreboard
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.dispatching import board as boards
from qingyuan.interfaces.web.dispatching import table, words
from qingyuan.interfaces.web.dispatching.seen import lights_of, moment, proposed
from qingyuan.interfaces.web.downloads import download
from qingyuan.interfaces.web.plans.words import plan_title
from qingyuan.people import audit
from qingyuan.people.models import Organisation
from qingyuan.plans import lights
from qingyuan.plans.book import keeping
from qingyuan.plans.book import scope as reading
from qingyuan.plans.dispatching import asking, scope, things
from qingyuan.plans.dispatching.declared import EVERY, KINDS, dispatch
from qingyuan.plans.dispatching.standing import wholes
from qingyuan.plans.models import Every, Plan, Remark, Reported, Version
from qingyuan.registers.flow.declared import Signer
from qingyuan.registers.flow.reasons import Refused


def version_of(request: HttpRequest) -> tuple[list[Plan], Version | None]:
    """The plans somebody may see, and the version in force of the chosen one (else the newest that has one)."""
    known = list(reading.plans(access.rights(request)).order_by("-first_day", "code"))
    chosen = request.GET.get("plan") or request.POST.get("plan")
    first = [each for each in known if each.code == chosen] or known
    found = (keeping.in_force(each, moment(request).date()) or keeping.in_force(each, now().date()) for each in first)
    return known, next(filter(None, found), None)


@access.needs("plan.see")
@without_data
@never_cache
def mine(request: HttpRequest) -> HttpResponse:
    """My organisation's tasks with their lights, the next report and open cases; as a workbook with ``export=xlsx``."""
    plans, version = version_of(request)
    rows = _mine(request, version) if version else []
    ask, day = boards.asked(request.GET), moment(request).date()
    chosen = request.GET.get("light", "")
    counts = Counter(each["state"] for each in rows)
    kept = [each for each in rows if chosen in ("", each["state"]) and boards.fits(each["thing"], ask, day)]
    if request.GET.get("export") == "xlsx":
        return _workbook(request, version, kept)
    office = access.actor(request).organisation
    at = moment(request)
    open_cases = [_open_line(each, at) for each in _open_cases(version, office)] if version else []
    shown = {
        "plans": plans, "version": version, "plan_title": plan_title(version.plan) if version else "",
        "rows": Paginator(kept, boards.PAGE).get_page(request.GET.get("page")), "all": len(rows), "chosen": chosen,
        "asked": ask, "dues": [(each, words.due(each)) for each in boards.DUES], "cases": open_cases,
        "chips": [(each, words.light(each), counts[each]) for each in lights.STATES if counts[each]],
        "next": _next(version, moment(request)) if version else None, "behind": counts["behind"],
        "may_export": access.rights(request).can("plan.export"),
        "may_dispatch": access.rights(request).can("plan.dispatch"),
    }  # fmt: skip
    return render(request, "dispatching/mine.html", shown)


def _mine(request: HttpRequest, version: Version) -> list[dict[str, Any]]:
    office, at = access.actor(request).organisation, moment(request)
    found = lights_of(request, version)
    reported = wholes(asking.report(each) for each in Reported.objects.filter(plan=version.plan, at__lte=at))
    remarks = {(each.kind, each.key): each for each in Remark.objects.filter(plan=version.plan).order_by("pk")}
    return [
        {
            "thing": each, "title": words.title(each), "kind": words.kind(each.kind),
            "known": words.known(each), "unit": scoreboard.unit(each.unit),
            "lead": office in each.organisations, "light": found[each.id],
            "state": found[each.id].state, "look": words.LOOKS[found[each.id].state], "every": words.every(each.every),
            "word": words.light(found[each.id].state), "why": words.reason(found[each.id]),
            "whole": reported.get(each.id), "remark": remarks.get(each.id),
        }
        for each in things.things(version)
        if office in each.all_organisations
    ]  # fmt: skip


def _open_cases(version: Version, office: int | None) -> list[Case]:
    kinds = ("plan_report", *dispatch().proposals)
    found = Case.objects.filter(kind__in=kinds, is_open=True, organisation=office, values__plan=version.plan.code)
    return list(found.order_by("until", "pk")) if office else []


def _open_line(case: Case, at: datetime) -> dict[str, Any]:
    flow = case.declared.flow
    url = reverse("plan_report", args=[case.pk]) if case.kind == asking.KIND else reverse("case", args=[case.pk])
    late = case.until < at
    return {
        "case": case,
        "matter": words.matter(case),
        "url": url,
        "step": flow.title_of(case.step).of(get_language() or "zh"),
        "late": late,
    }


def _next(version: Version, at: datetime) -> date | None:
    """When the next report is due: after the end of the present quarter."""
    last = date(at.year + (at.month > 9), (at.month + 2) // 3 * 3 % 12 + 1, 1)
    return last if last <= version.plan.last_day else None


def _workbook(request: HttpRequest, version: Version | None, rows: list[dict[str, Any]]) -> HttpResponse:
    if version is None or not access.rights(request).can("plan.export"):
        raise Http404
    head = [
        _("Sort"), _("Key"), _("Task"), _("Light"), _("Why"), _("Progress"), _("Value"), _("Unit"), _("Money so far"),
        _("Deadline"), _("How often asked"),
    ]  # fmt: skip
    lines = [
        [
            each["kind"], each["thing"].key, each["title"], each["word"], each["why"],
            *_numbers(each["whole"]), each["thing"].deadline.isoformat(), each["every"],
        ]
        for each in rows
    ]  # fmt: skip
    for line, each in zip(lines, rows, strict=True):
        line.insert(7, each["thing"].unit)
    simulated = _("Simulated data") if version.plan.simulated else ""
    basis: list[list[object]] = [
        [_("Plan"), version.plan.code, plan_title(version.plan)],
        [_("Version"), version.number, simulated],
        [_("Time"), isoformat(moment(request)), ""],
        [_("Made"), isoformat(now()), access.actor(request).name],
    ]
    sheets = (
        excel.Sheet(_("My tasks"), head, lines, [8, 12, 44, 10, 50, 10, 12, 8, 14, 12, 12]),
        excel.Sheet(_("Codes and basis"), [_("What"), _("Value"), _("Remark")], basis, [16, 30, 50]),
    )
    return excel.download(excel.workbook(*sheets), f"{version.plan.code}-tasks.xlsx")


def _numbers(whole: Any) -> list[float | None]:
    given = (whole.progress, whole.value, whole.amount) if whole else (None, None, None)
    return [None if each is None else float(each) for each in given]


def case_of(request: HttpRequest, number: int) -> Case:
    """A report somebody may see; 404 for any other, whether it exists or not."""
    found = Case.objects.filter(pk=number, kind=asking.KIND).first()
    if found is None or not scope.sees(access.rights(request), access.actor(request), found):
        raise Http404
    assert isinstance(found, Case)
    return found


def holds(request: HttpRequest, case: Case) -> acting.Holds:
    """Whether somebody holds a duty that signs for a report."""
    rights = access.rights(request)

    def held(signer: Signer) -> bool:
        level = None if signer.level == "any" else signer.level
        return rights.holds(signer.duty, level, case.division, case.domain)

    return held


@access.needs("plan.see")
@without_data
@never_cache
def report(request: HttpRequest, number: int, **more: Any) -> HttpResponse:
    """One report: its table to fill, to read, to review; as a workbook with ``export=xlsx``."""
    case = case_of(request, number)
    if request.GET.get("export") == "xlsx":
        return excel.download(table.book(case, access.actor(request).name), f"{case.pk}.xlsx")
    rows, wrong = more.get("rows") or case.values.get("rows", []), more.get("wrong", {})
    who, held = access.actor(request), holds(request, case)
    flow = case.declared.flow
    shown = {
        "case": case, "matter": words.matter(case), "lines": table.lines(case, rows, wrong), "wrong": wrong,
        "may_fill": case.step == "report" and acting.may(case, "sign", who, held),
        "may_review": case.step == "review" and acting.may(case, "sign", who, held),
        "step": flow.title_of(case.step).of(get_language() or "zh"),
        "late": case.is_open and case.until < moment(request),
        "steps": [(each.title.of(get_language() or "zh"), name == case.step) for name, each in flow.steps.items()],
        "summary": more.get("summary", case.values.get("summary", "")),
        "asked": len(rows), "filled": sum("last" in row for row in rows),
        "told": request.session.pop("plan", None),
    }  # fmt: skip
    return render(request, "dispatching/report.html", shown, status=400 if wrong else 200)


@access.needs("plan.report")
@require_POST
@without_data
def fill(request: HttpRequest, number: int) -> HttpResponse:
    """Keep or sign the table of a report, typed or as a workbook; evidence is attached to its rows."""
    case = case_of(request, number)
    ask = request.POST
    verb = ask.get("verb", "")
    if verb not in ("fill", "sign") or not ask.get("version", "").isdecimal():
        raise WrongUsage(_("This form is not complete"), _("Open the report again."))
    if not acting.may(case, "sign", access.actor(request), holds(request, case)):
        raise Http404
    sent = request.FILES.get("book")
    rows = table.read_book(case, sent.read(table.LARGEST + 1)) if sent else table.typed(case, ask)
    values: dict[str, Any] = {"rows": [_with_files(request, case, number, row) for number, row in enumerate(rows)]}
    values["summary"] = ask.get("summary", "").strip()
    doing = acting.Doing(verb, access.actor(request), int(ask["version"]), values)  # type: ignore[arg-type]
    return _done(request, case, doing, rows=values["rows"], summary=values["summary"])


def _done(request: HttpRequest, case: Case, doing: acting.Doing, **typed: Any) -> HttpResponse:
    try:
        acting.act(case.pk, doing, holds(request, case), now())
    except Refused as refused:
        return report(request, case.pk, wrong=_wrong(refused), **typed)
    told = {"fill": _("Kept as a draft."), "sign": _("Signed and passed on.")}[str(doing.verb)]
    request.session["plan"] = told
    return redirect(reverse("plan_report", args=[case.pk]) + _query(request))


def _wrong(refused: Refused) -> dict[str, str]:
    language = get_language() or "zh"
    return {each.field or "record": each.words.of(language) for each in refused.reasons}


def _with_files(request: HttpRequest, case: Case, number: int, row: dict[str, Any]) -> dict[str, Any]:
    """A row with the files sent for it, kept with the case."""
    evidence = list(row.get("evidence", []))
    for sent in request.FILES.getlist(f"{number}.file")[:10]:
        size, name = sent.size or 0, sent.name or "-"
        if size > files.LARGEST:
            raise files.BadFile(f"{name}: {size / 2**20:.1f} MB", _("At most 20 MB are taken."))
        given = attaching.Sent(name, sent.read())
        kept = attaching.attach(data_dir(), case, given, access.actor(request), now())
        file = {"name": kept.name, "sha256": kept.sha256, "size": kept.size, "media": kept.type}
        evidence += [] if any(each["sha256"] == kept.sha256 for each in evidence) else [file]
    return {**row, "evidence": evidence} if evidence else row


@access.needs("plan.see")
@require_GET
@without_data
def evidence(request: HttpRequest, number: int, digest: str) -> HttpResponse:
    """A file of a report somebody may see."""
    found = case_of(request, number).attachments.filter(sha256=digest).first()
    if found is None:
        raise Http404
    content, suffix = files.read(data_dir(), found.sha256), files.KINDS[found.type][0]
    return download(content, found.type, f"{found.sha256[:12]}.{suffix}")


@access.needs("plan.dispatch")
@require_POST
@without_data
def review(request: HttpRequest, number: int) -> HttpResponse:
    """Accept a report, or return rows of it with the reason of each."""
    case, ask = case_of(request, number), request.POST
    if not ask.get("version", "").isdecimal() or not scope.dispatches(
        access.rights(request), case.division, case.domain
    ):
        raise Http404
    seen, who = int(ask["version"]), access.actor(request)
    if ask.get("verb") != "return":
        return _done(request, case, acting.Doing("sign", who, seen, {"opinion": ask.get("opinion", "").strip()}))
    keys = [row["key"] for row in case.values.get("rows", [])]
    marked = [(key, ask.get(f"{place}.reason", "").strip()) for place, key in enumerate(keys)]
    remarks = [{"key": key, "reason": reason} for key, reason in marked if reason]
    if not remarks:
        told = {"record": _("Say at least at one row what is wrong with it.")}
        return report(request, number, wrong=told)
    try:
        asking.send_back(case, remarks, acting.Doing("return", who, seen), now(), holds(request, case))
    except Refused as refused:
        return report(request, number, wrong=_wrong(refused))
    request.session["plan"] = _("Returned with the reasons.")
    return redirect(reverse("plan_report", args=[case.pk]) + _query(request))


def _query(request: HttpRequest) -> str:
    ctx = getattr(request, "ctx", None)
    return str(ctx.query()) if ctx else ""


@access.needs("plan.dispatch")
@without_data
@never_cache
def board(request: HttpRequest) -> HttpResponse:
    """Periods and organisations, what the rules propose, items and lights; a workbook with ``export=xlsx``."""
    plans, version = version_of(request)
    may_export = access.rights(request).can("plan.export")
    if request.GET.get("export") == "xlsx":
        if version is None or not may_export:
            raise Http404
        book = boards.workbook(request, boards.gathered(request, version))
        return excel.download(book, f"{version.plan.code}-dispatch-{now():%Y%m%d%H%M}.xlsx")
    told = request.session.pop("plan", None)
    shown = {"plans": plans, "version": version, "told": told, "may_export": may_export, "may_dispatch": True}
    if version:
        title = plan_title(version.plan)
        shown |= {"plan_title": title, **boards.shown(request, boards.gathered(request, version))}
    return render(request, "dispatching/board.html", shown)


def _version(request: HttpRequest) -> Version:
    _plans, version = version_of(request)
    if version is None:
        raise Http404
    return version


@access.needs("plan.dispatch")
@require_POST
@without_data
def start(request: HttpRequest) -> HttpResponse:
    """Ask out of turn, for chosen items of chosen organisations."""
    version, ask = _version(request), request.POST
    mine = {each.pk for each in scope.organisations(access.rights(request), version.plan)}
    chosen = {int(each) for each in ask.getlist("organisation") if each.isdecimal()} & mine
    keys = [(kind, key) for each in ask.getlist("item") for kind, _dot, key in [each.partition("/")]]
    theirs = {number for each in things.things(version) if each.id in keys for number in each.organisations}
    offices = chosen or (theirs & mine)
    if not keys or not offices:
        raise asking.NothingToAsk(_("No item or no organisation was chosen"), _("Tick what is asked, and of whom."))
    made = asking.once(
        version, keys, offices, ask.get("question", "").strip()[:200], _day(ask.get("due", "")),
        access.actor(request), now(),
    )  # fmt: skip
    request.session["plan"] = _("%(number)s organisations were asked.") % {"number": len(made)}
    return redirect(reverse("plan_dispatch") + _query(request))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongUsage(_("The deadline is no date"), _("Write it as 2026-03-01.")) from None


@access.needs("plan.dispatch")
@require_POST
@without_data
def follow(request: HttpRequest) -> HttpResponse:
    """Confirm a proposal: open its case."""
    version, ask = _version(request), request.POST
    found = proposed(request, version, lights_of(request, version))
    chosen = [each for each in found if f"{each.kind}/{each.organisation}" == ask.get("proposal")]
    if not chosen:
        raise WrongUsage(_("This is proposed no more"), _("Open the page again."))
    one = chosen[0]
    office = Organisation.objects.get(pk=one.organisation)
    if not scope.dispatches(access.rights(request), office.division, version.plan.domain):
        raise Http404
    question = ask.get("question", "").strip()
    case = asking.follow(version.plan, one.kind, office, one.reasons, access.actor(request), now(), question)
    return redirect(reverse("case", args=[case.pk]) + _query(request))


@access.needs("plan.dispatch")
@require_POST
@without_data
def every(request: HttpRequest) -> HttpResponse:
    """Say how often one item is asked for."""
    version, ask = _version(request), request.POST
    kind, _slash, key = ask.get("item", "").partition("/")
    chosen = ask.get("every", "")
    if not scope.dispatches(access.rights(request), version.plan.division, version.plan.domain):
        raise Http404
    if chosen not in EVERY or kind not in KINDS or not version.items.filter(kind=kind, key=key).exists():
        raise WrongUsage(_("This form is not complete"), _("Open the page again."))
    who, at = access.actor(request), now()
    given = {"every": chosen, "at": at, "by": who.name}
    of_item = Every.objects.filter(plan=version.plan, kind=kind, key=key)
    before = of_item.values_list("every", flat=True).first()
    of_item.update_or_create(plan=version.plan, kind=kind, key=key, defaults=given)
    audit.append(
        who, "plan.every", "plan", f"{version.plan.code}/{kind}/{key}", division=version.plan.division,
        domain=version.plan.domain, change={"every": [before, chosen]}, at=at,
    )  # fmt: skip
    query = _query(request)
    return redirect(f"{reverse('plan_dispatch')}{query}{'&' if query else '?'}show=items")


@access.needs("plan.report")
@require_POST
@without_data
def remark(request: HttpRequest) -> HttpResponse:
    """Leave a remark beside a light of one's own task; the light stays as it is."""
    version, ask, who = _version(request), request.POST, access.actor(request)
    kind, _slash, key = ask.get("item", "").partition("/")
    thing = next((each for each in things.things(version) if each.id == (kind, key)), None)
    if thing is None or who.organisation not in thing.all_organisations or not ask.get("text", "").strip():
        raise Http404
    Remark.objects.create(
        plan=version.plan, kind=kind, key=key, text=ask["text"].strip()[:500], at=now(), by=who.name,
        organisation_id=who.organisation,
    )  # fmt: skip
    return redirect(reverse("plan_mine") + _query(request))


urlpatterns = [
    path("plan/mine/", mine, name="plan_mine"),
    path("plan/mine/remark/", remark, name="plan_remark"),
    path("plan/reports/<int:number>/", report, name="plan_report"),
    path("plan/reports/<int:number>/fill/", fill, name="plan_fill"),
    path("plan/reports/<int:number>/review/", review, name="plan_review"),
    path("plan/reports/<int:number>/files/<str:digest>/", evidence, name="plan_evidence"),
    path("plan/dispatch/", board, name="plan_dispatch"),
    path("plan/dispatch/start/", start, name="plan_start"),
    path("plan/dispatch/follow/", follow, name="plan_follow"),
    path("plan/dispatch/every/", every, name="plan_every"),
]
