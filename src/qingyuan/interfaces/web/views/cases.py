"""Cases: my work, list and board, one case and what is done to it, its files and letters, notices, saved views."""

from __future__ import annotations

import re
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from qingyuan.base.errors import QingyuanError
from qingyuan.base.settings import data_dir
from qingyuan.base.time import isoformat, now
from qingyuan.cases import acting, attaching, checks, custody, files, kinds, listing, opening
from qingyuan.cases.letters import printed, word, written
from qingyuan.cases.models import Attachment, Case, Notice, SavedView
from qingyuan.interfaces import reported, waiting
from qingyuan.interfaces.web import access, excel, places
from qingyuan.interfaces.web.cases import letters, page, words
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.downloads import download
from qingyuan.people.rights import Rights
from qingyuan.registers.flow.declared import Signer
from qingyuan.registers.flow.reasons import Refused

MOST_ROWS = 20_000
MOST_AT_ONCE = 50


def me(request: HttpRequest) -> listing.Me:
    """Who looks."""
    who = access.actor(request)
    return listing.Me(who.account, who.organisation)


def scope(request: HttpRequest) -> Q:
    """The cases somebody may see."""
    return access.rights(request).where("cases.see")


def asked_of(ask: QueryDict) -> listing.Asked:
    """What the address asks for; what is not known is left out."""
    view = ask.get("view", "open")
    return listing.Asked(
        view=view if view in listing.VIEWS else "open",
        domain=_one_of(ask.get("domain", ""), words.DOMAINS),
        step=_one_of(ask.get("step", ""), _steps(ask.get("kind", ""))),
        place=ask.get("area", "") if places.known(ask.get("area", "")) else "",
        origin=_one_of(ask.get("origin", ""), words.ORIGINS),
        kind=_one_of(ask.get("kind", ""), tuple(kinds.kinds())),
        text=ask.get("q", "").strip()[:60],
    )


def _steps(kind: str) -> tuple[str, ...]:
    """The steps a list may be narrowed to: of its kind, else of every kind."""
    if kind in kinds.kinds():
        return listing.columns(kind)
    others = (step for name in kinds.kinds() for step in listing.columns(name))
    return tuple(dict.fromkeys((*listing.STEPS, *others)))


def _one_of(value: str, known: tuple[str, ...]) -> str:
    return value if value in known else ""


@access.needs("cases.see")
@without_data
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    """The list, or the board with ``show=board``, or the workbook with ``export=xlsx``."""
    asked, at = asked_of(request.GET), now()
    found = listing.listed(scope(request), asked, me(request), at)
    counts = listing.counts(scope(request), asked, me(request), at, found)
    if request.GET.get("export") == "xlsx":
        return _workbook(request, asked)
    shown = {**_head(request, asked, counts), "at": at}
    if request.GET.get("show") == "board":
        shown["columns"] = _columns(request, asked)
    else:
        shown |= _rows(found, counts, request.GET.get("page"))
    return render(request, "cases/list.html", shown)


def _head(request: HttpRequest, asked: listing.Asked, counts: dict[str, int]) -> dict[str, Any]:
    ctx = getattr(request, "ctx", None)
    return {
        "asked": asked,
        "counts": counts,
        "show": "board" if request.GET.get("show") == "board" else "list",
        "chips": [(name, title, counts.get(name)) for name, title in _titles()],
        "domains": [(each, words.domain(each)) for each in words.DOMAINS],
        "steps": [(each, words.step_name(each)) for each in listing.columns(asked.kind)],
        "areas": [(code, places.name(code)) for code in places.CITIES],
        "origins": [(each, words.origin(each)) for each in words.ORIGINS],
        "views": list(SavedView.objects.filter(account=request.user.pk or 0).order_by("name")),
        "may_assign": access.rights(request).can("cases.assign"),
        "may_export": access.rights(request).can("cases.export"),
        "may_open": access.rights(request).can("cases.act"),
        "departments": _departments(request),
        "unread": waiting.notices(request).filter(read_at=None).count(),
        "told": request.session.pop("cases", None) if "cases" in request.session else None,
        "kept": list(ctx.given) if ctx else [],
    }


