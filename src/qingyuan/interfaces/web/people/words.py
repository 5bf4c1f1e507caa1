"""Duties, places, browsers and states of a leave in words."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.interfaces.web import wording
from qingyuan.people.declared import actions, duties
from qingyuan.people.models import Delegation, Organisation
from qingyuan.people.rights import ANY, Grant
from qingyuan.places.divisions import UnknownDivision, division

DOMAINS = (
    "air", "water", "soil", "noise", "sources", "waste", "vehicles", "straw", "radiation", "ecology", "carbon",
    "zoning", "inspection", "emergency", "reports",
)  # fmt: skip
"""Domains a duty may be for, beside any."""


def domain(slug: str) -> str:
    """A domain's name; the slug itself for one of a later day."""
    named = {
        ANY: _("all domains"), "air": _("air"), "water": _("water"), "soil": _("soil"), "noise": _("noise"),
        "sources": _("pollution sources"), "waste": _("waste"), "vehicles": _("vehicles"), "straw": _("straw"),
        "radiation": _("radiation"), "ecology": _("ecology"), "carbon": _("carbon"), "zoning": _("zoning"),
        "inspection": _("inspection"), "emergency": _("emergency"), "reports": _("public reports"), "": "",
    }  # fmt: skip
    return named.get(slug, slug)


def place(code: str) -> str:
    """A division's name; for one below the counties the county's name and the code."""
    try:
        found = division(code[:6])
    except UnknownDivision:
        return code
    name = found.name_en if wording.english() else found.name_zh
    return name if len(code) == 6 else f"{name} {code[6:]}"


def duty_title(code: str) -> str:
    """A duty's title."""
    kind = duties().get(code)
    return code if kind is None else kind.en if wording.english() else kind.zh


def action_title(code: str) -> str:
    """An action's title; what is done with one's own account has one as well."""
    own = {
        "sign_in": _("signed in"), "sign_out": _("session ended"), "password": _("password changed"),
        "second_factor": _("second factor"), "delegate": _("leave"), "tokens.make": _("token made"),
        "tokens.revoke": _("token revoked"),
    }  # fmt: skip
    found = actions().get(code)
    return own.get(code, code) if found is None else found.en if wording.english() else found.zh


def record_kind(slug: str) -> str:
    """The kind of a record of the audit chain; the slug itself for one that has no name here."""
    return {
        "account": _("account"), "organisation": _("organisation"), "token": _("token"), "delegation": _("leave"),
        "device": _("device"), "command": _("remote command"), "quarantined": _("quarantined record"),
        "sheet": _("laboratory sheet"), "case": _("case"), "report": _("public report"),
        "register": _("register record"),
    }.get(slug, slug)  # fmt: skip


def grant(held: Grant) -> dict[str, Any]:
    """A duty as held, in words."""
    return {
        "duty": duty_title(held.duty),
        "place": place(held.division),
        "domain": domain(held.domain),
        "sites": held.sites,
    }


def duty(each: Any) -> str:
    """A duty of an organisation in one line."""
    return f"{duty_title(each.code)} · {place(each.division)} · {domain(each.domain)}"


def kind(value: str) -> str:
    """What an organisation is."""
    return {
        "department": _("department"), "enterprise": _("enterprise"), "company": _("operating company"),
        "public": _("the public"),
    }.get(value, value)  # fmt: skip


def level(value: str) -> str:
    """At which of the five levels it works."""
    return {
        "province": _("province"), "city": _("city"), "county": _("county"), "township": _("township"),
        "grid": _("grid"),
    }.get(value, value)  # fmt: skip


def kinds() -> list[tuple[str, str]]:
    """The kinds of organisations to choose from."""
    return [(each, kind(each)) for each in Organisation.Kind.values]


def levels() -> list[tuple[str, str]]:
    """The levels to choose from."""
    return [(each, level(each)) for each in Organisation.Level.values]


_BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"), ("curl", "curl"))
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


def device(agent: str) -> str:
    """A browser in short, from what it says of itself."""
    browser = next((name for sign, name in _BROWSERS if sign in agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    return " · ".join(filter(None, (browser, system))) or _("unknown device")


def leave_state(given: Delegation, at: datetime) -> tuple[str, str]:
    """State and word of a leave."""
    if given.ended_at or given.until <= at:
        return "none", _("over")
    return ("tight", _("to come")) if given.since > at else ("good", _("running"))


def day(text: str) -> date | None:
    """A day as a form sends it; None for anything else."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
