"""Files in, one extracted text out; what the file knew of headings and tables is kept beside it.

The spans of a draft count characters of this text. For .txt it is the file's own text, as Python reads it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from qingyuan.base.errors import UnreadableInput
from qingyuan.plans.reading.mapped import Span

CONTENTS = 0
"""The heading level of a line of the table of contents."""

_OTHERS = {
    b"\xd0\xcf\x11\xe0": "an old Word document (.doc) or other Office file",
    b"pk\x03\x04": "a packed file, but no .docx by its name",
    b"{\\rtf": "rich text (.rtf)",
    b"<!doctype html": "a web page",
    b"<html": "a web page",
}
"""How files begin that hold text, but not plainly."""
_HASHES = re.compile(r"^#{1,6} ", re.MULTILINE)
_EMPHASIS = re.compile(r"\*{1,3}(?=\S)|(?<=\S)\*{1,3}|^> ?", re.MULTILINE)
_FEWEST_HEADINGS = 3
"""Lines with # that make a text Markdown."""
ORDINARY = "的年和，。、"
"""Characters no Chinese text is without: one without any of them was decoded wrongly."""


@dataclass(frozen=True)
class Grid:
    """A table the file drew: rows of cells, each the span of its text (empty: nothing, or joined to the one above)."""

    rows: tuple[tuple[Span, ...], ...]
    span: Span


@dataclass(frozen=True)
class Source:
    """An extracted text; levels: start of a line → its heading level (0: a line of contents).

    sizes: levels that only the size of print suggests, for a text without numbered headings.
    edges: start of a line → whether it is indented and whether it reaches the right edge, where the file knows.
    """

    name: str
    format: str
    encoding: str | None
    text: str
    levels: Mapping[int, int] = field(default_factory=dict)
    grids: tuple[Grid, ...] = ()
    sizes: Mapping[int, int] = field(default_factory=dict)
    edges: Mapping[int, tuple[bool, bool]] = field(default_factory=dict)


class Writer:
    """Builds an extracted text line by line, remembering heading levels and tables."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._levels: dict[int, int] = {}
        self._grids: list[Grid] = []

    @property
    def length(self) -> int:
        """Characters written so far."""
        return self._length

    def _put(self, text: str) -> Span:
        start = self._length
        self._parts.append(text)
        self._length += len(text)
        return start, self._length

    def line(self, text: str, level: int | None = None) -> None:
        """One paragraph."""
        if level is not None:
            self._levels[self._length] = level
        self._put(text + "\n")

    def page(self) -> None:
        """The end of a page."""
        self._put("\f")

    def table(self, rows: list[list[str]]) -> None:
        """Rows of cells, told apart by tabs; lines within a cell stay lines where the row has one cell only."""
        start, spans = self._length, []
        for row in rows:
            spans.append(tuple(self._row(row)))
            self._put("\n")
        self._grids.append(Grid(tuple(spans), (start, self._length)))

    def _row(self, row: list[str]) -> list[Span]:
        filled = [cell for cell in row if cell.strip()]
        between = "\n" if len(filled) == 1 else " "
        spans = []
        for number, cell in enumerate(row):
            if number:
                self._put("\t")
            spans.append(self._put(between.join(line.strip() for line in cell.splitlines() if line.strip())))
        return spans

    def source(self, name: str, format: str) -> Source:
        """What was written."""
        return Source(name, format, None, "".join(self._parts), self._levels, tuple(self._grids))


def open_source(path: Path) -> Source:
    """The extracted text of a .txt, .docx or .pdf file.

    Errors: UnreadableInput when the file is missing, empty, damaged, of another kind or encoding, or scanned.
    """
    if not path.is_file():
        raise UnreadableInput(f"There is no file {path}", "Check the path")
    content = path.read_bytes()
    if not content.strip():
        raise UnreadableInput(f"The file {path} is empty", "Choose the file of the plan's text")
    return _by_kind(path, content)


def _by_kind(path: Path, content: bytes) -> Source:
    from qingyuan.plans.reading import pdf, word

    suffix = path.suffix.lower()
    if content.startswith(b"%PDF") or suffix == ".pdf":
        return pdf.extract(path)
    if suffix == ".docx":
        return word.extract(path)
    for begins, kind in _OTHERS.items():
        if content[:1000].lstrip().lower().startswith(begins):
            raise UnreadableInput(f"{path} is {kind}", "Save it as .docx in the word processor, or its text as .txt")
    text, encoding = _decoded(path, content)
    text, levels = _unmarked(text)
    return Source(path.name, "txt", encoding, text, levels)


def _unmarked(text: str) -> tuple[str, dict[int, int]]:
    """A text in Markdown with its marks blanked out, so that no place changes, and the levels its headings had."""
    marks = list(_HASHES.finditer(text))
    if len(marks) < _FEWEST_HEADINGS:
        return text, {}
    text = _HASHES.sub(lambda found: " " * len(found[0]), text)
    text = _EMPHASIS.sub(lambda found: "\u200b" * len(found[0]), text)
    return text, {found.start(): len(found[0].strip()) for found in marks}


def _decoded(path: Path, content: bytes) -> tuple[str, str]:
    for encoding in _encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text and any(character in text for character in ORDINARY):
            return text.replace("\r\n", "\n").replace("\r", "\n"), encoding
    raise UnreadableInput(f"{path} is not Chinese text in UTF-8, UTF-16 or GB18030", "Save it as UTF-8 and try again")


def _encodings(content: bytes) -> list[str]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ["utf-16"]
    if b"\n\x00" in content or b"\x00\n" in content:
        return ["utf-16-le", "utf-16-be"]
    return ["utf-8", "gb18030"]
