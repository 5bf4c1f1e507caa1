"""Devices: the list with its workbook, one device, its live frames, its password and key."""

from __future__ import annotations

import secrets
import string
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qingyuan.base.time import isoformat, now
from qingyuan.gateway import push, registering, scope
from qingyuan.gateway.models import Deviation, Device, DeviceChange, DeviceDay, DeviceState, Edition, Quarantined
from qingyuan.interfaces.web import access, excel
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.devices import commanding, enrolling, frames, listing, rates, words

PAGE = 50


def _kept(request: HttpRequest) -> list[tuple[str, str]]:
    ctx = getattr(request, "ctx", None)
    return list(ctx.given) if ctx else []


@access.needs("devices.see")
@without_data
def page(request: HttpRequest) -> HttpResponse:
    """The list, one page of it, or its workbook with ``export=xlsx``."""
    chosen, everything = listing.choice(request.GET), listing.lines(access.rights(request))
    rows = listing.chosen_of(everything, chosen)
    if request.GET.get("export") == "xlsx":
        return _workbook(request, rows)
    part: Page[listing.Line] = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    moment = now()
    shown: dict[str, Any] = {
        "chosen": chosen,
        "rows": part,
        "lines": [
            (line, words.KIND[line.state], words.state(line.state), words.clock(line.last, moment)) for line in part
        ],
        "total": len(everything),
        "found": len(rows),
        "sentence": listing.sentence(everything),
        "states": [(each, words.KIND[each], words.state(each), _count(everything, each)) for each in words.STATES],
        "editions": Edition.values,
        "strangers": listing.strangers(access.rights(request)),
        "kept": _kept(request),
    }
    return render(request, "devices/list.html", shown)


def _count(everything: list[listing.Line], state: str) -> int:
    return sum(line.state == state for line in everything)


def _workbook(request: HttpRequest, rows: list[listing.Line]) -> HttpResponse:
    top = [
        _("MN"), _("Name"), _("Edition"), _("State"), _("Last frame"), _("Frames today"),
        _("Transmitted yesterday") + " %",
        _("Valid yesterday") + " %", _("Deviations"), _("In quarantine"),
    ]  # fmt: skip
    table = [
        [
            line.mn, line.name or _("not registered"), line.edition, words.state(line.state),
            isoformat(line.last) if line.last else None, line.frames, line.transmission, line.valid, line.deviations,
            line.quarantined,
        ]
        for line in rows
    ]  # fmt: skip
    results = excel.Sheet(_("Devices"), top, table, [26, 28, 8, 22, 26, 12, 14, 14, 12, 12])
    basis = [
        [_("Made"), isoformat(now()), request.user.get_username()],
        [_("Frames today"), "", _("as counted by ingest, by the day of receipt")],
        [_("Rates"), "", _("of the day before, as in the device's ledger")],
    ]
    codes = excel.Sheet(_("Codes and basis"), [_("What"), _("Value"), _("Remark")], basis, [24, 30, 60])
    return excel.download(excel.workbook(results, codes), f"qingyuan-devices-{now():%Y%m%d%H%M}.xlsx")


def device_of(request: HttpRequest, mn: str, action: str = "devices.see") -> Device:
    """The registered device of an MN an action is allowed on; 404 when there is none."""
    return get_object_or_404(scope.devices(access.rights(request), action).prefetch_related("factors", "keys"), mn=mn)


def headed(device: Device) -> dict[str, Any]:
    """What stands at the head of every page of a device."""
    state = DeviceState.objects.filter(mn=device.mn).first()
    moment = now()
    heard = DeviceDay.objects.filter(mn=device.mn).exists()
    how = listing.state_of(device, state, moment, heard)
    return {
        "device": device,
        "name": words.name(device),
        "state": state,
        "kind": words.KIND[how],
        "word": words.state(how),
        "last": words.clock(state.last_frame if state else None, moment),
    }


