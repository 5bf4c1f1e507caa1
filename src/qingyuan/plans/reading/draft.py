"""What the reader gives: a draft of the plan, every item of which points at its place in the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from typing import Any

from qingyuan.plans.reading.mapped import Span


@dataclass(frozen=True)
class Doubt:
    """A figure that may be read otherwise: the field, the figure as printed, what else it may be, and why."""

    field: str
    printed: str
    alternatives: tuple[Decimal, ...]
    reason: str = ""


@dataclass(frozen=True)
class Quantity:
    """A figure of a sentence.

    subject: what it is about; value in `unit` as printed (upper: end of a range; words: 基本消除, or what the number
    was read from, as 全面实现 for 100 %); operator: one of = >= > <= < ~ range every;
    change: up or down when the value is a difference, compared_with: the year it is measured from;
    by: a year, a day, `each year`, or None; by_plan: no date is printed, the plan's last year is meant;
    per: 年 of a yearly amount; kind: aim (to be reached), condition (a threshold that something depends on) or
    interval (every so often).
    """

    subject: str
    value: Decimal | None
    upper: Decimal | None
    words: str | None
    operator: str
    unit: str | None
    change: str | None
    compared_with: str | None
    by: str | None
    by_plan: bool
    per: str | None
    kind: str
    text: str
    text_span: Span
    doubtful: tuple[Doubt, ...] = ()


@dataclass(frozen=True)
class Section:
    """The second level of headings."""

    no: int | None
    title: str
    text_span: Span


@dataclass(frozen=True)
class Chapter:
    """The first level of headings (章, where there are 篇 above it: `part`)."""

    no: int | None
    title: str
    part: str | None
    sections: tuple[Section, ...]
    text_span: Span


@dataclass(frozen=True)
class Task:
    """What one responsibility note stands for; lead: one, several, or None where nobody leads.

    deadline: the time the note or the table gives, as a year or day, else its words (长期坚持).
    """

    no: int
    title: str
    text: str
    lead: str | tuple[str, ...] | None
    departments: tuple[str, ...]
    note: str
    chapter: int | None
    chapter_title: str | None
    section: int | None
    section_title: str | None
    quantities: tuple[Quantity, ...]
    text_span: Span
    note_span: Span
    deadline: str | None = None


@dataclass(frozen=True)
class BoxItem:
    """A numbered line of a box with the text under it; level 1 is the outermost numbering of the box."""

    no: int | None
    level: int
    title: str
    text: str
    text_span: Span


@dataclass(frozen=True)
class Box:
    """专栏: a frame of projects within the plan."""

    no: int | None
    title: str
    chapter: int | None
    items: tuple[BoxItem, ...]
    text_span: Span


@dataclass(frozen=True)
class Indicator:
    """A row of the indicator table.

    base, target: number, words as printed, or None; *_operator: >= > <= < ~ or None;
    cumulative: 累计, a sum over the plan's years; milestones: the other years; nature: binding, expected or None.
    """

    no: int
    group: str | None
    name: str
    unit: str | None
    base: Decimal | str | None
    target: Decimal | str | None
    nature: str | None
    base_year: int | None
    target_year: int | None
    base_operator: str | None
    target_operator: str | None
    base_printed: str | None
    target_printed: str | None
    cumulative: bool
    milestones: Mapping[str, Decimal | str | None]
    text_span: Span
    doubtful: tuple[Doubt, ...] = ()


@dataclass(frozen=True)
class Target(Quantity):
    """A quantified target of the text, with the chapter it stands in."""

    chapter: int | None = None
    chapter_title: str | None = None


@dataclass(frozen=True)
class Origin:
    """The file: sha256 of its extracted text, to which all spans refer, and its length in characters."""

    name: str
    format: str
    encoding: str | None
    sha256: str
    characters: int


@dataclass(frozen=True)
class Draft:
    """A plan as read; to be reviewed beside its text before it is adopted; warnings: what was not found or guessed."""

    title: str
    first_year: int | None
    last_year: int | None
    origin: Origin
    chapters: tuple[Chapter, ...]
    tasks: tuple[Task, ...]
    boxes: tuple[Box, ...]
    indicators: tuple[Indicator, ...]
    targets: tuple[Target, ...]
    text: str
    warnings: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain lists, dictionaries, strings and numbers; spans as [start, end)."""
        plain: dict[str, Any] = _plain(self)
        return plain


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (tuple, list)):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return value
