"""What a report is made of, gathered once: indicators by year and city, tasks with lights, score sheets, versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from qingyuan.base.time import isoformat
from qingyuan.places.divisions import children
from qingyuan.plans import division
from qingyuan.plans.book.entries import Entry
from qingyuan.plans.decomposing.rules import rules as splits
from qingyuan.plans.evaluating.known import Department, Facts, Measure, Own, Task, Trace, Work
from qingyuan.plans.evaluating.rules import Rules
from qingyuan.plans.evaluating.sheet import Sheet, score
from qingyuan.plans.facts import Indicator, Plan, Words
from qingyuan.plans.scoreboard import Row, Scoreboard, scoreboard

if TYPE_CHECKING:
    from qingyuan.plans.lights import Light

Progress = Callable[[str, int, int], None]
"""Told what is being done, how far, of how many; may raise to stop."""

STATES = {"good": "good", "tight": "tight", "bad": "bad"}
COMPUTED = Words("平台据监测结果计算", "computed from observations")
NOT_REPORTED = Words("尚无上报", "not reported yet")


@dataclass(frozen=True)
class Followed:
    """An indicator through the years: (year, value, whether the year still runs); row: as of now; cities: by name."""

    indicator: Indicator
    row: Row
    years: tuple[tuple[int, Decimal, bool], ...]
    cities: tuple[tuple[Words, Row], ...]
    trace: Trace


@dataclass(frozen=True)
class Said:
    """Points somebody gave a line, with the reason, and the step of the sheet they were given in."""

    points: Decimal
    why: str
    trace: Trace


@dataclass(frozen=True)
class Turn:
    """One step of a sheet. evidence: names of files and numbers of records."""

    title: Words
    verb: str
    by: str
    at: datetime
    note: str
    evidence: tuple[str, ...]
    trace: Trace


@dataclass(frozen=True)
class Stood:
    """What came of a sheet in its round: points and grade that stand, what was said of its lines, how it went.

    said: by ``section.key`` and verb (assess, review, decide); now: points of each line as they stand.
    """

    total: Decimal | None
    grade: Words | None
    step: Words
    said: Mapping[str, Mapping[str, Said]]
    turns: tuple[Turn, ...]
    now: Mapping[str, Decimal | None]


@dataclass(frozen=True)
class Material:
    """Everything a report says. entries: of the version in force; changed: fields that differ between versions.

    stood: of a round, what came of each of the sheets, in their order; scored: version of the results it was scored on.
    """

    kind: str
    plan: Plan
    as_of: datetime
    dataset: str
    simulated: bool
    version: str
    results: int
    rules: Rules
    entries: Sequence[Entry]
    lights: Mapping[str, Light]
    followed: tuple[Followed, ...]
    sheets: tuple[Sheet, ...]
    changed: Sequence[tuple[str, str, str, str]] = field(default_factory=tuple)
    stood: tuple[Stood, ...] = ()
    scored: int | None = None

    @property
    def on(self) -> date:
        """The day it is made for."""
        return self.as_of.date()


@dataclass(frozen=True)
class Source:
    """Where a report looks: the plan's facts, a dataset, the version in force with the lights of its tasks.

    work: what work on it brought from a day up to a moment, by the rules of scoring.
    """

    plan: Plan
    dataset: Path
    title: str
    simulated: bool
    version: str
    entries: Sequence[Entry]
    lights: Mapping[str, Light]
    changed: Sequence[tuple[str, str, str, str]] = ()
    work: Callable[[date, datetime, Rules], Work] = lambda _first, _as_of, _rules: Work()


def gather(source: Source, kind: str, rules: Rules, as_of: datetime, progress: Progress) -> Material:
    """Look everything up; the same boards serve indicators and score sheets."""
    cities = children(f"{source.plan.division:0<6}")
    places = {source.plan.division: Words("全省", "Province")}
    places |= {each.code: Words(each.name_zh, each.name_en) for each in cities}
    boards: dict[str, dict[int, Scoreboard]] = {}
    for done, code in enumerate(places):
        progress(places[code].zh, done, len(places))
        boards[code] = _boards(source, code, as_of)
    followed = tuple(_followed(each, boards, places, as_of) for each in source.plan.indicators)
    first = date(as_of.year, 1, 1) if kind == "yearly" else source.plan.first_day
    work = source.work(first, as_of, rules)
    known = [_facts(source, code, name, boards, as_of, work) for code, name in places.items()]
    known += [_department(source, each, known[0]) for each in work.departments]
    return Material(
        kind, source.plan, as_of, source.title, source.simulated, source.version,
        boards[source.plan.division][as_of.year].version, rules, source.entries, source.lights, followed,
        tuple(score(rules, each) for each in known), source.changed,
    )  # fmt: skip


def _boards(source: Source, division: str, as_of: datetime) -> dict[int, Scoreboard]:
    """The board at the end of each year from the base year on, and as of now."""
    years = range(source.plan.first_day.year - 1, as_of.year)
    ends = {year: datetime(year, 12, 31, 23) for year in years} | {as_of.year: as_of}
    return {year: scoreboard(source.dataset, end, division) for year, end in ends.items()}


def _followed(indicator: Indicator, boards: Mapping[str, Mapping[int, Scoreboard]], places: Mapping[str, Words],
              as_of: datetime) -> Followed:  # fmt: skip
    province, *cities = places
    own = boards[province]
    values = ((year, board.row(indicator.no).value) for year, board in own.items())
    running = as_of.year if (as_of.month, as_of.day) != (12, 31) else None
    years = tuple((year, value, year == running) for year, value in values if value is not None)
    rows = ((places[code], boards[code][as_of.year].row(indicator.no)) for code in cities)
    listed = tuple(each for each in rows if each[1].value is not None)
    return Followed(indicator, own[as_of.year].row(indicator.no), years, listed, _trace(indicator, own[as_of.year]))


def _trace(indicator: Indicator, board: Scoreboard) -> Trace:
    number = f"指标 {indicator.no} @ {board.division}"
    came = board.row(indicator.no).came
    if indicator.method is None:
        if came is not None:
            return Trace("computed", came.words, f"{came.record} {number}", came.as_of.isoformat())
        return Trace("reported", NOT_REPORTED, number, isoformat(board.as_of))
    return Trace("computed", COMPUTED, f"{indicator.method.assessment} {number}", isoformat(board.as_of),
                 str(board.version))  # fmt: skip


def _facts(source: Source, code: str, name: Words, boards: Mapping[str, Mapping[int, Scoreboard]],
           as_of: datetime, work: Work) -> Facts:  # fmt: skip
    """What scoring is given of a place; tasks belong to the province's departments, so a city has none here."""
    measures = [_measure(source, each, code, boards, as_of, work) for each in source.plan.indicators]
    own = code == source.plan.division
    tasks = [_task(each, source) for each in source.entries if own and each.kind == "task"]
    kept, place = tuple(each for each in measures if each is not None), division.normal(code)
    return Facts(
        code, name, as_of.date(), kept, tuple(tasks), work.amounts.get(place, ()), work.events.get(place),
        work.proven.get(place, ()),
    )  # fmt: skip


