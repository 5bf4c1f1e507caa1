"""The live figures of the plan: the one place where pages, API, commands, jobs and evaluation learn them.

seen = look(dataset.path, dataset.simulated, as_of)
board = of(dataset.path, as_of, "220100", seen)

Figures are those of the version in force where the store has one, else the library's; values come from assessments,
registers, and what was reported and accepted; a place below is judged by the share handed down to it, or not at all.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from django.db.models import Count, Max, Sum

from qingyuan.assessments import store
from qingyuan.base.time import now
from qingyuan.cases.models import Case
from qingyuan.observations.datasets import Dataset
from qingyuan.plans import counting, facts, sections, sharing
from qingyuan.plans.book import figures, keeping
from qingyuan.plans.dispatching import asking, things, values
from qingyuan.plans.division import exact
from qingyuan.plans.facts import Indicator, Target, Words
from qingyuan.plans.forecast import kept
from qingyuan.plans.indicators import last_full_day, newest_hour
from qingyuan.plans.models import Decomposition, Every, Plan, Reported, Version
from qingyuan.plans.models import Share as Row
from qingyuan.plans.overlay import applied
from qingyuan.plans.scoreboard import Scoreboard, scoreboard
from qingyuan.plans.told import LIBRARY, Key, Known, Share, Told
from qingyuan.plans.values import refresh_indicators
from qingyuan.registers.models import RegisterRecord


def look(simulated: bool, as_of: datetime, told_by: datetime | None = None) -> Known:
    """All that the store knows as of a moment: for any number of boards.

    simulated: of the dataset the boards are made of, whether simulated rows count; told_by: what was reported or
    accepted until then counts, where that is later than the newest hour with data.
    """
    by = max(told_by or as_of, as_of)
    shares = _shares(simulated)
    version = in_force(as_of.date())
    if version is None:
        return Known(LIBRARY, shares=shares)
    found, asked = values_of(version, simulated, by), values.missing(version, by)
    return Known(_name(version), figures.of(version), found, asked, shares)


def values_of(version: Version, simulated: bool, by: datetime) -> dict[Key, Told]:
    """What was reported and accepted, and what registers add up to, by place and indicator, as of a moment."""
    wanted = [(each.no, each.source(by.date())) for each in facts.plan().indicators]
    reported, counted = values.values(version, simulated, by), counting.values(version.plan, wanted, simulated, by)
    first = {no for no, source in wanted if source.reported_first}
    return {**reported, **counted} | {key: each for key, each in reported.items() if key[1] in first}


def in_force(on: date) -> Version | None:
    """The version of the library's plan in force on a day; None where the store has none."""
    plan = Plan.objects.filter(code=facts.plan().code).first()
    return keeping.in_force(plan, on) if plan else None


def _name(version: Version) -> Words:
    digest = version.digest[:8]
    return Words(
        f"第 {version.number} 版，{version.in_force_from} 起施行，摘要 {digest}",
        f"version {version.number}, in force from {version.in_force_from}, digest {digest}",
    )


def _shares(simulated: bool) -> dict[tuple[str, int, date], Share]:
    """Every place's own share of a target."""
    found = {}
    for each in sharing.shares_in_force(simulated).filter(party=""):
        share = _share(each)
        if share is not None:
            found[exact(each.division), int(each.decomposition.indicator), each.decomposition.day] = share
    return found


def _share(given: Row) -> Share | None:
    """In the indicator's own unit; a base of 0 is none."""
    told = sharing.in_unit(given)
    if told is None:
        return None
    base, value = told
    return Share(
        value, base if given.base else None, f"{given.value:.0f} / {given.weight:.0f}" if sharing.counted(given) else ""
    )


def of(dataset: Path, as_of: datetime, division: str, known: Known) -> Scoreboard:
    """The board of a province, city or county as of an hour, each row judged by the rules of lights."""
    return kept.judged(scoreboard(dataset, as_of, division, known.figures, known), dataset)


def refreshed(dataset: Dataset, as_of: datetime) -> int:
    """Make forecasts and stored values of a dataset anew where anything changed; the number of new values."""
    known = look(dataset.simulated, as_of, now())
    day, told = last_full_day(as_of), applied(facts.plan(), known.figures)

    def goal(indicator: Indicator, place: str) -> Target:
        target = indicator.target(day)
        share = None if place == told.division else known.share(place, indicator.no, target)
        return target if share is None else replace(target, value=share.target)

    kept.refresh_forecasts(dataset.path, as_of, told, goal)
    return refresh_indicators(dataset.path, as_of, known)


def standing(dataset: Path) -> tuple[object, ...]:
    """Where all that a board is made of stands, beside the air's results; changes whenever any of it does."""
    return (
        *Version.objects.aggregate(Max("pk"), Max("adopted_at")).values(),
        *Reported.objects.aggregate(Max("pk")).values(),
        *Every.objects.aggregate(Max("pk"), Max("at")).values(),
        *Case.objects.filter(kind=asking.KIND).aggregate(Count("pk"), Sum("version")).values(),
        *RegisterRecord.objects.filter(kind__in=_registers()).aggregate(Count("pk"), Sum("version")).values(),
        *Decomposition.objects.aggregate(Max("pk"), Max("issued_at"), Count("pk")).values(),
        store.version(dataset, sections.ASSESSMENT),
        kept.written(dataset),
    )


def _registers() -> set[str]:
    """Kinds of records that a value may come from."""
    sources = (source for each in facts.plan().indicators for source in each.sources)
    return {things.PROJECTS, *(source.name for source in sources if source.by == "register")}


def board(known: list[Dataset], simulated: bool, division: str = "22", slug: str = "") -> Scoreboard | None:
    """The board as of now of the dataset that was named, else of the one that goes with a plan (simulated or not).

    None where there is no such dataset, or it holds nothing yet.
    """
    fitting = (each for each in known if (each.slug == slug if slug else each.simulated == simulated))
    boards = ((each, newest_hour(each)) for each in fitting)
    found = next(((each, at) for each, at in boards if at is not None), None)
    if found is None:
        return None
    dataset, at = found
    return of(dataset.path, at, division, look(dataset.simulated, at, now()))
