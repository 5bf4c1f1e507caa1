"""For everybody: report what you saw without giving a name, and follow it by its code."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qingyuan.base.settings import data_dir
from qingyuan.base.time import now
from qingyuan.interfaces import reported
from qingyuan.interfaces.web import access
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.reports import form, words
from qingyuan.places.boundaries import boundaries_json
from qingyuan.reports import codes, handling, limits, photos, rewards, taking
from qingyuan.reports.models import Report, Reward, Verb

TOLD, HELD = "report_told", "report_code"
REPORTER_MAY = {"add": Verb.ADDED, "reopen": Verb.REOPENED, "satisfied": Verb.SATISFIED}


@access.public
@without_data
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """The form; POST takes a report and goes on to its code."""
    if request.method != "POST":
        return _form(request, {})
    at = now()
    address = taking.address_mark(data_dir(), request.META.get("REMOTE_ADDR", ""), at)
    told, faults = form.read(request, at)
    if faults:
        return _form(request, faults, status=400)
    stamp = form.started(request.POST.get("stamp", ""))
    refused = limits.refused(address, at, stamp, request.POST.get(limits.TRAP, ""))
    if refused:
        return _form(request, {"": words.refusal(refused)}, status=429)
    try:
        report, code = taking.receive(data_dir(), told, at, address)
    except photos.NoPhoto:
        return _form(request, {"photos": words.fault("photos", "no_photo")}, status=400)
    request.session[TOLD] = {"number": report.number, "code": code}
    return redirect("report_sent")


def _form(request: HttpRequest, faults: dict[str, str], status: int = 200) -> HttpResponse:
    shown = {**form.shown(request.POST, now()), "faults": faults, "ground": reverse("report_ground")}
    answer = render(request, "reports/form.html", shown, status=status)
    answer.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(self)"
    return answer


@access.public
@without_data
@never_cache
def sent(request: HttpRequest) -> HttpResponse:
    """The code of the report just sent: told once."""
    told = request.session.pop(TOLD, None)
    if told is None:
        return redirect("report_track")
    return render(request, "reports/sent.html", {**told, "by": taking.due(now())})


@access.public
@without_data
def ground(request: HttpRequest) -> HttpResponse:
    """Boundaries of the counties, for the map of the form."""
    answer = HttpResponse(boundaries_json("county"), content_type="application/geo+json")
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer


@access.public
@without_data
@never_cache
def track(request: HttpRequest) -> HttpResponse:
    """Ask for the code; with one, the report as its reporter may see it."""
    if request.method == "POST":
        return _look_up(request)
    report = _held(request)
    if report is None:
        return render(request, "reports/track.html", {"report": None})
    return render(request, "reports/track.html", _followed(request, report))


def _look_up(request: HttpRequest) -> HttpResponse:
    code = request.POST.get("code", "")
    if request.POST.get("leave"):
        request.session.pop(HELD, None)
    elif Report.objects.filter(code=codes.digest(code)).exists():
        request.session[HELD] = codes.digest(code)
    else:
        why = _("There is no report with this code. Compare it letter by letter; O and 0, I and 1 are the same.")
        return render(request, "reports/track.html", {"report": None, "why": why, "typed": code}, status=400)
    return redirect("report_track")


def _held(request: HttpRequest) -> Report | None:
    digest = request.session.get(HELD, "")
    return Report.objects.filter(code=digest).first() if digest else None


def _followed(request: HttpRequest, report: Report) -> dict[str, Any]:
    reward = rewards.of(data_dir(), report)
    kind, word = words.state(report.state)
    return {
        "report": report,
        "kind": kind,
        "word": word,
        "category": words.category(report.category),
        "division": words.division(report.division),
        "entries": [(each, words.verb(each.verb)) for each in report.entries.filter(open=True).order_by("-id")],
        "accept_by": taking.accept_by(report),
        "reward": reward,
        "reward_state": words.reward(reward.state) if reward else None,
        "claim": request.session.pop("report_claim", None),
        "told": request.session.pop("report_said", None),
        "may": _possible(report),
    }


def _possible(report: Report) -> set[str]:
    """What the reporter can do now."""
    return {name for name, verb in REPORTER_MAY.items() if report.state in handling.MOVES[verb][0]}


@access.public
@require_POST
@without_data
def follow(request: HttpRequest) -> HttpResponse:
    """Add something, open again, be satisfied, or draw the claim code of a reward."""
    report, did = _held(request), request.POST.get("do", "")
    if report is None or did not in {*REPORTER_MAY, "claim"}:
        raise Http404(_("There is no such report"))
    try:
        if did == "claim":
            _draw(request, report)
        else:
            text = request.POST.get("text", "")[:4000]
            reported.take_up(handling.act(report, REPORTER_MAY[did], taking.REPORTER, now(), text), now())
            request.session["report_said"] = ("good", _("Noted. The office that handles your report sees it now."))
    except handling.NotNow as why:
        request.session["report_said"] = ("bad", words.not_now(why.code))
    return redirect("report_track")


def _draw(request: HttpRequest, report: Report) -> None:
    reward: Reward | None = rewards.of(data_dir(), report)
    if reward is None:
        raise handling.NotNow("lapsed", f"{report.number} has no reward")
    request.session["report_claim"] = rewards.draw_claim(reward, now())


urlpatterns = [
    path("report/", page, name="report"),
    path("report/sent/", sent, name="report_sent"),
    path("report/ground.geojson", ground, name="report_ground"),
    path("report/track/", track, name="report_track"),
    path("report/track/act/", follow, name="report_follow"),
]
