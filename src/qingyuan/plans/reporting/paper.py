"""A report on paper: Word styles, numbered headings and captions, contents with page numbers, repeated table heads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from qingyuan.plans.reporting.fitting import fitted

HEI, SONG = "Noto Sans CJK SC", "Noto Serif CJK SC"
INK, ACCENT, QUIET = RGBColor(0x18, 0x21, 0x1F), RGBColor(0x0B, 0x5F, 0x6D), RGBColor(0x5F, 0x6A, 0x66)
HEAD_FILL = "E2EFF0"
WIDTH, WIDE = Mm(155), Mm(249)
"""Of the text on A4: upright with 27.5 mm at both sides, on its side with 24."""


@dataclass(frozen=True)
class Heading:
    """A heading as the contents list it."""

    level: int
    text: str
    mark: str


@dataclass
class Paper:
    """A document being written. pages: text of a heading → its page, for the contents; empty: asked of the reader."""

    title: str
    foot: str
    language: str = "zh"
    pages: dict[str, int] = field(default_factory=dict)
    headings: list[Heading] = field(default_factory=list)
    entries: list[tuple[Heading, Any]] = field(default_factory=list)
    width: Any = WIDTH

    def __post_init__(self) -> None:
        self.doc = Document()
        self.numbers = [0, 0, 0]
        self.counts = {"figure": 0, "table": 0}
        _page(self.doc.sections[0])
        _styles(self.doc)
        self.doc.core_properties.title = self.title
        self.doc.core_properties.author = ""

    def words(self, zh: str, en: str) -> str:
        """The wording in the report's language."""
        return en if self.language == "en" else zh

    # -- blocks

    def cover(self, lines: Sequence[tuple[str, float, bool]]) -> None:
        """The cover: lines of text with size and whether bold; then a section whose pages are numbered."""
        for index, (text, size, bold) in enumerate(lines):
            line = self.doc.add_paragraph()
            line.alignment = WD_ALIGN_PARAGRAPH.CENTER
            line.paragraph_format.first_line_indent = Pt(0)
            line.paragraph_format.space_before = Pt(150 if index == 0 else 10)
            _run(line, text, size=size, bold=bold, face=HEI)
        body = self.doc.add_section(WD_SECTION.NEW_PAGE)
        _page(body)
        body.header.is_linked_to_previous = body.footer.is_linked_to_previous = False
        _numbered_from_one(body)
        head = body.header.paragraphs[0]
        _plain(head, WD_ALIGN_PARAGRAPH.RIGHT)
        _run(head, self.title, size=8, colour=QUIET, face=HEI)
        foot = body.footer.paragraphs[0]
        _plain(foot, WD_ALIGN_PARAGRAPH.CENTER)
        _run(foot, self.foot + "　— ", size=8, colour=QUIET, face=HEI)
        _field(foot, "PAGE", "1", size=8)
        _run(foot, " —", size=8, colour=QUIET, face=HEI)

    def turn(self, wide: bool) -> None:
        """Turn the page for wide tables, or back; head, foot and numbers go on."""
        width = WIDE if wide else WIDTH
        if width == self.width:
            return
        section, self.width = self.doc.add_section(WD_SECTION.NEW_PAGE), width
        _page(section, wide)
        for number in section._sectPr.findall(qn("w:pgNumType")):
            section._sectPr.remove(number)

    def contents_here(self) -> None:
        """Keep the place of the contents, which are filled in when the rest is known."""
        title = self.doc.add_paragraph()
        _plain(title, WD_ALIGN_PARAGRAPH.CENTER)
        title.paragraph_format.space_after = Pt(10)
        _run(title, self.words("目　录", "Contents"), size=16, bold=True, face=HEI)
        self.place = self.doc.add_paragraph()

    def heading(self, text: str, level: int = 1) -> None:
        """A numbered heading; one of level 1 begins a page."""
        self.numbers[level - 1] += 1
        self.numbers[level:] = [0] * (3 - level)
        number = ".".join(map(str, self.numbers[:level]))
        shown = f"{number}　{text}"
        line = self.doc.add_paragraph(style=f"Heading {level}")
        mark = f"_Toc{len(self.headings) + 1:06}"
        _bookmark(line, mark, len(self.headings) + 1)
        line.add_run(shown)
        if level == 1:
            line.paragraph_format.page_break_before = True
        self.headings.append(Heading(level, shown, mark))

    def text(self, *pieces: str | int, small: bool = False, held: bool = False) -> None:
        """A paragraph; a number among the pieces is a reference to the appendix, set high. held: on to what follows."""
        line = self.doc.add_paragraph()
        line.paragraph_format.keep_with_next = held
        self._pieces(line, pieces, small)

    def picture(self, png: bytes, caption: str, refs: Sequence[int] = ()) -> None:
        """A chart with its numbered caption below, kept together; refs: lines of the appendix its numbers are from."""
        line = self.doc.add_paragraph()
        _plain(line, WD_ALIGN_PARAGRAPH.CENTER)
        line.paragraph_format.keep_with_next = True
        line.paragraph_format.space_before = Pt(6)
        picture = line.add_run().add_picture(BytesIO(png), width=WIDTH)
        picture._inline.docPr.set("descr", caption)
        self._caption("figure", self.words("图", "Figure"), caption, after=8, before=2, keep=False, refs=refs)

    def table(self, caption: str, head: Sequence[str], rows: Sequence[Sequence[Any]], widths: Sequence[float],
              right: Sequence[int] = (), note: Sequence[str | int] = ()) -> None:  # fmt: skip
        """A table with its numbered caption above; right: columns of numbers. The head repeats on every page.

        widths: in parts, kept as far as the longest words fit; note: stands below, its numbers refer to the appendix.
        """
        self._caption("table", self.words("表", "Table"), caption, after=3, before=8, keep=True)
        made = self.doc.add_table(rows=1, cols=len(head))
        sizes = [Emu(int(Mm(1) * each)) for each in fitted(widths, [head, *rows], self.width / Mm(1))]
        made.alignment, made.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        for column, size in zip(made.columns, sizes, strict=True):
            column.width = size
        _lined(made)
        _row(made.rows[0], head, sizes, right, head=True)
        for number, row in enumerate(rows):
            # the first rows hold on to the head: a caption never stands at the foot of a page without its table
            _row(made.add_row(), row, sizes, right, head=False, hold=number == 0 and len(rows) > 1)
        after = self.doc.add_paragraph()
        if note:
            _plain(after, WD_ALIGN_PARAGRAPH.LEFT)
            after.paragraph_format.space_before, after.paragraph_format.space_after = Pt(3), Pt(6)
            self._pieces(after, note, small=True)
        else:
            after.paragraph_format.space_after, after.paragraph_format.line_spacing = Pt(2), Pt(6)

    def _pieces(self, line: Paragraph, pieces: Sequence[str | int], small: bool) -> None:
        for piece in pieces:
            if isinstance(piece, int):
                _run(line, f"[{piece}]", size=9, colour=ACCENT).font.superscript = True
            else:
                _run(line, piece, size=9 if small else None, colour=QUIET if small else None)

    def _caption(self, kind: str, word: str, text: str, after: float, before: float, keep: bool,
                 refs: Sequence[int] = ()) -> None:  # fmt: skip
        self.counts[kind] += 1
        line = self.doc.add_paragraph()
        _plain(line, WD_ALIGN_PARAGRAPH.CENTER)
        line.paragraph_format.space_before, line.paragraph_format.space_after = Pt(before), Pt(after)
        line.paragraph_format.keep_with_next = keep
        _run(line, f"{word} ", size=9, bold=True, face=HEI)
        _field(line, f"SEQ {kind} \\* ARABIC", str(self.counts[kind]), size=9, bold=True)
        _run(line, f"　{text}", size=9, face=HEI)
        self._pieces(line, refs, small=True)

    def bytes(self) -> bytes:
        """The document as .docx, its contents with the pages known; without any, Word is asked to fill them in."""
        if not self.entries:
            self.entries = _contents(self.place, self.headings)
        for heading, run in self.entries:
            run.text = str(self.pages.get(heading.text, ""))
        _asked(self.doc.settings.element, update=not self.pages)
        kept = BytesIO()
        self.doc.save(kept)
        return kept.getvalue()


