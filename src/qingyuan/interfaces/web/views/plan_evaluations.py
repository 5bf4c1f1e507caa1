"""Evaluation of plans: rounds, the matrix of organisations and sections, sheets, and what is published."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qingyuan.base.errors import QingyuanError, WrongUsage
from qingyuan.base.time import now
from qingyuan.interfaces.web import access, excel
from qingyuan.interfaces.web.context import Context, without_data
from qingyuan.interfaces.web.downloads import download
from qingyuan.interfaces.web.plans import evaluating, printing, words
from qingyuan.people.rights import Rights
from qingyuan.plans.evaluating import rounds
from qingyuan.plans.evaluating.rounds import Act, Frame
from qingyuan.plans.evaluating.rules import KINDS, rules
from qingyuan.plans.models import Evaluation, Plan, Standing
from qingyuan.plans.reporting.making import office

FORMS = {"pdf": "application/pdf",
         "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}  # fmt: skip
ACTS = {
    "assess": rounds.assess_self, "review": rounds.review, "return": rounds.send_back, "accept": rounds.accept,
    "appeal": rounds.appeal, "decide": rounds.decide,
}  # fmt: skip


def _round(rights: Rights, number: int) -> Evaluation:
    """A round one may read; 404 for every other."""
    found = evaluating.readable(rights).filter(pk=min(number, 2**62)).first()
    if found is None:
        raise Http404
    return found


@access.needs("plan.see")
@without_data
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    """Rounds, newest first; who may evaluate starts one here."""
    rights = access.rights(request)
    rows = []
    for each in evaluating.readable(rights)[:100]:
        steps = list(each.sheets.values_list("step", flat=True))
        rows.append({"round": each, "kind": evaluating.KINDS[each.kind], "title": words.plan_title(each.plan),
                     "done": steps.count("done"), "all": len(steps)})  # fmt: skip
    shown = {"tabs": words.tabs(request), "here": "plan_evaluations", "rows": rows, "kinds": evaluating.KINDS.items(),
             "may": rights.can("plan.evaluate")}  # fmt: skip
    return render(request, "plans/evaluations.html", shown)


@access.needs("plan.evaluate")
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Score every place by the rules in force and open the round, on the dataset and time of the page."""
    from qingyuan.plans.reporting.material import gather
    from qingyuan.plans.reporting.sourcing import in_force, source

    ctx: Context = request.ctx  # type: ignore[attr-defined]
    kind = request.POST.get("kind", "")
    if kind not in KINDS:
        raise WrongUsage(_("No kind of evaluation was chosen"), _("Choose one of the list."))
    as_of = _moment(request.POST.get("day", ""), ctx)
    version = in_force(as_of.date())
    if version is None:
        raise WrongUsage(_("No version of the plan is in force on that day"), _("Import and adopt a plan first."))
    plan: Plan = version.plan
    if not access.rights(request).may("plan.evaluate", plan.division, plan.domain):
        raise PermissionDenied(_("Your duties do not include this plan."))
    material = gather(source(ctx.dataset, as_of.date()), kind, rules(kind, as_of.date()), as_of, lambda *_told: None)
    frame = Frame(plan, version, kind, as_of, material.results, material.rules, material.simulated)
    made = rounds.start(frame, material.sheets, access.actor(request), now())
    return redirect(reverse("plan_evaluation", args=[made.pk]))


def _moment(day: str, ctx: Context) -> datetime:
    """The last hour of a day, not beyond the time of the page; empty: that time."""
    if not day:
        return ctx.time
    try:
        return min(datetime.combine(datetime.fromisoformat(day).date(), time(23)), ctx.time)
    except ValueError:
        raise WrongUsage(_("“%s” is no day") % day, _("Write it as 2023-12-31.")) from None


