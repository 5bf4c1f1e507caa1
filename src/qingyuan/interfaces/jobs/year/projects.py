"""The projects of the plan 模拟: those of its boxes by their names, in every step from the reserve to accepted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from qingyuan.interfaces import loading
from qingyuan.interfaces.jobs.year import keeping, matters
from qingyuan.interfaces.jobs.year.running import Story, Year, working
from qingyuan.places.divisions import division
from qingyuan.plans import facts
from qingyuan.plans.book import seeding
from qingyuan.plans.book.entries import Entry

KIND = "plan_project"
CLASSES: dict[str, tuple[str, int | None]] = {
    "1": ("climate", 10), "2": ("air", 1), "3": ("water", 4), "4": ("soil", 8), "5": ("ecology", 14),
    "6": ("climate", 11), "7": ("risk", None), "8": ("capacity", None),
}  # fmt: skip
"""Class and the indicator it serves, by the number of the box."""
CUTS = ("10", "11", "12", "13")
"""The indicators whose amounts projects add up to."""
SIGNED = (5, 3, 3, 5, 3, 2, 5, 1, 3, 4, 0, 5)
"""How many steps are signed, project after project: 0 in reserve, 3 under way, 5 accepted."""
BUILD = 3
"""So many steps are signed of what is under way."""
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Listed:
    """A project of a box: its entry, the box's number, and a task of the same chapter (its key)."""

    entry: Entry
    box: str
    task: str


def listed() -> list[Listed]:
    """Every project of the boxes of the library's plan."""
    return list(_listed(seeding.library()))


def _listed(book: tuple[Entry, ...]) -> Iterator[Listed]:
    tasks: dict[int, list[str]] = {}
    for each in book:
        if each.kind == "task":
            tasks.setdefault(_chapter(book, each), []).append(each.key)
    for number, each in enumerate(book):
        if each.kind == "project" and each.parent is not None:
            near = tasks.get(_chapter(book, each)) or [""]
            yield Listed(each, book[each.parent].number, near[number % len(near)])


def _chapter(book: tuple[Entry, ...], entry: Entry) -> int:
    at = -1
    while entry.parent is not None:
        at = entry.parent
        entry = book[at]
    return at


def project(year: Year, number: int, one: Listed) -> Story:
    """A project is entered with its days, money and indicator, and signed on as far as it came."""
    kind, chance = loading.registers().kind(KIND), year.chance(KIND, number)
    where = matters.cities()[number % len(matters.cities())]
    at = working(year.begins + DAY * chance.randrange(2, 20), chance)
    yield at
    signed = SIGNED[number % len(SIGNED)]
    told = _reserve(one, where, chance, _planned(signed, chance, year.ends.date()))
    made = keeping.opened(year, kind, where, told, at)
    for step in list(kind.steps)[:signed]:
        at = working(at + DAY * chance.randrange(3, 14), chance)
        yield at
        keeping.acted(year, kind, made, "sign", _step(step, told, chance, at.date()), at)
    if made.step == "build":
        at = working(at + DAY * chance.randrange(3, 14), chance)
        yield at
        keeping.acted(year, kind, made, "fill", _under_way(told, chance, at.date()), at)


def _planned(signed: int, chance: Random, today: date) -> tuple[date, date]:
    """First and last day planned: long over for what is built, about today for what is under way, else to come."""
    if signed > BUILD:
        begins = facts.plan().first_day + DAY * chance.randrange(60, 1100)
        return begins, begins + DAY * chance.randrange(300, 800)
    begins = today + DAY * (chance.randrange(-900, -300) if signed == BUILD else chance.randrange(-60, 240))
    return begins, max(today + DAY * chance.randrange(-90, 300), begins + DAY * chance.randrange(200, 400))


def _reserve(one: Listed, where: str, chance: Random, days: tuple[date, date]) -> dict[str, Any]:
    sort, indicator = CLASSES[one.box]
    begins, ends = days
    place = division(where).name_zh
    told: dict[str, Any] = {
        "name": f"{place}{one.entry.title}（模拟）", "plan": facts.plan().code, "item": one.entry.key,
        "class": sort, "owner": f"{place}项目建设单位（模拟）", "planned_start": begins.isoformat(),
        "planned_end": ends.isoformat(), "total": str(chance.randrange(8, 900) * 100),
        "effect": "改善环境质量（模拟数，未核）",
    }  # fmt: skip
    if one.task:
        told["task"] = one.task
    return told | ({"indicator": str(indicator)} if indicator else {})


def _step(step: str, told: Mapping[str, Any], chance: Random, on: date) -> dict[str, Any]:
    """What signing a step takes."""
    if step == "approve":
        return {"approval": f"模拟发改审批〔{told['planned_start'][:4]}〕{chance.randrange(10, 400)}号"}
    if step == "fund":
        source = chance.choice(["central", "province", "local", "bond", "own"])
        return {"source": source, "years": _years(told, chance, on)}
    if step == "build":
        begun = _begun(told, chance, on)
        return {"started": begun.isoformat(), "finished": _finished(told, begun, chance, on), "share": "100"}
    return _accepted(told, chance) if step == "accept" else {}


def _accepted(told: Mapping[str, Any], chance: Random) -> dict[str, Any]:
    """What came of it; of a cut the amount, in 10⁴ t."""
    achieved = {"achieved": "已按设计投入运行（模拟）"}
    if told.get("indicator") not in CUTS:
        return achieved
    return achieved | {"achieved_amount": f"{chance.randrange(5, 60) / 1000}"}


def _years(told: Mapping[str, Any], chance: Random, on: date) -> list[dict[str, str]]:
    first, last = int(told["planned_start"][:4]), int(told["planned_end"][:4])
    planned = float(told["total"]) / (last - first + 1)
    return [_year(each, planned, chance.uniform(0.7, 1.0) if each <= on.year else 0) for each in range(first, last + 1)]


def _year(year: int, planned: float, share: float) -> dict[str, str]:
    return {"year": str(year), "planned": f"{planned:.0f}", "paid": f"{planned * share:.0f}"}


def _begun(told: Mapping[str, Any], chance: Random, on: date) -> date:
    return min(date.fromisoformat(told["planned_start"]) + DAY * chance.randrange(0, 120), on - 30 * DAY)


def _finished(told: Mapping[str, Any], begun: date, chance: Random, on: date) -> str:
    meant = date.fromisoformat(told["planned_end"]) + DAY * chance.randrange(-90, 60)
    return max(begun, min(meant, on - DAY)).isoformat()


def _under_way(told: Mapping[str, Any], chance: Random, on: date) -> dict[str, Any]:
    begun, ends = _begun(told, chance, on), date.fromisoformat(told["planned_end"])
    share = min(0.97, max(0.05, (on - begun) / max(ends - begun, DAY) * chance.uniform(0.7, 1.05)))
    return {"started": begun.isoformat(), "share": f"{100 * share:.0f}"}
