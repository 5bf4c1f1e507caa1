"""What a form asks of a decomposition: its fields read, where one starts from, and the states one can go back to."""

from __future__ import annotations

import calendar
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from qingyuan.interfaces.web import places
from qingyuan.interfaces.web.context import Context
from qingyuan.places.divisions import children, division
from qingyuan.plans import sharing
from qingyuan.plans.decomposing.rules import Rule
from qingyuan.plans.decomposing.splitting import METHODS
from qingyuan.plans.decomposing.whole import Part
from qingyuan.plans.facts import Indicator
from qingyuan.plans.scoreboard import scoreboard
from qingyuan.plans.sharing import Asked

FIELDS = ("base", "weight", "pull", "hand", "reason")
KEPT_STATES = 30
LONGEST = 200


@dataclass
class Form:
    """A form as typed: texts by part and field, and what of it cannot be read (by ``<field>_<part>``)."""

    method: str
    loosened: str
    weights: str
    texts: dict[str, dict[str, str]]
    faults: dict[str, str] = field(default_factory=dict)

    def state(self) -> str:
        """All of it as JSON, to go back to."""
        return json.dumps([self.method, self.loosened, self.weights, self.texts], ensure_ascii=False, sort_keys=True)


def parts_of(place: str) -> list[str]:
    """The divisions a place's targets are split among."""
    return [each.code for each in children(place)]


def posted(place: str, sent: Mapping[str, str]) -> Form:
    """The form as it was sent; numbers that cannot be read are its faults."""
    texts = {
        code: {name: sent.get(f"{name}_{code}", "").strip()[:LONGEST] for name in FIELDS} for code in parts_of(place)
    }
    form = Form(
        sent.get("method", METHODS[0]), sent.get("loosened", "")[:LONGEST], sent.get("weights", "")[:LONGEST], texts
    )
    form.method = form.method if form.method in METHODS else METHODS[0]
    for code, row in texts.items():
        form.faults |= {f"{name}_{code}": told for name in FIELDS[:4] if (told := _unread(row[name], name))}
    return form


def back_to(state: str, place: str) -> Form:
    """The form of an earlier state; one that cannot be read is an empty form."""
    try:
        method, loosened, weights, texts = json.loads(state)
        sent = {f"{name}_{code}": str(row[name]) for code, row in texts.items() for name in FIELDS}
        return posted(place, {"method": method, "loosened": loosened, "weights": weights, **sent})
    except (ValueError, TypeError, KeyError, AttributeError):
        return posted(place, {})


def set_by_hand(before: Form, after: Form) -> str:
    """The one part whose value by hand is another than before; empty for none or several."""
    found = [code for code, row in after.texts.items() if row["hand"] != before.texts[code]["hand"]]
    return found[0] if len(found) == 1 else ""


def past(text: str) -> list[str]:
    """The earlier states a form carries, the newest last."""
    try:
        found = json.loads(text or "[]")
    except ValueError:
        return []
    return [each for each in found if isinstance(each, str)][-KEPT_STATES:] if isinstance(found, list) else []


def number(text: str) -> Decimal | None:
    """A typed number; None for an empty one. ValueError for what is none."""
    plain = text.replace(",", "").replace(" ", "").replace("\u2212", "-").replace("．", ".").replace("%", "")
    try:
        found = Decimal(plain) if plain else None
    except InvalidOperation:
        found = Decimal("nan")
    if found is not None and (not found.is_finite() or abs(found) >= 10**11 or round(found, 6) != found):
        raise ValueError(text)
    return found


def _unread(text: str, name: str) -> str:
    try:
        found = number(text)
    except ValueError:
        return _("“%s” is no number of at most six decimals.") % text
    return _("Give a number.") if found is None and name != "hand" else ""


def asked(no: int, place: str, day: date, form: Form, simulated: bool) -> Asked:
    """What a form without faults asks."""
    parts = tuple(_part(code, row) for code, row in form.texts.items())
    return Asked(no, place, day, parts, form.method, form.loosened, form.weights, simulated)


def _part(code: str, row: dict[str, str]) -> Part:
    base, weight, pull = (number(row[name]) or Decimal(0) for name in FIELDS[:3])
    return Part(code, base, weight, pull, number(row["hand"]), row["reason"])


def form_of(kept: Asked) -> Form:
    """The form that asks what is asked."""
    texts = {each.key: _texts(each) for each in kept.parts}
    return Form(kept.method, kept.loosened, kept.weights, texts)


def _texts(part: Part) -> dict[str, str]:
    hand = "" if part.hand is None else f"{part.hand:f}"
    return {
        "base": f"{part.base:f}", "weight": f"{part.weight:f}", "pull": f"{part.pull:f}", "hand": hand,
        "reason": part.reason,
    }  # fmt: skip


def fresh(ctx: Context, indicator: Indicator, day: date) -> Form:
    """A form to start with: bases as measured where they are, weights as the rule has them."""
    rule = sharing.Asked(indicator.no, ctx.place, day, ()).rule
    bases, source = _bases(ctx, indicator, rule)
    parts = [Part(code, bases[code], _weight(rule, code, day)) for code in parts_of(ctx.place)]
    return form_of(Asked(indicator.no, ctx.place, day, tuple(parts), weights=source))


def _weight(rule: Rule, code: str, day: date) -> Decimal:
    if rule.by == "day_share":
        return Decimal(366 if calendar.isleap(day.year) else 365)
    if rule.by == "area_share":
        return Decimal(str(round(division(code).area_km2)))
    return Decimal(0 if rule.counted else 1)


def _bases(ctx: Context, indicator: Indicator, rule: Rule) -> tuple[dict[str, Decimal], str]:
    """Bases by part and where they come from: as measured in the plan's base year or last year, or the plan's own."""
    codes = parts_of(ctx.place)
    if indicator.method is not None and ctx.place == places.PROVINCE:
        years = [indicator.base.year] if indicator.base else []
        for year in (*years, ctx.time.year - 1):
            found = {code: _measured(ctx, indicator.no, code, year) for code in codes}
            if all(each is not None for each in found.values()):
                return {code: each or Decimal(0) for code, each in found.items()}, _("measured in %(year)s") % {
                    "year": year
                }
    if rule.counted or rule.from_nothing or indicator.base is None:
        return dict.fromkeys(codes, Decimal(0)), ""
    return dict.fromkeys(codes, indicator.base.value), _("base of the plan for each")


def _measured(ctx: Context, no: int, code: str, year: int) -> Decimal | None:
    return scoreboard(ctx.dataset.path, datetime(year, 12, 31, 23), code).row(no).value