@access.needs("plan.see")
@without_data
@never_cache
def one(request: HttpRequest, number: int) -> HttpResponse:
    """The matrix of a round: places by section, ranking, steps, vetoes; ``export=xlsx`` as a workbook."""
    rights = access.rights(request)
    found = _round(rights, number)
    rows = evaluating.matrix(found, evaluating.sheets(rights, found))
    if request.GET.get("export") == "xlsx":
        if not rights.can("plan.export"):
            raise PermissionDenied(_("Your duties do not include this page."))
        return excel.download(_book(found, rows), f"qingyuan-evaluation-{found.pk}.xlsx")
    shown = {
        "tabs": words.tabs(request), "here": "plan_evaluations", "round": found, "rows": rows,
        "kind": evaluating.KINDS[found.kind], "title": words.plan_title(found.plan),
        "sections": evaluating.sections(found), "may": evaluating.may_review(rights, found),
        "waiting": sum(row["sheet"].step != "done" for row in rows), "exports": rights.can("plan.export"),
        "made": printing.standing(found.pk, _language()), "office": office(),
        "prints": rights.may("plan.export", found.division.ljust(6, "0"), found.domain),
        "whole": found.state != evaluating.PUBLISHED or rounds.digest(found) == found.digest,
    }  # fmt: skip
    return render(request, "plans/evaluation.html", shown)


def _book(found: Evaluation, rows: list[dict[str, Any]]) -> bytes:
    titles = [f"{title} ({weight})" for _code, title, weight in evaluating.sections(found)]
    head = [_("Rank"), _("Place"), *titles, _("Points"), _("Grade"), _("Step"), _("Veto")]
    body = [[row["rank"], row["name"], *row["cells"], row["sheet"].total, row["grade"], str(row["step"]),
             "、".join(row["vetoes"])] for row in rows]  # fmt: skip
    lines = [[row["name"], part["title"], line["title"], line["full"], line["points"], line["self"], line["reviewed"],
              line["decided"], " / ".join(line["reasons"]), line["formula"], str(line["word"]), line["trace"]]
             for row in rows for part in evaluating.lines(row["sheet"]) for line in part["lines"]]  # fmt: skip
    heads = [_("Place"), _("Section"), pgettext("score", "Line"), _("Full"), _("Computed"), _("Self"), _("Reviewed")]
    heads += [_("Decided"), _("Reasons"), _("Formula"), _("State"), _("Source")]
    basis = [[_("Edition"), found.rules["edition"]], [_("Digest"), found.rules["digest"]],
             [_("Results version"), found.results], [_("Time"), found.as_of.isoformat()],
             [_("Simulated data"), _("yes") if found.simulated else _("no")]]  # fmt: skip
    return excel.workbook(
        excel.Sheet(_("Results"), head, body, [6, 18, *[14] * len(titles), 10, 10, 14, 24]),
        excel.Sheet(_("Lines"), heads, lines, [16, 16, 26, 8, 8, 8, 8, 8, 30, 50, 20, 50]),
        excel.Sheet(_("Codes and basis"), [_("What"), _("Value")], basis, [20, 70]),
    )


def _sheet(rights: Rights, number: int, place: str) -> Standing:
    return get_object_or_404(evaluating.sheets(rights, _round(rights, number)), division=place)


@access.needs("plan.see")
@without_data
@never_cache
def sheet(request: HttpRequest, number: int, place: str) -> HttpResponse:
    """A sheet line by line, and what can be done with it now."""
    return _shown(request, _sheet(access.rights(request), number, place))


def _shown(request: HttpRequest, found: Standing, why: str = "") -> HttpResponse:
    verbs = evaluating.verbs(access.rights(request), found)
    steps = [(each, evaluating.VERBS[each.verb]) for each in found.steps.order_by("-sequence")]
    shown = {
        "tabs": words.tabs(request), "here": "plan_evaluations", "sheet": found, "round": found.evaluation,
        "name": evaluating.name(found), "kind": evaluating.KINDS[found.evaluation.kind],
        "step": evaluating.STEPS[found.step], "parts": evaluating.lines(found), "verbs": verbs, "steps": steps,
        "asks": any(each in verbs for each in ("assess", "review", "decide")), "why": why, "typed": request.POST,
        "grade": evaluating.grade(found.evaluation, found.grade), "whole": rounds.whole(found),
        "vetoes": [each["en"] if words.wording.english() else each["zh"] for each in found.computed["vetoes"]],
    }  # fmt: skip
    return render(request, "plans/sheet.html", shown, status=400 if why else 200)


@access.needs("plan.see")
@require_POST
@without_data
def act(request: HttpRequest, number: int, place: str) -> HttpResponse:
    """Assess, review, send back, accept, appeal or decide, as the duties allow it now."""
    rights = access.rights(request)
    found, verb = _sheet(rights, number, place), request.POST.get("verb", "")
    if verb not in evaluating.verbs(rights, found):
        raise PermissionDenied(_("Your duties do not allow this here and now."))
    try:
        ACTS[verb](found, _given(request), access.actor(request), now())
    except QingyuanError as why:
        return _shown(request, found, str(why))
    return redirect(reverse("plan_sheet", args=[number, place]))


