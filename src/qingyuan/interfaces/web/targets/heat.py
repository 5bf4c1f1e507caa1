"""The heat table: province, cities and counties by indicator, each as the scoreboard judges it, by its own share."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.urls import NoReverseMatch
from django.utils.translation import gettext as _

from qingyuan.base.errors import QingyuanError
from qingyuan.interfaces.web import places, scoreboard
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.targets import showing
from qingyuan.people.rights import Rights
from qingyuan.places.divisions import children, level_of
from qingyuan.plans import sharing
from qingyuan.plans.facts import Indicator
from qingyuan.plans.models.book import DOMAIN
from qingyuan.plans.scoreboard import Row

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


def columns(ctx: Context) -> list[Indicator]:
    """All indicators, by the figures of the version in force; those of city-days first."""
    found = [row.indicator for row in scoreboard.judged(ctx, places.PROVINCE).rows]
    return sorted(found, key=lambda each: (each.method is None, each.no))


def table(ctx: Context, rights: Rights, opened: str) -> list[Line]:
    """Lines of the place, its parts, and of one opened city its counties."""
    asked = columns(ctx)
    return [_line(ctx, rights, asked, code) for code in _codes(ctx.place, opened)]


def _codes(place: str, opened: str) -> list[str]:
    found = [place]
    for each in children(place):
        found.append(each.code)
        if each.code == opened and level_of(opened) == "prefecture":
            found += [below.code for below in children(opened)]
    return found


def _line(ctx: Context, rights: Rights, asked: list[Indicator], code: str) -> Line:
    """A place as the scoreboard has it; one that the rights do not reach is not asked about."""
    name, level = showing.name(code), level_of(code)
    if not rights.may(sharing.SEE, code, DOMAIN):
        return Line(code, name, level, [_unasked(each, _("Your duties do not include this place.")) for each in asked])
    try:
        board = scoreboard.judged(ctx, code)
    except (QingyuanError, OSError) as why:
        return Line(code, name, level, [_unasked(each, str(why)) for each in asked])
    return Line(code, name, level, [_cell(ctx, board.row(each.no), code) for each in asked])


def _unasked(indicator: Indicator, why: str) -> Cell:
    return Cell(indicator, "unknown", _("could not ask"), "", "", why, "")


def _cell(ctx: Context, row: Row, code: str) -> Cell:
    value = "" if row.value is None else str(row.value)
    state, told = scoreboard.ICONS[row.state], _target(row)
    return Cell(
        row.indicator, state, scoreboard.word(row), value, told, scoreboard.grounds(row), _url(ctx, row.indicator, code)
    )


def _target(row: Row) -> str:
    """The place's own target; of counted things how many of how many; that none was handed down."""
    if not row.issued:
        return _("no target decomposed")
    shown = scoreboard.target_text(row.target, row.indicator.direction)
    return f"{shown} ({row.share.counted})" if row.share and row.share.counted else shown


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
