"""Which figures of the text are targets of the plan, and by when where no date is printed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from functools import lru_cache

from qingyuan.plans.reading.dates import EACH_YEAR
from qingyuan.plans.reading.draft import Chapter, Quantity, Section, Target
from qingyuan.plans.reading.vocabulary import any_of, vocabulary

_AHEAD = re.compile("目标|指标|要求|任务|思路")
"""A heading with one of these tells of what is to be, also below one that tells of the past."""
_EARLY = 2
"""Chapters in which a heading may tell of the past."""


@lru_cache(maxsize=1)
def _past() -> re.Pattern[str]:
    return re.compile(any_of(vocabulary()["quantities"]["past"]))


def of_the_past(chapter: Chapter | None, section: Section | None) -> bool:
    """The text under these headings tells of what was."""
    if chapter is None or (chapter.no or 0) > _EARLY:
        return False
    if section is not None and _past().search(section.title):
        return True
    ahead = _AHEAD.search(section.title if section is not None else chapter.title)
    return bool(_past().search(chapter.title)) and not ahead


def dated(found: Sequence[Quantity], last_year: int | None) -> list[Quantity]:
    """Aims without a date are due in the plan's last year; said so by `by_plan`."""
    return [
        replace(each, by=str(last_year), by_plan=True)
        if each.by is None and each.kind == "aim" and last_year is not None
        else each
        for each in found
    ]


def targets(
    found: Sequence[Quantity], chapter: Chapter | None, section: Section | None, first_year: int | None
) -> Iterator[Target]:
    """The figures that are aims of the plan's own years or later."""
    if of_the_past(chapter, section):
        return
    for each in found:
        if each.by and each.by != EACH_YEAR and first_year is not None and int(each.by[:4]) < first_year:
            continue
        yield _target(each, chapter)


def _target(each: Quantity, chapter: Chapter | None) -> Target:
    held = {field.name: getattr(each, field.name) for field in fields(Quantity)}
    return Target(**held, chapter=chapter.no if chapter else None, chapter_title=chapter.title if chapter else None)
