"""The form of a device: what is asked, what is known already, and what is wrong with what was typed, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.base.errors import QingyuanError, WrongUsage
from qingyuan.base.settings import data_dir
from qingyuan.gateway import newcomers, registering
from qingyuan.gateway.models import Device, DeviceChange, Edition, SumVariant
from qingyuan.gateway.sites import DATASET
from qingyuan.interfaces.web import context
from qingyuan.interfaces.web.devices import words
from qingyuan.observations.datasets import Dataset
from qingyuan.places.outlets import registered_points
from qingyuan.standards import factors, properties

SPARE = 4
"""Empty lines for further codes."""

GROUPS: Mapping[str, Sequence[str]] = {
    "who": ("mn", "name_zh", "name_en"),
    "where": ("dataset", "point", "kind", "division"),
    "protocol": ("edition", "sum_variant", "password", "key"),
    "rhythm": ("real_time_seconds", "minute_interval", "addresses"),
}
FIELDS = tuple(name for names in GROUPS.values() for name in names)


def group(name: str) -> str:
    """Title of a group of fields."""
    told = {"who": _("Device"), "where": _("What it measures"), "protocol": _("Protocol"), "rhythm": _("Connection")}
    return told[name]


def label(name: str) -> str:
    """What a field is called."""
    told = {
        "mn": "MN", "name_zh": _("Chinese name"), "name_en": _("English name"), "dataset": _("Dataset"),
        "point": _("Outlet or station"), "kind": _("Kind of point"), "edition": _("Edition of HJ 212"),
        "sum_variant": _("Checksum"), "division": _("Division"), "password": _("Password"), "key": _("SM4 key"),
        "real_time_seconds": _("Interval of real-time frames"), "minute_interval": _("Interval of minute frames"),
        "addresses": _("Addresses it may call from"), "code": _("Code"), "property": _("Property"), "unit": _("Unit"),
        "low": _("Range from"), "high": _("Range to"), "active": _("switched off"),
    }  # fmt: skip
    return told.get(name, name)


def hint(name: str) -> str:
    """What stands beside a field's label."""
    told = {
        "mn": _("required; as the device sends it"), "point": _("its number; empty: the MN"),
        "kind": _("an outlet is measured by the law of emissions"),
        "password": _("letters or digits; empty: stays as it is, of a new device 123456"),
        "key": _("32 hexadecimal digits, edition 2025 only"), "real_time_seconds": _("seconds, at most 3600"),
        "minute_interval": _("minutes"),
        "division": _("code of the county or township, such as 220104"),
        "addresses": _("such as 10.1.2.3, 10.1.0.0/16; empty: any"),
    }  # fmt: skip
    return told.get(name, "")


def fault(wrong: QingyuanError) -> tuple[str, str]:
    """The field an error of the register is about (empty: none) and how to mend it."""
    name = wrong.what.split(" ")[0].rstrip(":")
    told = {
        "mn": _("An MN has 1 to 64 letters or digits, without blanks and semicolons. In a sheet, write it as text."),
        "password": _("A password has 1 to 32 letters or digits."),
        "key": _("A key has 32 hexadecimal digits."),
        "edition": _("Choose 2005, 2017 or 2025."),
        "sum_variant": _("Choose standard or modbus."),
        "active": _("Write true or false."),
        "division": _("Give the code of a division that your duties include, such as 220104."),
        "dataset": _("A dataset has small letters, digits and hyphens."),
        "point": _("The number of a point has at most 64 signs and no blanks."),
        "name_zh": _("A name has at most 120 signs."),
        "name_en": _("A name has at most 120 signs."),
        "addresses": _("Write addresses like 10.1.2.3 or 10.1.0.0/16, with commas between."),
        "minute_interval": _("Minutes that divide an hour: 1, 2, 3, 4, 5, 6, 10, 12, 15, 20 or 30."),
        "real_time_seconds": _("Whole seconds from 1 to 3600."),
        "kind": _("The site file calls this point an outlet: take it out there first."),
        "code": _("A code has 1 to 32 letters and digits, such as a21026."),
        "property": _("This property is not in the library: use its symbol, Chinese name or code."),
        "unit": _("This unit is not known: write it like mg/m3."),
        "low": _("The range is a number; leave it empty where it is not known."),
        "high": _("The range is a number; leave it empty where it is not known."),
        "twice": _("This MN stands in the sheet more than once."),
        "There": _("This MN is not registered: put it into the sheet devices as well."),
    }  # fmt: skip
    if name in told:
        return name, told[name]
    if "no outlets of" in wrong.what:
        return "point", _("The site file of this dataset is kept by hand (outlets.yaml): enter the outlet there first.")
    return "", str(wrong)


@dataclass
class Form:
    """A form as it stands: the device that is changed (None: a new one), what was typed or is known, its faults."""

    device: Device | None
    values: dict[str, str]
    codes: list[dict[str, str]]
    newcomer: newcomers.Facts | None = None

    def __post_init__(self) -> None:
        self.faults: dict[str, str] = {}

    def wrong(self, where: str, error: QingyuanError) -> None:
        """Note an error at a field; where: prefix of a line of codes."""
        name, sentence = fault(error)
        self.faults[f"{where}{name}" or "form"] = sentence

    def groups(self) -> list[tuple[str, list[dict[str, Any]]]]:
        """The fields by group, as the template takes them."""
        return [(group(title), [self._field(name) for name in names]) for title, names in GROUPS.items()]

    def lines(self) -> list[dict[str, Any]]:
        """The lines of codes, empty ones at the end."""
        spare: list[dict[str, str]] = [{} for _place in range(SPARE)]
        return [
            {
                "no": place,
                "values": line,
                "name": _named(line),
                "faults": [text for key, text in self.faults.items() if key.startswith(f"{place}-")],
            }
            for place, line in enumerate([*self.codes, *spare])
        ]

    def _field(self, name: str) -> dict[str, Any]:
        known = name == "mn" and (self.device is not None or self.newcomer is not None)
        return {
            "name": name,
            "label": label(name),
            "hint": _("empty: the one its frames send") if name == "password" and self.newcomer else hint(name),
            "value": "" if name in ("password", "key") else self.values.get(name, ""),
            "known": known,
            "options": _options(name),
            "choices": _points(self.values.get("dataset", DATASET)) if name == "point" else [],
            "fault": self.faults.get(name, ""),
        }


