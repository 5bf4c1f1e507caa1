"""Channels of notices: the list with how each fares; adding, trying, verifying and removing one."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qingyuan.base.time import now
from qingyuan.cases.models import Channel
from qingyuan.interfaces import channels as keeping
from qingyuan.interfaces import tries
from qingyuan.interfaces.web import access
from qingyuan.interfaces.web.context import without_data
from qingyuan.people.models import Organisation

TOLD, TRIES = "channels_told", 5


@access.needs("accounts.manage")
@without_data
@never_cache
def index(request: HttpRequest, **more: Any) -> HttpResponse:
    """The channels one manages; sent as a form, one is added. more: a secret shown this once, or what is wrong."""
    if request.method == "POST" and not more:
        return _added(request)
    rights = access.rights(request)
    shown = {
        "lines": [(each, keeping.state(each)) for each in keeping.listed(request)],
        "organisations": Organisation.objects.filter(rights.where(keeping.MANAGE, domain="", site=""), active=True)[
            :500
        ],
        "of_all": keeping.manages(request, None),
        "typed": request.POST,
        "told": request.session.pop(TOLD, None),
        **more,
    }
    return render(request, "account/channels.html", shown, status=400 if more.get("faults") else 200)


def _added(request: HttpRequest) -> HttpResponse:
    ask = request.POST
    kind, address, number = ask.get("kind", ""), ask.get("address", "").strip()[:300], ask.get("organisation", "")
    if kind not in Channel.Kind.values or not (number == "all" or number.isdecimal()):
        return index(request, faults={"organisation": _("Choose whose notices are sent, and how.")})
    owner = keeping.organisation(request, None if number == "all" else int(number))
    try:
        made, new = keeping.make(request, owner, kind, address)
    except ValidationError as wrong:
        return index(request, faults={"address": str(wrong.messages[0])})
    if not new:
        return index(request, faults={"address": _("This channel is there already.")})
    return index(request, made=made, secret=made.secret)


@access.needs("accounts.manage")
@require_POST
@without_data
def act(request: HttpRequest, number: int) -> HttpResponse:
    """Try, verify or remove a channel."""
    channel, what = keeping.one(request, number), request.POST.get("do", "")
    keys = [f"channel:{channel.pk}"]
    if tries.resting(keys, TRIES):
        request.session[TOLD] = ("bad", _("Too many failed attempts. Try again in five minutes."))
    elif what == "remove":
        keeping.end(request, channel)
        request.session[TOLD] = ("good", _("The channel is removed; nothing more is sent there."))
    elif what == "verify":
        request.session[TOLD] = _verified(request, channel, keys)
    else:
        request.session[TOLD] = _tried(request, channel)
    return redirect("channels")


def _tried(request: HttpRequest, channel: Channel) -> tuple[str, str]:
    try:
        keeping.try_out(request, channel, now())
    except keeping.NotSent as fault:
        return "bad", _("It did not arrive: %(why)s") % {"why": str(fault)}
    return "good", _("A code was sent to %(address)s; enter it within 30 minutes.") % {"address": channel.address}


def _verified(request: HttpRequest, channel: Channel, keys: list[str]) -> tuple[str, str]:
    try:
        keeping.verify(request, channel, request.POST.get("code", ""), now())
    except keeping.BadChannel:
        tries.failed(request, keys, TRIES, request.user, f"channel {channel.pk}")
        return "bad", _("This code is not right, or is over. Send a new one.")
    return "good", _("The channel is verified.")


urlpatterns = [
    path("account/channels/", index, name="channels"),
    path("account/channels/<int:number>/", act, name="channel_act"),
]
