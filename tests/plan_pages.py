"""Invented plans printed in many styles: one known structure, many ways of heading, note, table, page and file."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

CHINESE = "一二三四五六七八九十"
WIDE = str.maketrans("0123456789%", "０１２３４５６７８９％")


@dataclass(frozen=True)
class Duty:
    """A task: title, text, leads, others."""

    title: str
    text: str
    leads: tuple[str, ...]
    others: tuple[str, ...]


@dataclass(frozen=True)
class Project:
    title: str
    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Part:
    """A chapter: title, sections (title, duties), and a box at the end of the first section."""

    title: str
    sections: tuple[tuple[str, tuple[Duty, ...]], ...]
    box: Project | None = None


@dataclass(frozen=True)
class Measure:
    group: str
    name: str
    unit: str
    base: str
    target: str
    nature: str


@dataclass(frozen=True)
class Plan:
    title: str
    base_year: int
    parts: tuple[Part, ...]
    measures: tuple[Measure, ...]
    table_after: int = 1
    """The chapter after whose first section the indicator table stands (index)."""


@dataclass(frozen=True)
class Style:
    """How a plan is printed; see the tables below for the names."""

    heads: str = "章节"
    note: str = "lead_shared"
    table: str = "pipes"
    box: str = "专栏1"
    items: str = "（一）"
    wrap: int | None = None
    spaced: bool = False
    wide: bool = False
    pages: bool = False
    contents: bool = False
    indent: bool = False


def _cn(number: int) -> str:
    if number <= 10:
        return CHINESE[number - 1]
    return "十" + (CHINESE[number - 11] if number < 20 else "")


HEADS: dict[str, tuple[Callable[[int, int, int], str], ...]] = {
    "章节": (lambda c, s, t: f"第{_cn(c)}章　", lambda c, s, t: f"第{_cn(s)}节 ", lambda c, s, t: ""),
    "章一": (lambda c, s, t: f"第{_cn(c)}章 ", lambda c, s, t: f"{_cn(s)}、", lambda c, s, t: f"（{_cn(t)}）"),
    "一（一）": (lambda c, s, t: f"{_cn(c)}、", lambda c, s, t: f"（{_cn(s)}）", lambda c, s, t: f"{t}．"),
    "部分": (lambda c, s, t: f"第{_cn(c)}部分 ", lambda c, s, t: f"{_cn(s)}、", lambda c, s, t: f"({_cn(t)})"),
    "1.1": (lambda c, s, t: f"{c} ", lambda c, s, t: f"{c}.{s} ", lambda c, s, t: f"{c}.{s}.{t} "),
    "第1章": (lambda c, s, t: f"第{c}章 ", lambda c, s, t: f"第{s}节 ", lambda c, s, t: f"{t}、"),
}

NOTES: dict[str, Callable[[Duty], str]] = {
    "lead_shared": lambda d: f"（{'、'.join(d.leads)}牵头，{'、'.join(d.others)}按职责分工负责）",
    "labels": lambda d: f"（牵头单位：{'、'.join(d.leads)}；配合单位：{'、'.join(d.others)}）",
    "half_labels": lambda d: f"(牵头单位:{'、'.join(d.leads)};配合单位:{'、'.join(d.others)})",
    "black": lambda d: f"【牵头部门：{'、'.join(d.leads)}，配合部门：{'、'.join(d.others)}】",
    "and_others": lambda d: f"（{'、'.join(d.leads)}牵头，{'、'.join(d.others)}等配合）",
    "own_lines": lambda d: f"\n牵头部门：{'、'.join(d.leads)}\n配合部门：{'、'.join(d.others)}",
    "main_joint": lambda d: (
        f"（{'、'.join(d.leads)}负责，{'、'.join(d.others[:-1])}及{d.others[-1]}配合）"
        if len(d.others) > 1
        else f"（{'、'.join(d.leads)}负责，{d.others[0]}配合）"
    ),
    "square": lambda d: f"［责任单位：{'、'.join((*d.leads, *d.others))}］",
    "shared": lambda d: f"（{'、'.join((*d.leads, *d.others))}按职责分工负责）",
    "bare": lambda d: f"（{'、'.join((*d.leads, *d.others))}）",
}
LEADERLESS = {"square", "shared", "bare"}

ITEMS: dict[str, Callable[[int], str]] = {
    "（一）": lambda n: f"（{_cn(n)}）",
    "1.": lambda n: f"{n}. ",
    "(1)": lambda n: f"({n}) ",
    "①": lambda n: chr(0x245F + n),
}

BOXES: dict[str, Callable[[int, str], str]] = {
    "专栏1": lambda n, t: f"专栏{n} {t}",
    "专栏一：": lambda n, t: f"专栏{_cn(n)}：{t}",
    "专栏 1": lambda n, t: f"专栏 {n}　{t}",
}


@dataclass
class Page:
    """Lines to print, told apart: heading, text, table row, box."""

    lines: list[tuple[str, str]] = field(default_factory=list)

    def add(self, kind: str, text: str) -> None:
        self.lines += [(kind, line) for line in text.split("\n") if line]


def printed(plan: Plan, style: Style) -> Page:
    """The plan's lines, not wrapped yet."""
    page, chapter, section, task = Page(), *HEADS[style.heads]
    page.add("title", plan.title)
    if style.contents:
        page.add("entry", "目　　录")
        for c, part in enumerate(plan.parts, 1):
            page.add("entry", f"{chapter(c, 0, 0)}{part.title}{'.' * 12}{c * 3}")
            for s, (title, _) in enumerate(part.sections, 1):
                page.add("entry", f"{section(c, s, 0)}{title}{'…' * 6}{c * 3 + s}")
    boxes = 0
    for c, part in enumerate(plan.parts, 1):
        page.add("chapter", chapter(c, 0, 0) + part.title)
        for s, (title, duties) in enumerate(part.sections, 1):
            page.add("section", section(c, s, 0) + title)
            for t, duty in enumerate(duties, 1):
                page.add("text", f"{task(c, s, t)}{duty.title}。{duty.text}{NOTES[style.note](duty)}")
            if s == 1 and c - 1 == plan.table_after:
                page.add("text", "到规划末年，生态环境质量持续改善，主要指标如下。")
                page.add("table", "\x00")
            if s == len(part.sections) and part.box:
                boxes += 1
                page.add("box", BOXES[style.box](boxes, part.box.title))
                for n, (name, what) in enumerate(part.box.items, 1):
                    page.add("item", f"{ITEMS[style.items](n)}{name}。{what}")
    return page