def _page(section: Any, wide: bool = False) -> None:
    section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Mm(297), Mm(210)) if wide else (Mm(210), Mm(297))
    section.top_margin, section.bottom_margin = (Mm(24), Mm(20)) if wide else (Mm(28), Mm(25))
    section.left_margin = section.right_margin = Mm(24) if wide else Mm(27.5)


def _numbered_from_one(section: Any) -> None:
    number = OxmlElement("w:pgNumType")
    number.set(qn("w:start"), "1")
    section._sectPr.append(number)


def _styles(doc: Any) -> None:
    body = doc.styles["Normal"]
    _face(body, SONG)
    body.font.size = Pt(10.5)
    form = body.paragraph_format
    form.line_spacing, form.space_after, form.first_line_indent = 1.35, Pt(4), Pt(21)
    for level, size, before, after in ((1, 17, 0, 12), (2, 13, 14, 6), (3, 11, 10, 4)):
        style = doc.styles[f"Heading {level}"]
        _face(style, HEI)
        style.font.size, style.font.bold, style.font.italic = Pt(size), True, False
        style.font.color.rgb = ACCENT if level == 1 else INK
        own = style.paragraph_format
        own.space_before, own.space_after, own.first_line_indent = Pt(before), Pt(after), Pt(0)
        own.keep_with_next = True


