"""Remote commands of a device: the form of each, those sent so far, the dialogue of one while it runs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from qingyuan.base.errors import WrongUsage
from qingyuan.gateway import remote
from qingyuan.gateway.models import RemoteCommand
from qingyuan.interfaces.web import access, wording
from qingyuan.interfaces.web.context import without_data
from qingyuan.interfaces.web.devices import commanding, frames, words
from qingyuan.interfaces.web.views.devices import command_line, device_of, headed

LISTED = 50


@access.needs("devices.command")
@without_data
@never_cache
def page(request: HttpRequest, mn: str) -> HttpResponse:
    """The form of a command and what was sent so far; POST sends one."""
    if request.method == "POST":
        return _send(request, mn)
    return _form(request, mn, request.GET.get("cn", ""), {}, {})


def _form(
    request: HttpRequest, mn: str, cn: str, typed: dict[str, str], faults: dict[str, str], why: str = ""
) -> HttpResponse:
    device = device_of(request, mn, "devices.command")
    groups = commanding.groups(device)
    chosen = cn or groups[0][1][0][0]
    command = commanding.command_of(device, chosen)
    shown: dict[str, Any] = {
        **headed(device),
        "groups": groups,
        "chosen": chosen,
        "command_title": words.told(command.title),
        "brings": command.brings_data,
        "notice": command.down == "notice",
        "unsure": command.confidence == "one_source",
        "unconfirmed": command.confidence == "one_source" and not (command.asks or command.factor),
        "dangerous": chosen in commanding.DANGEROUS,
        "fields": commanding.fields(device, chosen, typed, faults),
        "faults": faults,
        "why": why,
        "commands": [command_line(each) for each in device.commands.all()[:LISTED]],
        "kept": list(ctx.given) if (ctx := getattr(request, "ctx", None)) else [],
    }
    return render(request, "devices/commands.html", shown, status=400 if faults or why else 200)


def _send(request: HttpRequest, mn: str) -> HttpResponse:
    device = device_of(request, mn, "devices.command")
    cn = request.POST.get("cn", "")
    typed = {name: str(text) for name, text in request.POST.items() if name not in ("cn", "csrfmiddlewaretoken")}
    commanding.command_of(device, cn)
    try:
        params = commanding.params_of(device, cn, typed)
        command = remote.ask(device, cn, params, request.user.get_username())
    except commanding.Refused as wrong:
        return _form(request, mn, cn, typed, wrong.faults)
    except WrongUsage as wrong:
        told = _("The device is switched off here. Make it active first.") if not device.active else str(wrong)
        return _form(request, mn, cn, typed, {}, told)
    ctx = getattr(request, "ctx", None)
    return redirect(ctx.link("device_command", mn, command.pk) if ctx else f"/devices/{mn}/commands/{command.pk}/")


@access.needs("devices.see")
@without_data
@never_cache
def one(request: HttpRequest, mn: str, number: int) -> HttpResponse:
    """A command and its dialogue step by step; the page asks again every second until it is finished."""
    device = device_of(request, mn)
    command = get_object_or_404(RemoteCommand.objects.select_related("device"), pk=number, device=device)
    steps = [_step(each) for each in command.steps.all()]
    shown = {**headed(device), **command_line(command), "steps": steps}
    shown["device_word"], (shown["kind"], shown["word"]) = headed(device)["word"], words.command_state(command.state)
    return render(request, "devices/command.html", shown)


def _step(step: Any) -> dict[str, Any]:
    """A step in words; its frame with secrets masked."""
    return {
        "step": step,
        "sentence": step.en if wording.english() else step.zh,
        "direction": {"sent": "out", "resent": "out", "received": "in"}.get(step.what, "end"),
        "raw": frames.pieces(step.raw.encode()) if step.raw else [],
    }


urlpatterns = [
    path("devices/<path:mn>/commands/", page, name="device_commands"),
    path("devices/<path:mn>/commands/<int:number>/", one, name="device_command"),
]