def cells(plan: Plan, numbered: bool = True) -> list[list[str]]:
    """Head and rows of the indicator table; the group only in its first row."""
    head = [
        *(["序号"] if numbered else []),
        "类别",
        "指标",
        "单位",
        f"{plan.base_year}年",
        f"{plan.base_year + 5}年",
        "属性",
    ]
    rows, last = [head], ""
    for n, each in enumerate(plan.measures, 1):
        group = each.group if each.group != last else ""
        last = each.group
        rows.append(
            [*([str(n)] if numbered else []), group, each.name, each.unit or "—", each.base, each.target, each.nature]
        )
    return rows


def table_lines(plan: Plan, kind: str) -> list[str]:
    """The indicator table as text."""
    rows = cells(plan)
    if kind == "pipes":
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        return [lines[0], "|" + "---|" * len(rows[0]), *lines[1:]]
    if kind == "tabs":
        return ["\t".join(row) for row in rows]
    if kind == "aligned":
        return ["   ".join(cell for cell in row if cell) for row in rows]
    if kind == "one_a_line":
        return [cell for row in rows for cell in row if cell]
    return _decomposed(plan)


def _decomposed(plan: Plan) -> list[str]:
    """Groups in pieces before their first row, names and units broken, as out of a PDF."""
    lines, last = [f"指　标 {plan.base_year}年 {plan.base_year + 5}年 指标属性"], ""
    for n, each in enumerate(plan.measures, 1):
        if each.group != last:
            lines += textwrap.wrap(each.group, 2)
            last = each.group
        unit = f" （{each.unit}）" if each.unit else ""
        if len(each.name) > 14:
            lines += [str(n), each.name, f"{unit.strip()} {each.base} {each.target} {each.nature}".strip()]
        else:
            lines.append(f"{n} {each.name}{unit} {each.base} {each.target} {each.nature}")
    return lines


