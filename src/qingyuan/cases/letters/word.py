"""A letter as a Word file, in the layout of official letters (GB/T 9704-2012): A4, margins, type sizes, line pitch."""

from __future__ import annotations

from io import BytesIO

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from qingyuan.cases.letters.written import Letter, chinese_date

SONG, FANG = "方正小标宋简体", "仿宋"
TITLE, BODY, PITCH = Pt(22), Pt(16), Pt(28.9)
"""二号 and 三号 type; 22 lines to a page of 225 mm."""


def document(letter: Letter) -> bytes:
    """The letter as .docx."""
    made = Document()
    page = made.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin, page.left_margin, page.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    lines: list[tuple[str, str, Pt, WD_ALIGN_PARAGRAPH, bool]] = [
        (letter.title, SONG, TITLE, WD_ALIGN_PARAGRAPH.CENTER, False),
        (letter.number, FANG, BODY, WD_ALIGN_PARAGRAPH.CENTER, False),
        ("", FANG, BODY, WD_ALIGN_PARAGRAPH.LEFT, False),
        (f"{letter.to}：", FANG, BODY, WD_ALIGN_PARAGRAPH.LEFT, False),
        *((each, FANG, BODY, WD_ALIGN_PARAGRAPH.JUSTIFY, True) for each in letter.paragraphs),
        ("", FANG, BODY, WD_ALIGN_PARAGRAPH.LEFT, False),
        (letter.sender, FANG, BODY, WD_ALIGN_PARAGRAPH.RIGHT, False),
        (chinese_date(letter.day), FANG, BODY, WD_ALIGN_PARAGRAPH.RIGHT, False),
    ]
    if letter.simulated:
        lines.insert(0, ("（模拟数据，不具效力）", FANG, BODY, WD_ALIGN_PARAGRAPH.CENTER, False))
    for text, face, size, side, indented in lines:
        _line(made.add_paragraph(), text, face, size, side, indented)
    kept = BytesIO()
    made.save(kept)
    return kept.getvalue()


def _line(paragraph: Paragraph, text: str, face: str, size: Pt, side: WD_ALIGN_PARAGRAPH, indented: bool) -> None:
    run = paragraph.add_run(text)
    run.font.name, run.font.size = face, size
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), face)
    form = paragraph.paragraph_format
    form.alignment, form.line_spacing_rule, form.line_spacing = side, WD_LINE_SPACING.EXACTLY, PITCH
    form.space_before = form.space_after = Pt(0)
    if indented:
        form.first_line_indent = size * 2
    if side is WD_ALIGN_PARAGRAPH.RIGHT:
        form.right_indent = size * 2