def _named(line: Mapping[str, str]) -> str:
    code = line.get("code", "")
    found = factors.find(code) if code else None
    return words.property_name(line["property"]) if line.get("property") else found.name_zh if found else ""


def _options(name: str) -> list[tuple[str, str]]:
    told = {
        "edition": [(each, f"HJ 212—{each}") for each in Edition.values],
        "sum_variant": [(SumVariant.STANDARD.value, _("as the standard says")), (SumVariant.MODBUS.value, "MODBUS")],
        "kind": [("", _("not said")), ("outlet", _("outlet of a source")), ("station", _("station"))],
        "dataset": [(each.slug, _title(each)) for each in _datasets()],
        "minute_interval": [("", "—"), *[(str(each), str(each)) for each in registering.MINUTE_INTERVALS]],
    }
    return told.get(name, [])


def _datasets() -> list[Dataset]:
    return context.datasets()


def _title(dataset: Dataset) -> str:
    return f"{dataset.title_zh} ({dataset.slug})"


def _points(slug: str) -> list[str]:
    return sorted(registered_points(data_dir() / "datasets" / slug))[:500]


def known_of(device: Device) -> Form:
    """The form of a registered device."""
    values = {name: str(getattr(device, name) or "") for name in FIELDS if hasattr(device, name)}
    outlet = device.place in registered_points(data_dir() / "datasets" / device.dataset)
    codes = [
        {
            "code": each.code,
            "property": each.property,
            "unit": each.unit,
            "low": _text(each.low),
            "high": _text(each.high),
        }
        for each in device.factors.all()
    ]
    return Form(device, {**values, "kind": "outlet" if outlet else ""}, codes)


def _text(number: float | None) -> str:
    return "" if number is None else f"{number:g}"


def fresh(mn: str, division: str = "") -> Form:
    """The form of a new device: of one that calls already with all its frames say."""
    told = newcomers.facts(data_dir(), mn) if mn else None
    datasets = [each.slug for each in _datasets()]
    values = {"mn": mn, "edition": "2017", "sum_variant": "standard", "dataset": DATASET, "division": division}
    if DATASET not in datasets and datasets:
        values["dataset"] = datasets[0]
    if told is None:
        return Form(None, values, [])
    values |= {"edition": told.edition, "kind": "outlet" if told.outlet else ""}
    return Form(None, values, [_suggested(code, told.edition) for code in told.codes], told)


def _suggested(code: str, edition: str) -> dict[str, str]:
    """A code with the property the library knows by it and the unit printed in the standard: to be checked."""
    printed = factors.find(code, edition)
    known = properties.find(code) or (properties.find(printed.code) if printed else None)
    unit = (printed.default_unit_2005 if edition == "2005" else printed.default_unit) if printed else ""
    return {"code": code, "property": known.slug if known else "", "unit": unit}


def typed(ask: Any, device: Device | None, newcomer: newcomers.Facts | None) -> Form:
    """The form as it was sent (a QueryDict)."""
    values = {name: ask.get(name, "").strip() for name in FIELDS}
    if device:
        values["mn"] = device.mn
    names = ("code", "property", "unit", "low", "high")
    columns = [ask.getlist(name) for name in names]
    lines = [
        {name: text.strip() for name, text in zip(names, line, strict=True)} for line in zip(*columns, strict=False)
    ]
    return Form(device, values, [line for line in lines if any(line.values())], newcomer)


def save(form: Form, by: str, may: registering.May) -> Device | None:
    """Register or change what the form says, all of it or nothing; None, its faults told, where something is wrong."""
    made: Device | None = None
    with transaction.atomic():
        try:
            if form.device is None and Device.objects.filter(mn=form.values["mn"]).exists():
                form.faults["mn"] = _("This MN is registered already: change it on its own page.")
            values = dict(form.values)
            if form.newcomer and not values["password"]:
                values["password"] = form.newcomer.password
            made = registering.replace(values, by, may)[0]
        except WrongUsage as wrong:
            form.wrong("", wrong)
        if made is not None:
            _save_codes(form, made, by)
        if form.faults:
            transaction.set_rollback(True)
    return None if form.faults else made


def _save_codes(form: Form, device: Device, by: str) -> None:
    for place, line in enumerate(form.codes):
        try:
            registering.set_factor(device, line, by)
        except WrongUsage as wrong:
            form.wrong(f"{place}-", wrong)
    kept = {line["code"] for line in form.codes}
    for factor in device.factors.exclude(code__in=kept):
        registering.remove_factor(device, factor.code, by)


def change(entry: DeviceChange) -> dict[str, Any]:
    """A change of the record, in words."""
    told = {
        "registered": _("registered"), "changed": _("changed"), "withdrawn": _("switched off"),
        "restored": _("switched on"), "key": _("new key"), "factor": _("code"), "factor_removed": _("code removed"),
    }  # fmt: skip
    return {"entry": entry, "what": told.get(entry.what, entry.what), "fields": [label(name) for name in entry.fields]}