def _given(request: HttpRequest) -> Act:
    sent = {key: str(text).strip() for key, text in request.POST.items()}
    points = {key[2:]: text for key, text in sent.items() if key.startswith("p:") and text}
    reasons = {key[2:]: text for key, text in sent.items() if key.startswith("r:")}
    evidence = tuple(filter(None, (each.strip() for each in request.POST.get("evidence", "").splitlines())))
    return Act(points, reasons, evidence, request.POST.get("note", "")[:4000])


@access.needs("plan.evaluate")
@require_POST
@without_data
def publish(request: HttpRequest, number: int) -> HttpResponse:
    """Seal every result and make it public."""
    rights = access.rights(request)
    found = _round(rights, number)
    if not evaluating.may_review(rights, found):
        raise PermissionDenied(_("Your duties do not include this plan."))
    rounds.publish(found, access.actor(request), now())
    return redirect(reverse("plan_evaluation", args=[number]))


@access.needs("plan.export")
@never_cache
def report(request: HttpRequest, number: int) -> HttpResponse:
    """How far the round's report is; POST begins it, or with ``do=stop`` stops it."""
    found, language = _round(access.rights(request), number), _language()
    ctx: Context = request.ctx  # type: ignore[attr-defined]
    _whole_scope(request, found)
    if request.method == "POST":
        if request.POST.get("do") == "stop":
            printing.stop(number, language)
        else:
            printing.begin(found, ctx.dataset, language)
        if request.headers.get("HX-Request") != "true":
            return redirect(ctx.link("plan_evaluation", number))
    shown = {"round": found, "made": printing.standing(number, language), "office": office()}
    return render(request, "plans/report_progress.html", shown)


@access.needs("plan.export")
@without_data
@never_cache
def report_file(request: HttpRequest, number: int, form: str) -> HttpResponse:
    """The report that was made, as Word or PDF."""
    found = _round(access.rights(request), number)
    _whole_scope(request, found)
    file = printing.folder(number, _language()) / f"report.{form}"
    if form not in FORMS or not file.is_file():
        raise Http404
    return download(file.read_bytes(), FORMS[form], f"qingyuan-report-{number}.{form}")


def _language() -> str:
    return "en" if words.wording.english() else "zh"


def _whole_scope(request: HttpRequest, found: Evaluation) -> None:
    """A report tells of every place, so before publication it is for those whose scope is the whole."""
    if found.state != evaluating.PUBLISHED and not access.rights(request).may(
        "plan.export", found.division.ljust(6, "0"), found.domain
    ):
        raise Http404


@access.public
@without_data
def public(request: HttpRequest, number: int) -> HttpResponse:
    """A published round for everybody: points, ranks and grades, no drafts and no appeals."""
    published = Evaluation.objects.filter(state=evaluating.PUBLISHED).select_related("plan")
    found = get_object_or_404(published, pk=min(number, 2**62))
    rows = evaluating.matrix(found, found.sheets.select_related("evaluation"))
    shown = {"round": found, "rows": rows, "kind": evaluating.KINDS[found.kind], "title": words.plan_title(found.plan),
             "sections": evaluating.sections(found)}  # fmt: skip
    return render(request, "public/evaluation.html", shown)


urlpatterns = [
    path("plan/evaluations/", index, name="plan_evaluations"),
    path("plan/evaluations/start/", start, name="plan_evaluation_start"),
    path("plan/evaluations/<int:number>/", one, name="plan_evaluation"),
    path("plan/evaluations/<int:number>/publish/", publish, name="plan_evaluation_publish"),
    path("plan/evaluations/<int:number>/report/", report, name="plan_evaluation_report"),
    path("plan/evaluations/<int:number>/report.<slug:form>", report_file, name="plan_evaluation_report_file"),
    path("plan/evaluations/<int:number>/<slug:place>/", sheet, name="plan_sheet"),
    path("plan/evaluations/<int:number>/<slug:place>/act/", act, name="plan_sheet_act"),
    path("public/plan/evaluations/<int:number>/", public, name="public_plan_evaluation"),
]
