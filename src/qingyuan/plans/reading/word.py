"""Text of a Word document: paragraphs with their automatic numbers, heading levels and tables, in order."""

from __future__ import annotations

import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qingyuan.base.errors import UnreadableInput
from qingyuan.plans.reading.sources import CONTENTS, Source, Writer

_HEADING = re.compile(r"(?:heading|标题)\s*(\d)", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:toc|目录)\s*\d?", re.IGNORECASE)
_WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TEXTS = "(.//w:r/w:t | .//w:r/w:tab | .//w:r/w:br | .//w:r/w:noBreakHyphen)[not(ancestor::w:txbxContent)]"
_SIGNS = {f"{{{_WORDS}}}{name}": sign for name, sign in (("tab", "\t"), ("br", "\n"), ("noBreakHyphen", "-"))}
_CHINESE = "〇一二三四五六七八九"


def extract(path: Path) -> Source:
    """The document's text. Errors: UnreadableInput when it is damaged or holds no text."""
    import docx
    from docx.opc.exceptions import PackageNotFoundError

    try:
        document = docx.Document(str(path))
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError, SyntaxError, OSError) as wrong:
        raise UnreadableInput(f"{path} is damaged or no Word document (.docx)", "Save it again as .docx") from wrong
    source = _written(document).source(path.name, "docx")
    if not source.text.strip():
        raise UnreadableInput(f"{path} holds no text", "A scanned document must be recognised (OCR) first")
    return source


def _written(document: Any) -> Writer:
    writer, numbers = Writer(), Numbering(document)
    for block in document.iter_inner_content():
        if hasattr(block, "rows"):
            writer.table(list(_rows(block, numbers)))
        elif (text := _plain(block)).strip():
            writer.line(numbers.of(block) + text, _level(block))
    return writer


def _plain(paragraph: Any) -> str:
    """The text of a paragraph with what was inserted under tracked changes, without what was deleted."""
    return "".join(_SIGNS.get(each.tag, each.text or "") for each in _found(paragraph._p, _TEXTS))


def _level(paragraph: Any) -> int | None:
    name = (paragraph.style.name if paragraph.style is not None else "") or ""
    if _CONTENTS.match(name):
        return CONTENTS
    found = _HEADING.match(name)
    return int(found[1]) if found else None


def _rows(table: Any, numbers: Numbering) -> Iterator[list[str]]:
    """Cells of each row; a cell that is joined with the one above or before it is empty."""
    seen: set[Any] = set()
    for row in table.rows:
        cells = [""] * row.grid_cols_before
        for cell in row.cells:
            cells.append("" if cell._tc in seen else _text(cell, numbers))
            seen.add(cell._tc)
        yield cells


def _text(cell: Any, numbers: Numbering) -> str:
    lines = []
    for block in cell.iter_inner_content():
        if hasattr(block, "rows"):
            lines += ["\t".join(row) for row in _rows(block, numbers)]
        else:
            lines.append(numbers.of(block) + _plain(block))
    return "\n".join(lines)


class Numbering:
    """The numbers that Word counts itself and does not keep in the text."""

    def __init__(self, document: Any) -> None:
        self._root = self._numbering(document)
        self._counts: dict[str, list[int]] = defaultdict(lambda: [0] * 9)

    @staticmethod
    def _numbering(document: Any) -> Any:
        try:
            return document.part.numbering_part.element
        except (KeyError, NotImplementedError):
            return None

    def of(self, paragraph: Any) -> str:
        """The printed number of the paragraph, with what stands around it; empty when it has none."""
        place = self._place(paragraph)
        if self._root is None or place is None:
            return ""
        number, level = place
        abstract = self._abstract(number)
        if abstract is None:
            return ""
        counts = self._counts[abstract.get(_w("abstractNumId"))]
        counts[level] = counts[level] + 1 if counts[level] else self._start(abstract, level)
        counts[level + 1 :] = [0] * (8 - level)
        return self._printed(abstract, level, counts)

    def _place(self, paragraph: Any) -> tuple[str, int] | None:
        holders = [paragraph._p.pPr]
        style = paragraph.style
        while style is not None:
            holders.append(style.element.pPr)
            style = style.base_style
        found = [holder.numPr for holder in holders if holder is not None and holder.numPr is not None]
        numbers = [each.numId.val for each in found if each.numId is not None]
        levels = [each.ilvl.val for each in found if each.ilvl is not None]
        if not numbers or not numbers[0]:
            return None
        return str(numbers[0]), levels[0] if levels else 0

    def _abstract(self, number: str) -> Any:
        found = _found(self._root, f"./w:num[@w:numId='{number}']/w:abstractNumId/@w:val")
        kinds = _found(self._root, f"./w:abstractNum[@w:abstractNumId='{found[0]}']") if found else []
        return kinds[0] if kinds else None

    @staticmethod
    def _one(abstract: Any, level: int, name: str, default: str) -> str:
        found = _found(abstract, f"./w:lvl[@w:ilvl='{level}']/w:{name}/@w:val")
        return str(found[0]) if found else default

    def _start(self, abstract: Any, level: int) -> int:
        return int(self._one(abstract, level, "start", "1"))

    def _printed(self, abstract: Any, level: int, counts: list[int]) -> str:
        if self._one(abstract, level, "numFmt", "decimal") in ("bullet", "none"):
            return ""
        pattern = self._one(abstract, level, "lvlText", "")

        def number(found: re.Match[str]) -> str:
            which = int(found[1]) - 1
            return _number(max(counts[which], 1), self._one(abstract, which, "numFmt", "decimal"))

        printed = re.sub(r"%(\d)", number, pattern)
        return printed + " " if printed[-1:].isdigit() else printed


def _found(element: Any, path: str) -> list[Any]:
    from lxml import etree

    return list(etree.XPath(path, namespaces={"w": _WORDS})(element))


def _w(name: str) -> str:
    return f"{{{_WORDS}}}{name}"


def _number(value: int, kind: str) -> str:
    if kind.startswith(("chinese", "japanese", "taiwanese", "ideograph")) and value < 100:
        return _in_chinese(value)
    if kind == "decimalEnclosedCircle" and value <= 20:
        return chr(0x245F + value)
    return str(value)


def _in_chinese(value: int) -> str:
    tens, ones = divmod(value, 10)
    head = "" if not tens else ("十" if tens == 1 else _CHINESE[tens] + "十")
    return head + (_CHINESE[ones] if ones or not tens else "")
