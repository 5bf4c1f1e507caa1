"""Evaluation of plans: rounds, the matrix of organisations and sections, sheets, and what is published."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from qingyuan.base.errors import QingyuanError, WrongUsage
from qingyuan.base.settings import data_dir
from qingyuan.base.time import now
from qingyuan.cases import files
from qingyuan.cases.models import Case
from qingyuan.interfaces.web import access, behind, excel
from qingyuan.interfaces.web.context import Context, without_data
from qingyuan.interfaces.web.downloads import download
from qingyuan.interfaces.web.plans import evaluating, printing, sheet_book, words
from qingyuan.people.rights import Rights
from qingyuan.plans.book import scope
from qingyuan.plans.evaluating import evidence, rounds
from qingyuan.plans.evaluating.rounds import Act, Frame
from qingyuan.plans.evaluating.rules import KINDS, rules
from qingyuan.plans.models import Evaluation, Plan, Standing, Version
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
             "may": rights.can("plan.evaluate"), "editions": evaluating.editions(now().date())}  # fmt: skip
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
    made = behind.standing(printing.folder(found.pk, _language()))
    shown = {
        "tabs": words.tabs(request), "here": "plan_evaluations", "round": found, "groups": evaluating.groups(rows),
        "kind": evaluating.KINDS[found.kind], "title": words.plan_title(found.plan),
        "sections": evaluating.sections(found), "may": evaluating.may_review(rights, found),
        "waiting": sum(row["sheet"].step != "done" for row in rows), "exports": rights.can("plan.export"),
        "made": made, "stale": printing.stale(found, made), "office": office(),
        "prints": rights.may("plan.export", found.division.ljust(6, "0"), found.domain),
        "whole": found.state != evaluating.PUBLISHED or rounds.digest(found) == found.digest,
        "before": _before(rights, found),
    }  # fmt: skip
    return render(request, "plans/evaluation.html", shown)


def _before(rights: Rights, found: Evaluation) -> Version | None:
    """The adopted version before that of a round, to compare with; None without one that may be read."""
    if found.version is None or not scope.plans(rights).filter(pk=found.plan_id).exists():
        return None
    kept = found.plan.versions.filter(number__lt=found.version.number, adopted_at__isnull=False)
    return kept.order_by("number").last()


def _line(place: str, section: str, line: dict[str, Any]) -> list[object]:
    reasons = " / ".join(f"{who}：{why}" for who, why in line["reasons"])
    return [place, section, line["title"], line["full"], line["points"], line["self"], line["reviewed"],
            line["decided"], reasons, line["formula"], str(line["word"]), line["trace"]]  # fmt: skip


def _book(found: Evaluation, rows: list[dict[str, Any]]) -> bytes:
    titles = [f"{title} ({weight})" for _code, title, weight in evaluating.sections(found)]
    head = [_("Rank"), _("Place"), *titles, _("Points"), _("Grade"), _("Step"), _("Veto")]
    body = [[row["rank"], row["name"], *row["cells"], row["sheet"].total, row["grade"], str(row["step"]),
             "、".join(row["vetoes"])] for row in rows]  # fmt: skip
    lines = [_line(row["name"], part["title"], line)
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
    """A sheet one may read; 404 for every other."""
    found = evaluating.sheet(evaluating.sheets(rights, _round(rights, number)), place)
    if found is None:
        raise Http404
    return found


@access.needs("plan.see")
@without_data
@never_cache
def sheet(request: HttpRequest, number: int, place: str) -> HttpResponse:
    """A sheet line by line, and what can be done with it now; ``export=xlsx`` as a workbook to fill in."""
    rights = access.rights(request)
    found = _sheet(rights, number, place)
    if request.GET.get("export") != "xlsx":
        return _shown(request, found)
    if not (rights.can("plan.export") or evaluating.verbs(rights, found)):
        raise PermissionDenied(_("Your duties do not include this page."))
    content = sheet_book.written(found, access.actor(request).name)
    return excel.download(content, f"qingyuan-sheet-{number}-{found.code}.xlsx")


def _shown(request: HttpRequest, found: Standing, why: str = "", read: sheet_book.Read | None = None,
           typed: Mapping[str, str] | None = None) -> HttpResponse:  # fmt: skip
    """The sheet; why: what was refused; read: a workbook to be looked at before it is handed in."""
    rights = access.rights(request)
    verbs = evaluating.verbs(rights, found)
    typed = read.typed if read else typed or {}
    seen = _cases(rights, evaluating.cited(found))
    shown = {
        "tabs": words.tabs(request), "here": "plan_evaluations", "sheet": found, "round": found.evaluation,
        "name": evaluating.name(found), "kind": evaluating.KINDS[found.evaluation.kind],
        "step": evaluating.STEPS[found.step], "parts": evaluating.lines(found, typed), "verbs": verbs,
        "steps": evaluating.steps(found), "asks": any(each in verbs for each in ("assess", "review", "decide")),
        "why": why, "typed": typed, "read": read, "grade": evaluating.grade(found.evaluation, found.grade),
        "whole": rounds.whole(found), "vetoes": evaluating.vetoes(found, seen),
        "proves": any(each in verbs for each in ("assess", "appeal")), "own": evaluating.own(rights, found),
        "waiting": found.files.filter(sha256__in=evidence.waiting(found)),
        "exports": rights.can("plan.export") or verbs,
        "endings": ",".join(f".{suffix}" for suffix, _start in files.KINDS.values()),
    }  # fmt: skip
    return render(request, "plans/sheet.html", shown, status=400 if why else 200)


def _cases(rights: Rights, numbers: list[str]) -> dict[str, int]:
    """Of these cases those one may read, with what their pages are found by."""
    found = Case.objects.filter(rights.where("cases.see"), number__in=numbers) if numbers else Case.objects.none()
    return dict(found.values_list("number", "pk"))


@access.needs("plan.see")
@require_POST
@without_data
def act(request: HttpRequest, number: int, place: str) -> HttpResponse:
    """Assess, review, send back, accept, appeal or decide, as the duties allow it now; files are kept first."""
    rights = access.rights(request)
    found, verb = _sheet(rights, number, place), request.POST.get("verb", "")
    if verb not in evaluating.verbs(rights, found):
        raise PermissionDenied(_("Your duties do not allow this here and now."))
    try:
        _attach(request, found)
        ACTS[verb](found, _given(request, found), access.actor(request), now())
    except QingyuanError as why:
        return _shown(request, found, evaluating.told(why), typed=request.POST.dict())
    return redirect(reverse("plan_sheet", args=[number, place]))


def _attach(request: HttpRequest, found: Standing) -> None:
    for sent in request.FILES.getlist("file")[: evidence.MOST]:
        if (sent.size or 0) > files.LARGEST:
            size = (sent.size or 0) / 2**20
            raise files.BadFile(f"{sent.name}: {size:.1f} MB", _("At most 20 MB are taken."))
        evidence.attach(data_dir(), found, sent.name or "-", sent.read(), access.actor(request), now())


def _given(request: HttpRequest, found: Standing) -> Act:
    sent = {key: str(text).strip() for key, text in request.POST.items()}
    points = {key[2:]: text for key, text in sent.items() if key.startswith("p:") and text}
    reasons = {key[2:]: text for key, text in sent.items() if key.startswith("r:")}
    told = filter(None, (each.strip() for each in request.POST.get("evidence", "").splitlines()))
    return Act(points, reasons, (*told, *evidence.waiting(found)), request.POST.get("note", "")[:4000])


@access.needs("plan.see")
@require_POST
@without_data
def take(request: HttpRequest, number: int, place: str) -> HttpResponse:
    """Read a filled workbook into the form: every fault with its row; nothing is kept until it is handed in."""
    rights = access.rights(request)
    found, sent = _sheet(rights, number, place), request.FILES.get("book")
    if not set(evaluating.verbs(rights, found)) & {"assess", "review", "decide"}:
        raise PermissionDenied(_("Your duties do not allow this here and now."))
    if sent is None or not sent.size:
        return _shown(request, found, _("Choose the workbook you filled in."))
    try:
        return _shown(request, found, read=sheet_book.read(sent.read(sheet_book.LARGEST + 1), found))
    except QingyuanError as why:
        return _shown(request, found, evaluating.told(why))


@access.needs("plan.see")
@require_GET
@without_data
def file(request: HttpRequest, number: int, place: str, digest: str) -> HttpResponse:
    """A file given as evidence, to those whose duties reach the sheet's place."""
    rights = access.rights(request)
    found = _sheet(rights, number, place)
    kept = found.files.filter(sha256=digest).first() if evaluating.own(rights, found) else None
    if kept is None:
        raise Http404
    suffix = files.KINDS[kept.type][0]
    return download(files.read(data_dir(), kept.sha256), kept.type, f"{kept.sha256[:12]}.{suffix}")


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
    place = printing.folder(number, language)
    if request.method == "POST":
        if request.POST.get("do") == "stop":
            behind.stop(place)
        else:
            behind.begin(place, printing.making(found, ctx.dataset, language))
        if request.headers.get("HX-Request") != "true":
            return redirect(ctx.link("plan_evaluation", number))
    made = behind.standing(place)
    shown = {"round": found, "made": made, "stale": printing.stale(found, made), "office": office()}
    return render(request, "plans/report_progress.html", shown)


@access.needs("plan.export")
@without_data
@never_cache
def report_file(request: HttpRequest, number: int, form: str) -> HttpResponse:
    """The report that was made, as Word or PDF."""
    found = _round(access.rights(request), number)
    _whole_scope(request, found)
    made = behind.made(printing.folder(number, _language()), form)
    if made is None:
        raise Http404
    return download(made, FORMS[form], f"qingyuan-report-{number}.{form}")


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
    shown = {"round": found, "groups": evaluating.groups(rows), "kind": evaluating.KINDS[found.kind],
             "title": words.plan_title(found.plan), "sections": evaluating.sections(found)}  # fmt: skip
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
    path("plan/evaluations/<int:number>/<slug:place>/workbook/", take, name="plan_sheet_take"),
    path("plan/evaluations/<int:number>/<slug:place>/files/<slug:digest>/", file, name="plan_sheet_file"),
    path("public/plan/evaluations/<int:number>/", public, name="public_plan_evaluation"),
]
