"""Broken lines put together again into paragraphs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from qingyuan.plans.reading.headings import Marker, marker
from qingyuan.plans.reading.lines import LABEL, Line, Shape
from qingyuan.plans.reading.mapped import Mapped, Span, join, mapped

_ENDS = "。！？；：）】］”…"
_NOTE_END = re.compile(r"(负责|配合|落实|参与|牵头|政府|单位|部门|[厅局委办等])[）】］〕][。；]?$")
_OPEN, _CLOSE = "（【［〔", "）】］〕"
_BOX = re.compile(r"专栏[\d一二三四五六七八九十]+")
_LONGEST_NOTE = 14
"""Lines that an open bracket may hold together."""


@dataclass(frozen=True)
class Paragraph:
    """Lines that belong together, as one text without spaces; marker: the number it begins with.

    is_row: it is a row of cells, told apart by tabs or strokes.
    """

    text: Mapped
    lines: tuple[Line, ...]
    marker: Marker | None
    is_row: bool = False

    @property
    def level(self) -> int | None:
        """The heading level the file gave."""
        return self.lines[0].level

    @property
    def grid(self) -> int | None:
        """The drawn table it stands in."""
        return self.lines[0].grid

    @cached_property
    def is_line(self) -> bool:
        """It is no sentence: nothing in it ends one."""
        return not re.search(r"[。；！？]", self.text.text)

    @property
    def span(self) -> Span:
        """Its place."""
        return self.text.span


def paragraphs(raw: str, lines: Sequence[Line], shape: Shape) -> list[Paragraph]:
    """All paragraphs of the lines, in order."""
    groups: list[list[Line]] = []
    for line in lines:
        if groups and _continues(groups[-1], line, shape):
            groups[-1].append(line)
        else:
            groups.append([line])
    return [paragraph(raw, group) for group in groups]


def paragraph(raw: str, lines: Sequence[Line]) -> Paragraph:
    """These lines as one paragraph."""
    text = join(mapped(raw[line.start : line.end], line.start) for line in lines)
    row = any(len(re.findall(r"\t|[|｜│]", raw[line.start : line.end])) > 1 for line in lines)
    return Paragraph(text, tuple(lines), None if row else marker(text), row)


def _continues(group: list[Line], line: Line, shape: Shape) -> bool:
    last = group[-1]
    if last.grid is not None or line.grid is not None or last.level is not None or line.level is not None:
        return False
    begins = marker(line.text)
    if begins is not None and begins.strong and not _inside(group):
        return False
    if _inside_note(group):
        return True
    if LABEL.match(line.plain) or _BOX.match(line.plain) or _NOTE_END.search(last.plain):
        return False
    if LABEL.match(group[0].plain):
        full = shape.full is not None and last.width >= shape.full - 2
        return begins is None and (full or last.plain[-1] in "、，：；")
    if line.blank_before and not shape.spaced and not line.page_before and not _broken(group, shape):
        return False
    if begins is not None and _ended(group, shape):
        return False
    return _runs_on(group, line, shape)


def _broken(group: list[Line], shape: Shape) -> bool:
    return shape.full is not None and group[-1].width >= shape.full - 4 and group[-1].plain[-1] not in _ENDS


def _inside(group: list[Line]) -> bool:
    return _inside_note(group) and not group[-1].plain.endswith(("。", "）"))


def _inside_note(group: list[Line]) -> bool:
    """A bracket was opened and not closed yet."""
    if len(group) > _LONGEST_NOTE:
        return False
    text = "".join(line.plain for line in group)
    return sum(text.count(mark) for mark in _OPEN) > sum(text.count(mark) for mark in _CLOSE)


def _ended(group: list[Line], shape: Shape) -> bool:
    last = group[-1]
    return last.plain[-1] in _ENDS or _is_heading(group, shape) or shape.full is None or last.width < shape.full - 8


def _is_heading(group: list[Line], shape: Shape) -> bool:
    """One numbered line that is not full and ends no sentence."""
    line = group[0]
    found = marker(line.text)
    if len(group) > 1 or found is None or re.search(r"[。；]", line.plain):
        return False
    slack = 2 if found.strong else 7
    return shape.full is None or line.width + line.indent < shape.full - slack


def _runs_on(group: list[Line], line: Line, shape: Shape) -> bool:
    last = group[-1]
    if last.full is not None:
        return last.full and line.indent < 2 and (shape.indented or last.plain[-1] not in _ENDS)
    if shape.indented and shape.full is not None:
        return not 2 <= line.indent <= 8 and not _is_heading(group, shape) and line.indent < 9
    if shape.full is None or _is_heading(group, shape):
        return False
    full = max(shape.full, *(each.width for each in group))
    if last.plain[-1] in _ENDS:
        return last.width >= full - 2
    return last.width >= 0.7 * full
