"""Words of the pages of dispatch: lights, states of reports, reasons."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingyuan.plans.dispatching.things import Thing
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


def title(thing: Thing) -> str:
    """Title of an item in the language of the page."""
    return Words(thing.title, thing.title_en).of(get_language() or "zh")


def reason(found: Light) -> str:
    """Why a light is as it is, in the language of the page."""
    return found.reason.of(get_language() or "zh")


def period(first: str, last: str) -> str:
    """A period as a column is headed."""
    year, month = last[:4], int(last[5:7])
    quarter = int(last[5:7]) - int(first[5:7]) == 2
    return f"{year} Q{month // 3}" if quarter else f"{first} – {last[5:]}"