@access.needs("devices.see")
@without_data
@never_cache
def one(request: HttpRequest, mn: str, **more: Any) -> HttpResponse:
    """A device: state, record, profile, keys, live frames, commands. more: a secret to be shown this once."""
    device = device_of(request, mn)
    day = rates.of_day(now().date())
    shown = {
        **headed(device),
        **_live(request, device),
        "factors": [_factor(each) for each in device.factors.all()],
        "profile": [
            {"code": each.name, "sentence": words.deviation(each.name), "line": each, "url": each.record}
            for each in Deviation.objects.filter(mn=mn)
        ],
        "keys": [(f"{each.key[:2]}••••{each.key[-2:]}", each) for each in device.keys.all()],
        "tokens": list(device.tokens.filter(revoked_at=None).order_by("-made_at")),
        "waiting": scope.quarantined(access.rights(request)).filter(mn=mn, state=Quarantined.State.OPEN).count(),
        "commands": [command_line(each) for each in device.commands.all()[:5]],
        "rates": day.get(mn),
        "changes": [enrolling.change(each) for each in DeviceChange.objects.filter(mn=mn)[:20]],
        "told": request.session.pop("enrolled", None),
        **more,
    }
    return render(request, "devices/one.html", shown, status=400 if "wrong" in more else 200)


def command_line(command: Any) -> dict[str, Any]:
    """A command in a list."""
    kind, word = words.command_state(command.state)
    return {
        "command": command,
        "name": words.command_name(command.cn, command.device.edition),
        "asked": commanding.asked(command),
        "kind": kind,
        "word": word,
    }


def _factor(factor: Any) -> dict[str, Any]:
    return {
        "code": factor.code,
        "name": words.property_name(factor.property) if factor.property else "",
        "unit": words.unit(factor.unit),
        "low": factor.low,
        "high": factor.high,
    }


def _live(request: HttpRequest, device: Device) -> dict[str, Any]:
    """The recent frames and the one looked at: the newest, or the one the address names."""
    found = frames.recent(device)
    asked = request.GET.get("record", "")
    if asked and not asked.isdecimal():
        raise Http404
    number = int(asked[:18]) if asked else found[0].record if found else 0
    frame = frames.shown(device, number) if number else None
    if asked and (frame is None or frame["mn"] != device.mn):
        raise Http404
    return {"recent": found, "frame": frame, "held": bool(asked), "asked": number, "seen_at": now()}


@access.needs("devices.see")
@without_data
@never_cache
def live(request: HttpRequest, mn: str) -> HttpResponse:
    """The part of the page with the frames: asked for every five seconds."""
    device = device_of(request, mn)
    return render(request, "devices/live.html", {**headed(device), **_live(request, device), "part": True})


@access.needs("devices.register")
@require_POST
@without_data
def password(request: HttpRequest, mn: str) -> HttpResponse:
    """Give a device another password: the one typed, else a random one, shown this once."""
    device = device_of(request, mn, "devices.register")
    given = request.POST.get("password", "").strip()
    if given and not (len(given) == 6 and given.isascii() and given.isalnum()):
        return one(request, mn, wrong=_("A password has 6 letters or digits."), field="password")
    fresh = given or "".join(secrets.choice(string.ascii_letters + string.digits) for _place in range(6))
    registering.register({"mn": mn, "password": fresh}, request.user.get_username())
    return one(request, device.mn, secret=fresh, of_password=True)


@access.needs("devices.register")
@require_POST
@without_data
def key(request: HttpRequest, mn: str) -> HttpResponse:
    """Give a device another SM4 key from now on, shown this once; the one before holds for a day more."""
    device = device_of(request, mn, "devices.register")
    fresh = secrets.token_hex(16)
    registering.change_key(device, fresh, now(), request.user.get_username())
    device.save()
    return one(request, device.mn, secret=fresh.upper(), of_password=False)


@access.needs("devices.register")
@require_POST
@without_data
def token(request: HttpRequest, mn: str) -> HttpResponse:
    """Make a token for the HTTP door of a device, shown this once, or (``do=revoke``) take all of them back."""
    device = device_of(request, mn, "devices.register")
    if request.POST.get("do") == "revoke":
        push.revoke(device, request.user.get_username())
        return one(request, device.mn)
    return one(request, device.mn, secret=push.new_token(device.mn, request.user.get_username()), of_token=True)


urlpatterns = [
    path("devices/", page, name="devices"),
    path("devices/<path:mn>/live/", live, name="device_live"),
    path("devices/<path:mn>/password/", password, name="device_password"),
    path("devices/<path:mn>/key/", key, name="device_key"),
    path("devices/<path:mn>/token/", token, name="device_token"),
    path("devices/<path:mn>/", one, name="device"),
]
