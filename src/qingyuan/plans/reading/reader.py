"""The reader: file → lines → paragraphs → outline → chapters, tasks, boxes, indicators and targets."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from qingyuan.base.errors import UnreadableInput
from qingyuan.plans.reading import boxes as framed
from qingyuan.plans.reading import lines as printed
from qingyuan.plans.reading import notes as duty
from qingyuan.plans.reading import tasks as assigned
from qingyuan.plans.reading.dates import day_of, period
from qingyuan.plans.reading.draft import Box, BoxItem, Chapter, Draft, Origin, Quantity, Section, Target, Task
from qingyuan.plans.reading.duty_tables import Assigned, laid_out, unread
from qingyuan.plans.reading.duty_tables import assigned as row_duties
from qingyuan.plans.reading.figures import Years, settled
from qingyuan.plans.reading.headings import LONGEST, rank
from qingyuan.plans.reading.mapped import Mapped, spell
from qingyuan.plans.reading.outline import Outline, bare_outline, outline, printed_title, until
from qingyuan.plans.reading.paragraphs import Paragraph, paragraphs
from qingyuan.plans.reading.quantities import quantities
from qingyuan.plans.reading.sources import Source, open_source
from qingyuan.plans.reading.tables import cells_of, tables
from qingyuan.plans.reading.targets import dated, targets
from qingyuan.plans.reading.warnings import warnings_of

Headed = TypeVar("Headed", Chapter, Section)


def read(path: Path | str) -> Draft:
    """The draft of the plan in a .txt, .docx or .pdf file.

    Errors: UnreadableInput when the file cannot be read (see `sources.open_source`) or is no plan: it has no headings.
    """
    return read_source(open_source(Path(path)))


def read_source(source: Source) -> Draft:
    """The draft of an extracted text. Errors: UnreadableInput when no heading is found in it."""
    lines = printed.plan_lines(source)
    found = tables(source, lines)
    tabled = {index for table in found for index in table.lines}
    laid = laid_out(source, lines, tabled)
    tabled |= {index for block in laid for index in block.lines}
    body = _body(source, lines, tabled)
    order = outline(body, source.text)
    if order.chapter is None and source.sizes:
        return read_source(replace(source, levels=source.sizes, sizes={}))
    order = _with_chapters(order, body, source)
    title = printed.title(lines)
    years = Years(*period(title, spell(source.text)))
    chapters = _chapters(body, order, source.text)
    notes = assigned.all_notes(body, order, source.text)
    cells = [cell for block in laid for row in block.rows for cell in row]
    indicators, said = settled(found, _said([*_parts(body, source.text, notes), *cells], years), years, source.text)
    boxes = _boxes(body, order, chapters, source.text)
    tasks = _tasks(body, order, chapters, source.text, said, notes)
    rows = _free(row_duties(source, lines, tabled, laid), tasks, boxes)
    draft = Draft(
        title=title,
        first_year=years.first,
        last_year=years.last,
        origin=_origin(source),
        chapters=chapters,
        tasks=_in_order([*tasks, *_row_tasks(rows, chapters, said, source.text)]),
        boxes=boxes,
        indicators=tuple(indicators),
        targets=tuple(_targets(said, chapters, years)),
        text=source.text,
    )
    return replace(draft, warnings=warnings_of(draft, _guessed(order, source), unread(lines, tabled) and not rows))


def _guessed(order: Outline, source: Source) -> bool:
    """The chapters were found by short lines alone: neither numbers nor the file's levels say that they are."""
    return order.chapter == "h1" and not source.levels


def _with_chapters(order: Outline, body: list[Paragraph], source: Source) -> Outline:
    """The outline, by short lines where no heading is numbered. Errors: UnreadableInput when none is found."""
    order = order if order.chapter else bare_outline(body, order)
    if order.chapter is None:
        raise UnreadableInput(
            f"{source.name} is no plan: no headings (第一章, 一、, 1.1, a few words above text) were found in it",
            "Choose the text of the plan itself",
        )
    return order


def _said(parts: Sequence[Mapped], years: Years) -> list[Quantity]:
    """The quantities of all parts, dated, in the order of the text."""
    return dated(sorted((each for part in parts for each in quantities(part)), key=_begins), years.last)