def _departments(request: HttpRequest) -> list[tuple[int, str, str]]:
    rights = access.rights(request)
    return custody.below(rights.divisions("cases.assign")) if rights.can("cases.assign") else []


def _titles() -> list[tuple[str, str]]:
    return [
        ("open", _("all open")),
        ("mine", _("with me")),
        ("overdue", _("late")),
        ("reopened", _("opened again")),
        ("waiting", _("waiting for data")),
        ("closed", _("closed")),
    ]


class _Counted(Paginator):
    """Pages of a list whose length is known already."""

    def __init__(self, found: Any, number: int) -> None:
        super().__init__(found, listing.PAGE)
        self.number = number

    @cached_property
    def count(self) -> int:
        """How many there are."""
        return self.number


def _rows(found: listing.Keys, counts: dict[str, int], page: str | None) -> dict[str, Any]:
    at = now()
    part = _Counted(found, counts["shown"]).get_page(page)
    titles = {"late": _("late"), "today": _("due today"), "week": _("within seven days"), "later": _("later")}
    groups: list[dict[str, Any]] = []
    for case in listing.rows(part.object_list):
        name = listing.group_of(case, at) if case.is_open else "closed"
        if not groups or groups[-1]["name"] != name:
            title = titles.get(name, "")
            groups.append({"name": name, "title": title, "count": counts.get(f"group_{name}"), "lines": []})
        groups[-1]["lines"].append(_line(case, at))
    return {"rows": part, "groups": groups}


def _line(case: Case, at: Any) -> dict[str, Any]:
    place = case.declared.flow.steps
    number = list(place).index(case.step) if case.step in place else len(place)
    return {
        "case": case,
        "short": re.findall(r"\d+", case.number)[-1] if re.search(r"\d", case.number) else case.number,
        "icon": case.declared.icon,
        "origin": words.origin(case.origin),
        "place": words.place(case.division),
        "dots": ["d" if each < number else "n" if each == number else "" for each in range(1, len(place))],
        "step": words.step(case),
        "due": words.due(case, at),
    }


def _columns(request: HttpRequest, asked: listing.Asked) -> list[dict[str, Any]]:
    at = now()
    found = listing.board(scope(request), asked, me(request), at)
    return [
        {
            "step": step,
            "title": words.step_name(step),
            "count": number,
            "lines": [_line(case, at) for case in cases],
            "more": number - len(cases),
        }
        for step, (number, cases) in found.items()
    ]


def _workbook(request: HttpRequest, asked: listing.Asked) -> HttpResponse:
    rights = access.rights(request)
    if not rights.can("cases.export"):
        raise Http404
    keys = listing.numbers(scope(request) & rights.where("cases.export"), asked, me(request), now())[: MOST_ROWS + 1]
    found = listing.rows(keys)
    cut = _("not all: the list was cut") if len(found) > MOST_ROWS else ""
    top = [
        _("Number"), _("Matter"), _("Kind"), _("Found by"), _("Location"), _("Code"), _("Organisation in charge"),
        _("Handler"), _("Step"), _("Deadline"), _("Days that agree"), _("Opened again"),
    ]  # fmt: skip
    table = [
        [
            case.number, case.title, words.of(case.declared.flow.title), words.origin(case.origin),
            words.place(case.division), case.division, case.organisation_name, case.handler_name, words.step(case),
            isoformat(case.due) if case.due else None, case.agreeing if case.needed else None, case.reopened,
        ]
        for case in found[:MOST_ROWS]
    ]  # fmt: skip
    basis = [[_("Made"), isoformat(now()), request.user.get_username()], [_("Filter"), request.GET.urlencode(), cut]]
    sheets = (
        excel.Sheet(_("Cases"), top, table, [20, 48, 16, 14, 20, 10, 24, 12, 10, 26, 10, 10]),
        excel.Sheet(_("Codes and basis"), [_("What"), _("Value"), _("Remark")], basis, [24, 60, 30]),
    )
    return excel.download(excel.workbook(*sheets), f"qingyuan-cases-{now():%Y%m%d%H%M}.xlsx")


