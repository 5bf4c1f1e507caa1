"""Text of a PDF with a text layer: lines and drawn tables in the order of the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qingyuan.base.errors import UnreadableInput
from qingyuan.plans.reading.sources import Source, Writer

FEWEST = 20
"""Characters a page must have on average; below that the pages are pictures."""


def extract(path: Path) -> Source:
    """The document's text. Errors: UnreadableInput when it is damaged, locked or scanned."""
    import pdfplumber
    from pdfminer.pdfexceptions import PDFException
    from pdfplumber.utils.exceptions import PdfminerException

    try:
        with pdfplumber.open(path) as document:
            pages = len(document.pages)
            source = _written(document).source(path.name, "pdf")
    except (PDFException, PdfminerException, ValueError, TypeError, KeyError, OSError) as wrong:
        raise UnreadableInput(f"{path} is damaged, locked or no PDF", "Print it to a new PDF and try again") from wrong
    if not pages or len("".join(source.text.split())) < FEWEST * pages:
        raise UnreadableInput(f"{path} has no text layer: its pages are pictures", "Recognise it (OCR) first")
    return source


def _written(document: Any) -> Writer:
    writer = Writer()
    for page in document.pages:
        _write_page(writer, page)
        writer.page()
        page.close()
    return writer


def _write_page(writer: Writer, page: Any) -> None:
    """Lines outside the tables, and each table where it begins."""
    tables = sorted((table for table in page.find_tables() if table.rows), key=lambda table: float(table.bbox[1]))
    boxes = [table.bbox for table in tables]
    lines = page.filter(lambda thing: not _inside_any(thing, boxes)).extract_text_lines(return_chars=False)
    for line in lines:
        while tables and tables[0].bbox[1] <= line["top"]:
            _write_table(writer, tables.pop(0))
        writer.line(line["text"])
    for table in tables:
        _write_table(writer, table)


def _write_table(writer: Writer, table: Any) -> None:
    rows = [[cell or "" for cell in row] for row in table.extract()]
    if any(cell.strip() for row in rows for cell in row):
        writer.table(rows)


def _inside_any(thing: Any, boxes: list[tuple[float, float, float, float]]) -> bool:
    if thing.get("object_type") != "char":
        return False
    across, down = (thing["x0"] + thing["x1"]) / 2, (thing["top"] + thing["bottom"]) / 2
    return any(left <= across <= right and top <= down <= bottom for left, top, right, bottom in boxes)
