"""A decomposition as a page shows it: its lines, what they make together, and what one changed part does to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.base.errors import QingyuanError
from qingyuan.base.rounding import round_half_even
from qingyuan.interfaces.web import scoreboard, wording
from qingyuan.interfaces.web.people import words
from qingyuan.interfaces.web.targets import asking
from qingyuan.interfaces.web.targets.asking import Form
from qingyuan.places.divisions import level_of
from qingyuan.plans import reconciling, sharing
from qingyuan.plans.decomposing.splitting import METHODS
from qingyuan.plans.decomposing.whole import BadPart, Effect, Infeasible
from qingyuan.plans.facts import Indicator, plan
from qingyuan.plans.sharing import Asked, NothingAbove


@dataclass(frozen=True)
class Made:
    """What a form gives: the values by part (those before where it cannot be), the whole, and why it cannot be.

    alone: the whole if only the changed part changed, the others staying as they were; changed: that part.
    """

    values: dict[str, Decimal]
    effect: Effect | None
    why: str
    alone: Effect | None = None
    changed: str = ""


name = words.place


def methods() -> list[tuple[str, str, str]]:
    """Ways to split: code, words, what it does."""
    told = {
        "equal": (_("Equal effort"), _("the same step for all")),
        "share": (_("By share"), _("steps in proportion to a weight of each")),
        "base": (_("By base"), _("who is farther from the best does more")),
    }
    return [(code, *told[code]) for code in METHODS]


def unit(indicator: Indicator, asked: Asked) -> str:
    """Unit of the parts."""
    if asked.rule.counted:
        return scoreboard.said(asked.rule.weighed_by)
    return units(indicator)


def units(indicator: Indicator) -> str:
    """Unit of the whole as written on screen."""
    return {**wording.UNITS, "10^4 t": _("10⁴ t"), "km2": "km²"}.get(indicator.unit, indicator.unit)


def made(asked: Asked, form: Form, before: dict[str, Decimal], changed: str = "") -> Made:
    """What the form gives. before: the values shown until now; changed: the part just set by hand."""
    if form.faults:
        return Made(before, None, _("Some numbers cannot be read; they are marked below."))
    alone = reconciling.alone(asked, before, changed)
    try:
        split = sharing.tried(asked)
    except BadPart as why:
        form.faults[f"{_field(why)}_{why.key}"] = told(why)
        return Made(before, None, told(why), alone, changed)
    except (Infeasible, NothingAbove) as why:
        return Made(before, None, told(why), alone, changed)
    return Made(split.values, split.effect, "", alone, changed)


def _field(why: BadPart) -> str:
    return {"weight": "weight", "reason": "reason"}.get(why.why, "hand")


def told(why: QingyuanError) -> str:
    """Why it cannot be, in the language of the page, and what to do next."""
    if isinstance(why, Infeasible):
        return _(
            "The parts cannot make %(asked)s. The nearest they can make within their bounds is %(nearest)s: "
            "free a part set by hand, correct the bases, or allow parts to be worse than their bases and say why."
        ) % {"asked": why.asked, "nearest": why.nearest}
    if isinstance(why, NothingAbove):
        return _("The province has issued no share to this city for that day. Split the province's target first.")
    if not isinstance(why, BadPart):
        return str(why)
    place = name(why.key) if why.key else ""
    said = {
        "empty": _("There is no number to split here."),
        "unknown": _("%s does not lie directly below."),
        "twice": _("A part stands there twice. Give each part once."),
        "weights": _("The parts have no weight together. Give each part its weight."),
        "weight": _("%s: the weight must be a number that is not below zero; things are counted in whole numbers."),
        "bounds": _("%s: the base or the value set by hand lies outside what is possible."),
        "digits": _("%s: the value set by hand has more decimals than the parts are given with."),
        "reason": _("%s: the value set by hand is worse than the base. Give the reason."),
        "method": _("%s: there is no such way to split."),
    }[why.why]
    return said % place if "%s" in said else said


def lines(asked: Asked, form: Form, found: Made) -> list[dict[str, Any]]:
    """The parts as rows of the table."""
    down = plan().indicator(asked.indicator).direction == "down"
    return [_line(asked, form, found, code, down) for code in form.texts]


def _line(asked: Asked, form: Form, found: Made, code: str, down: bool) -> dict[str, Any]:
    row, value = form.texts[code], found.values.get(code)
    base = next((each.base for each in asked.parts if each.key == code), None)
    step = None if value is None or base is None or asked.rule.from_nothing else value - base
    return {
        "code": code,
        "name": name(code),
        "row": row,
        "value": value,
        "step": "" if not step else f"{step:+f}".replace("-", "\u2212"),
        "worse": step is not None and step != 0 and (step > 0) == down and asked.rule.by != "same",
        "by_hand": bool(row["hand"]),
        "faults": {field: form.faults.get(f"{field}_{code}", "") for field in asking.FIELDS},
        "share": _share_of(asked, value, row),
    }


def _share_of(asked: Asked, value: Decimal | None, row: dict[str, str]) -> str:
    """Of counted things, the part's own share in per cent; empty for others."""
    if not asked.rule.counted or value is None:
        return ""
    try:
        things = asking.number(row["weight"])
    except ValueError:
        things = None
    return f"{round_half_even(100 * value / things, 1)} %" if things else ""


def whole_words(asked: Asked, found: Made) -> dict[str, Any]:
    """The answer in words: what the parts make, the target, the difference."""
    indicator = plan().indicator(asked.indicator)
    place, parts = name(asked.division), len(asked.parts)
    shown: dict[str, Any] = {
        "unit": unit(indicator, asked) if level_of(asked.division) != "province" else units(indicator)
    }
    try:
        goal = sharing.goal(asked)
    except QingyuanError:
        return {**shown, "sentence": "", "state": "none"}
    shown |= {"goal": goal.value, "place": place, "parts": parts}
    if found.effect is None:
        return {**shown, "state": "bad", "published": None}
    difference = found.effect.published - goal.value
    return {
        **shown,
        "state": "good" if found.effect.reconciles else "bad",
        "published": found.effect.published,
        "difference": signed(difference),
        "counted": asked.rule.by == "count_share",
        "sum": sum(found.values.values(), Decimal(0)),
        "of": sum((each.weight for each in asked.parts), Decimal(0)),
    }


def signed(value: Decimal) -> str:
    """A difference with its sign; none for zero."""
    return f"{value:+f}".replace("-", "\u2212") if value else f"{abs(value):f}"


def alone_words(asked: Asked, found: Made) -> str:
    """What the changed part alone does to the whole, and what the others do to make up for it."""
    if found.alone is None:
        return ""
    told: dict[str, Any] = {
        "name": name(found.changed),
        "place": name(asked.division),
        "whole": found.alone.published,
        "difference": signed(found.alone.difference),
    }
    first = _("With %(name)s changed alone, %(place)s would be at %(whole)s (%(difference)s).") % told
    if found.effect is None:
        return first
    free = sum(each.hand is None for each in asked.parts)
    return first + _("The other %(n)s free parts make up for it: the difference is 0.") % {"n": free}


def days(indicator: Indicator) -> list[date]:
    """Days the indicator has a target for."""
    return [each.day for each in indicator.targets]
