"""Lines of the extracted text: which are of the plan, and which only of the page they were printed on."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from qingyuan.plans.reading.mapped import Mapped, mapped, width
from qingyuan.plans.reading.sources import CONTENTS, Source

_BREAK = re.compile(r"[\n\f\x0b\u2028\u2029]")
_PAGE = re.compile(
    r"[—\-·~_•|]+ ?\d{1,4} ?[—\-·~_•|]+|\d{1,4} ?/ ?\d{1,4}|[Pp]age ?\d{1,4}.*"
    r"|第 ?\d{1,4} ?页(?:[，/ ]*共 ?\d{1,4} ?页)?"
)
_NUMBER = re.compile(r"\d{1,3}|[ivxIVX]{1,5}")
_LEADERS = re.compile(r"[.…·•]{3,} *[\d—\-ivxIVX]*$|…+ *\d*$")
_ENTRY_END = re.compile(r"[.…·•— \-]*[（]?\d{1,3}[）]?$")
_CONTENTS = re.compile(r"目 ?[录次]")
_FOOTNOTE = re.compile(r"[①-⑳]|［\d{1,2}］|注(?:\d{1,2})?[：:]|\*")
_CHAPTER = re.compile(r"第[一二三四五六七八九十\d]{1,3}[篇章]")
_INDENT = 4
"""Columns of the space before a paragraph."""
_SENTENCE_END = "。！？；"
_LINE_END = "。！？；：）】］"
LABEL = re.compile(
    r"[—【［]*(?:(?:总?牵头|主?责任?|配合|主办|协办|参与|参加|实施|落实|承担|负责|督导|指导|完成)[一-龥]{0,4}(?:单位|部门|主体|时限|时间|期限|年限)"
    r"|牵头|主办|主责|责任|协办|配合|时限)[：:】］]"
)
"""A responsibility note on a line of its own begins like this."""
_TITLE = re.compile(r"规划|纲要|计划|方案")


@dataclass(frozen=True)
class Line:
    """One line that is not blank: text with single spaces; raw span start..end; width in columns of the page.

    full: it reaches the right edge of the print; None where that is not known.
    """

    start: int
    end: int
    text: Mapped
    width: int
    blank_before: bool
    page_before: bool
    indent: int
    level: int | None
    grid: int | None
    full: bool | None = None

    @property
    def plain(self) -> str:
        """The text without spaces."""
        return self.text.text.replace(" ", "")


@dataclass(frozen=True)
class Shape:
    """How the lines are set: full = columns of a full line (None: a paragraph is one line); indented, double-spaced."""

    full: int | None
    indented: bool
    spaced: bool


def plan_lines(source: Source) -> list[Line]:
    """The lines of the plan itself: without page numbers, running heads, contents and footnotes."""
    lines = _without_contents(_lines(source))
    marks = {index for index, line in enumerate(lines) if _is_page_mark(lines, index)}
    marks |= _running_heads(lines, marks)
    marks |= _footnotes(lines, marks)
    return [line for index, line in enumerate(lines) if index not in marks]


def shape(lines: Sequence[Line]) -> Shape:
    """The setting of the text, from its long lines outside drawn tables."""
    free = [line for line in lines if line.grid is None]
    blank = sum(line.blank_before for line in free)
    spaced = blank > 0.4 * len(free)
    indented = sum(2 <= line.indent <= 8 for line in free) >= max(3, 0.1 * len(free))
    return Shape(_full_line(free), indented, spaced)


def _full_line(lines: Sequence[Line]) -> int | None:
    """The width at which sentences were broken: most long lines end within a sentence, and all near one width."""
    long = [line for line in lines if line.width >= 30 and not LABEL.match(line.plain)]
    broken = sorted(line.width for line in long if line.plain[-1] not in _LINE_END and not line.plain.startswith("第"))
    if len(broken) < max(3, 0.35 * len(long)):
        return None
    middle = broken[len(broken) // 2]
    near = sum(middle - 8 <= each <= middle + 6 for each in broken)
    return middle if near >= 0.5 * len(broken) else None


def _lines(source: Source) -> list[Line]:
    lines: list[Line] = []
    starts = [grid.span[0] for grid in source.grids]
    at, blank, page = 0, False, False
    for raw in _BREAK.split(source.text):
        end = at + len(raw)
        text = mapped(raw, at, spaces=True)
        if text:
            grid = _grid(source, starts, at)
            indented, full = source.edges.get(at, (False, None))
            indent = _INDENT if indented else width_of_indent(raw)
            lines.append(Line(at, end, text, width(raw), blank, page, indent, source.levels.get(at), grid, full))
            blank = page = False
        else:
            blank = True
        page = page or source.text[end : end + 1] == "\f"
        at = end + 1
    return lines


def width_of_indent(raw: str) -> int:
    """Columns of space before the first character."""
    return sum(2 if character == "\u3000" else 4 if character == "\t" else 1 for character in raw[: -len(raw.lstrip())])


def _grid(source: Source, starts: list[int], at: int) -> int | None:
    index = bisect_right(starts, at) - 1
    return index if index >= 0 and at < source.grids[index].span[1] else None


def _is_page_mark(lines: list[Line], index: int) -> bool:
    line = lines[index]
    if line.grid is not None:
        return False
    if _PAGE.fullmatch(line.text.text):
        return True
    return bool(_NUMBER.fullmatch(line.plain)) and _among_text(lines, index)


def _among_text(lines: list[Line], index: int) -> bool:
    """A bare number is a page's when it stands at a page's edge or between lines of running text."""
    near = [lines[place] for place in (index - 1, index + 1) if 0 <= place < len(lines)]
    edge = lines[index].page_before or (index + 1 < len(lines) and lines[index + 1].page_before)
    return edge or all(line.width >= 24 and "性" not in line.plain[-2:] for line in near)


def _running_heads(lines: list[Line], marks: set[int]) -> set[int]:
    """Short lines repeated beside page marks, or repeated titles."""
    places: dict[str, list[int]] = {}
    for index, line in enumerate(lines):
        if index not in marks and line.grid is None and line.level is None:
            places.setdefault(re.sub(r"\d+", "#", line.plain), []).append(index)
    heads: set[int] = set()
    for text, found in places.items():
        if len(found) > 1 and 5 <= len(text) <= 40 and text[-1] not in _SENTENCE_END:
            heads |= _heads_of_pages(lines, marks, text, found)
    return heads | _chapters_again(lines, marks)


def _chapters_again(lines: list[Line], marks: set[int]) -> set[int]:
    """Heads of pages that repeat the chapter they are in: 第三章 … where its heading was printed before."""
    again: set[int] = set()
    printed: set[str] = set()
    last = ""
    for index, line in enumerate(lines):
        number = _CHAPTER.match(line.plain)
        if number is None or line.level is not None or line.grid is not None:
            continue
        if line.plain in printed and (number[0] == last or _at_edge(lines, marks, index)):
            again.add(index)
        below = lines[index + 1].plain if index + 1 < len(lines) else ""
        printed |= {line.plain, line.plain + below}
        last = number[0]
    return again


def _heads_of_pages(lines: list[Line], marks: set[int], text: str, found: list[int]) -> set[int]:
    """Those of a repeated line's places that are heads or feet of pages; its first may be the title itself."""
    beside = {index for index in found if _at_edge(lines, marks, index)}
    titled = bool(re.search(r"(规划|纲要|公报|文件|政府)[》”]?$", text))
    if titled and (beside or len(found) > 2):
        return set(found) - ({found[0]} - beside)
    return set(found) if len(found) > 2 and len(beside) * 2 > len(found) else set()


