"""How the pages of a plan speak: kinds, states, titles, figures."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, resolve, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from qingyuan.interfaces.web import access, scoreboard, wording
from qingyuan.plans import facts as library
from qingyuan.plans.models import Item, Plan, Responsible, Version

KINDS = {
    "chapter": pgettext_lazy("plan", "Chapter"),
    "section": pgettext_lazy("plan", "Section"),
    "task": pgettext_lazy("plan", "Task"),
    "box": pgettext_lazy("plan", "Box"),
    "project": pgettext_lazy("plan", "Project"),
    "indicator": gettext_lazy("Indicator"),
    "target": pgettext_lazy("plan", "Target"),
}
STATES = {
    "draft": pgettext_lazy("plan version", "draft"),
    "adopted": pgettext_lazy("plan version", "in force"),
    "replaced": pgettext_lazy("plan version", "replaced"),
    "dropped": pgettext_lazy("plan version", "dropped"),
}
LIGHTS = {
    "good": gettext_lazy("steady"),
    "tight": pgettext_lazy("verdict", "tight"),
    "bad": pgettext_lazy("task", "behind"),
    "none": pgettext_lazy("task", "not reported"),
    "unknown": pgettext_lazy("task", "not judged"),
}
REVIEWS = {
    "open": pgettext_lazy("review", "open"),
    "confirmed": pgettext_lazy("review", "confirmed"),
    "corrected": pgettext_lazy("review", "corrected"),
    "rejected": pgettext_lazy("review", "rejected"),
}
FIELDS = {
    "title": gettext_lazy("Title"),
    "text": gettext_lazy("Text"),
    "lead": pgettext_lazy("plan", "Leads"),
    "departments": pgettext_lazy("plan", "Departments"),
    "value": gettext_lazy("Value"),
    "base": pgettext_lazy("plan", "Base"),
    "target": pgettext_lazy("plan", "Target"),
    "unit": gettext_lazy("Unit"),
    "by": pgettext_lazy("plan", "By"),
    "operator": pgettext_lazy("plan", "Bound"),
    "nature": pgettext_lazy("plan", "Nature"),
    "milestones": pgettext_lazy("plan", "Milestones"),
    "group": pgettext_lazy("plan", "Group"),
}
TABS = (
    ("plan", gettext_lazy("Tasks and indicators")),
    ("plan_heat", gettext_lazy("Heat table")),
    ("plan_projects", gettext_lazy("Projects")),
    ("plan_dispatch", gettext_lazy("Dispatch")),
    ("plan_evaluations", gettext_lazy("Evaluation")),
    ("plan_versions", pgettext_lazy("plan", "Versions")),
)
"""Pages of the plan side by side; one that does not exist here, or that the person may not open, is left out."""


def tabs(request: HttpRequest) -> list[tuple[str, Any]]:
    """The tabs the person of a request may open: URL name and text."""
    return [(name, text) for name, text in TABS if _open(request, name)]


def _open(request: HttpRequest, name: str) -> bool:
    try:
        said = access.declared(resolve(reverse(name)).func)
    except NoReverseMatch:
        return False
    return bool(said and said.allows(request))


def title(item: Item) -> str:
    """Title of an item in the language of the request, where there is one."""
    return str((wording.english() and item.facts.get("en")) or item.title)


def plan_title(plan: Plan) -> str:
    """Title of a plan in the language of the request."""
    return plan.title_en if wording.english() and plan.title_en else plan.title


def numbered(item: Item) -> str:
    """Number of a heading as it is spoken: chapter 3, section 2, box 1; the bare number of other items."""
    if not item.number:
        return ""
    told = {"chapter": _("Chapter %s"), "section": _("Section %s"), "box": _("Box %s")}.get(item.kind)
    return told % item.number if told else item.number


def version_title(version: Version) -> str:
    """A version in words: number, and its label where it has one."""
    told = _("version %s") % version.number
    return f"{told}（{version.label}）" if version.label and not wording.english() else told


def department(found: Responsible) -> str:
    """A department as printed; in English by the name of the organisation it is, where that has one."""
    english = found.organisation.name_en if wording.english() and found.organisation else ""
    return english or found.name


def leads(item: Item) -> str:
    """Who leads a task; where nobody does, the first department and how many share it."""
    people = list(item.responsible.all())
    named = [department(each) for each in people if each.lead]
    if named:
        return wording.listed(named)
    if not people:
        return pgettext("task", "nobody named")
    told = _("%(first)s and %(more)s more share it")
    first = department(people[0])
    return told % {"first": first, "more": len(people) - 1} if len(people) > 1 else first


def figure(value: Any) -> str:
    """A figure or wording as pages write it."""
    return (
        "—"
        if value is None
        else wording.number(value, _digits(value))
        if isinstance(value, (int, float))
        else _worded(str(value))
    )


def _worded(text: str) -> str:
    """A target's wording in the language of the request, where the library has it."""
    known = {target.wording for each in library.plan().indicators for target in each.targets if target.wording}
    return next((each.en for each in known if each.zh == text), text) if wording.english() else text


def _digits(value: float) -> int:
    return len(f"{value:g}".partition(".")[2])


def facts(item: Item) -> list[tuple[str, str]]:
    """The facts of an item that a reader asks for: (what, figure with unit)."""
    told = item.facts
    unit = scoreboard.unit(str(told.get("unit") or ""))
    rows = [
        (FIELDS[name], f"{_sign(told, name)}{figure(told[name])} {unit}".strip())
        for name in ("base", "target")
        if name in told
    ]
    if "value" in told:
        rows.append((FIELDS["value"], f"{_sign(told, 'value')}{figure(told['value'])} {unit}".strip()))
    return [(str(what), text) for what, text in [*rows, *_more(told)]]


def _sign(told: dict[str, Any], name: str) -> str:
    sign = told.get({"value": "operator"}.get(name, f"{name}_operator"))
    return {"=": "", None: "", ">=": "≥ ", "<=": "≤ ", ">": "> ", "<": "< "}.get(sign, "")


def _more(told: dict[str, Any]) -> Iterable[tuple[Any, str]]:
    if told.get("by"):
        yield FIELDS["by"], str(told["by"])
    if told.get("nature"):
        yield FIELDS["nature"], _("binding") if told["nature"] == "binding" else _("expected")


def day(when: date | None) -> str:
    """A day as tables write it."""
    return f"{when:%Y-%m-%d}" if when else ""


def doubt(reason: str) -> str:
    """Why the reader doubts a figure; in its own words where they are not known here."""
    lost = "the point may be lost: other figures here are impossible without one"
    return {
        "the point is a glyph of private code": _("the point is a glyph of private code"),
        lost: _("the point may be lost: other figures here are impossible without one"),
    }.get(reason, reason)