def as_text(plan: Plan, style: Style) -> str:
    """The plan as a text file."""
    lines: list[str] = []
    for kind, text in printed(plan, style).lines:
        if kind == "table":
            lines += table_lines(plan, style.table)
        else:
            lines += _broken(("　　" if style.indent and kind in ("text", "item") else "") + text, kind, style)
    if style.wide:
        lines = [line.translate(WIDE) for line in lines]
    if style.pages:
        lines = _paged(lines, plan.title)
    return ("\n\n" if style.spaced else "\n").join(lines) + "\n"


def _broken(text: str, kind: str, style: Style) -> list[str]:
    """The paragraph in lines of so many characters; a mark of punctuation does not begin a line."""
    if style.wrap is None or kind in ("entry",):
        return [text]
    lines, rest = [], text
    while len(rest) > style.wrap:
        cut = style.wrap + (rest[style.wrap] in "，。、；）】］：”" if len(rest) > style.wrap else 0)
        lines.append(rest[:cut])
        rest = rest[cut:]
    return [*lines, rest] if rest else lines


def _paged(lines: list[str], title: str) -> list[str]:
    """A page number and a running head after every 22 lines of text."""
    paged: list[str] = []
    for place, line in enumerate(lines, 1):
        paged.append(line)
        if place % 22 == 0 and len(line) > 12 and place < len(lines) - 1:
            paged += [f"—{place // 22 + 10}—".translate(WIDE), title]
    return paged


def as_word(plan: Plan, style: Style, path: Path) -> None:
    """The plan as a Word document: heading styles, a real table, boxes as frames of one cell."""
    import docx

    document = docx.Document()
    boxed: list[str] = []
    for kind, text in [*printed(plan, style).lines, ("end", "")]:
        if kind in ("box", "item"):
            boxed.append(text)
            continue
        if boxed:
            document.add_table(1, 1).cell(0, 0).text = "\n".join(boxed)
            boxed = []
        if kind == "table":
            _word_table(document, cells(plan))
        elif kind in ("chapter", "section"):
            document.add_heading(text, 1 if kind == "chapter" else 2)
        elif text:
            document.add_paragraph(text)
    document.save(str(path))


def _word_table(document: object, rows: list[list[str]]) -> None:
    table = document.add_table(len(rows), len(rows[0]))  # type: ignore[attr-defined]
    for row, held in enumerate(rows):
        for column, text in enumerate(held):
            table.cell(row, column).text = text


def as_pdf(plan: Plan, style: Style, path: Path) -> None:
    """The plan as a PDF with a text layer and a ruled table."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    body = ParagraphStyle("body", fontName="STSong-Light", fontSize=12, leading=20, firstLineIndent=24, wordWrap="CJK")
    small = ParagraphStyle("small", fontName="STSong-Light", fontSize=9, leading=12, wordWrap="CJK")
    story: list[object] = []
    for kind, text in printed(plan, style).lines:
        if kind == "table":
            rows = [[Paragraph(cell, small) for cell in row] for row in cells(plan)]
            story.append(
                Table(rows, colWidths=[30, 60, 150, 70, 50, 50, 50], style=[("GRID", (0, 0), (-1, -1), 1, "black")])
            )
        else:
            story.append(Paragraph(text, body))

    def foot(canvas: object, document: object) -> None:
        canvas.setFont("STSong-Light", 10)  # type: ignore[attr-defined]
        canvas.drawCentredString(297, 30, f"— {document.page} —")  # type: ignore[attr-defined]

    SimpleDocTemplate(str(path), pagesize=A4).build(story, onFirstPage=foot, onLaterPages=foot)
