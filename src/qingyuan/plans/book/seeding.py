"""The plan of the library as a version in force: chapters, tasks and boxes from facts, indicators from theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from django.db import transaction

from qingyuan.people.audit import Actor
from qingyuan.plans import facts
from qingyuan.plans.book import adopting, keeping
from qingyuan.plans.book.entries import Entry
from qingyuan.plans.models import Item, Plan, Version
from qingyuan.standards.schema import Entry as Read
from qingyuan.standards.schema import read

CODE = "jilin_14th"
SOURCE = f"library/{CODE}_tasks.yaml"
_REMARK = re.compile("（.*?）")


@dataclass(frozen=True)
class _Node:
    """An entry with what stands below it."""

    entry: Entry
    below: tuple[_Node, ...] = ()


@cache
def library() -> tuple[Entry, ...]:
    """The plan of the library as entries with keys. FaultyLibrary where its file breaks the schema."""
    file = read(facts.LIBRARY / f"{CODE}_tasks.yaml")
    file.take("code", str)
    file.take("confidence", str)
    chapters = [_chapter(no, each) for no, each in file.entries("chapters")]
    boxes = {no: _box(no, each) for no, each in file.entries("boxes")}
    file.done()
    nodes = [
        _with_boxes(node, [box for chapter, box in boxes.values() if str(chapter) == node.entry.number])
        for node in chapters
    ]
    return (*_flat(nodes), *map(_indicator, facts.plan(CODE).indicators))


def _words(entry: Read) -> tuple[str, dict[str, Any]]:
    zh, en = entry.take("zh", str), entry.take("en", str)
    return zh, {"en": en}


def _titled(kind: str, no: int, entry: Read, key: str) -> Entry:
    zh, en = entry.words("title")
    return Entry(kind, zh, str(no), facts={"en": en}, key=key)


def _chapter(no: int, entry: Read) -> _Node:
    own = _titled("chapter", no, entry, f"c{no:03}")
    below = tuple(_section(no, number, each) for number, each in entry.entries("sections"))
    entry.done()
    return _Node(own, below)


def _section(chapter: int, no: int, entry: Read) -> _Node:
    own = _titled("section", no, entry, f"s{chapter * 100 + no}")
    below = tuple(_Node(_task(number, each)) for number, each in entry.entries("tasks"))
    entry.done()
    return _Node(own, below)


def _task(no: int, entry: Read) -> Entry:
    zh, told = _words(entry)
    departments, leads = entry.names("departments"), entry.names("lead")
    if not departments or set(leads) - set(departments):
        entry.wrong("lead", "those who lead stand among the departments, which are never empty")
    entry.done()
    return Entry("task", zh, str(no), facts=told, departments=departments, leads=leads, key=f"t{no:03}")


def _box(no: int, entry: Read) -> tuple[int, _Node]:
    own = _titled("box", no, entry, f"b{no:03}")
    chapter = entry.take("chapter", int)
    below = tuple(_Node(_project(no, number, each)) for number, each in entry.entries("projects"))
    entry.done()
    return chapter, _Node(own, below)


def _project(box: int, no: int, entry: Read) -> Entry:
    zh, told = _words(entry)
    entry.done()
    return Entry("project", zh, str(no), facts=told, key=f"p{box}{no:02}")


def _with_boxes(chapter: _Node, boxes: list[_Node]) -> _Node:
    return replace(chapter, below=(*chapter.below, *boxes))


def _flat(nodes: list[_Node]) -> list[Entry]:
    made: list[Entry] = []

    def add(node: _Node, parent: int | None) -> None:
        made.append(replace(node.entry, parent=parent))
        own = len(made) - 1
        for each in node.below:
            add(each, own)

    for node in nodes:
        add(node, None)
    return made


def _indicator(row: facts.Indicator) -> Entry:
    final = row.targets[-1]
    told = {
        "en": row.name.en,
        "group": row.group,
        "unit": row.unit,
        "nature": row.nature,
        "direction": row.direction,
        **dict(_figures(row)),
        "target_year": final.day.year,
        "computed": row.method.by if row.method else None,
    }
    names = () if row.method else suppliers(row)
    return Entry(
        "indicator", row.name.zh, str(row.no), facts=told, departments=names, leads=names[:1], key=f"i{row.no:03}"
    )


def suppliers(row: facts.Indicator) -> tuple[str, ...]:
    """Who has to report an indicator, the lead first: the plan's table names nobody, the library does."""
    return tuple(_REMARK.sub("", row.supplier.name.zh).split("、"))


def _figures(row: facts.Indicator) -> Iterator[tuple[str, Any]]:
    final = row.targets[-1]
    if row.base:
        yield "base", float(row.base.value)
        yield "base_year", row.base.year
    yield "target", final.wording.zh if final.wording else float(final.value or 0)
    if final.bound == "above":
        yield "target_operator", ">"
    milestones = {
        str(each.day.year): float(each.value) for each in row.targets if each.milestone and each.value is not None
    }
    if milestones:
        yield "milestones", milestones


@transaction.atomic
def seed(actor: Actor, at: datetime, simulated: bool = False) -> Version:
    """The plan of the library, adopted as its first version; what is there already is left as it is.

    simulated: its progress will be, as in the demo; every page then says so.
    """
    told = facts.plan(CODE)
    plan, _new = Plan.objects.get_or_create(
        code=told.code,
        defaults={
            "title": told.title.zh, "title_en": told.title.en, "division": told.division.ljust(6, "0"),
            "first_day": told.first_day, "last_day": told.last_day, "simulated": simulated,
        },
    )  # fmt: skip
    present = plan.versions.order_by("number").first()
    if present is not None:
        return present
    origin = keeping.Origin("按公布文本整理", SOURCE)
    draft = keeping.open_draft(plan, library(), origin, actor, at, Item.Review.CONFIRMED)
    return adopting.adopt(draft, "按公布的规划文本登记", told.first_day, actor, at)
