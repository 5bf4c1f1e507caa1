"""The order of a plan: headings, paragraphs under them, and the boxes between."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from qingyuan.plans.reading import boxes
from qingyuan.plans.reading.headings import Heading, heading_of, rank
from qingyuan.plans.reading.mapped import Mapped, Span
from qingyuan.plans.reading.paragraphs import Paragraph

_BARE = re.compile(r"(?!前言|目录|附件|注)[一-龥“”、]{3,20}(?<!规划)(?<!计划)(?<!方案)(?<!纲要)")
"""A heading without a number: a few words, no title of a plan."""
_ENDED = "before "
"""Marks the last number of a kind under the heading before: some plans count on across sections."""


@dataclass(frozen=True)
class BoxPlace:
    """A box: its title and its paragraphs start..end."""

    title: boxes.BoxTitle
    first: int
    start: int
    end: int


@dataclass(frozen=True)
class Outline:
    """Headings, by paragraph; boxes; chapter: the kind of heading that chapters have, part: the one above it."""

    headings: dict[int, Heading]
    boxes: tuple[BoxPlace, ...]
    chapter: str | None
    part: str | None

    def in_box(self) -> set[int]:
        """Indices of the paragraphs that stand in boxes."""
        return {index for box in self.boxes for index in range(box.first, box.end)}


def outline(paragraphs: Sequence[Paragraph], raw: str) -> Outline:
    """Headings and boxes of the paragraphs."""
    headings: dict[int, Heading] = {}
    places: list[BoxPlace] = []
    open_numbers: dict[str, int] = {}
    index = 0
    while index < len(paragraphs):
        title = boxes.box_title(paragraphs, index)
        if title is not None:
            start = index + title.paragraphs
            end = boxes.end_of_box(paragraphs, start, open_numbers, raw)
            places.append(BoxPlace(title, index, start, end))
            index = end
            continue
        found = _heading(paragraphs, index, open_numbers)
        if found is not None:
            headings[index] = found
        index += 1
    headings = _without_strays(_decimal_outline(paragraphs, headings))
    chapter, part = _chapter_kind(headings.values())
    return Outline(headings, tuple(places), chapter, part)


def bare_outline(paragraphs: Sequence[Paragraph], plain: Outline) -> Outline:
    """The outline of a plan that numbers no headings: short lines without marks are headings.

    One above another is a chapter, and those above sentences are its sections; where none is, all are chapters.
    """
    titles = {box.first for box in plain.boxes}
    bare = [
        each.grid is None and index not in titles and bool(_BARE.fullmatch(each.text.text))
        for index, each in enumerate(paragraphs)
    ]
    headings: dict[int, Heading] = {}
    parted = False
    for index in range(len(paragraphs) - 1):
        if not bare[index] or not (bare[index + 1] or "。" in paragraphs[index + 1].text.text):
            continue
        parted = parted or bare[index + 1]
        kind = "h2" if parted and not bare[index + 1] else "h1"
        headings[index] = Heading(kind, None, index, paragraphs[index].text, False)
    return replace(plain, headings=headings, chapter="h1") if len(headings) > 1 else plain


def _heading(paragraphs: Sequence[Paragraph], index: int, numbers: dict[str, int]) -> Heading | None:
    this = paragraphs[index]
    if this.grid is not None and not this.level:
        return None
    found = heading_of(this.text, this.marker, this.level, index)
    if found is None or not _in_sequence(found, numbers):
        return None
    for kind in [each for each in numbers if not each.startswith(_ENDED) and rank(each) > rank(found.kind)]:
        numbers[_ENDED + kind] = numbers.pop(kind)
    if found.no is not None:
        numbers[found.kind] = found.no
    return _with_title(paragraphs, found)


def _in_sequence(found: Heading, numbers: dict[str, int]) -> bool:
    """Weak numbers must begin with 1 or follow the last one of their kind; one may be missing."""
    if found.kind in ("篇", "部分", "章", "节") or found.no is None or found.kind.startswith("1.1"):
        return True
    last = numbers.get(found.kind, 0)
    return found.no == 1 or last < found.no <= last + 2 or numbers.get(_ENDED + found.kind, -1) + 1 == found.no


def _with_title(paragraphs: Sequence[Paragraph], found: Heading) -> Heading:
    """第一章 alone on its line: the title is the next short line."""
    following = paragraphs[found.paragraph + 1] if found.paragraph + 1 < len(paragraphs) else None
    if found.title or following is None or following.marker or not following.is_line or found.run_in:
        return found
    return replace(found, title=following.text) if len(following.text) <= 40 else found


def _decimal_outline(paragraphs: Sequence[Paragraph], headings: dict[int, Heading]) -> dict[int, Heading]:
    """`1.` above `1.1` is the outer kind, as `1` is."""
    kinds = {each.kind for each in headings.values()}
    if "1.1" not in kinds or "1." not in kinds or "1" in kinds:
        return headings
    above, fits, number = 0, 0, 0
    for index, each in headings.items():
        if each.kind == "1.":
            above = each.no or 0
        if each.kind == "1.1":
            number += 1
            fits += paragraphs[index].text.text.startswith(f"{above}.")
    if fits * 2 <= number:
        return headings
    return {index: replace(each, kind="1") if each.kind == "1." else each for index, each in headings.items()}


def _without_strays(headings: dict[int, Heading]) -> dict[int, Heading]:
    """Bare numbers (1 …) below 一、 or 第一章 are rows of tables where something else numbers the sections."""
    counts = Counter(each.kind for each in headings.values())
    above = counts["章"] > 1 or counts["一、"] > 1
    beside = any(counts[kind] > 1 for kind in ("节", "（一）", "1.1"))
    if not (above and beside) or counts["1.1"] >= 2 * counts["1"] > 0:
        return headings
    return {index: each for index, each in headings.items() if each.kind != "1"}


def _chapter_kind(headings: Iterable[Heading]) -> tuple[str | None, str | None]:
    counts = Counter(each.kind for each in headings)
    if "1" in counts and "1.1" not in counts and len(counts) > 1:
        del counts["1"]
    kinds = sorted(counts, key=rank)
    if "章" in counts:
        return "章", next((kind for kind in kinds if kind in ("篇", "部分")), None)
    several = [kind for kind in kinds if counts[kind] > 1] or kinds
    return (several[0] if several else None), None


def printed_title(text: Mapped, raw: str) -> str:
    """A title with the space that parts its halves, without that which only stretches it.

    One that other text stands between the lines of (a cell) has no such space.
    """
    start, end = text.span
    pieces = raw[start:end].replace("\n", "").split()
    whole = sum(map(len, pieces)) == len(text.text.replace(" ", ""))
    words = pieces if len(pieces) > 1 and whole else [text.text]
    joined = words[0]
    for word in words[1:]:
        apart = len(joined) >= 4 and len(word) >= 4 and joined[-1] not in "“（《" and word[0] not in "”）》（“、，"
        joined += (" " if apart else "") + word
    return re.sub(r"(?<=[”）》]) (?=[一-龥])", "", joined) if "”" in joined else joined


def until(paragraphs: Sequence[Paragraph], start: int, end: int) -> Span:
    """From the paragraph `start` to the end of the one before `end`."""
    return paragraphs[start].span[0], paragraphs[max(start, end - 1)].span[1]
