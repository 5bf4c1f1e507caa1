"""Traffic lights of a plan's items: made by the rules of ``library/lights.yaml`` from what is known, never by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from qingyuan.observations.datasets import Dataset
from qingyuan.plans import facts, judging
from qingyuan.plans import live as figures
from qingyuan.plans.dispatching import asking, standing, things
from qingyuan.plans.dispatching.standing import Key, Whole
from qingyuan.plans.dispatching.things import Thing
from qingyuan.plans.facts import LIBRARY
from qingyuan.plans.judging import Rule
from qingyuan.plans.models import Item, Reported, Version
from qingyuan.plans.scoreboard import Row, Scoreboard
from qingyuan.registers.flow.declared import Words
from qingyuan.standards.schema import read

STATES = ("behind", "tight", "not_reported", "steady", "not_computed", "done")
"""From the worst to the best."""
VERDICT = {"steady": "good", "tight": "tight", "behind": "bad"}
VERDICT |= {"done": "good", "not_reported": "none", "not_computed": "unknown"}
"""Icon and colour of a light."""
OF_VERDICT = {"good": "steady", "tight": "tight", "bad": "behind", "not_observed": "not_reported"}
OF_VERDICT |= {"not_judged": "not_computed"}
_POINT = Decimal("0.1")


@dataclass(frozen=True)
class Light:
    """One light. reason: why, with the numbers in it; as_of: last day of what it is made from; inputs: the numbers."""

    state: str
    reason: Words
    as_of: date
    inputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Rules:
    """The rules in order; by: worst or share; lines: light of a whole → percent of its parts by light that make it."""

    rules: tuple[Rule, ...]
    by: str
    lines: Mapping[str, Mapping[str, int]]
    confidence: str


@cache
def rules(path: Path = LIBRARY / "lights.yaml") -> Rules:
    """The rules as declared. Raises FaultyLibrary naming file, key and what is wrong."""
    file = read(path)
    file.taken.add("indicators")  # read by `judging`
    found = judging.listed(file, "rules", STATES)
    rollup = file.inner("rollup")
    lines = {str(name): dict(entry.content) for name, entry in rollup.entries("lines")}
    if unknown := {each for name, line in lines.items() for each in (name, *line)} - set(STATES):
        rollup.wrong("lines", f"{sorted(unknown)[0]!r} is none of {', '.join(STATES)}")
    result = Rules(found, rollup.one_of("by", ("worst", "share")), lines, file.take("confidence", str))
    file.done()
    return result


def judge(facts: Mapping[str, Any], as_of: date, by: Rules | None = None) -> Light:
    """The light of an item by the first rule that fits; what no rule fits could not be computed."""
    fits = judging.first((by or rules()).rules, facts)
    if fits is not None:
        return Light(fits.light, fits.told(facts), as_of, dict(facts))
    return Light("not_computed", Words("没有可用的依据", "nothing to judge it by"), as_of, dict(facts))


def rolled(parts: Sequence[Light], as_of: date, by: Rules | None = None) -> Light:
    """The light of a section or chapter by the rule: the worst of its parts, or by their shares."""
    by = by or rules()
    counted = Counter(each.state for each in parts if each.state != "not_computed")
    total = sum(counted.values())
    words = "，".join(f"{ZH[each]} {counted[each]}" for each in STATES if counted[each])
    english = ", ".join(f"{counted[each]} {EN[each]}" for each in STATES if counted[each])
    reason = Words(f"{total} 项：{words}", f"{total} items: {english}")
    state = _rolled(counted, total, by)
    return Light(state, reason if total else Words("没有可判的任务", "no item that is judged"), as_of, dict(counted))


def _rolled(counted: Mapping[str, int], total: int, by: Rules) -> str:
    if not total:
        return "not_computed"
    if by.by == "worst":
        return next(each for each in STATES if counted.get(each))
    for state, lines in by.lines.items():
        if any(counted.get(each, 0) * 100 >= share * total for each, share in lines.items()):
            return state
    return "done" if counted.get("done") == total else "steady"


ZH = {
    "behind": "落后",
    "tight": "吃紧",
    "not_reported": "未填报",
    "steady": "稳",
    "not_computed": "不判",
    "done": "完成",
}
EN = {
    "behind": "behind", "tight": "tight", "not_reported": "not reported", "steady": "on course",
    "not_computed": "not judged", "done": "done",
}  # fmt: skip


def of_board(version: Version, board: Scoreboard, on: date) -> dict[str, Light]:
    """The lights of a plan's indicators as its scoreboard judges them, by key of the item, for `of`."""
    keys = dict(version.items.filter(kind=Item.Kind.INDICATOR).values_list("number", "key"))
    return {keys[str(row.no)]: _of_row(row, on) for row in board.rows if str(row.no) in keys}


