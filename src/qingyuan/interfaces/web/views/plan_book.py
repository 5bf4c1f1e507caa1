"""The versions of plans: imported, reviewed beside their text, adopted, amended, compared."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qingyuan.base.errors import QingyuanError, WrongUsage
from qingyuan.base.time import now
from qingyuan.interfaces.web import access, wording
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.people.words import place as place_name
from qingyuan.interfaces.web.plans import importing, reviewing, words
from qingyuan.people.rights import Rights
from qingyuan.plans.book import adopting, keeping, scope, sealing
from qingyuan.plans.book import reviewing as acts
from qingyuan.plans.models import Item, Plan, Version
from qingyuan.plans.reading.warnings import ZH


@access.needs("plan.see")
@without_data
@never_cache
def versions(request: HttpRequest) -> HttpResponse:
    """Every plan one may read with its versions, two of which can be compared."""
    rights = access.rights(request)
    seen = scope.versions(rights).order_by("plan__division", "-plan__first_day", "-number")
    found: dict[int, dict[str, Any]] = {}
    for each in seen:
        plan = found.setdefault(each.plan_id, {"plan": each.plan, "title": words.plan_title(each.plan), "rows": []})
        plan["rows"].append(_row(each))
    for plan in found.values():
        plan["may"] = scope.may(rights, "plan.edit", plan["plan"])
    shown = {
        "tabs": words.tabs(request),
        "plans": list(found.values()),
        "count": sum(len(each["rows"]) for each in found.values()),
    }
    return render(request, "plans/versions.html", shown)


def _row(version: Version) -> dict[str, Any]:
    sealed = not version.is_draft and version.state != Version.State.DROPPED
    return {
        "version": version,
        "state": words.STATES[version.state],
        "icon": {"adopted": "good", "draft": "tight"}.get(version.state, "none"),
        "items": version.items.exclude(review=Item.Review.REJECTED).count(),
        "broken": sealed and not sealing.whole(version),
    }


@access.needs("plan.edit")
@without_data
@never_cache
def upload(request: HttpRequest) -> HttpResponse:
    """The form; POST keeps the file and goes on to its reading."""
    if request.method != "POST":
        return _form(request)
    file = request.FILES.get("file")
    if file is None:
        return _form(request, _("Choose the plan's file."))
    given = {name: request.POST.get(name, "").strip() for name in ("plan", "code", "division", "label")}
    known = Plan.objects.filter(code=given["plan"]).first()
    place = known.division if known else given["division"]
    if not access.rights(request).may("plan.edit", place, known.domain if known else "plan"):
        raise PermissionDenied(_("Your duties do not include plans of that place."))
    told = importing.Told(known.code if known else given["code"], place, given["label"][:80], (file.name or "")[:200])
    if not known and Plan.objects.filter(code=told.plan).exists():
        return _form(request, _("There is a plan of the code %s already; choose it above.") % told.plan)
    try:
        digest = importing.take(file.read(), told)
    except QingyuanError as why:
        return _form(request, str(why))
    return redirect("plan_import_run", digest)


def _form(request: HttpRequest, why: str = "") -> HttpResponse:
    rights = access.rights(request)
    plans = [each for each in scope.plans(rights) if scope.may(rights, "plan.edit", each)]
    places = sorted(rights.divisions("plan.edit"))
    shown = {
        "tabs": words.tabs(request),
        "plans": [(each.code, words.plan_title(each)) for each in plans],
        "places": [(code, place_name(code)) for code in places if len(code) == 6],
        "why": why,
        "typed": request.POST,
    }
    return render(request, "plans/import.html", shown, status=400 if why else 200)


def _upload(request: HttpRequest, digest: str) -> importing.Told:
    """What was said of an upload of a place one may import for; 404 for any other."""
    told = importing.told_of(digest)
    if told is None or not access.rights(request).may("plan.edit", told.division, "plan"):
        raise Http404
    return told


@access.needs("plan.edit")
@without_data
@never_cache
def import_run(request: HttpRequest, digest: str) -> HttpResponse:
    """How far the import is; it goes on by itself."""
    told = _upload(request, digest)
    return render(request, "plans/import_run.html", _stage(digest, told) | {"tabs": words.tabs(request), "going": True})


@access.needs("plan.edit")
@require_POST
@without_data
def import_next(request: HttpRequest, digest: str) -> HttpResponse:
    """The next stage: reading, then opening the draft; a failure is told with what to do."""
    told = _upload(request, digest)
    draft, why = importing.draft_of(digest), ""
    try:
        if draft is not None:
            version = importing.open_draft(digest, told, draft, access.actor(request), now())
            return _onward(request, reverse("plan_version", args=[version.pk]))
        importing.read_upload(digest, told)
    except QingyuanError as wrong:
        why = str(wrong)
    if request.headers.get("HX-Request") != "true":
        return redirect("plan_import_run", digest)
    return render(request, "plans/import_progress.html", _stage(digest, told) | {"why": why, "going": not why})


def _onward(request: HttpRequest, address: str) -> HttpResponse:
    if request.headers.get("HX-Request") != "true":
        return redirect(address)
    answer = HttpResponse()
    answer["HX-Redirect"] = address
    return answer


def _stage(digest: str, told: importing.Told) -> dict[str, Any]:
    draft = importing.draft_of(digest)
    counts = [(words.KINDS[kind], number) for kind, number in importing.counts(draft).items()] if draft else []
    return {"digest": digest, "told": told, "read": bool(draft), "counts": counts, "share": 66 if draft else 33}


def _version(request: HttpRequest, number: int, action: str = "") -> Version:
    """A version one may read, and act on where an action is named; 404 for any other."""
    found = get_object_or_404(scope.versions(access.rights(request)), pk=min(number, 2**62))
    if action and not scope.may(access.rights(request), action, found.plan):
        raise PermissionDenied(_("Your duties do not include this for the plan's place."))
    return found


@access.needs("plan.see")
@without_data
@never_cache
def version(request: HttpRequest, number: int) -> HttpResponse:
    """The items of a version beside the text; those of a draft may be changed."""
    return _review(request, _version(request, number))


def _review(request: HttpRequest, found: Version, why: str = "", doubts: list[Item] | None = None) -> HttpResponse:
    rights = access.rights(request)
    shown = reviewing.lines(found, request) | {
        "tabs": words.tabs(request),
        "version": found,
        "plan_title": words.plan_title(found.plan),
        "version_title": words.version_title(found),
        "state": words.STATES[found.state],
        "may_edit": found.is_draft and scope.may(rights, "plan.edit", found.plan),
        "may_adopt": found.is_draft and scope.may(rights, "plan.adopt", found.plan),
        "history": [(each, _told(each)) for each in found.reviewed.all()[:30]],
        "broken": found.digest and not sealing.whole(found),
        "warnings": [each if wording.english() else ZH[each] for each in found.warnings or ()],
        "why": why,
        "doubts": [(each.pk, words.title(each)) for each in doubts or ()],
        "first_day": _first_day(found),
        "typed": request.POST,
    }
    return render(request, "plans/review.html", shown, status=400 if why else 200)


def _told(act: Any) -> str:
    return {
        "confirm": _("confirmed"), "choose": _("chose a reading"), "correct": _("corrected"), "split": _("split"),
        "reject": _("rejected"), "reopen": _("opened again"), "bulk": _("confirmed all that is not in doubt"),
    }[act.what]  # fmt: skip


def _first_day(found: Version) -> date:
    """The earliest day a draft may be in force from."""
    last = keeping.newest(found.plan)
    return last.in_force_from + timedelta(days=1) if last and last.in_force_from else found.plan.first_day


Act = Callable[[Version, int, list[str], HttpRequest, acts.Hand], object]
ACTS: dict[str, Act] = {
    "confirm": lambda found, item, _rest, _request, hand: acts.confirm(found, item, hand),
    "reject": lambda found, item, _rest, _request, hand: acts.reject(found, item, hand),
    "reopen": lambda found, item, _rest, _request, hand: acts.reopen(found, item, hand),
    "choose": lambda found, item, rest, _request, hand: acts.choose(found, item, rest[0], int(rest[1]), hand),
    "correct": lambda found, item, _rest, request, hand: acts.correct(found, item, request.POST.dict(), hand),
    "split": lambda found, item, _rest, request, hand: acts.split(found, item, _whole(request.POST.get("at")), hand),
    "undo": lambda found, _item, _rest, _request, hand: acts.undo(found, hand),
    "bulk": lambda found, _item, _rest, _request, hand: acts.confirm_undoubtful(found, hand),
}
WHOLE_PAGE = ("split", "undo", "bulk")
"""Acts that touch more than one line: the page is loaded anew."""


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


@access.needs("plan.edit")
@require_POST
@without_data
def act(request: HttpRequest, number: int) -> HttpResponse:
    """One act on an item of a draft, ``do=choose:12:value:1``; answers the line anew with the counts."""
    found = _version(request, number, "plan.edit")
    verb, *rest = request.POST.get("do", "").split(":")
    item = _whole(rest[0]) if rest else 0
    try:
        if verb not in ACTS or (verb == "choose" and (len(rest) != 3 or not rest[2].isdecimal())):
            raise WrongUsage(_("There is no act “%s”") % verb, _("Load the page anew."))
        ACTS[verb](found, item, rest[1:], request, _hand(request))
    except QingyuanError as why:
        return _refused(request, found, item, str(why))
    if request.headers.get("HX-Request") != "true":
        return redirect(reverse("plan_version", args=[found.pk]) + (f"#item-{item}" if item else ""))
    if verb in WHOLE_PAGE:
        return _onward(request, _same_page(request, reverse("plan_version", args=[found.pk])))
    return _line(request, found, item)


def _same_page(request: HttpRequest, address: str) -> str:
    """The version's page with the filters of the page that asked; never the address of a form that was refused."""
    asked = urlsplit(request.headers.get("HX-Current-URL", ""))
    return f"{address}?{asked.query}" if asked.path == address and asked.query else address