def case_of(request: HttpRequest, number: int) -> Case:
    """A case somebody may see; 404 for any other, whether it exists or not."""
    found = Case.objects.filter(scope(request), pk=number).first()
    if found is None:
        raise Http404
    assert isinstance(found, Case)
    return found


def holds(rights: Rights, case: Case) -> acting.Holds:
    """Whether somebody holds a duty that signs for a case."""

    def held(signer: Signer) -> bool:
        level = None if signer.level in ("any", "facility") else signer.level
        return rights.holds(signer.duty, level, case.division, case.domain, case.site)

    return held


@access.needs("cases.see")
@without_data
@never_cache
def one(request: HttpRequest, number: int, **more: Any) -> HttpResponse:
    """One case."""
    case = case_of(request, number)
    rights = access.rights(request)
    able = rights.may("cases.act", case.division, case.domain, case.site) or rights.may(
        "cases.assign", case.division, case.domain, case.site
    )
    typed, wrong = more.pop("typed", None), more.pop("wrong", {})
    may = holds(rights, case) if able else lambda _signer: False
    shown = page.facts(case, access.actor(request), may, now(), typed, wrong)
    Notice.objects.filter(waiting.told_to(request), case=case, read_at=None).update(read_at=now())
    shown |= {
        "able": able,
        "stage": words.stage(case.stage) if case.stage and case.is_open else "",
        "wrong": wrong,
        "organisations": custody.choices(case.division, case.domain) if shown["may"]["hand_over"] else [],
        "colleagues": custody.people(case.organisation, now()) if able and case.organisation else [],
        "letter": written.main(case.kind),
        "letters": [(name, words.of(letters.short(name))) for name in written.names(case.kind)],
        "sheet": checks.items(case.domain) if case.kind == "inspection" else [],
        "chart": letters.chart(request, case),
        "ground": reverse("map_boundaries", args=["county"]),
        "told": request.session.pop("cases", None) if "cases" in request.session else None,
        "name": kinds.kind(case.kind).flow.title.of(get_language() or "zh"),
        **more,
    }
    return render(request, "cases/one.html", shown, status=400 if wrong else 200)


@access.needs("cases.act")
@require_POST
@without_data
def act(request: HttpRequest, number: int) -> HttpResponse:
    """One act on a case: sign, fill, return, note, hand over, reopen, void. What is refused is told at the field."""
    case = case_of(request, number)
    rights = access.rights(request)
    if not any(rights.may(each, case.division, case.domain, case.site) for each in ("cases.act", "cases.assign")):
        raise Http404
    try:
        acting.act(case.pk, _doing(request, case), holds(rights, case), now())
        reported.answer(case_of(request, number), now())
    except Refused as refused:
        language = get_language() or "zh"
        wrong = {reason.field or "record": reason.words.of(language) for reason in refused.reasons}
        return one(request, number, typed=request.POST, wrong=wrong)
    return redirect(reverse("case", args=[number]) + _query(request))


def _query(request: HttpRequest) -> str:
    ctx = getattr(request, "ctx", None)
    return ctx.query() if ctx else ""


HANDS = ("organisation", "handler")
VERBS = ("sign", "fill", "return", "note", "hand_over", "reopen", "void")


def _doing(request: HttpRequest, case: Case) -> acting.Doing:
    ask = request.POST
    verb = ask.get("verb", "")
    if verb not in VERBS or not ask.get("version", "").isdecimal():
        raise QingyuanError(_("This form is not complete"), _("Open the case again."))
    values = _values(case, ask) if verb in ("sign", "fill") else {}
    handed = _handed(case, ask) if verb == "hand_over" else {}
    return acting.Doing(
        verb,  # type: ignore[arg-type]
        access.actor(request),
        int(ask["version"]),
        values,
        ask.get("note", ""),
        ask.get("to", ""),
        handed,
    )