def _begins(each: Quantity) -> int:
    return each.text_span[0]


def _between(said: Sequence[Quantity], start: int, end: int) -> tuple[Quantity, ...]:
    """The quantities of a stretch of the text; said: in the order of the text."""
    return tuple(said[bisect_left(said, start, key=_begins) : bisect_left(said, end, key=_begins)])


def _body(source: Source, lines: list[printed.Line], tabled: set[int]) -> list[Paragraph]:
    """The paragraphs outside the indicator tables; none goes on across a table."""
    shape = printed.shape([line for index, line in enumerate(lines) if index not in tabled])
    runs = [[]] if not lines else [[lines[0]]] if 0 not in tabled else [[]]
    for index in range(1, len(lines)):
        if index in tabled:
            runs.append([])
        else:
            runs[-1].append(lines[index])
    return [each for run in runs for each in paragraphs(source.text, run, shape)]


def _parts(body: list[Paragraph], raw: str, notes: Mapping[int, Sequence[duty.Note]]) -> Iterator[Mapped]:
    """Paragraphs without the responsibility notes in them, those that are rows of a table cell by cell."""
    for index, each in enumerate(body):
        if "\t" in raw[slice(*each.span)]:
            yield from (cell for line in each.lines for cell in cells_of(raw, line))
            continue
        at = 0
        for note in notes.get(index, ()):
            yield each.text[at : note.start]
            at = note.end
        yield each.text[at:]


def _targets(said: list[Quantity], chapters: tuple[Chapter, ...], years: Years) -> Iterator[Target]:
    for each in said:
        chapter, section = _place(chapters, each.text_span[0])
        yield from targets([each], chapter, section, years.first)


def _origin(source: Source) -> Origin:
    digest = hashlib.sha256(source.text.encode("utf-8")).hexdigest()
    return Origin(source.name, source.format, source.encoding, digest, len(source.text))


def _chapters(body: list[Paragraph], order: Outline, raw: str) -> tuple[Chapter, ...]:
    firsts = [index for index, each in order.headings.items() if each.kind == order.chapter]
    ends = [*firsts[1:], len(body)]
    return _counted([_chapter(body, order, raw, first, end) for first, end in zip(firsts, ends, strict=True)])


def _counted(headed: Sequence[Headed]) -> tuple[Headed, ...]:
    """Chapters or sections of which none has a number are counted."""
    if any(each.no is not None for each in headed):
        return tuple(headed)
    return tuple(replace(each, no=number) for number, each in enumerate(headed, 1))


def _chapter(body: list[Paragraph], order: Outline, raw: str, first: int, end: int) -> Chapter:
    heading = order.headings[first]
    above = [each for index, each in order.headings.items() if each.kind == order.part and index < first]
    cut = next((i for i, each in order.headings.items() if first < i < end and each.kind == order.part), end)
    return Chapter(
        no=heading.no,
        title=printed_title(heading.title, raw),
        part=printed_title(above[-1].title, raw) if above else None,
        sections=_sections(body, order, raw, first, cut),
        text_span=until(body, first, cut),
    )


def _sections(body: list[Paragraph], order: Outline, raw: str, first: int, end: int) -> tuple[Section, ...]:
    inside = [index for index in order.headings if first < index < end]
    kind = min((order.headings[index].kind for index in inside), key=rank, default=None)
    starts = [index for index in inside if order.headings[index].kind == kind]
    return _counted(
        [
            Section(order.headings[at].no, printed_title(order.headings[at].title, raw), until(body, at, stop))
            for at, stop in zip(starts, [*starts[1:], end], strict=False)
        ]
    )


def _place(chapters: tuple[Chapter, ...], at: int) -> tuple[Chapter | None, Section | None]:
    """The chapter and section around a place."""
    chapter = next((each for each in chapters if each.text_span[0] <= at < each.text_span[1]), None)
    sections = chapter.sections if chapter else ()
    return chapter, next((each for each in sections if each.text_span[0] <= at < each.text_span[1]), None)


def _tasks(
    body: list[Paragraph],
    order: Outline,
    chapters: tuple[Chapter, ...],
    raw: str,
    said: list[Quantity],
    notes: Mapping[int, Sequence[duty.Note]],
) -> tuple[Task, ...]:
    first_leads = duty.first_named_leads(spell(raw))
    found = assigned.tasks(body, order, notes)
    return tuple(_task(number, each, chapters, raw, first_leads, said) for number, each in enumerate(found, 1))