def _department(source: Source, own: Department, whole: Facts) -> Facts:
    """A department is scored on what it leads: indicators as the whole stands in them, tasks, money, orderly work."""
    measures = tuple(each for each in whole.measures if int(each.key) in own.indicators)
    tasks = tuple(each for each in whole.tasks if each.key in own.tasks)
    return Facts(
        source.plan.division, own.name, whole.on, measures, tasks, own.amounts, own.events, party=own.number
    )  # fmt: skip


def _measure(source: Source, indicator: Indicator, code: str, boards: Mapping[str, Mapping[int, Scoreboard]],
             as_of: datetime, work: Work) -> Measure | None:  # fmt: skip
    """An indicator as scored; None where nothing of it can be scored by numbers, or a city is not asked for it.

    A city is scored against the share issued to it, never against the province's target. Its base is that of the share,
    else its own value of the base year. What starts from nothing in each plan (reductions) has the base 0.
    """
    rule, province = splits()[indicator.no], source.plan.division
    share = work.shares.get((division.normal(code), indicator.no))
    if indicator.direction not in ("down", "up") or (code != province and not _asked(indicator, share)):
        return None
    year = indicator.base.year if indicator.base else source.plan.first_day.year - 1
    before = boards[code][year].row(indicator.no).value if year in boards[code] else None
    if code == province:
        own = Own(indicator.base.value if indicator.base else before, indicator.targets[-1].value, "")
    else:
        own = share or Own(None, None, "")
    base = Decimal(0) if rule.from_nothing else before if own.base is None else own.base
    value, trace = _value(indicator, boards[code][as_of.year], work)
    return Measure(
        str(indicator.no), indicator.short, indicator.unit, indicator.nature, indicator.direction, indicator.decimals,
        base, date(year, 12, 31), own.target, indicator.targets[-1].day, value, _with_share(trace, own),
        above=indicator.targets[-1].bound == "above", issued=code == province or share is not None,
        peers={} if code == province else _peers(indicator, boards, province, as_of),
    )  # fmt: skip


def _asked(indicator: Indicator, share: Own | None) -> bool:
    """Whether a city is asked for an indicator: computed here, or issued to it."""
    return indicator.method is not None or share is not None


def _value(indicator: Indicator, board: Scoreboard, work: Work) -> tuple[Decimal | None, Trace]:
    """As computed; what the platform does not compute as its organisations reported it."""
    told, own = work.values.get((board.division, indicator.no)), board.row(indicator.no).value
    if own is None and indicator.method is None and told is not None:
        return told
    return own, _trace(indicator, board)


def _with_share(trace: Trace, own: Own) -> Trace:
    return replace(trace, record=f"{trace.record}；{own.record}") if own.record else trace


def _peers(indicator: Indicator, boards: Mapping[str, Mapping[int, Scoreboard]], province: str,
           as_of: datetime) -> dict[str, Decimal]:  # fmt: skip
    values = {place: board[as_of.year].row(indicator.no).value for place, board in boards.items() if place != province}
    return {place: value for place, value in values.items() if value is not None}


def _task(entry: Entry, source: Source) -> Task:
    light = source.lights.get(entry.key)
    state = STATES.get(light.state, "not_observed") if light else "not_observed"
    words = Words(entry.title, str(entry.facts.get("en", entry.title)))
    told = trace_of(entry, light, source.version) if light else Trace("reported", NOT_REPORTED, f"任务 {entry.number}")
    return Task(entry.key, words, state, told)


def trace_of(entry: Entry, light: Light, version: str) -> Trace:
    """Where the light of a task or project comes from: the reason, the item, the last day behind it, the version."""
    kind = "任务" if entry.kind == "task" else "工程"
    return Trace("reported", light.reason, f"{kind} {entry.number}", light.as_of.isoformat(), version)
