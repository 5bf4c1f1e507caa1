"""What every page needs around its content: rail entries, choosers, the frame it is put in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.urls import resolve, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from qingyuan.base.time import now
from qingyuan.interfaces.web import access, context, places, todo


@dataclass(frozen=True)
class Entry:
    """One entry of the rail: URL name, icon, text; key entries stand in the bottom bar of a phone."""

    name: str
    icon: str
    text: Any
    group: Any = ""
    key: bool = False


RAIL = [
    Entry("overview", "home", gettext_lazy("Overview"), key=True),
    Entry("map", "map", gettext_lazy("One map"), key=True),
    Entry("work", "todo", gettext_lazy("My work"), key=True),
    Entry("air", "air", pgettext_lazy("rail", "Air"), gettext_lazy("Environmental quality")),
    Entry("cases", "case", gettext_lazy("Cases"), gettext_lazy("Supervision")),
    Entry("lotteries", "todo", gettext_lazy("Random inspections"), gettext_lazy("Supervision")),
    Entry("registers", "book", gettext_lazy("Registers"), gettext_lazy("Supervision")),
    Entry("findings", "bell", gettext_lazy("Findings"), gettext_lazy("Supervision")),
    Entry("sources", "plant", gettext_lazy("Pollution sources"), gettext_lazy("Supervision")),
    Entry("devices", "chain", gettext_lazy("Devices"), gettext_lazy("Supervision")),
    Entry("reports", "user", gettext_lazy("Public reports"), gettext_lazy("Supervision")),
    Entry("burden", "filter", gettext_lazy("Burden of forms"), gettext_lazy("Supervision")),
    Entry("sheets", "board", gettext_lazy("Laboratory sheets"), gettext_lazy("Supervision")),
    Entry("quarantine", "seal", gettext_lazy("Quarantine"), gettext_lazy("Supervision")),
    Entry("plan", "target", pgettext_lazy("rail", "Plan"), gettext_lazy("Plan and basis"), key=True),
    Entry("network", "net", gettext_lazy("Monitoring network"), gettext_lazy("Plan and basis")),
    Entry("law", "law", gettext_lazy("Law library"), gettext_lazy("Plan and basis")),
    Entry("organisations", "user", gettext_lazy("Accounts"), gettext_lazy("Platform")),
    Entry("audit", "chain", gettext_lazy("Audit"), gettext_lazy("Platform")),
]


@lru_cache(maxsize=64)
def _said(name: str) -> access.Said | None:
    """What the page of an entry says about who may see it."""
    return access.declared(resolve(reverse(name)).func)


def rail(request: HttpRequest) -> list[Entry]:
    """The entries the person of a request may open."""
    if getattr(request, "user", None) is None:  # a failure before anybody was known
        return []
    return [entry for entry in RAIL if (said := _said(entry.name)) and said.allows(request)]


def shell(request: HttpRequest) -> dict[str, Any]:
    """Template variables of the frame: ctx, rail, choosers, theme, base template of the answer."""
    theme = request.COOKIES.get("theme", "")
    part = request.headers.get("HX-Request") == "true"
    return {
        "ctx": getattr(request, "ctx", None),
        "rail": rail(request),
        "todo": todo.count(request) if getattr(request, "user", None) is not None else 0,
        "here": request.resolver_match.url_name if request.resolver_match else "",
        "section": _section(request),
        "theme": theme if theme in ("light", "dark") else "",
        "base": "part.html" if part else "base.html",
        "place_choices": [(code, places.name(code)) for code in [places.PROVINCE, *places.CITIES]],
        "all_datasets": context.datasets if getattr(getattr(request, "user", None), "is_authenticated", False) else [],
        "printed": now(),
        "texts": texts(),
    }


SECTIONS = {
    "finding": "findings",
    "plan_task": "plan",
    "plan_versions": "plan",
    "plan_version": "plan",
    "plan_import": "plan",
    "plan_difference": "plan",
    "plan_projects": "plan",
    "station": "air",
    "city": "air",
    "rejects": "network",
    "device": "devices",
    "device_live": "devices",
    "device_password": "devices",
    "device_key": "devices",
    "device_token": "devices",
    "device_register": "devices",
    "device_edit": "devices",
    "device_book": "devices",
    "device_commands": "devices",
    "device_command": "devices",
    "quarantine_one": "quarantine",
    "reports_one": "reports",
    "rewards": "reports",
    "device_ledger": "devices",
    "ledgers": "devices",
    "outlet": "sources",
    "register": "registers",
    "register_record": "registers",
    "register_new": "registers",
    "register_steps": "registers",
    "register_import": "registers",
    "register_run": "registers",
    "outlet_trace": "sources",
    "outlet_trace_day": "sources",
    "outlet_trace_minute": "sources",
    "law_standard": "law",
    "law_changes": "law",
    "case": "cases",
    "case_new": "cases",
    "case_act": "cases",
    "dispatch": "cases",
    "notices": "cases",
    "lottery": "lotteries",
    "lottery_roll": "lotteries",
    "trace_indicator": "plan",
    "plan_mine": "plan",
    "plan_report": "plan",
    "plan_fill": "plan",
    "plan_review": "plan",
    "plan_dispatch": "plan",
    "plan_targets": "plan",
    "plan_target": "plan",
    "plan_heat": "plan",
    "plan_letters": "plan",
    "audit_record": "audit",
    "people": "organisations",
    "channels": "organisations",
    "person": "organisations",
    "organisation": "organisations",
    "organisation_new": "organisations",
    "person_new": "organisations",
    "people_import": "organisations",
}
"""Pages below an entry of the rail."""


def _section(request: HttpRequest) -> str:
    name = request.resolver_match.url_name if request.resolver_match else ""
    return SECTIONS.get(name or "", name or "")


def texts() -> dict[str, str]:
    """Texts the scripts of every page need, in the language of the request."""
    return {
        "nothing_found": _("Nothing found"),
        "searching": _("Searching …"),
        "failed": _("This part could not be fetched. What you see is the last answer."),
        "close": _("Close"),
        "table": _("Table"),
        "chart": _("Chart"),
        "loading": _("Fetching …"),
    }