def _values(case: Case, ask: QueryDict) -> dict[str, Any]:
    step = case.declared.flow.steps.get(case.step)
    fields = case.declared.flow.fields
    found: dict[str, Any] = {}
    asked = kinds.PROGRESS if ask.get("form") == "progress" and case.declared.dispatch else step.asks if step else ()
    for name in asked:
        if name in ask and (ask.get("form") == "progress" or str(case.values.get(name, "")) != ask[name]):
            found[name] = _typed(fields[name].type, str(ask[name]))
    if step and "sheet" in step.asks and (rows := _sheet(ask)):
        found["sheet"] = rows
    return found


def _typed(kind: str, text: str) -> Any:
    if kind == "point" and text.strip():
        return [part.strip() for part in text.replace("，", ",").split(",")]
    return text


def _sheet(ask: QueryDict) -> list[dict[str, str]]:
    lines = zip(ask.getlist("item"), ask.getlist("result"), ask.getlist("remark"), strict=False)
    return [{"item": item, "result": result, "remark": remark} for item, result, remark in lines if item and result]


def _handed(case: Case, ask: QueryDict) -> dict[str, Any]:
    office, handler = (int(told) if (told := ask.get(name, "")).isdecimal() else None for name in HANDS)
    joint = [int(each) for each in ask.getlist("joint") if each.isdecimal()]
    return custody.handed(case, office, handler, joint, now())


@access.needs("cases.act")
@require_POST
@without_data
def attach(request: HttpRequest, number: int) -> HttpResponse:
    """Add files to a case; photographs are compared with its place and time."""
    case = case_of(request, number)
    if not access.rights(request).may("cases.act", case.division, case.domain, case.site):
        raise Http404
    chosen = request.FILES.getlist("file")
    if not chosen:
        raise QingyuanError(_("No file was chosen"), _("Choose a photograph or a PDF."))
    for each in chosen[:20]:
        _kept(request, case, each)
    return redirect(reverse("case", args=[number]) + _query(request) + "#files")


def _kept(request: HttpRequest, case: Case, sent: Any) -> None:
    if sent.size > files.LARGEST:
        raise files.BadFile(f"{sent.name}: {sent.size / 2**20:.1f} MB", _("At most 20 MB are taken."))
    attaching.attach(data_dir(), case, attaching.Sent(sent.name, sent.read()), access.actor(request), now())


@access.needs("cases.see")
@require_GET
@without_data
def attachment(request: HttpRequest, number: int, file: int) -> HttpResponse:
    """One file of a case somebody may see."""
    found = Attachment.objects.filter(case=case_of(request, number), pk=file).first()
    if found is None:
        raise Http404
    content = files.read(data_dir(), found.sha256)
    answer = download(content, found.type, f"{found.sha256[:12]}.{files.KINDS[found.type][0]}")
    if found.type in files.PICTURES:
        answer.headers["Content-Disposition"] = "inline"
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer


@access.needs("cases.see")
@require_GET
@without_data
def letter(request: HttpRequest, number: int, name: str, form: str) -> HttpResponse:
    """A letter of a case as PDF or Word."""
    case = case_of(request, number)
    if form not in ("pdf", "docx") or name in set(written.templates()) - set(written.names(case.kind)):
        raise Http404
    made = letters.letter(case, name, now(), access.actor(request))
    if form == "docx":
        return download(
            word.document(made), next(iter(t for t in files.KINDS if "word" in t)), f"{name}-{case.pk}.docx"
        )
    return download(printed.pdf(made), "application/pdf", f"{name}-{case.pk}.pdf")


@access.needs("cases.act")
@without_data
def new(request: HttpRequest) -> HttpResponse:
    """Enter a case by hand."""
    rights = access.rights(request)
    shown = {
        "kinds": [(name, words.of(each.flow.title)) for name, each in kinds.kinds().items() if each.by_hand],
        "domains": [(each, words.domain(each)) for each in words.DOMAINS],
        "divisions": letters.divisions_of(rights, "cases.act"),
        "typed": request.POST,
    }
    if request.method != "POST":
        return render(request, "cases/new.html", shown)
    ask = request.POST
    fault = _fault(rights, ask)
    if fault:
        return render(request, "cases/new.html", {**shown, "wrong": fault}, status=400)
    case = opening.open_case(_signal(request), now(), access.actor(request))
    return redirect(reverse("case", args=[case.pk]) + _query(request))