def _face(style: Any, east: str) -> None:
    style.font.name = east
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(name), None)
    fonts.set(qn("w:eastAsia"), east)


def _run(line: Paragraph, text: str, size: float | None = None, bold: bool = False, colour: RGBColor | None = None,
         face: str | None = None) -> Any:  # fmt: skip
    run = line.add_run(text)
    run.bold = bold or None
    if size:
        run.font.size = Pt(size)
    if colour is not None:
        run.font.color.rgb = colour
    if face:
        run.font.name = face
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), face)
    return run


def _plain(line: Paragraph, side: WD_ALIGN_PARAGRAPH) -> None:
    line.alignment = side
    line.paragraph_format.first_line_indent = Pt(0)


def _mark(run: Any, kind: str) -> None:
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    run._element.append(mark)


def _told(run: Any, code: str) -> None:
    text = OxmlElement("w:instrText")
    text.set(qn("xml:space"), "preserve")
    text.text = f" {code} "
    run._element.append(text)


def _field(line: Paragraph, code: str, shown: str, size: float, bold: bool = False) -> None:
    for step in ("begin", "code", "separate", "shown", "end"):
        run = _run(line, shown if step == "shown" else "", size=size, bold=bold, face=HEI)
        if step == "code":
            _told(run, code)
        elif step != "shown":
            _mark(run, step)


def _bookmark(line: Paragraph, name: str, number: int) -> None:
    for tag in ("w:bookmarkStart", "w:bookmarkEnd"):
        mark = OxmlElement(tag)
        mark.set(qn("w:id"), str(number))
        if tag.endswith("Start"):
            mark.set(qn("w:name"), name)
        line._element.append(mark)


def _asked(settings: Any, update: bool) -> None:
    """Whether Word fills in fields when it opens the file."""
    for old in settings.findall(qn("w:updateFields")):
        settings.remove(old)
    if update:
        asked = OxmlElement("w:updateFields")
        asked.set(qn("w:val"), "true")
        settings.append(asked)


def _contents(place: Paragraph, headings: Sequence[Heading]) -> list[tuple[Heading, Any]]:
    """The field of the contents: a heading of two levels an entry, with the run its page is written into."""
    made = []
    listed = [each for each in headings if each.level <= 2]
    for index, each in enumerate(listed):
        line = place.insert_paragraph_before()
        _plain(line, WD_ALIGN_PARAGRAPH.LEFT)
        form = line.paragraph_format
        form.left_indent, form.space_after, form.line_spacing = Pt(0 if each.level == 1 else 18), Pt(1), 1.15
        form.space_before = Pt(5 if each.level == 1 else 0)
        form.tab_stops.add_tab_stop(WIDTH, WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
        if index == 0:
            _opened(line)
        _run(line, f"{each.text}\t", size=10, bold=each.level == 1, face=HEI)
        made.append((each, _run(line, "", size=10, face=HEI)))
        if index == len(listed) - 1:
            _mark(line.add_run(), "end")
    place._element.getparent().remove(place._element)
    return made


def _opened(line: Paragraph) -> None:
    _mark(line.add_run(), "begin")
    _told(line.add_run(), 'TOC \\o "1-2" \\h \\z \\u')
    _mark(line.add_run(), "separate")


def _lined(table: Any) -> None:
    borders = OxmlElement("w:tblBorders")
    for side, size, colour in (("top", 8, "0B5F6D"), ("bottom", 8, "0B5F6D"), ("insideH", 4, "E0E4DE")):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", str(size)), ("color", colour)):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    table._tbl.tblPr.append(borders)


def _row(row: Any, cells: Sequence[Any], sizes: Sequence[Any], right: Sequence[int], head: bool,
         hold: bool = False) -> None:  # fmt: skip
    own = row._tr.get_or_add_trPr()
    own.append(OxmlElement("w:cantSplit"))
    if head:
        own.append(OxmlElement("w:tblHeader"))
    for index, (cell, value) in enumerate(zip(row.cells, cells, strict=True)):
        cell.width = sizes[index]
        line = cell.paragraphs[0]
        _plain(line, WD_ALIGN_PARAGRAPH.RIGHT if index in right else WD_ALIGN_PARAGRAPH.LEFT)
        form = line.paragraph_format
        form.line_spacing, form.space_after, form.space_before = 1.1, Pt(2), Pt(2)
        form.keep_with_next = head or hold
        _cell(line, value, head)
        if head:
            _filled(cell)


def _cell(line: Paragraph, value: Any, head: bool) -> None:
    text, ref = value if isinstance(value, tuple) else (value, None)
    _run(line, "—" if text is None else str(text), size=8.5, bold=head, face=HEI)
    if ref is not None:
        _run(line, f"[{ref}]", size=8.5, colour=ACCENT).font.superscript = True


def _filled(cell: Any) -> None:
    fill = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", HEAD_FILL)):
        fill.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(fill)