def _free(rows: list[Assigned], tasks: Sequence[Task], boxes: Sequence[Box]) -> list[Assigned]:
    """The rows of duty tables outside boxes that do not only repeat what a note of the text says."""
    said = {(each.departments, spell(each.text)) for each in tasks}
    framed = [box.text_span for box in boxes]

    def repeats(row: Assigned) -> bool:
        return any(set(names) == set(row.note.departments) and spell(row.text.text) in text for names, text in said)

    return [row for row in rows if not any(a <= row.span[0] < b for a, b in framed) and not repeats(row)]


def _in_order(tasks: Sequence[Task]) -> tuple[Task, ...]:
    """As they stand in the text, numbered through."""
    placed = sorted(tasks, key=lambda each: each.note_span[0])
    return tuple(replace(each, no=number) for number, each in enumerate(placed, 1))


def _deadline(printed: str | None) -> str | None:
    """A day or year, else the words."""
    return (day_of(printed) or printed) if printed else None


def _row_tasks(rows: list[Assigned], chapters: tuple[Chapter, ...], said: list[Quantity], raw: str) -> tuple[Task, ...]:
    """The rows of duty tables as tasks."""
    first_leads = duty.first_named_leads(spell(raw))
    return tuple(
        Task(
            no=number,
            title=_item_title(each.title, 0, raw),
            text=each.text.text,
            lead=each.note.lead(first_leads),
            departments=each.note.departments,
            note=each.printed,
            **_under(chapters, each.span[0]),
            quantities=_between(said, *each.span),
            text_span=each.span,
            note_span=each.span,
            deadline=_deadline(each.due),
        )
        for number, each in enumerate(rows, 1)
    )


def _task(
    no: int,
    found: assigned.Found,
    chapters: tuple[Chapter, ...],
    raw: str,
    first_leads: bool,
    said: list[Quantity],
) -> Task:
    return Task(
        no=no,
        title=printed_title(found.title, raw),
        text=found.text.text,
        lead=found.note.lead(first_leads),
        departments=found.note.departments,
        note=found.printed.text,
        **_under(chapters, found.printed.span[0]),
        quantities=_between(said, found.start, found.printed.span[0]),
        text_span=(found.start, found.printed.span[1]),
        note_span=found.printed.span,
        deadline=_deadline(duty.due(found.printed.text)),
    )


def _under(chapters: tuple[Chapter, ...], at: int) -> dict[str, Any]:
    """The headings above a place, as a task keeps them."""
    chapter, section = _place(chapters, at)
    return {
        "chapter": chapter.no if chapter else None,
        "chapter_title": chapter.title if chapter else None,
        "section": section.no if section else None,
        "section_title": section.title if section else None,
    }


def _boxes(body: list[Paragraph], order: Outline, chapters: tuple[Chapter, ...], raw: str) -> tuple[Box, ...]:
    return tuple(
        Box(
            no=place.title.no,
            title=printed_title(place.title.title, raw),
            chapter=_no(_place(chapters, body[place.first].span[0])[0]),
            items=_items(body[place.start : place.end], raw),
            text_span=until(body, place.first, place.end),
        )
        for place in order.boxes
    )


def _no(chapter: Chapter | None) -> int | None:
    return chapter.no if chapter else None


def _items(body: list[Paragraph], raw: str) -> tuple[BoxItem, ...]:
    return tuple(
        BoxItem(
            each.marker.no if each.marker else None,
            each.level,
            printed_title(each.name, raw)
            if each.name
            else _item_title(each.text, each.marker.length if each.marker else 0, raw),
            each.text.text,
            each.text.span,
        )
        for each in framed.items(body, raw)
        if not each.text.text.startswith("注：")
    )


def _item_title(text: Mapped, after: int, raw: str) -> str:
    rest = text[after:].strip(" 　●■◆★▲◎○·•➢√—：:")
    end = re.search(r"[。；：]", rest.text)
    title = rest[: end.start()] if end else rest
    return printed_title(title, raw) if len(title) <= LONGEST else title.text[:LONGEST]
