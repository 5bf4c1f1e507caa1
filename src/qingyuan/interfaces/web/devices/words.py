"""Words of the pages about devices: states, reasons of quarantine, results of commands, properties and units."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from qingyuan.base.errors import UnknownLaw
from qingyuan.gateway.hj212 import commands, deviations
from qingyuan.gateway.models import Device, Quarantined
from qingyuan.interfaces.web import wording
from qingyuan.standards import properties

ONLINE, LATE, SILENT, NEVER = "online", "late", "silent", "never"
STATES = (SILENT, LATE, NEVER, ONLINE)
"""How a device stands, those that need somebody first."""

KIND = {ONLINE: "good", LATE: "tight", SILENT: "unknown", NEVER: "none"}
"""The word of state (LOOK 10) of each."""


def state(name: str) -> str:
    """How a device stands, in words."""
    words = {
        ONLINE: pgettext("device", "online"),
        LATE: pgettext("device", "connected, frames late"),
        SILENT: pgettext("device", "silent"),
        NEVER: pgettext("device", "never heard"),
    }
    return words[name]


@dataclass(frozen=True)
class Reason:
    """Why a record is in quarantine. word: short; sentence: what happened; todo: what helps."""

    word: str
    sentence: str
    todo: str


_REASONS = {
    "unknown": Reason(
        gettext_noop("MN not registered"),
        gettext_noop("The MN of this frame is not in the register."),
        gettext_noop("Register the device, then take the frame again."),
    ),
    "no_mn": Reason(
        gettext_noop("no MN"),
        gettext_noop("The frame names no device, or one that cannot be read."),
        gettext_noop("Ask the operator to set the MN of the logger; a frame without MN can only be dismissed."),
    ),
    "inactive": Reason(
        gettext_noop("device inactive"),
        gettext_noop("The device is registered but switched off here."),
        gettext_noop("Make the device active, then take the frame again."),
    ),
    "password": Reason(
        gettext_noop("wrong password"),
        gettext_noop("The password in the frame is not the one registered."),
        gettext_noop("Correct the password of the device, then take the frame again."),
    ),
    "address": Reason(
        gettext_noop("foreign address"),
        gettext_noop("The frame came from an address this device may not call from."),
        gettext_noop("Check who sent it; enter the address with the device if it is right, then take the frame again."),
    ),
    "sum": Reason(
        gettext_noop("checksum wrong"),
        gettext_noop("The checksum does not fit the data segment: the frame was damaged on its way."),
        gettext_noop("The device sends it again unless it is broken. A damaged frame is looked at and dismissed."),
    ),
    "no_key": Reason(
        gettext_noop("no key fits"),
        gettext_noop("The data segment is enciphered and none of the device's keys opens it."),
        gettext_noop("Enter the device's present key, then take the frame again."),
    ),
    "no_time": Reason(
        gettext_noop("no time"),
        gettext_noop("The frame brings values without a DataTime, so they cannot be placed."),
        gettext_noop("Ask the operator to mend the logger; the values cannot be used."),
    ),
    "not_a_frame": Reason(
        gettext_noop("not a frame"),
        gettext_noop("These bytes are no frame of HJ 212."),
        gettext_noop("See who sent them: a wrong port or another protocol. They can only be dismissed."),
    ),
    "part_missing": Reason(
        gettext_noop("part missing"),
        gettext_noop("A message sent in parts did not come whole; the parts that came are decoded and stored."),
        gettext_noop("Fetch the period again by a remote command: the entry is settled as soon as the part comes."),
    ),
    "document": Reason(
        gettext_noop("rows unreadable"),
        gettext_noop("A document of observations has a row that cannot be read."),
        gettext_noop("Mend the row and send the document again."),
    ),
}
_REASONS["sum_wrong"], _REASONS["mn_missing"] = _REASONS["sum"], _REASONS["no_mn"]


def reason(code: str) -> Reason:
    """Why a record is in quarantine, in words; the code itself when it is not known."""
    found = _REASONS.get(code.partition(":")[0])
    if found is None:
        return Reason(code, code, _("Look at the bytes, then take it again or dismiss it."))
    return Reason(_(found.word), _(found.sentence), _(found.todo))


def detail(entry: Quarantined) -> str:
    """What is told of one entry beside its reason: which parts are missing, else the words noted with it."""
    told = re.fullmatch(r"([\d,]+)/(\d+) (.*) (.*)", entry.detail) if entry.reason == "part_missing" else None
    if told is None:
        return entry.detail or entry.reason.partition(":")[2].strip()
    absent, whole, cn, moment = told.groups()
    words = {"absent": absent.replace(",", ", "), "whole": whole, "cn": cn, "moment": moment}
    return _("Part %(absent)s of %(whole)s missing; command %(cn)s, time %(moment)s") % words


def entry_state(name: str) -> tuple[str, str]:
    """What became of a quarantine entry: the word of state and its word."""
    words = {
        "open": ("tight", pgettext("quarantine", "open")),
        "replayed": ("good", pgettext("quarantine", "taken")),
        "dismissed": ("none", pgettext("quarantine", "dismissed")),
    }
    return words[name]


def command_state(name: str) -> tuple[str, str]:
    """Where a remote command stands: the word of state and its word."""
    words = {
        "queued": ("none", _("waiting for the gateway")),
        "running": ("tight", _("under way")),
        "done": ("good", _("carried out")),
        "no_data": ("none", _("the device has no data")),
        "refused": ("bad", _("refused by the device")),
        "failed": ("bad", _("failed")),
        "unanswered": ("unknown", _("no answer")),
        "unfinished": ("unknown", _("accepted, no result")),
        "offline": ("unknown", _("not connected")),
    }
    return words.get(name, ("none", name))


def name(device: Device) -> str:
    """Name of a device in the language of the request; its MN when it has none."""
    return (wording.english() and device.name_en) or device.name_zh or device.name_en or device.mn


def told(word: commands.Word | None, code: str = "") -> str:
    """A word of the protocol in the language of the request; the code where there is none."""
    return (word.en if wording.english() else word.zh) if word else code


def command_name(cn: str, edition: str) -> str:
    """Name of a command."""
    found = commands.command(cn, edition)
    return told(found.title if found else None, _("unknown command"))


def deviation(code: str) -> str:
    """A line of the nonconformity profile as a sentence."""
    try:
        kind = deviations.kind(code)
    except KeyError:
        return code
    detail = code.partition(":")[2]
    sentence = kind.en if wording.english() else kind.zh
    return _("%(sentence)s: %(detail)s") % {"sentence": sentence, "detail": detail} if detail else sentence


def property_name(slug: str) -> str:
    """Name of an observed property; the word itself when the library has none."""
    try:
        found = properties.get(slug)
    except UnknownLaw:
        return slug
    return found.name_en if wording.english() else found.name_zh


_SHOWN_UNITS = (("ug/", "µg/"), ("m3", "m³"), ("degC", "°C"), ("m2", "m²"))


def unit(text: str) -> str:
    """A unit as written on screen: ``mg/m3`` becomes ``mg/m³``; a plain number has none."""
    if text == "1":
        return ""
    for plain, printed in _SHOWN_UNITS:
        text = text.replace(plain, printed)
    return text


def clock(moment: datetime | None, today: datetime) -> str:
    """A moment to the second, without what is the same as now: ``14:05:09``, ``11-25 14:05``, ``2025-11-25``."""
    if moment is None:
        return ""
    if moment.date() == today.date():
        return f"{moment:%H:%M:%S}"
    return f"{moment:%m-%d %H:%M}" if moment.year == today.year else f"{moment:%Y-%m-%d}"


def averaging(text: str | None) -> str:
    """An averaging of the lake as written on screen: ``10min`` becomes ``10 min``."""
    if not text:
        return ""
    if text == "rtd":
        return _("real-time")
    found = re.fullmatch(r"(\d+)([a-z]+)", text)
    return f"{found[1]} {found[2]}" if found else text
