"""Registering devices: one by one or from CSV files; every field is checked and a fault names file, line and column."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from django.db import transaction

from qingyuan.base.errors import UnreadableInput, WrongUsage
from qingyuan.base.settings import data_dir
from qingyuan.base.time import now
from qingyuan.base.units import canonical
from qingyuan.gateway.models import Device, DeviceChange, DeviceKey, Edition, Factor, SumVariant
from qingyuan.people import audit
from qingyuan.places import outlets
from qingyuan.places.divisions import UnknownDivision, division
from qingyuan.standards import properties

MINUTE_INTERVALS = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)
"""What 2051 frames may stand for (HJ 212, MinInterval)."""

DEVICE_COLUMNS = (
    "mn", "name_zh", "name_en", "password", "edition", "sum_variant", "active", "dataset", "point", "addresses",
    "minute_interval", "real_time_seconds", "key", "kind", "hardware", "division",
)  # fmt: skip
FACTOR_COLUMNS = ("mn", "code", "property", "unit", "low", "high")
KINDS = ("outlet", "station")
MASKED = "••••••"
What = DeviceChange.What
May = Callable[[Device], bool]
"""Whether somebody may register or change a device as it stands."""
_EMPTY: Mapping[str, Any] = {
    "name_zh": "", "name_en": "", "point": "", "addresses": "", "minute_interval": None, "real_time_seconds": None,
}  # fmt: skip
"""Fields a device may be without, and what they are then."""


@dataclass
class Registered:
    """What an import did."""

    made: int = 0
    changed: int = 0
    factors: int = 0
    faults: list[str] = field(default_factory=list)


def register(given: Mapping[str, str], by: str, may: May | None = None) -> tuple[Device, bool]:
    """Register a device, or change the one of that MN; what is not given stays. Gives it and whether it is new.

    given: by DEVICE_COLUMNS, texts; kind: outlet enters its point among the outlets of the dataset. WrongUsage for a
    value that cannot be, or a device `may` refuses before or after the change. The change is kept.
    """
    values = {name: text.strip() for name, text in given.items() if text is not None and text.strip()}
    return _put(values.pop("mn", ""), values, by, may)


def replace(given: Mapping[str, str], by: str, may: May | None = None) -> tuple[Device, bool]:
    """As `register`, but what is given empty is emptied, where a device may be without it."""
    values = {name: text.strip() for name, text in given.items() if text.strip() or name in _EMPTY}
    return _put(values.pop("mn", "").strip(), values, by, may)


def _put(mn: str, values: dict[str, str], by: str, may: May | None) -> tuple[Device, bool]:
    key, kind = values.pop("key", ""), values.pop("kind", "")
    checked = {name: _check(name, text) if text else _EMPTY[name] for name, text in values.items()}
    check_mn(mn)
    with transaction.atomic():
        device, new = Device.objects.get_or_create(mn=mn, defaults={"registered_at": now(), "registered_by": by})
        if may and not new and not may(device):
            raise WrongUsage(f"mn {mn!r} cannot be registered here", "Ask who manages the devices of the province")
        before = {name: getattr(device, name) for name in checked}
        for name, value in checked.items():
            setattr(device, name, value)
        if may and not may(device):
            raise WrongUsage(f"division {device.division!r} is not yours", "Name one your duties include")
        device.save()
        if kind:
            _stands_at(device, _among("kind", kind, KINDS))
        _note_change(device, new, before, checked, by)
        if key:
            change_key(device, key, now(), by)
    return device, new


def check_mn(mn: str) -> None:
    """WrongUsage for what cannot be an MN."""
    if not re.fullmatch(r"[\x21-\x3a\x3c-\x7e]{1,64}", mn):
        raise WrongUsage(f"mn {mn!r} is no device number", "Give the MN as the device sends it")


def _note_change(device: Device, new: bool, before: Mapping[str, Any], after: Mapping[str, Any], by: str) -> None:
    fields = {name: [before[name], after[name]] for name in after if new or before[name] != after[name]}
    if "password" in fields:
        fields["password"] = [MASKED, MASKED]
    if list(fields) == ["active"] and not new:
        note(device, What.RESTORED if device.active else What.WITHDRAWN, fields, by)
    elif fields or new:
        note(device, What.REGISTERED if new else What.CHANGED, fields, by)


def note(device: Device, what: What, fields: Mapping[str, Any], by: str) -> None:
    """Keep who did what to a device's record; secrets are masked by the caller."""
    at = now()
    DeviceChange.objects.create(mn=device.mn, at=at, by=by, what=what, fields=dict(fields))
    append(device, "devices.register", fields, by, at)


