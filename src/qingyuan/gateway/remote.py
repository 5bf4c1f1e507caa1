"""Remote commands in the database: asked for by people, taken up by the gateway, every step kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from qingyuan.base.errors import WrongUsage
from qingyuan.base.time import now
from qingyuan.gateway import registering
from qingyuan.gateway.hj212.dialogue import DONE, Entry
from qingyuan.gateway.hj212.requests import Request
from qingyuan.gateway.models import Device, DialogueStep, RemoteCommand
from qingyuan.gateway.quarantine import wall_clock

State = RemoteCommand.State
OWN = "gateway"
"""Who asks where nobody did: what the gateway sends of itself, one command of a device after the other."""


@dataclass(frozen=True)
class Asked:
    """A queued command as the gateway needs it."""

    id: int
    mn: str
    password: str
    request: Request


def ask(device: Device, cn: str, params: Mapping[str, str], by: str) -> RemoteCommand:
    """Queue a command; the gateway takes it up within a second. params: names as in CP.

    WrongUsage when the edition has no such command.
    """
    if not device.active:
        raise WrongUsage(f"Device {device.mn} is inactive", "Make it active first")
    request = _request(device, cn, params)
    at = now()
    with transaction.atomic():
        made = RemoteCommand.objects.create(device=device, cn=request.cn, params=dict(params), asked_by=by, asked_at=at)
        registering.append(device, "devices.command", {"command": [None, {"id": made.pk, "cn": made.cn}]}, by, at)
    return made


def take() -> list[Asked]:
    """The queued commands whose turn has come, marked as running."""
    with transaction.atomic():
        queued = RemoteCommand.objects.select_related("device").filter(state=State.QUEUED).order_by("id")
        busy = set(RemoteCommand.objects.filter(state=State.RUNNING).values_list("device_id", flat=True))
        taken = []
        for each in queued:
            if each.asked_by != OWN or each.device_id not in busy:
                taken.append(each)
                busy.add(each.device_id)
        RemoteCommand.objects.filter(pk__in=[each.pk for each in taken]).update(state=State.RUNNING)
    return [_asked(each) for each in taken]


def _asked(command: RemoteCommand) -> Asked:
    device = command.device
    return Asked(command.pk, device.mn, device.password, _request(device, command.cn, command.params))


def _request(device: Device, cn: str, params: Mapping[str, str]) -> Request:
    """The request; names like ``101-LowValue`` are fields of a factor. WrongUsage when it cannot be."""
    factors: dict[str, dict[str, str]] = {}
    for name, text in params.items():
        code, dash, field = name.rpartition("-")
        if dash:
            factors.setdefault(code, {})[field] = text
    return Request(cn, device.edition, {name: text for name, text in params.items() if "-" not in name}, factors)


def break_off() -> None:
    """The gateway begins: what an earlier one left running has failed."""
    running = RemoteCommand.objects.filter(state=State.RUNNING)
    running.update(state=State.FAILED, result="the gateway ended before the device had answered", finished_at=now())


def note(number: int, qn: str, steps: Iterable[Entry]) -> None:
    """Keep steps of a command's dialogue."""
    RemoteCommand.objects.filter(pk=number).update(qn=qn)
    DialogueStep.objects.bulk_create(
        DialogueStep(
            command_id=number,
            at=wall_clock(int(step.at * 1e6)),
            what=step.what,
            zh=step.zh[:200],
            en=step.en[:200],
            raw=step.raw.decode("utf-8", "backslashreplace"),
        )
        for step in steps
    )


def finish(number: int, state: str, result: str = "") -> None:
    """The command has come to its end; a device that changed its password, key or interval is changed here as well."""
    command = RemoteCommand.objects.select_related("device").get(pk=number)
    with transaction.atomic():
        command.state, command.result, command.finished_at = state, result[:400], now()
        command.save(update_fields=["state", "result", "finished_at"])
        if state == DONE:
            _follow(command.device, command.cn, command.params, command.asked_by)


def _follow(device: Device, cn: str, params: Mapping[str, str], by: str) -> None:
    if cn == "1072":
        device.password = params.get("NewPW") or params.get("PW") or device.password
    elif cn == "1062":
        device.real_time_seconds = int(params["RtdInterval"])
    elif cn == "1064":
        device.minute_interval = int(params["MinInterval"])
    elif cn == "1014" and params.get("NewSK"):
        registering.change_key(device, params["NewSK"], now(), by)
    elif cn == "1002":
        device.point, device.mn = device.place, params["MN"]  # its values stay where they are
    else:
        return
    device.save()


def new_qn(moment: datetime) -> str:
    """The QN of an exchange begun at a moment."""
    return f"{moment:%Y%m%d%H%M%S}{moment.microsecond // 1000:03d}"
