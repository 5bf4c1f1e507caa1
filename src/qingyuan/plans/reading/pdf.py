"""Text of a PDF with a text layer: lines and drawn tables in the order of the page."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from qingyuan.base.errors import UnreadableInput
from qingyuan.plans.reading.sources import Source, Writer

_BROKEN = re.compile(r"(?<=[^\x00-\x7f])\n|\n(?=[^\x00-\x7f])")
_WORD = re.compile(r"[\x21-\x7e]+")
_SLACK = 2.5
"""Characters that a full line may lack at its right edge: one, and a mark that must not begin a line."""
_FEWEST = 12
"""Characters of a line of running text."""
_LARGER = 1.1
"""How much larger than the text a heading is printed, at least."""
FEWEST = 20
"""Characters a page must have on average; below that the pages are pictures."""


def extract(path: Path) -> Source:
    """The document's text. Errors: UnreadableInput when it is damaged, locked or scanned."""
    import pdfplumber
    from pdfminer.pdfdocument import PDFPasswordIncorrect
    from pdfminer.pdfexceptions import PDFException
    from pdfplumber.utils.exceptions import PdfminerException

    try:
        with pdfplumber.open(path) as document:
            pages = len(document.pages)
            source = _written(document)
    except PdfminerException as wrong:
        what = "locked by a password" if isinstance(wrong.args[0], PDFPasswordIncorrect) else "damaged or no PDF"
        raise UnreadableInput(f"{path} is {what}", "Print it to a new PDF and try again") from wrong
    except (PDFException, ValueError, TypeError, KeyError, OSError) as wrong:
        raise UnreadableInput(f"{path} is damaged or no PDF", "Print it to a new PDF and try again") from wrong
    source = replace(source, name=path.name)
    if not pages or len("".join(source.text.split())) < FEWEST * pages:
        raise UnreadableInput(f"{path} has no text layer: its pages are pictures", "Recognise it (OCR) first")
    return source


@dataclass(frozen=True)
class _Print:
    """How a line is printed: where it starts in the text, its characters, size, and edges on the page.

    word: letters and digits it begins with, which cannot be parted and may have left room on the line before.
    """

    start: int
    count: int
    size: float
    left: float
    right: float
    page: float
    word: int


def _written(document: Any) -> Source:
    writer, prints = Writer(), list[_Print]()
    for page in document.pages:
        _write_page(writer, page, prints)
        writer.page()
        page.close()
    return replace(writer.source("", "pdf"), sizes=_levels(prints), edges=_edges(prints))


def _text_size(prints: Sequence[_Print]) -> float:
    """The size most characters have."""
    counted: Counter[float] = Counter()
    for each in prints:
        counted[each.size] += each.count
    return counted.most_common(1)[0][0] if counted else 0.0


def _levels(prints: Sequence[_Print]) -> dict[int, int]:
    """Heading levels of the lines printed larger than the text."""
    text = _text_size(prints)
    larger = sorted({each.size for each in prints if each.size >= _LARGER * text and _apart(prints, each.size)})[::-1]
    return {each.start: larger.index(each.size) + 1 for each in prints if each.size in larger}


def _apart(prints: Sequence[_Print], size: float) -> bool:
    """Lines of this size stand in several places: it is not that of the title alone."""
    places = [place for place, each in enumerate(prints) if each.size == size]
    return places[-1] - places[0] >= len(places)


def _edges(prints: Sequence[_Print]) -> dict[int, tuple[bool, bool]]:
    """Whether each line is indented, and whether it reaches the right edge of the text of such pages."""
    size = _text_size(prints)
    text = [each for each in prints if each.size == size and each.count >= _FEWEST]
    lefts, rights = defaultdict(list), defaultdict(list)
    for each in text:
        lefts[each.page].append(each.left)
        rights[each.page].append(each.right)
    return {
        each.start: (
            each.left > min(lefts[each.page]) + size,
            each.size == size and each.right > max(rights[each.page]) - (_SLACK + word / 2) * size,
        )
        for each, word in zip(prints, [*(each.word for each in prints), 0][1:], strict=True)
        if lefts[each.page]
    }


def _write_page(writer: Writer, page: Any, prints: list[_Print]) -> None:
    """Lines outside the tables, and each table where it begins."""
    tables = sorted((table for table in page.find_tables() if table.rows), key=lambda table: float(table.bbox[1]))
    boxes = [table.bbox for table in tables]
    for line in page.filter(lambda thing: not _inside_any(thing, boxes)).extract_text_lines():
        while tables and tables[0].bbox[1] <= line["top"]:
            _write_table(writer, tables.pop(0))
        size = Counter(round(each["size"], 1) for each in line["chars"]).most_common(1)[0][0]
        text, word = line["text"], _WORD.match(line["text"])
        prints.append(
            _Print(writer.length, len(text), size, line["x0"], line["x1"], page.width, word.end() if word else 0)
        )
        writer.line(line["text"])
    for table in tables:
        _write_table(writer, table)


def _write_table(writer: Writer, table: Any) -> None:
    rows = [_joined([cell or "" for cell in row]) for row in table.extract()]
    if any(cell.strip() for row in rows for cell in row):
        writer.table(rows)


def _joined(row: list[str]) -> list[str]:
    """Cells whose Chinese was only broken to fit; the one cell of a frame keeps its lines."""
    if sum(bool(cell.strip()) for cell in row) < 2:
        return row
    return [_BROKEN.sub("", cell) for cell in row]


def _inside_any(thing: Any, boxes: list[tuple[float, float, float, float]]) -> bool:
    if thing.get("object_type") != "char":
        return False
    across, down = (thing["x0"] + thing["x1"]) / 2, (thing["top"] + thing["bottom"]) / 2
    return any(left <= across <= right and top <= down <= bottom for left, top, right, bottom in boxes)
