"""Remote commands: which a device knows, the form of each built from the table of commands, the request made of it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from qingyuan.base.errors import QingyuanError
from qingyuan.base.time import now
from qingyuan.gateway.hj212 import commands
from qingyuan.gateway.hj212.commands import Command
from qingyuan.gateway.hj212.decode import number
from qingyuan.gateway.models import Device, RemoteCommand
from qingyuan.gateway.registering import MINUTE_INTERVALS
from qingyuan.interfaces.web.devices import frames, words

_TIME = "%Y%m%d%H%M%S"
WITHHELD = ("9011", "9012")
"""Answers are the gateway's."""

CODE = "Code"
"""Name of the field that says which factor is set, where nothing else of the command does."""

DANGEROUS = ("1002", "1014", "1072", "1032", "3021")
"""What may leave the device unreachable when it goes wrong: said beside the button."""


class Refused(QingyuanError):
    """A form that cannot be sent. faults: by field, the sentence to show at it."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(_("The command was not sent"), _("Mend the fields below."))
        self.faults = dict(faults)


@dataclass(frozen=True)
class Field:
    """One field of a form. kind: time, number, choice, secret, text; value: typed before, or proposed."""

    name: str
    label: str
    kind: str
    hint: str = ""
    low: int = 0
    high: int = 0
    options: tuple[tuple[str, str], ...] = ()
    optional: bool = False
    value: str = ""
    fault: str = ""


def groups(device: Device) -> list[tuple[str, list[tuple[str, str]]]]:
    """The commands of the device's edition that people may send, by what they do: (group, [(number, name)])."""
    named = [
        (_("Clock, timeout, intervals"), ("1000", "1001", "1011", "1012", "1061", "1062", "1063", "1064")),
        (_("Fetch data"), ("2",)),
        (_("Sampling, calibration, instrument"), ("3",)),
        (_("Password and key"), ("1014", "1072")),
        (_("Other settings"), ("1",)),
    ]
    left = {each.cn: words.told(each.title) for each in allowed(device)}
    found = []
    for title, starts in named:
        mine = [(cn, left.pop(cn)) for cn in sorted(left) if cn.startswith(starts)]
        if mine:
            found.append((title, mine))
    return found


def allowed(device: Device) -> list[Command]:
    """The commands of the host in the device's edition."""
    return [
        each
        for each in commands.all_commands()
        if device.edition in each.editions and each.down in ("request", "notice") and each.cn not in WITHHELD
    ]


def command_of(device: Device, cn: str) -> Command:
    """The command of a number; QingyuanError when the device has none such."""
    found = next((each for each in allowed(device) if each.cn == cn), None)
    if found is None:
        raise QingyuanError(
            _("Device %(mn)s has no command %(cn)s") % {"mn": device.mn, "cn": cn}, _("Choose another.")
        )
    return found


def fields(device: Device, cn: str, typed: Mapping[str, str], faults: Mapping[str, str]) -> list[Field]:
    """The fields of a command's form, filled with what was typed, else with what is likely."""
    command = command_of(device, cn)
    moment = now()
    return [
        _field(
            device,
            name,
            typed.get(name, _proposed(name, command, moment)),
            faults.get(name, ""),
            name in command.optional,
        )
        for name in _names(command)
    ]


def _names(command: Command) -> tuple[str, ...]:
    sure = command.confidence != "one_source"
    instrument = sure and command.cn.startswith("3") and "PolId" not in command.asks
    return (*(("PolId",) if instrument else ()), *command.asks, *_set_names(command))


def _set_names(command: Command) -> tuple[str, ...]:
    """The fields of one factor that the host sets, after the one that names it."""
    if command.brings_data or not command.factor:
        return ()
    return (*(() if "InfoId" in command.asks else (CODE,)), *command.factor)


def _field(device: Device, name: str, value: str, fault: str, optional: bool) -> Field:
    kind, label, hint, low, high = _kinds().get(name, ("text", name, "", 0, 0))
    options = _options(device, name)
    return Field(name, label, "choice" if options else kind, hint, low, high, options, optional, value, fault)


def _kinds() -> dict[str, tuple[str, str, str, int, int]]:
    return {
        "SystemTime": ("time", _("Clock"), "+08:00", 0, 0),
        "BeginTime": ("time", _("From"), "+08:00", 0, 0),
        "EndTime": ("time", _("To"), "+08:00", 0, 0),
        "OverTime": ("number", _("Wait for an answer"), _("seconds"), 1, 86400),
        "WarnTime": ("number", _("Alarm after"), _("seconds"), 1, 86400),
        "ReCount": ("number", _("Send again"), _("times"), 1, 99),
        "RtdInterval": ("number", _("Real-time data every"), _("seconds"), 30, 3600),
        "MinInterval": ("choice", _("Minute data every"), _("minutes"), 0, 0),
        "PolId": ("text", _("Instrument of"), "", 0, 0),
        CODE: ("text", _("Factor"), "", 0, 0),
        "LowValue": ("decimal", _("Lower alarm limit"), _("in the unit the device sends"), 0, 0),
        "UpValue": ("decimal", _("Upper alarm limit"), _("in the unit the device sends"), 0, 0),
        "Info": ("text", _("New value"), _("as the device writes it"), 0, 0),
        "MN": ("mn", _("New MN"), _("24 hexadecimal digits; the register follows when the device confirms"), 0, 0),
        "InfoId": ("text", _("Information"), _("code of the standard, such as i11001"), 0, 0),
        "CstartTime": ("text", _("First sample at"), _("hour and minute, such as 0800"), 0, 0),
        "Ctime": ("number", _("Sample every"), _("hours"), 1, 24),
        "ReportTime": ("text", _("Report at"), _("hour and minute, such as 0800"), 0, 0),
        "AlarmTarget": ("text", _("Address of the host"), "", 0, 0),
        "NewPW": ("secret", _("New password"), _("6 letters or digits"), 0, 0),
        "PW": ("secret", _("New password"), _("6 letters or digits"), 0, 0),
        "NewSK": ("secret", _("New key"), _("32 hexadecimal digits; empty: a random one"), 0, 0),
        "SKCreateTime": ("time", _("Key made at"), "+08:00", 0, 0),
    }


