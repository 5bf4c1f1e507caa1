"""What a version is made of before it is kept: the reader's draft as a list of entries, in the order of the text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from qingyuan.base.errors import UnreadableInput

KINDS = ("chapter", "section", "task", "box", "project", "indicator", "target")
LONGEST_TITLE = 300
TARGET_FACTS = (
    "value", "upper", "words", "operator", "unit", "change", "compared_with", "by", "by_plan", "per", "kind"
)  # fmt: skip
INDICATOR_FACTS = (
    "group", "unit", "base", "target", "nature", "base_year", "target_year", "base_operator", "target_operator",
    "base_printed", "target_printed", "cumulative", "milestones"
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One item. parent: its index in the list of entries, None at the top; span: [start, end) in the text, or None.

    departments: as printed, in order; leads: those of them that lead; key: the same thing's name over all versions.
    """

    kind: str
    title: str
    number: str = ""
    text: str = ""
    span: tuple[int, int] | None = None
    parent: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    doubtful: Sequence[Mapping[str, Any]] = ()
    departments: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    key: str = ""


def entries_of(draft: Mapping[str, Any]) -> list[Entry]:
    """The entries of a reader's draft (``Draft.as_json()``). UnreadableInput where it lacks one of its parts."""
    try:
        found = [
            *_headings(draft["chapters"]),
            *map(_task, draft["tasks"]),
            *_boxes(draft["boxes"]),
            *map(_indicator, draft["indicators"]),
            *map(_target, draft["targets"]),
        ]
    except (KeyError, TypeError) as wrong:
        raise UnreadableInput(f"The draft lacks {wrong}", "Read the plan anew with qingyuan plan import") from wrong
    return _without_twins(_nested(sorted(found, key=_place)))


def _place(entry: Entry) -> tuple[int, int]:
    return (entry.span[0] if entry.span else 1 << 60, KINDS.index(entry.kind))


def _span(part: Mapping[str, Any]) -> tuple[int, int] | None:
    span = part.get("text_span")
    return (int(span[0]), int(span[1])) if span else None


def _number(part: Mapping[str, Any]) -> str:
    return "" if part.get("no") is None else str(part["no"])


def _title(text: str) -> str:
    return text.strip()[:LONGEST_TITLE]


def _headings(chapters: Iterable[Mapping[str, Any]]) -> Iterable[Entry]:
    for chapter in chapters:
        facts = {"part": chapter["part"]} if chapter.get("part") else {}
        yield Entry("chapter", _title(chapter["title"]), _number(chapter), span=_span(chapter), facts=facts)
        for section in chapter.get("sections", ()):
            yield Entry("section", _title(section["title"]), _number(section), span=_span(section))


def _task(task: Mapping[str, Any]) -> Entry:
    lead = task.get("lead")
    leads = (lead,) if isinstance(lead, str) else tuple(lead or ())
    facts: dict[str, Any] = {"note": task.get("note", ""), "quantities": list(task.get("quantities", ()))}
    if task.get("deadline"):
        facts["deadline"] = task["deadline"]
    departments = tuple(dict.fromkeys(task["departments"]))
    return Entry(
        "task", _title(task["title"]), _number(task), task["text"], _span(task),
        facts=facts, departments=departments, leads=leads,
    )  # fmt: skip


def _boxes(boxes: Iterable[Mapping[str, Any]]) -> Iterable[Entry]:
    for box in boxes:
        yield Entry("box", _title(box["title"]), _number(box), span=_span(box))
        for item in box["items"]:
            facts = {"level": item.get("level", 1)}
            yield Entry("project", _title(item["title"]), _number(item), item.get("text", ""), _span(item), facts=facts)


def _indicator(row: Mapping[str, Any]) -> Entry:
    facts = {name: row[name] for name in INDICATOR_FACTS if row.get(name) is not None}
    return Entry(
        "indicator", _title(row["name"]), _number(row), span=_span(row), facts=facts, doubtful=row.get("doubtful", ())
    )


def _target(row: Mapping[str, Any]) -> Entry:
    facts = {name: row[name] for name in TARGET_FACTS if row.get(name) is not None}
    return Entry(
        "target", _title(row["subject"]), text=row["text"], span=_span(row), facts=facts,
        doubtful=row.get("doubtful", ()),
    )  # fmt: skip


def _nested(entries: list[Entry]) -> list[Entry]:
    """Each entry below the heading, box or task it stands in."""
    above: dict[str, int] = {}
    made: list[Entry] = []
    for index, entry in enumerate(entries):
        made.append(replace(entry, parent=_parent(entry, above, made)))
        above[entry.kind] = index
        if entry.kind == "chapter":
            above = {"chapter": index}
    return made


def _parent(entry: Entry, above: Mapping[str, int], made: Sequence[Entry]) -> int | None:
    if entry.kind in ("chapter", "indicator"):
        return None
    if entry.kind == "target":
        task = above.get("task")
        if task is not None and _within(entry, made[task]):
            return task
    if entry.kind == "project":
        return above.get("box")
    higher = ("chapter",) if entry.kind in ("section", "box") else ("section", "chapter")
    return next((above[kind] for kind in higher if kind in above), None)


def _within(inner: Entry, outer: Entry) -> bool:
    return bool(inner.span and outer.span and outer.span[0] <= inner.span[0] < outer.span[1])


def _without_twins(entries: list[Entry]) -> list[Entry]:
    """A figure of a task that is kept as a target of its own does not stand among the task's quantities too."""
    places = {entry.span for entry in entries if entry.kind == "target"}

    def only_own(entry: Entry) -> Entry:
        own = [each for each in entry.facts.get("quantities", ()) if _span(each) not in places]
        return replace(entry, facts={**entry.facts, "quantities": own}) if entry.kind == "task" else entry

    return [only_own(entry) for entry in entries]
