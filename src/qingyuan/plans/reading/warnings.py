"""What a reader of the draft should know before believing it: parts that were not found, or only guessed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from qingyuan.plans.reading.draft import Chapter, Draft

GUESSED = "The plan numbers no headings: its chapters were guessed from short lines"
NO_YEARS = "The years of the plan were not found: aims without a date have none"
NO_TASKS = "No responsibility note (…牵头, 责任单位：…) was found: there are no tasks"
NO_INDICATORS = "No table of indicators was found"
NO_TARGETS = "No quantified target was found"
UNREAD = "A table of tasks and departments was found whose columns are lost: its rows are no tasks here"
GAPS = "Numbers of chapters are missing or stand twice: the text may be incomplete"

ZH: Mapping[str, str] = {
    GUESSED: "规划没有标题编号，章是按短行推断的",
    NO_YEARS: "没有找到规划年份，未注明年份的目标没有期限",
    NO_TASKS: "没有找到责任单位说明（…牵头，责任单位：…），因此没有任务",
    NO_INDICATORS: "没有找到指标表",
    NO_TARGETS: "没有找到量化目标",
    UNREAD: "有一张任务与责任单位表的分栏已丢失，表中各行没有成为任务",
    GAPS: "章的编号有缺或重复，文本可能不完整",
}
"""The warnings in Chinese."""


def warnings_of(draft: Draft, guessed: bool, unread: bool) -> tuple[str, ...]:
    """All warnings of a draft; guessed: its chapters; unread: a table of duties."""
    return (*([GUESSED] if guessed else []), *_warnings(draft), *([UNREAD] if unread else []))


def _warnings(draft: Draft) -> Iterator[str]:
    if draft.last_year is None:
        yield NO_YEARS
    if _gaps(draft.chapters):
        yield GAPS
    for found, missing in ((draft.tasks, NO_TASKS), (draft.indicators, NO_INDICATORS), (draft.targets, NO_TARGETS)):
        if not found:
            yield missing


def _gaps(chapters: Sequence[Chapter]) -> bool:
    numbers = [each.no for each in chapters if each.no is not None]
    return numbers != list(range(1, len(numbers) + 1))