def _at_edge(lines: list[Line], marks: set[int], index: int) -> bool:
    return lines[index].page_before or bool(marks & {index - 1, index + 1}) or _before_page(lines, index)


def _before_page(lines: list[Line], index: int) -> bool:
    return index + 1 < len(lines) and lines[index + 1].page_before


def _footnotes(lines: list[Line], marks: set[int]) -> set[int]:
    """Lines from a footnote's sign, which a text refers to, to the foot of its page, at most four."""
    notes: set[int] = set()
    for index, line in enumerate(lines):
        sign = _FOOTNOTE.match(line.text.text)
        if line.grid is not None or sign is None or not _referred(lines, sign[0]):
            continue
        foot = next(
            (place for place in range(index + 1, min(index + 5, len(lines))) if _foot(lines, marks, place)), None
        )
        if foot is not None:
            notes.update(range(index, foot))
    return notes


def _referred(lines: list[Line], sign: str) -> bool:
    """The sign stands within another line, too; 注： needs no sign."""
    return sign.startswith("注") or any(line.text.text.find(sign, 1) > 0 for line in lines)


def _foot(lines: list[Line], marks: set[int], place: int) -> bool:
    return place in marks or lines[place].page_before


def _without_contents(lines: list[Line]) -> list[Line]:
    heading = next((index for index, line in enumerate(lines) if _CONTENTS.fullmatch(line.text.text)), None)
    if heading is not None:
        lines = lines[:heading] + lines[_end_of_contents(lines, heading + 1) :]
    return [line for line in lines if line.level != CONTENTS and not _leads_to_page(line)]


def _leads_to_page(line: Line) -> bool:
    """An entry of contents: dots up to a page number."""
    return line.grid is None and bool(_LEADERS.search(line.text.text))


def _end_of_contents(lines: list[Line], start: int) -> int:
    """The first line that an entry announced, the first after entries with dots, or the first sentence."""
    announced: set[str] = set()
    dotted = 0
    for index in range(start, len(lines)):
        line = lines[index]
        bare = _bare(line)
        sentence = line.width >= 30 and line.plain[-1] in _SENTENCE_END and not _leads_to_page(line)
        if (
            bare in announced
            or sentence
            or (dotted > 2 and not _leads_to_page(line) and not _NUMBER.search(line.plain[-3:]))
        ):
            return index
        dotted += _leads_to_page(line)
        announced.add(bare)
    return start


def _bare(line: Line) -> str:
    return _ENTRY_END.sub("", line.text.text).replace(" ", "")


def title(lines: Sequence[Line]) -> str:
    """The name of the plan: the first short line near the top that calls itself one, with a line broken before it."""
    top = [line for line in lines[:40] if line.grid is None]
    for index, line in enumerate(top):
        named = _TITLE.search(line.plain) and not any(mark in line.plain for mark in "。，：；《")
        if named and not line.plain.endswith(("通知", "的函")) and line.width <= 80:
            return _whole_title(top, index)
    quoted = re.search(r"《([^《》]*(?:规划|纲要|计划|方案)[^《》]*)》", "".join(line.plain for line in top))
    return quoted[1] if quoted else ""


def _whole_title(top: Sequence[Line], index: int) -> str:
    text = top[index].plain
    broken = text.startswith(("“", "规划", "（", "第", "生态", "环境")) and index > 0
    before = top[index - 1] if broken else None
    if before is None or before.width > 40 or any(mark in before.plain for mark in "。，：；《"):
        return text
    return before.plain + text
