"""Text of a PDF with a text layer: lines and drawn tables in the order of the page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from qingyuan.base.errors import UnreadableInput
from qingyuan.plans.reading.sources import Source, Writer

_BROKEN = re.compile(r"(?<=[^\x00-\x7f])\n|\n(?=[^\x00-\x7f])")
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


def _written(document: Any) -> Source:
    writer, sizes = Writer(), list[tuple[int, int, float]]()
    for page in document.pages:
        _write_page(writer, page, sizes)
        writer.page()
        page.close()
    return replace(writer.source("", "pdf"), sizes=_levels(sizes))


def _levels(sizes: Sequence[tuple[int, int, float]]) -> dict[int, int]:
    """Heading levels of the lines printed larger than the text; sizes: start, characters and size of each line."""
    counted: Counter[float] = Counter()
    for _, count, size in sizes:
        counted[size] += count
    text = counted.most_common(1)[0][0] if counted else 0.0
    larger = sorted({size for _, _, size in sizes if size >= _LARGER * text and _apart(sizes, size)}, reverse=True)
    return {start: larger.index(size) + 1 for start, _, size in sizes if size in larger}


def _apart(sizes: Sequence[tuple[int, int, float]], size: float) -> bool:
    """Lines of this size stand in several places: it is not that of the title alone."""
    places = [place for place, each in enumerate(sizes) if each[2] == size]
    return places[-1] - places[0] >= len(places)


def _write_page(writer: Writer, page: Any, sizes: list[tuple[int, int, float]]) -> None:
    """Lines outside the tables, and each table where it begins."""
    tables = sorted((table for table in page.find_tables() if table.rows), key=lambda table: float(table.bbox[1]))
    boxes = [table.bbox for table in tables]
    for line in page.filter(lambda thing: not _inside_any(thing, boxes)).extract_text_lines():
        while tables and tables[0].bbox[1] <= line["top"]:
            _write_table(writer, tables.pop(0))
        size = Counter(round(each["size"], 1) for each in line["chars"]).most_common(1)[0][0]
        sizes.append((writer.length, len(line["text"]), size))
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