def _options(device: Device, name: str) -> tuple[tuple[str, str], ...]:
    if name == "MinInterval":
        return tuple((str(each), str(each)) for each in MINUTE_INTERVALS)
    if name in ("PolId", CODE):
        return tuple((each.code, _instrument(each.code, each.property)) for each in device.factors.all())
    return ()


def _instrument(code: str, slug: str) -> str:
    return f"{words.property_name(slug)} ({code})" if slug else code


def _proposed(name: str, command: Command, moment: datetime) -> str:
    """What is likely: now for a clock, the last whole hour or day for a stretch."""
    hour = moment.replace(minute=0, second=0)
    begin = hour - timedelta(days=2 if command.cn == "2031" else 1)
    times = {"SystemTime": moment, "SKCreateTime": moment, "EndTime": hour, "BeginTime": begin}
    if name in times:
        return f"{times[name]:%Y-%m-%dT%H:%M:%S}"
    return {"OverTime": "5", "ReCount": "3", "RtdInterval": "60", "MinInterval": "10"}.get(name, "")


def params_of(device: Device, cn: str, typed: Mapping[str, str]) -> dict[str, str]:
    """What goes into CP. Refused, with the fault of each field, when something cannot be."""
    faults: dict[str, str] = {}
    params: dict[str, str] = {}
    for field in fields(device, cn, typed, {}):
        text = typed.get(field.name, "").strip()
        if field.name == "NewSK" and not text:
            text = secrets.token_hex(16).upper()
        fault = _fault(field, text)
        if fault:
            faults[field.name] = fault
        elif text:
            params[field.name] = _moment(text).strftime(_TIME) if field.kind == "time" else text
    if not faults and params.get("EndTime", "9") < params.get("BeginTime", "0"):
        faults["EndTime"] = _("The end lies before the beginning.")
    if not faults and float(params.get("LowValue", 0)) > float(params.get("UpValue", "inf")):
        faults["UpValue"] = _("The upper limit lies below the lower one.")
    if faults:
        raise Refused(faults)
    return _by_factor(params, command_of(device, cn))


def _by_factor(params: dict[str, str], command: Command) -> dict[str, str]:
    """What is set of a factor under the names it has in CP: ``101-LowValue``."""
    names = [name for name in _set_names(command) if name != CODE]
    code = params.get(CODE) or params.get("InfoId", "")
    told = {name: text for name, text in params.items() if name not in (CODE, *names)}
    return told | {f"{code}-{name}": params[name] for name in names}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=None)


def _fault(field: Field, text: str) -> str:
    """What is wrong with a field; empty when it is right."""
    if not text:
        return "" if field.optional else _("This is needed.")
    if any(letter in text for letter in ";,=&#\r\n") or not text.isascii():
        return _("The signs ; , = & # cannot be sent.")
    return _FAULTS[field.kind](field, text)


def _fault_of_time(field: Field, text: str) -> str:
    try:
        _moment(text)
    except ValueError:
        return _("Write it as 2026-03-01T08:00:00.")
    return ""


def _fault_of_number(field: Field, text: str) -> str:
    if text.isdecimal() and field.low <= int(text) <= field.high:
        return ""
    return _("A whole number from %(low)s to %(high)s.") % {"low": field.low, "high": field.high}


def _fault_of_choice(field: Field, text: str) -> str:
    return "" if text in dict(field.options) else _("Choose one of the list.")


def _fault_of_secret(field: Field, text: str) -> str:
    if field.name == "NewSK":
        right = len(text) == 32 and all(letter in "0123456789abcdefABCDEF" for letter in text)
        return "" if right else _("A key has 32 hexadecimal digits.")
    return "" if len(text) == 6 and text.isalnum() else _("A password has 6 letters or digits.")


def _fault_of_decimal(_field: Field, text: str) -> str:
    return "" if number(text) is not None else _("Write it as a number, such as 1.5.")


def _fault_of_mn(_field: Field, text: str) -> str:
    if len(text) != 24 or any(letter not in "0123456789abcdefABCDEF" for letter in text):
        return _("An MN has 24 hexadecimal digits.")
    return _("Another device has this MN.") if Device.objects.filter(mn=text).exists() else ""


_FAULTS = {
    "decimal": _fault_of_decimal,
    "mn": _fault_of_mn,
    "time": _fault_of_time,
    "number": _fault_of_number,
    "choice": _fault_of_choice,
    "secret": _fault_of_secret,
    "text": lambda _field, _text: "",
}


def asked(command: RemoteCommand) -> list[tuple[str, str]]:
    """What a command asked for, in words; secrets masked."""
    kinds = _kinds()
    return [(kinds[name][1] if name in kinds else name, _told(name, text)) for name, text in command.params.items()]


def _told(name: str, text: str) -> str:
    if name.upper() in ("PW", "NEWPW", "NEWSK"):
        return frames.MASK
    if len(text) == 14 and text.isdecimal():
        return f"{datetime.strptime(text, _TIME):%Y-%m-%d %H:%M:%S}"
    return text