def append(device: Device, action: str, fields: Mapping[str, Any], by: str, at: datetime) -> None:
    """A line of the audit chain about a device; joins the transaction of the change."""
    audit.append(
        audit.named(by), action, "device", device.mn,
        division=device.division, domain=device.domain, change=dict(fields), at=at,
    )  # fmt: skip


def _stands_at(device: Device, kind: str) -> None:
    """Enter a device's point among the outlets of its dataset once the change is kept; WrongUsage if it cannot."""
    from qingyuan.gateway import decoding  # the gateway's own process needs no lake

    folder = decoding.folder_of(data_dir(), device.dataset)
    if kind == "outlet":
        outlets.enterable(folder, [device.place])
        transaction.on_commit(lambda: outlets.enter(folder, [device.place]))
    elif device.place in outlets.registered_points(folder):
        raise WrongUsage(f"kind: {device.place} is an outlet in the site file", "Take it out there first")


def withdraw(device: Device, by: str, *, active: bool = False) -> None:
    """Switch a device off here (or on again): its frames go into quarantine; nothing that came from it is lost."""
    register({"mn": device.mn, "active": "true" if active else "false"}, by)


def change_key(device: Device, key: str, since: datetime, by: str = "") -> DeviceKey:
    """Give a device a new SM4 key from a moment on; the one before holds for a day more. WrongUsage for a bad key."""
    if not re.fullmatch(r"[0-9A-Fa-f]{32}", key):
        raise WrongUsage(f"key of {device.mn} is none", "Give 32 hexadecimal digits")
    running = device.keys.filter(valid_until=None)
    if running.filter(key=key.lower()).exists():
        return running.get(key=key.lower())
    with transaction.atomic():
        running.update(valid_until=since.replace(microsecond=0) + _DAY)
        note(device, What.KEY, {"key": [MASKED, MASKED]}, by)
        return DeviceKey.objects.create(device=device, key=key.lower(), valid_from=since)


def set_factor(device: Device, given: Mapping[str, str], by: str = "") -> Factor:
    """Say what a code means at a device. given: by FACTOR_COLUMNS, texts. WrongUsage for a value that cannot be."""
    code, unit, slug = (given.get(name, "").strip() for name in ("code", "unit", "property"))
    if not re.fullmatch(r"[A-Za-z0-9]{1,32}", code):
        raise WrongUsage(f"code {code!r} is none", "Give the code the device sends, such as a21026")
    if unit and canonical(unit) is None:
        raise WrongUsage(f"unit {unit!r} is not known", "Write it like mg/m3")
    values = {
        "property": _slug(slug),
        "unit": canonical(unit) or "" if unit else "",
        "low": _number("low", given.get("low", "")),
        "high": _number("high", given.get("high", "")),
    }
    with transaction.atomic():
        device.save()  # its change tells gateway and ingest to read the register again
        before = Factor.objects.filter(device=device, code=code).values(*values).first()
        if before != values:
            note(device, What.FACTOR, {code: [before, values]}, by)
        return Factor.objects.update_or_create(device=device, code=code, defaults=values)[0]


def remove_factor(device: Device, code: str, by: str) -> None:
    """Forget what a code means at a device: its values are kept as sent from now on."""
    with transaction.atomic():
        if Factor.objects.filter(device=device, code=code).delete()[0]:
            device.save()
            note(device, What.FACTOR_REMOVED, {code: [True, None]}, by)


def import_files(devices: Path | None, factors: Path | None, by: str) -> Registered:
    """Register what CSV files name, all of it or, when anything is faulty, nothing.

    UnreadableInput for a file that is no CSV with the needed columns; the faults of lines are in the result.
    """
    done = Registered()
    with transaction.atomic():
        if devices:
            _each(devices, ("mn",), DEVICE_COLUMNS, done, lambda row: _count(done, register(row, by)[1]))
        if factors:
            _each(factors, ("mn", "code"), FACTOR_COLUMNS, done, lambda row: _factor(done, row, by))
        if done.faults:
            transaction.set_rollback(True)
    return done


def _count(done: Registered, new: bool) -> None:
    done.made += new
    done.changed += not new


def _factor(done: Registered, row: Mapping[str, str], by: str) -> None:
    device = Device.objects.filter(mn=row["mn"].strip()).first()
    if device is None:
        raise WrongUsage(f"There is no device {row['mn']!r}", "Register it first")
    set_factor(device, row, by)
    done.factors += 1