def _fault(rights: Rights, ask: QueryDict) -> str:
    if not ask.get("about", "").strip():
        return _("Say in a few words what the matter is.")
    if (
        ask.get("kind") not in {name for name, each in kinds.kinds().items() if each.by_hand}
        or ask.get("domain") not in words.DOMAINS
    ):
        return _("Choose a kind and a domain.")
    if not rights.may("cases.act", ask.get("division", "") or "-", str(ask["domain"]), ""):
        return _("Your duties do not include this place and domain.")
    return ""


def _signal(request: HttpRequest) -> opening.Signal:
    ask, ctx = request.POST, getattr(request, "ctx", None)
    return opening.by_hand(
        request.user.pk, ask["kind"], ask["about"], ask["division"], ask["domain"], now(), key=ask.get("key", ""),
        evidence=ask.get("evidence", ""), urgent=bool(ask.get("high")), simulated=bool(ctx and ctx.simulated),
    )  # fmt: skip


@access.needs("cases.assign")
@require_POST
@without_data
def assign(request: HttpRequest) -> HttpResponse:
    """Hand many cases to one organisation; each is judged for itself, and what was refused is told."""
    numbers = [int(each) for each in request.POST.getlist("id") if each.isdecimal()][:MOST_AT_ONCE]
    rights, done, refused = access.rights(request), 0, 0
    chosen = next((each for each in _departments(request) if str(each[0]) == request.POST.get("organisation")), None)
    if chosen is None or not numbers:
        raise QingyuanError(_("No case or no organisation was chosen"), _("Tick cases and choose who gets them."))
    handed = {"organisation": chosen[0], "organisation_name": chosen[1], "level": chosen[2]}
    handed |= {"handler": None, "handler_name": ""}
    for case in Case.objects.filter(scope(request), rights.where("cases.assign"), pk__in=numbers):
        doing = acting.Doing(
            "hand_over", access.actor(request), case.version, note=_("handed over in bulk"), handed=handed
        )
        try:
            acting.act(case.pk, doing, holds(rights, case), now())
            done += 1
        except Refused:
            refused += 1
    request.session["cases"] = (
        "tight" if refused else "good",
        _("%(done)s handed over, %(refused)s refused") % {"done": done, "refused": refused},
    )
    return redirect(reverse("cases") + _query(request))


@access.needs("cases.see")
@require_POST
@without_data
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the present filter under a name; without filter the name is forgotten."""
    name, query = request.POST.get("name", "").strip()[:40], request.POST.get("query", "")[:400]
    own = SavedView.objects.filter(account=request.user.pk or 0, name=name)
    if request.POST.get("do") == "forget":
        own.delete()
    elif name:
        SavedView.objects.update_or_create(account=request.user.pk or 0, name=name, defaults={"query": query})
    return redirect(reverse("cases") + (f"?{query}" if query else ""))


@access.needs("cases.see")
@without_data
@never_cache
def notices(request: HttpRequest) -> HttpResponse:
    """What was told to a person, newest first; sent as a form, all are read."""
    if request.method == "POST":
        Notice.objects.filter(waiting.told_to(request), read_at=None).update(read_at=now())
        return redirect(reverse("notices") + _query(request))
    part = Paginator(waiting.notices(request), listing.PAGE).get_page(request.GET.get("page"))
    lines = [(each, words.notice(each)) for each in part]
    return render(request, "cases/notices.html", {"rows": part, "lines": lines})


urlpatterns = [
    path("cases/", index, name="cases"),
    path("cases/new/", new, name="case_new"),
    path("cases/assign/", assign, name="cases_assign"),
    path("cases/views/", save_view, name="cases_view"),
    path("cases/notices/", notices, name="notices"),
    path("cases/<int:number>/", one, name="case"),
    path("cases/<int:number>/act/", act, name="case_act"),
    path("cases/<int:number>/files/", attach, name="case_attach"),
    path("cases/<int:number>/files/<int:file>/", attachment, name="case_file"),
    path("cases/<int:number>/letters/<slug:name>.<slug:form>", letter, name="case_letter"),
]