def _of_row(row: Row, on: date) -> Light:
    return Light(OF_VERDICT[row.state], row.reason, row.came.as_of if row.came else on, {"value": row.value})


def live(version: Version, datasets: list[Dataset]) -> dict[str, Light]:
    """The same as of now, by the dataset that goes with the plan; none where there is none, or for another plan."""
    if version.plan.code != facts.plan().code:
        return {}
    board = figures.board(datasets, version.plan.simulated)
    return of_board(version, board, board.so_far.last) if board else {}


def of(
    version: Version, at: datetime, indicators: Mapping[str, Light] | None = None, told_by: datetime | None = None
) -> dict[Key, Light]:
    """Every light of a version at a moment, by kind and key: tasks, projects, indicators, then sections and chapters.

    indicators: lights of indicators by their key, of the scoreboard (`of_board`); told_by: reports
    that came until then count, where that is later than the last hour with data.
    """
    known = things.things(version)
    reports = Reported.objects.filter(plan=version.plan, at__lte=told_by or at)
    wholes = standing.wholes(asking.report(each) for each in reports)
    late = late_days(version, at)
    found: dict[Key, Light] = {}
    for each in known:
        if each.kind == Item.Kind.INDICATOR and indicators and each.key in indicators:
            found[each.id] = indicators[each.key]
            continue
        facts = facts_of(each, wholes.get(each.id), version, at.date(), late.get(each.id, 0), indicators or {})
        whole = wholes.get(each.id)
        found[each.id] = judge(facts, whole.last_day if whole else at.date())
    return found | _above(version, known, found, at.date())


def facts_of(
    thing: Thing, whole: Whole | None, version: Version, on: date, late: int, indicators: Mapping[str, Light]
) -> dict[str, Any]:
    """What the rules may ask of an item; what is not known is left out."""
    span = (thing.deadline - version.plan.first_day).days or 1
    elapsed = min(Decimal(100), max(Decimal(0), Decimal(100 * (on - version.plan.first_day).days) / span))
    elapsed = elapsed.quantize(_POINT)
    left = (thing.deadline - on).days
    facts: dict[str, Any] = {"elapsed": elapsed, "days_left": Decimal(left), "overdue": max(0, -left)}
    facts |= {"late_days": Decimal(late), "reports": Decimal(whole.count if whole else 0)}
    facts |= {"asked": Decimal(int(thing.asked)), "known": Decimal(int(bool(thing.known)))}
    verdicts = [indicators[each].state for each in thing.indicators if each in indicators]
    if verdicts:
        back = {"behind": "bad", "tight": "tight", "steady": "good"}
        facts["indicator"] = back.get(min(verdicts, key=STATES.index), "")
    if whole is None:
        return facts
    facts["status"] = whole.status
    if whole.progress is not None:
        facts |= {"progress": whole.progress, "gap": elapsed - whole.progress}
    if whole.value is not None and thing.quantity:
        facts["share"] = (100 * whole.value / thing.quantity).quantize(_POINT)
    return facts


def late_days(version: Version, at: datetime) -> dict[Key, int]:
    """By item the days past the deadline of the oldest report that was asked and is not given."""
    found: dict[Key, int] = {}
    for case in asking.open_of(version.plan).filter(step="report", until__lt=at):
        for row in case.values.get("rows", []):
            key = (row["kind"], row["key"])
            found[key] = max(found.get(key, 0), max(1, (at.date() - case.until.date()).days))
    return found


def _above(version: Version, known: Iterable[Thing], lights: Mapping[Key, Light], on: date) -> dict[Key, Light]:
    """Sections and chapters, from the items at any depth below them."""
    items = {
        each.pk: each
        for each in version.items.exclude(kind=Item.Kind.TARGET).only("pk", "version", "kind", "key", "parent")
    }
    below: dict[int, list[Light]] = {}
    for thing in known:
        above = thing.parent
        while above is not None and above in items:
            below.setdefault(above, []).append(lights[thing.id])
            above = items[above].parent_id
    return {
        (items[number].kind, items[number].key): rolled(parts, on)
        for number, parts in below.items()
        if items[number].kind not in ("task", "project", "indicator")
    }
