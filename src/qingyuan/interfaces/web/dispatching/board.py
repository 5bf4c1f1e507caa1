"""The board of dispatch: reports by organisation and period, what is proposed, items with lights; in pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from qingyuan.base.time import isoformat, now
from qingyuan.interfaces.web import access, excel
from qingyuan.interfaces.web.dispatching import words
from qingyuan.interfaces.web.dispatching.seen import lights_of, moment, proposed, told_by
from qingyuan.interfaces.web.plans.words import plan_title
from qingyuan.people.models import Organisation
from qingyuan.plans import lights
from qingyuan.plans.dispatching import following, scope, things
from qingyuan.plans.dispatching.declared import EVERY
from qingyuan.plans.dispatching.following import Cell, Proposal
from qingyuan.plans.lights import Light
from qingyuan.plans.models import Version

SHOWS = ("reports", "proposals", "items", "ask")
DUES = ("over", "quarter", "year", "later")
"""When an item has to be done: before the day of the page, within 92 days of it, within 366, or later."""
COLUMNS = 8
PAGE = 50

Period = tuple[str, str]


@dataclass(frozen=True)
class Asked:
    """What the address asks for; office: primary key of an organisation, 0 for all; state: of a report or a light."""

    show: str = SHOWS[0]
    text: str = ""
    office: int = 0
    state: str = ""
    due: str = ""


@dataclass(frozen=True)
class Board:
    """All there is, before it is narrowed. names: of the organisations one dispatches, by primary key."""

    version: Version
    day: date
    offices: Sequence[Organisation]
    names: Mapping[int, str]
    cells: Mapping[tuple[int, Period], Cell]
    lights: Mapping[tuple[str, str], Light]
    proposals: Sequence[Proposal]
    things: Sequence[things.Thing]

    @property
    def periods(self) -> list[Period]:
        """The newest periods something was asked for."""
        return sorted({when for _office, when in self.cells})[-COLUMNS:]


def asked(ask: QueryDict) -> Asked:
    """What the address asks for; what is not known is left out."""
    show, office, state, due = (ask.get(name, "") for name in ("show", "office", "state", "due"))
    show = show if show in SHOWS else SHOWS[0]
    return Asked(
        show=show,
        text=ask.get("q", "").strip()[:60],
        office=int(office) if office.isascii() and office.isdecimal() and len(office) < 12 else 0,
        state=state if state in (lights.STATES if show == "items" else words.CELLS) else "",
        due=due if due in DUES else "",
    )


def gathered(request: HttpRequest, version: Version) -> Board:
    """Everything the board can show to somebody, at the time of the page."""
    offices = scope.organisations(access.rights(request), version.plan)
    names = {each.pk: words.organisation(each) for each in offices}
    cells = following.matrix(version, moment(request), told_by(request))
    found = lights_of(request, version)
    return Board(
        version, moment(request).date(), offices, names,
        {key: cell for key, cell in cells.items() if key[0] in names}, found,
        [each for each in proposed(request, version, found) if each.organisation in names], things.things(version),
    )  # fmt: skip


def shown(request: HttpRequest, board: Board) -> dict[str, Any]:
    """What the template needs: counts of all, and of what is narrowed a page."""
    ask = asked(request.GET)
    lines = {"reports": reports, "proposals": proposals, "items": items}
    found = lines[ask.show](board, ask) if ask.show in lines else []
    part = Paginator(found, PAGE).get_page(request.GET.get("page"))
    counts = Counter(each.state for each in board.cells.values())
    return {
        "asked": ask,
        "rows": part,
        "columns": [words.period(*each) for each in board.periods],
        "counts": [(words.CELLS[state], words.cell(state), number) for state, number in counts.items()],
        "late": counts["late"],
        "proposed": len(board.proposals),
        "offices": sorted(board.names.items(), key=lambda each: each[1]),
        "chosen": [_item(board, each) for each in board.things] if ask.show == "ask" else [],
        "states": _states(board, ask),
        "dues": [(each, words.due(each)) for each in DUES],
        "every": [(each, words.every(each)) for each in EVERY],
    }


def _states(board: Board, ask: Asked) -> list[tuple[str, str, int]]:
    """What can be chosen of reports or lights, with how many there are."""
    if ask.show == "items":
        held = Counter(board.lights[each.id].state for each in board.things)
        return [(each, words.light(each), held[each]) for each in lights.STATES if held[each]]
    asked_for = Counter(each.state for each in board.cells.values())
    return [(each, words.cell(each), asked_for[each]) for each in words.CELLS if asked_for[each]]


def reports(board: Board, ask: Asked) -> list[dict[str, Any]]:
    """A line an organisation that was asked: its reports of the newest periods."""
    offices = sorted({key[0] for key in board.cells}, key=lambda number: board.names[number])
    found = [(each, [board.cells.get((each, when)) for when in board.periods]) for each in offices]
    return [
        {"name": board.names[office], "cells": [_cell(each) for each in cells]}
        for office, cells in found
        if ask.office in (0, office)
        and ask.text.lower() in board.names[office].lower()
        and (not ask.state or any(each and each.state == ask.state for each in cells))
    ]


def _cell(cell: Cell | None) -> dict[str, Any] | None:
    return {"cell": cell, "look": words.CELLS[cell.state], "word": words.cell(cell.state)} if cell else None


def proposals(board: Board, ask: Asked) -> list[dict[str, Any]]:
    """What the rules propose, narrowed to an organisation."""
    found = [
        {"of": each, "name": board.names[each.organisation], "word": words.proposal(each.kind),
         "why": words.lagging(each.facts)}
        for each in board.proposals
        if ask.office in (0, each.organisation)
    ]  # fmt: skip
    return [each for each in found if ask.text.lower() in f"{each['name']} {each['word']}".lower()]


def items(board: Board, ask: Asked) -> list[dict[str, Any]]:
    """The items of the plan with their lights, narrowed."""
    return [
        _item(board, each)
        for each in board.things
        if fits(each, ask, board.day) and ask.state in ("", board.lights[each.id].state)
    ]


def fits(thing: things.Thing, ask: Asked, on: date) -> bool:
    """Whether an item is among those asked for by words, organisation and deadline."""
    named = f"{thing.key} {words.title(thing)} {thing.title}".lower()
    return (
        ask.text.lower() in named
        and ask.office in (0, *thing.all_organisations)
        and ask.due in ("", _due(thing.deadline, on))
    )


def _due(deadline: date, on: date) -> str:
    left = (deadline - on).days
    return "over" if left < 0 else "quarter" if left <= 92 else "year" if left <= 366 else "later"


def _item(board: Board, thing: things.Thing) -> dict[str, Any]:
    light = board.lights[thing.id]
    return {
        "thing": thing, "title": words.title(thing), "kind": words.kind(thing.kind), "known": words.known(thing),
        "look": words.LOOKS[light.state], "word": words.light(light.state), "why": words.reason(light),
        "leads": [board.names[each] for each in thing.organisations if each in board.names],
    }  # fmt: skip


def workbook(request: HttpRequest, board: Board) -> bytes:
    """Reports, proposals and items as they are narrowed, and on a last sheet how to read them."""
    ask = asked(request.GET)
    heads = [_("Organisation"), _("From"), _("To"), _("State"), _("Due"), _("Given")]
    told = [
        [board.names[office], *when, words.cell(cell.state), cell.due.isoformat(), cell.given and str(cell.given)]
        for (office, when), cell in sorted(board.cells.items(), key=lambda each: (board.names[each[0][0]], each[0][1]))
        if ask.office in (0, office) and (ask.show == "items" or ask.state in ("", cell.state))
    ]
    proposing = [[each["name"], each["word"], each["why"]] for each in proposals(board, ask)]
    asking_ = ask if ask.show == "items" else Asked("items", office=ask.office)
    basis: list[list[object]] = [
        [_("Plan"), board.version.plan.code, plan_title(board.version.plan)],
        [_("Version"), board.version.number, _("Simulated data") if board.version.plan.simulated else ""],
        [_("Time"), isoformat(moment(request)), ""],
        [_("Made"), isoformat(now()), access.actor(request).name],
        [_("Filter"), request.GET.urlencode(), ""],
    ]
    return excel.workbook(
        excel.Sheet(_("Reports"), heads, told, [34, 12, 12, 14, 12, 12]),
        excel.Sheet(_("Proposed"), [_("Organisation"), _("Proposed"), _("Reason")], proposing, [34, 12, 60]),
        excel.Sheet(_("Items"), _item_heads(), [_item_row(each) for each in items(board, asking_)], WIDTHS),
        excel.Sheet(_("Codes and basis"), [_("What"), _("Value"), _("Remark")], basis, [16, 30, 50]),
    )


WIDTHS = [8, 12, 44, 34, 10, 50, 12, 24]


def _item_heads() -> list[object]:
    return [
        _("Sort"), _("Key"), _("Task"), _("Organisation"), _("Light"), _("Reason"), _("Deadline"), _("How often asked")
    ]  # fmt: skip


def _item_row(line: Mapping[str, Any]) -> list[object]:
    thing = line["thing"]
    return [
        line["kind"], thing.key, line["title"], "、".join(line["leads"]), line["word"], line["why"],
        thing.deadline.isoformat(), line["known"] or words.every(thing.every),
    ]  # fmt: skip
