"""Words of the pages about outlets: why a value was not judged, how the plant ran, what a limit is."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from qingyuan.base.errors import UnknownLaw
from qingyuan.interfaces.web import wording
from qingyuan.interfaces.web.devices.words import property_name, unit
from qingyuan.standards import properties
from qingyuan.standards.records import NOT_RECORDED

__all__ = [
    "citation",
    "decimals",
    "judging",
    "mark",
    "medium",
    "number",
    "property_name",
    "reason",
    "symbol",
    "tag",
    "unit",
]


_LOWERED = ("so2", "no2", "o2", "nh3", "h2s", "co", "no", "nox", "hcl", "hf")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def medium(slug: str) -> str:
    """Waste gas or waste water."""
    return {"gas": _("waste gas"), "water": _("waste water")}.get(slug, _("medium not said"))


def symbol(slug: str) -> str:
    """Symbol of a property where it has one, else its name."""
    if slug in _LOWERED:
        return slug.upper().translate(_SUBSCRIPTS).replace("NOX", "NOx").replace("HCL", "HCl")
    try:
        return properties.get(slug).symbol or property_name(slug)
    except UnknownLaw:
        return slug


def decimals(slug: str) -> int:
    """Decimals of a property on screen."""
    try:
        return properties.get(slug).decimals
    except UnknownLaw:
        return 2


def number(value: float | None, slug: str) -> str:
    """A concentration as written on screen."""
    return wording.number(value, decimals(slug))


def tag(slug: str) -> str:
    """How the plant ran."""
    words = {
        "start_up": _("start-up"),
        "shutdown": _("shutdown"),
        "fault": _("plant fault"),
        "accident": _("accident"),
        "stopped": _("standing still"),
    }
    return words.get(slug, slug.replace("_", " "))


def mark(slug: str) -> str:
    """Why the monitor's value was not used."""
    words = {
        "out_of_control": _("monitor out of control"),
        "calibration": _("calibration"),
        "maintenance": _("maintenance"),
        "instrument_fault": _("instrument fault"),
        "over_range": _("over the range"),
        "communication_error": _("communication error"),
        "power_failure": _("power failure"),
        "manual": _("entered by hand"),
        "missing": _("missing"),
        "monitor_stopped": _("monitor stopped"),
        "range": _("beyond the range"),
        "negative": _("below zero"),
        "not_a_number": _("no number"),
        "other": _("another mark"),
    }
    return words.get(slug, slug.replace("_", " "))


def reason(text: str | None) -> str:
    """Why an interval was not judged, in the language of the request; the law's own words where it is not known."""
    if not text:
        return ""
    head, found, rest = text.partition(": ")
    if found and head in ("monitor", "plant", "not corrected"):
        told = {"monitor": mark, "plant": tag, "not corrected": _correction}[head](rest)
        kinds = {
            "monitor": _("monitor: %s"), "plant": _("plant: %s"), "not corrected": _("not corrected: %s"),
        }  # fmt: skip
        return kinds[head] % told
    plain = {
        "fewer than 45 valid minutes": _("fewer than 45 valid minutes"),
        "no flow": _("no flow"),
        "no flow: no daily mean": _("no flow, so no daily mean"),
        "fewer than 20 valid hours": _("fewer than 20 valid hours"),
        "no reading": _("no reading"),
        "the plant was not in normal running": _("the plant was not in normal running"),
        "the value is marked as not usable": _("the value is marked as not usable"),
        "the reference oxygen of the outlet is not known": _("the reference oxygen of the outlet is not known"),
        "the year of building is not said": _("the year of building is not entered"),
        "the mean of samples taken by hand": _("the mean of samples taken by hand"),
        "a day's mean is never corrected for oxygen: give the hours": _(
            "a day's mean cannot be corrected for oxygen: its hours are needed"
        ),
        "no flow given: the mean is not weighted by flow, so it is not judged": _(
            "no flow was given: the mean is not weighted by it, so it is not judged"
        ),
        "the outlet is not in the site file: no standard and no limit is known": _(
            "no standard and no limit is entered for this outlet"
        ),
        "no standard and no limit is said of the outlet": _("no standard and no limit is entered for this outlet"),
    }
    if text in plain:
        return plain[text]
    if text.startswith("no limit of the"):
        return _("no limit of this mean is known for this item")
    if "water temperature" in text:
        return _("the limit depends on the water temperature, which is not known")
    return _formed(text)


def _formed(text: str) -> str:
    """A reason with names in it; several stand with semicolons between."""
    forms = {
        r"fewer than (\d+) % of the readings due": _("fewer than %s percent of the readings due"),
        r"the law library has no standard ([^;]+)": _("the law library has no standard %s"),
        r"([^;]+) holds no emission limits": _("%s holds no emission limits"),
        r"(.+) has no source type '(.*)'; it has (.+)": _("%s has no kind of source “%s”; it has %s"),
        r"the outlet has the grade '(.*)', none of ([^;]+)": _("the outlet is entered with the grade “%s”, none of %s"),
        r"the outlet has no grade said, which may be ([^;]+)": _("no grade is entered for the outlet; it may be %s"),
    }
    for form, sentence in forms.items():
        found = re.fullmatch(form, text)
        if found:
            return sentence % found.groups()
    parts = re.split(r"; (?!it has )", text)
    return _("; ").join(map(reason, parts)) if len(parts) > 1 else text


def _correction(slug: str) -> str:
    words = {
        "unknown_reference_oxygen": _("the reference oxygen is not known"),
        "missing_oxygen": _("oxygen was not measured"),
        "missing_state": _("the state of the gas was not measured"),
    }
    return words.get(slug, slug.replace("_", " "))


def judging(averaging: str) -> str:
    """The mean that is judged."""
    return {"1h": _("hourly mean"), "24h": _("daily mean")}.get(averaging, averaging)


def citation(clause: str | None) -> str:
    """Where a limit is said: permit, local standard, or the clause of a standard."""
    if not clause:
        return ""
    if clause == "permit":
        return pgettext("limit", "permit")
    return clause.removesuffix(f" {NOT_RECORDED}")


def limit_label(value: float, slug: str, averaging: str, clause: str | None) -> str:
    """The words on a limit's line: ``小时均值限值 100 · GB 13223—2011``."""
    shown = f"{Decimal(str(value)).normalize():f}"
    return _("limit of the %(mean)s %(value)s · %(clause)s") % {
        "mean": judging(averaging),
        "value": shown,
        "clause": citation(clause),
    }


def confidence(rows: list[dict[str, Any]]) -> str:
    """How sure the library is of the limits shown, when it is not sure."""
    levels = {row["confidence"] for row in rows if row.get("confidence")}
    for unsure in ("memory", "one_source"):
        if unsure in levels:
            return wording.confidence(unsure)
    return ""