def _hand(request: HttpRequest) -> acts.Hand:
    return acts.Hand(access.actor(request), now())


def _refused(request: HttpRequest, found: Version, item: int, why: str) -> HttpResponse:
    if request.headers.get("HX-Request") != "true" or not item:
        return _review(request, found, why)
    return _line(request, found, item, why)


def _line(request: HttpRequest, found: Version, item: int, why: str = "") -> HttpResponse:
    one = get_object_or_404(found.items, pk=item)
    shown = {
        "version": found,
        "line": reviewing.Line(one),
        "may_edit": True,
        "why": why,
        "left": acts.left(found.items.all()),
    }
    return render(request, "plans/line_anew.html", shown)


@access.needs("plan.edit")
@without_data
@never_cache
def item(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """The form of a correction."""
    found = _version(request, number, "plan.edit")
    one = get_object_or_404(found.items, pk=min(pk, 2**62))
    return render(request, "plans/item_form.html", reviewing.form(one) | {"version": found})


@access.needs("plan.adopt")
@require_POST
@without_data
def adopt(request: HttpRequest, number: int) -> HttpResponse:
    """Seal a draft; refused with what is still in doubt."""
    found = _version(request, number, "plan.adopt")
    try:
        day = _day(request.POST.get("in_force_from", ""))
        adopting.adopt(found, request.POST.get("reason", ""), day, access.actor(request), now())
    except adopting.NotReady as why:
        return _review(request, found, str(why), why.items)
    except QingyuanError as why:
        return _review(request, found, str(why))
    return redirect("plan_version", found.pk)


def _day(text: str) -> date:
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        raise WrongUsage(_("“%s” is no day") % text, _("Write it as 2026-04-01.")) from None


@access.needs("plan.edit")
@require_POST
@without_data
def follow(request: HttpRequest, number: int) -> HttpResponse:
    """Open an amendment of a version, or give a draft up."""
    found = _version(request, number, "plan.edit")
    try:
        if request.POST.get("do") == "drop":
            adopting.drop(found, access.actor(request), now())
            return redirect("plan_versions")
        label = request.POST.get("label", "").strip()[:80] or _("Amendment")
        made = keeping.amend(found, label, access.actor(request), now())
    except QingyuanError as why:
        return _review(request, found, str(why))
    return redirect("plan_version", made.pk)


def readable(rights: Rights, number: str) -> Version | None:
    """The version of a number in an address that somebody may read."""
    return scope.versions(rights).filter(pk=int(number)).first() if number.isdecimal() and len(number) < 18 else None


urlpatterns = [
    path("plan/versions/", versions, name="plan_versions"),
    path("plan/import/", upload, name="plan_import"),
    path("plan/import/<slug:digest>/", import_run, name="plan_import_run"),
    path("plan/import/<slug:digest>/next/", import_next, name="plan_import_next"),
    path("plan/versions/<int:number>/", version, name="plan_version"),
    path("plan/versions/<int:number>/act/", act, name="plan_act"),
    path("plan/versions/<int:number>/items/<int:pk>/", item, name="plan_item"),
    path("plan/versions/<int:number>/adopt/", adopt, name="plan_adopt"),
    path("plan/versions/<int:number>/follow/", follow, name="plan_version_follow"),
]
