"""Tables that assign tasks: 序号 | 重点任务 | 牵头单位 | 配合单位, one task a row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qingyuan.plans.reading import notes as duty
from qingyuan.plans.reading.layout import Block, block_at
from qingyuan.plans.reading.lines import Line
from qingyuan.plans.reading.mapped import EMPTY, Mapped, Span, join
from qingyuan.plans.reading.sources import Source
from qingyuan.plans.reading.tables import cells_of, grid_rows, span_of

_DUE = re.compile(r"(?:完成|实施|起止|推进|建设)?(?:时限|时间|期限|年限|节点|进度)(?:要求)?")
_ASKED = re.compile(r"(?:工作|具体|主要|年度|目标)*(?:目标|要求|指标)(?:要求|任务)?")
_TASK = re.compile(r"(重点|主要|工作|具体|目标)?(任务|措施|工作|事项|内容|项目|要求)(名称|内容|措施)?")

_FEWEST = 3
"""Words of the head of such a table, at least."""

Cells = tuple[Mapped, ...]


@dataclass(frozen=True)
class Assigned:
    """A row: the task's title and words, its departments, until when, where it stands."""

    title: Mapped
    text: Mapped
    note: duty.Note
    printed: str
    span: Span
    due: str | None


def assigned(source: Source, lines: Sequence[Line], taken: set[int], laid: Sequence[Block]) -> list[Assigned]:
    """The rows of all such tables outside the indicator tables (`taken`); laid: those laid out across the lines."""
    drawn = [grid_rows(source.text, grid) for grid in source.grids]
    spaced = [list(block.rows) for block in laid]
    free = [line for index, line in enumerate(lines) if index not in taken and line.grid is None]
    tables = [*drawn, *spaced, *_runs(source.text, free)]
    return [row for rows in tables for row in (*_of_table(rows, source.text), *_of_cards(rows, source.text))]


def _of_cards(rows: Sequence[Cells], raw: str) -> Iterator[Assigned]:
    """Tables of two columns, 任务内容 | …, 牵头单位 | …, that hold one task below the other."""
    card: dict[str, Mapped] = {}
    for row in [row for row in rows if len(row) == 2] + [()]:
        if card and (not row or _TASK.fullmatch(row[0].text)):
            yield from _of_table([tuple(map(_label_cell, card)), tuple(card.values())], raw)
            card = {}
        if row and (card or _TASK.fullmatch(row[0].text)):
            card[row[0].text] = row[1]


def _label_cell(text: str) -> Mapped:
    return Mapped(text, tuple(range(len(text))))


def laid_out(source: Source, lines: Sequence[Line], taken: set[int]) -> list[Block]:
    """Tables of duties that are laid out across the lines, their cells wrapped."""
    found: list[Block] = []
    index = 0
    while index < len(lines):
        free = index not in taken and lines[index].grid is None
        block = block_at(source.text, lines, index, _heads_column) if free else None
        if block and _is_head(block.rows[0]) and not any("项目" in cell.text for cell in block.rows[0]):
            found.append(block)
            index = max(block.lines)
        index += 1
    return found


def unread(lines: Sequence[Line], taken: set[int]) -> bool:
    """A head of such a table stands outside those that were read: only its words are left, line by line."""
    heads = (
        line.text.text.split(" ")
        for index, line in enumerate(lines)
        if index not in taken and line.grid is None and "\t" not in line.text.text
    )
    return any(len(head) >= _FEWEST and sum(map(_heads_column, head)) > 1 and _any_role(head) for head in heads)


def _any_role(head: Sequence[str]) -> bool:
    return any(duty.role_of(word) for word in head)


def _heads_column(text: str) -> bool:
    return bool(duty.role_of(text) or _TASK.fullmatch(text) or _DUE.fullmatch(text) or text in ("序号", "编号"))


def _runs(raw: str, lines: Sequence[Line]) -> Iterator[list[Cells]]:
    """Neighbouring lines of at least three cells."""
    run: list[Cells] = []
    for line in lines:
        row = cells_of(raw, line)
        if len(row) >= 3:
            run.append(row)
        elif run:
            yield run
            run = []
    yield run


def _of_table(rows: Sequence[Cells], raw: str) -> Iterator[Assigned]:
    head = next((at for at, row in enumerate(rows[:3]) if _task_column(row) is not None and _is_head(row)), None)
    if head is None:
        return
    column = _task_column(rows[head]) or 0
    for row in rows[head + 1 :]:
        groups = _groups(rows[head], row, raw)
        text = row[column] if column < len(row) else EMPTY
        if groups and text:
            printed = "；".join(f"{_label(rows[head], group)}：{'、'.join(group.names)}" for group in groups)
            yield Assigned(
                text,
                join([text, *_asked(rows[head], row, column)]),
                duty.Note(0, 0, groups),
                printed,
                span_of(row),
                _due(rows[head], row),
            )


def _due(head: Cells, row: Cells) -> str | None:
    """What stands in the column of the time."""
    return next(
        (cell.text for label, cell in zip(head, row, strict=False) if _DUE.fullmatch(label.text) and cell), None
    )


def _task_column(row: Cells) -> int | None:
    """The last column that names tasks is the closest to what is to be done; what is asked of them stands beside it."""
    found = [at for at, cell in enumerate(row) if _TASK.fullmatch(cell.text)]
    tasks = [at for at in found if not _ASKED.fullmatch(row[at].text)] or found
    return tasks[-1] if tasks else None


def _asked(head: Cells, row: Cells, column: int) -> list[Mapped]:
    """The cells that say what is asked of a task: 目标要求."""
    return [
        cell
        for at, (label, cell) in enumerate(zip(head, row, strict=False))
        if at != column and _ASKED.fullmatch(label.text)
    ]


def _is_head(row: Cells) -> bool:
    return any(duty.role_of(cell.text) for cell in row)


def _groups(head: Cells, row: Cells, raw: str) -> tuple[duty.Names, ...]:
    found = (duty.listed_under(label.text, cell, raw) for label, cell in zip(head, row, strict=False))
    return tuple(each for each in found if each)


def _label(head: Cells, group: duty.Names) -> str:
    return next(cell.text for cell in head if duty.role_of(cell.text) == group.role)
