"""Tasks: the text that each responsibility note stands under, with its title."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from qingyuan.plans.reading import notes as duty
from qingyuan.plans.reading.headings import LONGEST, Heading, rank
from qingyuan.plans.reading.lines import LABEL
from qingyuan.plans.reading.mapped import EMPTY, Mapped, join
from qingyuan.plans.reading.outline import Outline
from qingyuan.plans.reading.paragraphs import Paragraph

_FIRST = re.compile(r"[^。！？：]*[。！？：]?")
_MARKS = " 　。；，：:"
_SHORT = 32
"""Characters of a first sentence that is the title of its paragraph."""


@dataclass(frozen=True)
class Found:
    """A task: its title, its text before the note, the note as printed, and the heading that is its own, if any."""

    title: Mapped
    text: Mapped
    note: duty.Note
    printed: Mapped
    start: int


@dataclass
class _Stretch:
    """What stands under one heading: its texts and the notes between them."""

    heading: Heading | None
    line: Mapped = EMPTY
    texts: list[Mapped] = field(default_factory=list)
    notes: list[tuple[int, duty.Note, Mapped]] = field(default_factory=list)
    """(number of texts before it, the note, as printed)."""
    alone: bool = False
    """Its last note is a line of its own."""
    joined: bool = False
    """It holds the numbered measures below its heading, for all of which its one note stands."""


def tasks(paragraphs: Sequence[Paragraph], order: Outline, found: Mapping[int, Sequence[duty.Note]]) -> list[Found]:
    """One task a note, in order; found: the notes of each paragraph."""
    return [task for stretch in _whole(_stretches(paragraphs, order, found)) for task in _of(stretch, order)]


def all_notes(paragraphs: Sequence[Paragraph], order: Outline, raw: str) -> dict[int, list[duty.Note]]:
    """The notes of each paragraph that stands outside boxes."""
    boxed = order.in_box()
    return {index: duty.notes(each.text, raw) for index, each in enumerate(paragraphs) if index not in boxed}


def _stretches(
    paragraphs: Sequence[Paragraph], order: Outline, found: Mapping[int, Sequence[duty.Note]]
) -> list[_Stretch]:
    stretches = [_Stretch(None)]
    for index, notes in found.items():
        heading, text = order.headings.get(index), paragraphs[index].text
        if heading is not None:
            stretches.append(_Stretch(heading, text if not heading.run_in else EMPTY))
        if heading is None or heading.run_in or notes:
            _add(stretches[-1], text, notes)
    return stretches


def _whole(stretches: Sequence[_Stretch]) -> list[_Stretch]:
    """A note on a line of its own after 1. 2. 3., of which no other has one, is of the heading above them all."""
    joined: list[_Stretch] = []
    for place, stretch in enumerate(stretches):
        joined.append(stretch)
        kind = stretch.heading.kind if stretch.heading else None
        following = stretches[place + 1].heading if place + 1 < len(stretches) else None
        if not stretch.alone or len(stretch.notes) != 1 or kind is None or (following and following.kind == kind):
            continue
        first = len(joined) - 1
        while first > 0 and _silent(joined[first - 1], kind):
            first -= 1
        above = joined[first - 1] if 0 < first < len(joined) - 1 else None
        if above and above.heading and not above.notes and rank(above.heading.kind) < rank(kind):
            joined[first - 1 :] = [_together(joined[first - 1 :])]
    return joined


def _silent(stretch: _Stretch, kind: str) -> bool:
    return stretch.heading is not None and stretch.heading.kind == kind and not stretch.notes


def _together(parts: Sequence[_Stretch]) -> _Stretch:
    texts = [text for part in parts[1:] for text in (part.line, *part.texts) if text]
    (_, note, printed) = parts[-1].notes[0]
    texts = [*parts[0].texts, *texts]
    return _Stretch(parts[0].heading, parts[0].line, texts, [(len(texts), note, printed)], joined=True)


def _add(stretch: _Stretch, text: Mapped, notes: Sequence[duty.Note]) -> None:
    at = 0
    if not notes and stretch.notes and stretch.notes[-1][0] == len(stretch.texts) and _is_due(text):
        count, first, before = stretch.notes[-1]
        stretch.notes[-1] = (count, first, join([before, text]))
        return
    for note in notes:
        before = text[at : note.start].strip(_MARKS if at else " ")
        if before:
            stretch.texts.append(before)
        _add_note(stretch, note, text[note.start : note.end], alone=not before)
        at = note.end
    rest = text[at:].strip(_MARKS) if at else text
    if rest:
        stretch.texts.append(rest)


def _is_due(text: Mapped) -> bool:
    """完成时限：… on a line of its own, below the names."""
    return len(text) <= LONGEST and bool(LABEL.match(text.text)) and duty.due(text.text) is not None


def _add_note(stretch: _Stretch, note: duty.Note, printed: Mapped, alone: bool) -> None:
    """A note of its own line that only adds the supporters goes with the note before it."""
    if alone and stretch.notes and stretch.notes[-1][0] == len(stretch.texts):
        count, first, before = stretch.notes[-1]
        if duty.goes_on(first, note):
            both = duty.Note(first.start, note.end, first.groups + note.groups)
            stretch.notes[-1] = (count, both, join([before, printed]))
            return
    stretch.notes.append((len(stretch.texts), note, printed))
    stretch.alone = alone


def _of(stretch: _Stretch, order: Outline) -> Iterator[Found]:
    at = 0
    for count, note, printed in stretch.notes:
        texts = stretch.texts[at:count]
        own = at == 0 and stretch.heading is not None and not _is_chapter(stretch.heading, order)
        if not own or len(stretch.notes) > 1:
            texts = _from_last_title(texts)
        yield _found(stretch, texts, note, printed, own and len(texts) == count - at)
        at = count


def _is_chapter(heading: Heading, order: Outline) -> bool:
    return order.chapter is not None and rank(heading.kind) <= rank(order.chapter)


def _from_last_title(texts: list[Mapped]) -> list[Mapped]:
    for place in range(len(texts) - 1, 0, -1):
        if _titled(texts[place]):
            return texts[place:]
    return texts


def _titled(text: Mapped) -> bool:
    """It begins with a short sentence, which is its title, and goes on."""
    first = _FIRST.match(text.text)
    return first is not None and 4 <= len(first[0]) <= _SHORT and "，" not in first[0] and len(first[0]) < len(text)


def _found(stretch: _Stretch, texts: list[Mapped], note: duty.Note, printed: Mapped, own: bool) -> Found:
    """own: all the text under the heading is this task's, so that the heading may be its title."""
    text = join(texts)
    start = (text or printed).span[0]
    heading = stretch.heading
    if stretch.joined and heading is not None and heading.title:
        return Found(heading.title, text, note, printed, (stretch.line or text).span[0])
    if own and heading is not None and heading.run_in:
        return Found(heading.title or _first_sentence(text), text, note, printed, start)
    titled = [each for each in texts if _titled(each)]
    if texts and titled and titled[0] is texts[0] and (len(titled) == 1 or not own):
        return Found(_first_sentence(text), text, note, printed, start)
    if heading is not None and heading.title and (own or not texts or len(_first_sentence(text)) > LONGEST):
        begin = stretch.line.span[0] if own and stretch.line else start
        return Found(heading.title, text, note, printed, begin)
    return Found(_first_sentence(text), text, note, printed, start)


def _first_sentence(text: Mapped) -> Mapped:
    found = _FIRST.match(text.text)
    return text[: found.end()].strip(_MARKS) if found else text
