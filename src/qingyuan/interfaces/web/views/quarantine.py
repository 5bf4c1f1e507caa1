"""Quarantine: records that could not be taken, why, and taking or dismissing them."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qingyuan.base.errors import QingyuanError
from qingyuan.base.settings import data_dir
from qingyuan.base.time import now
from qingyuan.gateway import quarantine, replay, scope
from qingyuan.gateway.models import Device, Quarantined
from qingyuan.interfaces.web import access, wording
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.devices import frames, listing, words
from qingyuan.people.rights import Rights

PAGE = 50
MOST = 2000
"""Entries taken again at once: more would keep a person waiting."""

State = Quarantined.State


def _chosen(rights: Rights, ask: Any, action: str = "quarantine.see") -> tuple[dict[str, str], QuerySet[Quarantined]]:
    """What the list shows, and the entries."""
    state = ask.get("state", State.OPEN)
    picked = {
        "state": state if state in (*State.values, "all") else State.OPEN,
        "reason": ask.get("reason", "")[:32],
        "mn": ask.get("mn", "").strip()[:64],
    }
    found = scope.quarantined(rights, action)
    if picked["state"] != "all":
        found = found.filter(state=picked["state"])
    if picked["reason"]:
        found = found.filter(reason__startswith=picked["reason"])
    if picked["mn"]:
        found = found.filter(mn__icontains=picked["mn"])
    return picked, found


@access.needs("quarantine.see")
@without_data
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """The list by reason, device and state."""
    picked, found = _chosen(access.rights(request), request.GET)
    part: Page[Quarantined] = Paginator(found, PAGE).get_page(request.GET.get("page"))
    total = found.count()
    shown: dict[str, Any] = {
        "picked": picked,
        "rows": part,
        "lines": [_line(each) for each in part],
        "found": total,
        "more": total > len(part),
        "open": scope.quarantined(access.rights(request)).filter(state=State.OPEN).count(),
        "reasons": _reasons(scope.quarantined(access.rights(request)), picked["state"]),
        "states": [*[(each, words.entry_state(each)[1]) for each in State.values], ("all", _("all"))],
        "told": request.session.pop("quarantine", None),
        "strangers": listing.strangers(access.rights(request)),
        "filtered": bool(picked["reason"] or picked["mn"] or picked["state"] != State.OPEN),
        "kept": list(ctx.given) if (ctx := getattr(request, "ctx", None)) else [],
    }
    return render(request, "quarantine/list.html", shown)


def _reasons(mine: QuerySet[Quarantined], state: str) -> list[tuple[str, str, int]]:
    """The reasons there are, with how many entries of the chosen state each has."""
    of_state = mine if state == "all" else mine.filter(state=state)
    counted: dict[str, int] = {}
    for code, count in of_state.order_by().values_list("reason").annotate(Count("id")):
        plain = code.partition(":")[0]
        counted[plain] = counted.get(plain, 0) + count
    return [
        (code, words.reason(code).word, count) for code, count in sorted(counted.items(), key=lambda each: -each[1])
    ]


def _line(entry: Quarantined) -> dict[str, Any]:
    kind, word = words.entry_state(entry.state)
    return {
        "entry": entry,
        "reason": words.reason(entry.reason),
        "detail": words.detail(entry),
        "kind": kind,
        "word": word,
        "at": words.clock(entry.received, now()),
    }


@access.needs("quarantine.see")
@without_data
@never_cache
def one(request: HttpRequest, number: int) -> HttpResponse:
    """One record: its bytes as text and as hexadecimal, what can be read of it, what to do."""
    entry = get_object_or_404(scope.quarantined(access.rights(request)), pk=number)
    device = Device.objects.prefetch_related("factors", "keys").filter(mn=entry.mn).first()
    shown = {
        **_line(entry),
        "device": device,
        "device_name": words.name(device) if device else "",
        "frame": frames.shown(device, entry.record, entry.journal),
        "told": request.session.pop("quarantine", None),
    }
    return render(request, "quarantine/one.html", shown)


@access.needs("quarantine.settle")
@require_POST
@without_data
def settle(request: HttpRequest) -> HttpResponse:
    """Take or dismiss entries: those ticked, or all that the filter shows; what became of them is told on the list."""
    asked = request.POST.get("do", "")
    entries = _entries(request)
    if asked not in ("replay", "dismiss") or not entries:
        raise QingyuanError(_("No record was chosen"), _("Tick records, or choose all that the filter shows."))
    by = request.user.get_username()
    if asked == "dismiss":
        gone = quarantine.dismiss([each.pk for each in entries], by)
        told = ("good", ngettext("%(count)s record dismissed.", "%(count)s records dismissed.", gone) % {"count": gone})
    else:
        told = told_of(replay.replay(data_dir(), entries, by))
    request.session["quarantine"] = told
    return redirect(_back(request))


def _entries(request: HttpRequest) -> list[Quarantined]:
    if request.POST.get("all") == "yes":
        found = _chosen(access.rights(request), request.POST, "quarantine.settle")[1]
    else:
        numbers = [int(each) for each in request.POST.getlist("id") if each.isdecimal()]
        found = scope.quarantined(access.rights(request), "quarantine.settle").filter(pk__in=numbers)
    return list(found.filter(state=State.OPEN)[:MOST])


def told_of(done: replay.Replayed) -> tuple[str, str]:
    """What taking again did, in words."""
    told = ngettext("%(count)s record taken.", "%(count)s records taken.", done.taken) % {"count": done.taken}
    if not done.left:
        return "good", told
    why = wording.listed([f"{words.reason(code).word} {count}" for code, count in done.reasons.most_common()])
    left = ngettext("%(count)s still cannot be taken: %(why)s.", "%(count)s still cannot be taken: %(why)s.", done.left)
    return "tight", f"{told} {left % {'count': done.left, 'why': why}}"


def _back(request: HttpRequest) -> str:
    one_of = request.POST.get("one", "")
    ctx = getattr(request, "ctx", None)
    query = ctx.query() if ctx else ""
    if one_of.isdecimal():
        return reverse("quarantine_one", args=[int(one_of)]) + query
    picked = {name: request.POST.get(name, "") for name in ("state", "reason", "mn")}
    return ctx.link("quarantine", **picked) if ctx else reverse("quarantine")


urlpatterns = [
    path("quarantine/", page, name="quarantine"),
    path("quarantine/settle/", settle, name="quarantine_settle"),
    path("quarantine/<int:number>/", one, name="quarantine_one"),
]
