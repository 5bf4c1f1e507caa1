"""Rolls of a lottery taken from what the platform keeps: outlets or a register, within the rights of who draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from qingyuan.cases import candidates
from qingyuan.cases.candidates import Ranked
from qingyuan.cases.lottery import drawing, record
from qingyuan.cases.lottery.roll import BadRoll, Conflict, Inspector, Quota, Roll, check
from qingyuan.interfaces import loading, rolls
from qingyuan.interfaces.web import access
from qingyuan.interfaces.web.cases import letters, words
from qingyuan.interfaces.web.registers import words as register_words
from qingyuan.registers.flow.declared import CLOSED

FLOOR = "0.02"
BLANK = 3
"""Empty lines for conflicts."""


@dataclass(frozen=True)
class Wanted:
    """What is asked for. source: ``outlets:<dataset>`` or ``register:<kind>``; step: of a register, empty: all open.

    quota: as typed, by part; inspectors: ids of those ticked, None: everybody; conflicts: as typed.
    """

    source: str
    place: str
    step: str = ""
    title: str = ""
    beacon: str = ""
    quota: Mapping[str, str] = field(default_factory=dict)
    inspectors: frozenset[str] | None = None
    conflicts: tuple[Conflict, ...] | None = None


@dataclass(frozen=True)
class Taken:
    """What was found for it: the roll to be fixed, how its risks come about, all who could be sent."""

    roll: Roll
    ranked: list[Ranked]
    people: list[Inspector]
    simulated: bool

    @property
    def digest(self) -> str:
        """Of the roll as it is now: what was looked at is what is fixed."""
        return record.digest(self.roll.plain())


def sources(request: HttpRequest) -> dict[str, str]:
    """Where the person may take a roll from, in words: code → title."""
    found = rolls.registries(access.rights(request)).values()
    return {each.code: _registry(each.code, register_words.of(each.title)) for each in found}


def _registry(code: str, title: str) -> str:
    if code.startswith(rolls.OUTLETS):
        return _("outlets: %(dataset)s") % {"dataset": title}
    return _("register: %(kind)s") % {"kind": title}


def places(request: HttpRequest) -> list[tuple[str, str]]:
    """Divisions the person may draw in, down to the counties."""
    return letters.divisions_of(access.rights(request), rolls.DRAW)


def steps(source: str) -> list[tuple[str, str]]:
    """Steps of the register a roll is taken from; none for outlets."""
    what, _colon, name = source.partition(":")
    if what != rolls.REGISTER or name not in loading.registers().kinds:
        return []
    kind = loading.registers().kind(name)
    return [(each, register_words.step(kind, each)) for each in (*kind.steps, CLOSED)]


def wanted(request: HttpRequest) -> Wanted:
    """What the address or the form asks for; without a choice the first source and the widest place. Raises BadRoll."""
    form = request.POST if request.method == "POST" else request.GET
    known, there = sources(request), [code for code, _name in places(request)]
    source, place = form.get("source") or next(iter(known), ""), form.get("place") or next(iter(there), "")
    if source not in known:
        raise BadRoll(_("There is no registry “%s” to take a roll from") % source[:60], _("Choose one of the list."))
    if place not in there:
        raise BadRoll(_("Your duties do not include this place and domain."))
    step = form.get("step", "")
    typed = request.method == "POST"
    return Wanted(
        source, place, step if step in dict(steps(source)) else "",
        form.get("title", "").strip()[:120], form.get("beacon", "").strip()[:200],
        {name: form.get(name, "").strip()[:20] for name in ("targeted", "random", "floor", "team")},
        frozenset(form.getlist("inspector")) if typed and "asked" in form else None,
        _conflicts(form) if typed else None,
    )  # fmt: skip


def _conflicts(form: Any) -> tuple[Conflict, ...]:
    """The lines of the form that say something."""
    columns = (form.getlist(name) for name in ("who", "subject", "reason"))
    lines = ([text.strip()[:200] for text in line] for line in zip(*columns, strict=False))
    return tuple(Conflict(*line) for line in lines if any(line))


def take(request: HttpRequest, wish: Wanted, at: datetime) -> Taken:
    """The roll as the registries are now. Raises BadRoll for a registry that is too large or a number that is none."""
    rights, ctx = access.rights(request), getattr(request, "ctx", None)
    found = rolls.gather(rights, wish.source, wish.place, wish.step, bool(ctx and ctx.simulated), at)
    if len(found.ranked) > rolls.MOST:
        raise BadRoll(_("There are more than %s sites") % rolls.MOST, _("Choose a smaller place or one step."))
    ranked, people = found.ranked, found.people
    sent = [each for each in people if wish.inspectors is None or each.id in wish.inspectors]
    conflicts = wish.conflicts
    if conflicts is None:
        conflicts = tuple(rolls.conflicts(rights, found.domain, sent, {each.entry.id for each in ranked}))
    left = {each.id for each in people} - {each.id for each in sent}
    conflicts = tuple(each for each in conflicts if each.inspector not in left)
    title = wish.title or _("Random inspection %(day)s") % {"day": f"{at:%Y-%m}"}
    made = Roll(
        title, wish.place, found.domain, tuple(each.entry for each in ranked), tuple(sent), _quota(wish, len(ranked)),
        conflicts, wish.beacon, _source(request, wish),
    )  # fmt: skip
    return Taken(made, ranked, people, found.simulated)


def checked(wish: Wanted, made: Taken) -> Roll:
    """The roll, fit to be drawn from. Raises BadRoll in the language of the request."""
    for name in ("targeted", "random", "team"):
        if (text := wish.quota.get(name, "")) and not _is_whole(text):
            raise BadRoll(_("“%s” is no whole number") % text, _("Write digits only."))
    roll, size = made.roll, len(made.ranked)
    sites, people = {each.id for each in roll.entries}, {each.id for each in roll.inspectors}
    asked = roll.quota.targeted + roll.quota.random
    if not sites or not people:
        raise BadRoll(
            _("The roll has no site or no inspector"), _("Choose another registry or place; tick inspectors.")
        )
    if asked > size:
        told = _("%(asked)s are to be inspected, but the roll has %(size)s sites") % {"asked": asked, "size": size}
        raise BadRoll(told, _("Lower the quota."))
    for each in roll.conflicts:
        _known(each, people, sites)
    if roll.quota.least * (size - roll.quota.targeted) > roll.quota.random:
        told = _("A least probability of %(floor)s for everybody needs more draws") % {"floor": roll.quota.floor}
        raise BadRoll(told, _("Lower it or draw more by lottery."))
    if short := drawing.short_of(roll):
        told = _("%(site)s needs %(team)s inspectors, %(able)s have no conflict of interest")
        parts = {"site": short[0].name, "team": roll.quota.team, "able": short[1]}
        raise BadRoll(told % parts, _("Tick more inspectors."))
    check(roll)
    return roll


def _known(conflict: Conflict, people: set[str], sites: set[str]) -> None:
    """Refuse a conflict that would bar nobody because its inspector or site is written wrongly. Raises BadRoll."""
    if conflict.inspector not in people:
        told = _("A conflict names inspector %s, who is not ticked") % (conflict.inspector or "—")
        raise BadRoll(told, _("Choose an inspector of the list, or empty the line."))
    if conflict.subject not in sites and not _is_division(conflict.subject):
        told = _("The conflict of %(who)s names %(subject)s, which is not on the roll")
        parts = {"who": conflict.inspector, "subject": conflict.subject or "—"}
        raise BadRoll(told % parts, _("Choose a site of the roll or the code of a division."))


def _is_division(code: str) -> bool:
    """Whether a conflict is with a whole division."""
    return code.isascii() and code.isdecimal() and len(code) in (6, 9, 12)


def _quota(wish: Wanted, size: int) -> Quota:
    """As typed; where no number is, a twentieth by risk, a tenth by lottery, and two inspectors each."""
    targeted = size // 20
    usual = {"targeted": targeted, "random": min(max(1, size // 10), size - targeted), "team": 2}
    numbers = {name: int(wish.quota[name]) if _is_whole(wish.quota[name]) else usual[name] for name in usual}
    return Quota(**numbers, floor=wish.quota.get("floor") or FLOOR)


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 6


def _source(request: HttpRequest, wish: Wanted) -> str:
    """Where entries and risks come from, for those who read the published file."""
    step = dict(steps(wish.source)).get(wish.step, "")
    told = _("risk = 1 + %(case)s × open cases + %(finding)s × findings of the last %(days)s days") % {
        "case": candidates.OPEN_CASE, "finding": candidates.FINDING, "days": candidates.DAYS,
    }  # fmt: skip
    parts = (sources(request)[wish.source], words.place(wish.place), step, told)
    return "; ".join(each for each in parts if each)
