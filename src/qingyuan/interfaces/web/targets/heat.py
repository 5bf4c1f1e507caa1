"""The heat table: province, cities and counties by indicator, each value against its own share of the target."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.urls import NoReverseMatch
from django.utils.translation import gettext as _

from qingyuan.base.errors import QingyuanError
from qingyuan.interfaces.web import places, scoreboard
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.targets import showing
from qingyuan.people.rights import Rights
from qingyuan.places.divisions import children, level_of
from qingyuan.plans import division as divisions
from qingyuan.plans import sharing
from qingyuan.plans.decomposing.rules import rules
from qingyuan.plans.facts import Indicator, Target, plan
from qingyuan.plans.models import Share
from qingyuan.plans.models.book import DOMAIN
from qingyuan.plans.scoreboard import judged

PAGES = ("plan_indicator", "plan_target")
"""Where a cell leads: the indicator's page, where there is one."""


@dataclass(frozen=True)
class Cell:
    """One place and indicator. state: good, tight, bad, none (not observed) or unknown (could not be asked)."""

    indicator: Indicator
    state: str
    word: str
    value: str
    share: str
    reason: str
    url: str


@dataclass(frozen=True)
class Line:
    """One place with its cells."""

    code: str
    name: str
    level: str
    cells: list[Cell]


def columns() -> list[Indicator]:
    """Indicators with a number, computed ones first."""
    numeric = [each for each in plan().indicators if rules()[each.no].numeric]
    return sorted(numeric, key=lambda each: (each.method is None, each.no))


def table(ctx: Context, rights: Rights, opened: str) -> list[Line]:
    """Lines of the place, its parts, and of one opened city its counties."""
    shares = _shares(ctx, rights)
    return [_line(ctx, rights, shares, code) for code in _codes(ctx.place, opened)]


def _codes(place: str, opened: str) -> list[str]:
    found = [place]
    for each in children(place):
        found.append(each.code)
        if each.code == opened and level_of(opened) == "prefecture":
            found += [below.code for below in children(opened)]
    return found


def _shares(ctx: Context, rights: Rights) -> dict[tuple[str, str, date], Share]:
    found = sharing.shares_seen(rights).filter(
        decomposition__plan__code=plan().code, decomposition__state=sharing.ISSUED,
        decomposition__simulated=ctx.simulated,
    )  # fmt: skip
    return {(each.division, each.decomposition.indicator, each.decomposition.day): each for each in found}


def _line(ctx: Context, rights: Rights, shares: dict[tuple[str, str, date], Share], code: str) -> Line:
    allowed = rights.may(sharing.SEE, code, DOMAIN)
    cells = [_cell(ctx, each, shares, code, allowed) for each in columns()]
    return Line(code, showing.name(code), level_of(code), cells)


def _cell(
    ctx: Context, indicator: Indicator, shares: dict[tuple[str, str, date], Share], code: str, allowed: bool
) -> Cell:
    url = _url(ctx, indicator, code)
    if not allowed:
        return Cell(indicator, "unknown", _("could not ask"), "", "", _("Your duties do not include this place."), "")
    target = indicator.target(ctx.time.date())
    share = shares.get((code, str(indicator.no), target.day))
    own = _own(indicator, target, share)
    told = _told(indicator, target, share, code)
    if level_of(code) == "county":
        return Cell(indicator, "none", _("not observed"), "", told, _("Nothing is computed for counties yet."), url)
    try:
        row = judged(indicator, own, ctx.dataset.path, ctx.time, divisions.normal(code))
    except (QingyuanError, OSError) as why:
        return Cell(indicator, "unknown", _("could not ask"), "", told, str(why), url)
    value = "" if row.value is None else str(row.value)
    state = scoreboard.ICONS[row.state]
    return Cell(indicator, state, scoreboard.verdict(row.state), value, told, scoreboard.said(row.reason), url)


def _own(indicator: Indicator, target: Target, share: Share | None) -> Target:
    """The target with the place's own number; of counted things the number is no per cent, so the plan's stays."""
    if share is None or share.value is None or rules()[indicator.no].counted:
        return target
    return replace(target, value=round(share.value, rules()[indicator.no].decimals))


def _told(indicator: Indicator, target: Target, share: Share | None, code: str) -> str:
    sign = "≥" if indicator.direction == "up" else "≤"
    if share is not None and share.value is not None:
        rule = rules()[indicator.no]
        of: Decimal | str = round(share.weight, 0)
        return f"{sign} {round(share.value, rule.decimals)}{f' / {of}' if rule.counted else ''}"
    shown = scoreboard.target_text(target, indicator.direction)
    if code == places.PROVINCE:
        return shown
    return _("%s of the province") % shown if level_of(code) == "prefecture" else ""


def _url(ctx: Context, indicator: Indicator, code: str) -> str:
    """Where a cell leads to."""
    place = code if places.known(code) else ctx.place
    for name in PAGES:
        try:
            return ctx.link(name, indicator.no, place=place)
        except NoReverseMatch:
            continue
    return ctx.link("plan", place=place)


def sentence(lines: list[Line]) -> str:
    """The table in a sentence: how many cells stand how."""
    states = [cell.state for line in lines[1:] for cell in line.cells]
    told = {"bad": states.count("bad"), "tight": states.count("tight"), "good": states.count("good")}
    observed = sum(told.values())
    if not observed:
        return _("None of the places has a value here yet.")
    return _("Of %(n)s values %(good)s are steady, %(tight)s tight and %(bad)s may be missed.") % {
        "n": observed,
        **told,
    }


def sheet(lines: list[Line]) -> tuple[list[str], list[list[object]]]:
    """Head and rows of the workbook: one row a cell."""
    head = [
        _("Code"),
        _("Place"),
        _("No."),
        _("Indicator"),
        _("Unit"),
        _("Value"),
        _("Target"),
        _("State"),
        _("Reason"),
    ]
    rows: list[list[object]] = [
        [line.code, line.name, cell.indicator.no, scoreboard.said(cell.indicator.short), cell.indicator.unit,
         Decimal(cell.value) if cell.value else None, cell.share, cell.word, cell.reason]
        for line in lines for cell in line.cells
    ]  # fmt: skip
    return head, rows
