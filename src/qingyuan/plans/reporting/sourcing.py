"""Where a report looks: the version in force, its lights, its difference from the one before; else the library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time
from functools import partial

from qingyuan.observations.datasets import Dataset
from qingyuan.plans import facts, lights
from qingyuan.plans.book import keeping, seeding
from qingyuan.plans.book.difference import Line, difference
from qingyuan.plans.book.entries import Entry
from qingyuan.plans.lights import Light
from qingyuan.plans.models import Item, Plan, Version
from qingyuan.plans.reporting import working
from qingyuan.plans.reporting.material import Source

FIELDS = {"title": "名称", "text": "正文", "departments": "责任部门", "lead": "牵头", "base": "基数", "target": "目标"}
UNSEALED = "规划事实库（未审定版本）"


def in_force(on: date) -> Version | None:
    """The version of the library's plan that is in force on a day; None when none was adopted."""
    plan = Plan.objects.filter(code=facts.plan().code).first()
    return keeping.in_force(plan, on) if plan else None


def source(dataset: Dataset, on: date) -> Source:
    """What a report of a dataset is made from on a day."""
    told, version = facts.plan(), in_force(on)
    place = (told, dataset.path, dataset.title_zh, dataset.simulated)
    work = partial(working.work, version, dataset.simulated)
    if version is None:
        return Source(*place, UNSEALED, seeding.library(), {}, work=work)
    name = f"第 {version.number} 版 {version.digest[:8]}"
    return Source(*place, name, keeping.entries(version), _lights(version, on), _changed(version), work)


def _lights(version: Version, on: date) -> dict[str, Light]:
    """The lights of tasks and projects at the end of a day, by key, as verdicts."""
    found = lights.of(version, datetime.combine(on, time.max))
    kept = {key: light for (kind, key), light in found.items() if kind in (Item.Kind.TASK, Item.Kind.PROJECT)}
    return {key: replace(light, state=lights.VERDICT[light.state]) for key, light in kept.items()}


def _changed(version: Version) -> list[tuple[str, str, str, str]]:
    """What differs from the version before: item, field, before, now."""
    before = version.plan.versions.filter(state=Version.State.REPLACED, number__lt=version.number).last()
    if before is None:
        return []
    old, new = keeping.entries(before), keeping.entries(version)
    return [row for line in difference(old, new, same_plan=True) for row in _rows(line, old, new)]


def _rows(line: Line, old: Sequence[Entry], new: Sequence[Entry]) -> list[tuple[str, str, str, str]]:
    """A dropped or added item is one row, a changed one a row a field."""
    if line.old is None or line.new is None:
        entry = new[line.new] if line.new is not None else old[line.old or 0]
        gone = line.new is None
        return [(entry.title, "条目", entry.title if gone else "—", "—" if gone else entry.title)]
    title = new[line.new].title
    return [(title, FIELDS.get(each.field, each.field), each.before, each.after) for each in line.fields]
