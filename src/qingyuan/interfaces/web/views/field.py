"""The phone of a grid member: one page that also opens without a network, its tasks, and the acts it sends."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from qingyuan.base.errors import QingyuanError
from qingyuan.base.settings import data_dir
from qingyuan.base.time import now
from qingyuan.cases import acting, files
from qingyuan.cases.models import Case
from qingyuan.interfaces.web import access
from qingyuan.interfaces.web.cases import words
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.field import sent, tasks
from qingyuan.interfaces.web.templatetags import qy
from qingyuan.interfaces.web.views import cases
from qingyuan.registers.flow.reasons import Conflict, Refused

MOST_PHOTOS = 12


@access.needs("cases.act")
@without_data
@ensure_csrf_cookie
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """The page; everything in it is made by its script from the tasks."""
    shown = {
        "words": tasks.texts(),
        "config": {
            "tasks": reverse("field_tasks"),
            "act": reverse("field_act"),
            "worker": reverse("field_worker"),
            "scope": reverse("field"),
        },
        "simulated": Case.objects.filter(_scope(request), simulated=True).exists(),
    }
    answer = render(request, "field/page.html", shown)
    answer.headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=(self)"
    return answer


def _scope(request: HttpRequest) -> Any:
    return access.rights(request).where("cases.act")


@access.needs("cases.act")
@require_safe
@without_data
@never_cache
def listed(request: HttpRequest) -> JsonResponse:
    """The tasks of the person, as data."""
    rights, who, at = access.rights(request), access.actor(request), now()

    def allowed(case: Case) -> bool:
        return acting.may(case, "sign", who, cases.holds(rights, case))

    found = tasks.of(_scope(request), cases.me(request), at, allowed)
    person = getattr(request.user, "person", None)
    place = person.organisation.name_zh if person else ""
    simulated = any(each["simulated"] for each in found)
    told = {"person": who.name, "place": place, "at": at.isoformat(), "simulated": simulated, "tasks": found}
    return JsonResponse(told, json_dumps_params={"ensure_ascii": False})


@access.needs("cases.act")
@require_POST
@without_data
def act(request: HttpRequest) -> JsonResponse:
    """One act of a phone: 200 done (now or before), 409 another value of the same field, 422 refused, in words."""
    number = request.POST.get("task", "")
    case = Case.objects.filter(_scope(request), pk=int(number) if number.isdecimal() else 0).first()
    if case is None:
        return JsonResponse({"told": _("There is no such task any more.")}, status=404)
    try:
        arrived = sent.read(request.POST, _pictures(request), now())
        holds = cases.holds(access.rights(request), case)
        sent.take(data_dir(), case, arrived, access.actor(request), holds, now())
    except sent.Differs as both:
        return JsonResponse({"conflict": both.told}, status=409)
    except (Conflict, Refused) as why:
        return JsonResponse({"told": " ".join(why.of(get_language() or "zh"))}, status=422)
    except QingyuanError as why:
        return JsonResponse({"told": str(why)}, status=422)
    return JsonResponse({"told": words.step(case)})


def _pictures(request: HttpRequest) -> list[tuple[str, bytes, str]]:
    told = request.POST.getlist("taken")
    chosen = request.FILES.getlist("photos")[:MOST_PHOTOS]
    return [
        (str(each.name), each.read(files.LARGEST + 1), told[number] if number < len(told) else "{}")
        for number, each in enumerate(chosen)
    ]


@access.signed_in
@require_safe
@without_data
def worker(request: HttpRequest) -> HttpResponse:
    """The script that keeps the page for the time without a network."""
    answer = HttpResponse(qy.built_text("worker/worker.ts"), content_type="text/javascript")
    answer.headers["Service-Worker-Allowed"] = reverse("field")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@access.public
@require_safe
@without_data
def manifest(request: HttpRequest) -> JsonResponse:
    """What a phone needs to put the page on its home screen."""
    told = {
        "name": _("Qingyuan: tasks"),
        "short_name": _("Qingyuan"),
        "start_url": reverse("field"),
        "scope": reverse("field"),
        "display": "standalone",
        "background_color": "#f4f4f1",
        "theme_color": "#f4f4f1",
        "icons": [{"src": static("look/mark.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
    }
    return JsonResponse(told, content_type="application/manifest+json")


urlpatterns = [
    path("field/", page, name="field"),
    path("field/tasks.json", listed, name="field_tasks"),
    path("field/act/", act, name="field_act"),
    path("field/worker.js", worker, name="field_worker"),
    path("field/manifest.webmanifest", manifest, name="field_manifest"),
]
