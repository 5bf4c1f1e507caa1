"""Words of the pages of dispatch: lights, states of reports, reasons."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from qingyuan.cases.models import Case
from qingyuan.people.models import Organisation
from qingyuan.plans.dispatching.things import COMPUTED, LEDGER, Thing
from qingyuan.plans.lights import VERDICT, Light
from qingyuan.registers.flow.declared import Words

LOOKS = VERDICT

CELLS = {
    "asked": "none", "late": "bad", "returned": "tight", "review": "good", "closed": "good", "late_given": "tight",
}  # fmt: skip


def light(state: str) -> str:
    """A light in words."""
    return {
        "steady": _("on course"),
        "tight": _("tight"),
        "behind": _("behind"),
        "not_reported": _("not reported"),
        "not_computed": _("not judged"),
        "done": _("done"),
    }[state]


def cell(state: str) -> str:
    """How a report stands."""
    return {
        "asked": _("asked"),
        "late": _("late"),
        "returned": _("returned"),
        "review": _("to be reviewed"),
        "closed": _("accepted"),
        "late_given": _("given late"),
    }[state]


def proposal(kind: str) -> str:
    """What is proposed."""
    return {
        "plan_supervision": _("Supervision"),
        "plan_notice": _("Notice"),
        "plan_talk": _("Talk"),
    }[kind]


def kind(name: str) -> str:
    """A kind of item."""
    return {"indicator": _("indicator"), "task": _("task"), "project": _("project")}[name]


def every(name: str) -> str:
    """How often something is asked for."""
    return {"monthly": _("every month"), "quarterly": _("every quarter"), "never": _("never")}[name]


def due(name: str) -> str:
    """When an item has to be done."""
    return {
        "over": _("past its deadline"),
        "quarter": _("within three months"),
        "year": _("within a year"),
        "later": _("later than a year"),
    }[name]


def organisation(found: Organisation) -> str:
    """Name of an organisation in the language of the page."""
    return Words(found.name_zh, found.name_en or found.name_zh).of(get_language() or "zh")


def known(thing: Thing) -> str:
    """Why nobody is asked for an item, in the language of the page; empty for one that is asked for."""
    if not thing.known:
        return ""
    if thing.known == COMPUTED:
        return _("computed by the platform")
    return _("register of projects, %s") % thing.known.removeprefix(LEDGER)


def lagging(facts: Mapping[str, int]) -> str:
    """Why something is proposed, in the language of the page."""
    told = (
        (
            "late_days",
            ngettext("a report is %s working day late", "a report is %s working days late", _of(facts, "late_days")),
        ),
        ("late_running", ngettext("%s report late in a row", "%s reports late in a row", _of(facts, "late_running"))),
        ("behind", ngettext("%s item behind", "%s items behind", _of(facts, "behind"))),
        ("tight", ngettext("%s item tight", "%s items tight", _of(facts, "tight"))),
    )
    return _("; ").join(text % facts[name] for name, text in told if facts.get(name)) + _(".")


def _of(facts: Mapping[str, int], name: str) -> int:
    return facts.get(name, 0)


def title(thing: Thing) -> str:
    """Title of an item in the language of the page."""
    return Words(thing.title, thing.title_en).of(get_language() or "zh")


def reason(found: Light) -> str:
    """Why a light is as it is, in the language of the page."""
    return found.reason.of(get_language() or "zh")


def matter(case: Case) -> str:
    """What a case of a plan is about; in English its kind and period, with what was asked as it was asked."""
    language = get_language() or "zh"
    if language.startswith("zh"):
        return case.title
    told = [case.declared.flow.title.of(language)]
    if case.values.get("first_day"):
        told.append(period(case.values["first_day"], case.values["last_day"]))
    return ", ".join((*told, case.values["question"]) if case.values.get("question") else told)


def period(first: str, last: str) -> str:
    """A period as a column is headed."""
    year, month = last[:4], int(last[5:7])
    quarter = int(last[5:7]) - int(first[5:7]) == 2
    return f"{year} Q{month // 3}" if quarter else f"{first} – {last[5:]}"