def _each(
    file: Path, needed: Sequence[str], known: Sequence[str], done: Registered, take: Callable[[dict[str, str]], None]
) -> None:
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            lines = csv.DictReader(stream)
            _check_head(file, lines.fieldnames or (), needed, known)
            for row in lines:
                try:
                    take({name: text or "" for name, text in row.items() if name in known})
                except WrongUsage as fault:
                    done.faults.append(f"{file.name}, line {lines.line_num}: {fault}")
    except (OSError, UnicodeDecodeError, csv.Error) as wrong:
        raise UnreadableInput(f"{file} cannot be read ({wrong})", "Give CSV in UTF-8") from wrong


def _check_head(file: Path, head: Sequence[str], needed: Sequence[str], known: Sequence[str]) -> None:
    strange = [name for name in head if name not in known]
    if strange or not set(needed) <= set(head):
        raise UnreadableInput(
            f"{file} has the columns {', '.join(head) or 'none'}",
            f"It needs {', '.join(needed)}; known: {', '.join(known)}",
        )


def _check(name: str, text: str) -> Any:
    """A field's value. WrongUsage when it cannot be."""
    checks: dict[str, Callable[[str], Any]] = {
        "edition": lambda word: _among(name, word, Edition.values),
        "sum_variant": lambda word: _among(name, word, SumVariant.values),
        "active": lambda word: _among(name, word.lower(), ("true", "false")) == "true",
        "minute_interval": lambda word: int(_among(name, word, [str(each) for each in MINUTE_INTERVALS])),
        "real_time_seconds": lambda word: _whole(name, word),
        "addresses": _networks,
        "password": lambda word: _formed(name, word, r"[!-%'-:<-~]{1,32}", "Give letters and digits, at most 32"),
        "division": _division,
        "dataset": lambda word: _formed(name, word, r"[a-z0-9][a-z0-9_-]{0,63}", "Use small letters, digits and -"),
        "point": lambda word: _formed(name, word, r"\S{1,64}", "Give its number, without blanks"),
        "name_zh": lambda word: _formed(name, word, r".{1,120}", "Write at most 120 signs"),
        "name_en": lambda word: _formed(name, word, r".{1,120}", "Write at most 120 signs"),
        "hardware": _items,
    }
    return checks[name](text) if name in checks else text


def _among(name: str, word: str, allowed: Sequence[str]) -> str:
    if word not in allowed:
        raise WrongUsage(f"{name} {word!r} is not allowed", f"Choose {', '.join(allowed)}")
    return word


def _formed(name: str, word: str, form: str, todo: str) -> str:
    if not re.fullmatch(form, word):
        raise WrongUsage(f"{name} {word[:64]!r} cannot be", todo)
    return word


def _division(code: str) -> str:
    try:
        known = bool(re.fullmatch(r"22\d{7}(\d{3})?", code)) or bool(division(code))
    except UnknownDivision:
        known = False
    if not known:
        raise WrongUsage(f"division {code!r} is none", "Give a code such as 220104 or 220104001")
    return code


def _whole(name: str, word: str) -> int:
    if not word.isdigit() or not 0 < int(word) <= 3600:
        raise WrongUsage(f"{name} {word!r} is none", "Give whole seconds, at most 3600")
    return int(word)


def _networks(text: str) -> str:
    try:
        return ",".join(str(ip_network(each.strip(), strict=False)) for each in re.split(r"[,; ]+", text) if each)
    except ValueError as wrong:
        raise WrongUsage(f"addresses {text!r} cannot be read ({wrong})", "Write 10.1.2.3 or 10.1.0.0/16") from wrong


def _items(text: str) -> str:
    if any(letter in text for letter in "&#\r\n"):
        raise WrongUsage(f"hardware {text!r} cannot stand in a frame", "Give items of its 1001 as sent, parted by ;")
    return text


def _number(name: str, text: str) -> float | None:
    try:
        return float(text) if text.strip() else None
    except ValueError as wrong:
        raise WrongUsage(f"{name} {text!r} is no number", "Leave it empty where it is not known") from wrong


def _slug(word: str) -> str:
    """The property's slug; a word of our own form that the library does not know is kept."""
    if not word:
        return ""
    found = properties.find(word)
    if found:
        return found.slug
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", word):
        raise WrongUsage(f"property {word!r} is not known", "Give a slug of the property library")
    return word


_DAY = timedelta(days=1)
