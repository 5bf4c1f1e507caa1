"""Workbooks: what is on the screen, and on a second sheet how to read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from qingyuan.base.time import isoformat, now
from qingyuan.interfaces.web import downloads, places, wording
from qingyuan.interfaces.web.context import Context

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA_STARTS = ("=", "+", "-", "@")


def plain(value: object) -> object:
    """Text that a spreadsheet would take for a formula is marked as text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


@dataclass(frozen=True)
class Sheet:
    """One sheet: title, head (bold, kept in view) or None, rows, widths of the columns in characters."""

    title: str
    head: Sequence[object] | None
    rows: Sequence[Sequence[object]]
    widths: Sequence[int] = ()


def workbook(*sheets: Sheet) -> bytes:
    """The sheets as an Excel file; None is an empty cell."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        _fill(book.create_sheet(sheet.title), sheet)
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def download(book: bytes, name: str) -> HttpResponse:
    """A workbook as the answer of a page."""
    return downloads.download(book, CONTENT_TYPE, name)


def _fill(page: Worksheet, sheet: Sheet) -> None:
    for row in ([sheet.head] if sheet.head else []) + list(sheet.rows):
        page.append([plain(value) for value in row])
    if sheet.head:
        for cell in page[1]:
            cell.font = Font(bold=True)
        page.freeze_panes = "B2"
    for index, width in enumerate(sheet.widths):
        page.column_dimensions[get_column_letter(index + 1)].width = width


def air_table(
    ctx: Context,
    rows: Sequence[dict[str, Any]],
    heads: Sequence[dict[str, Any]],
    when: datetime,
    per: str,
    by: str,
) -> bytes:
    """The assessment table as a workbook.

    rows: as `views.air.rows_of` makes them; heads: item, symbol, unit, limit. A missing value is an empty cell.
    """
    names = [f"{head['symbol']} ({head['unit']})" for head in heads]
    top = [_("Name"), _("City"), "AQI", _("Level"), _("Primary pollutant"), *names, _("Valid")]
    results = Sheet(_("Results"), top, [_line(row) for row in rows], [22, 12, 8, 14, 18, *[14] * len(heads), 8])
    basis = _basis(ctx, rows, heads, when, per, by)
    codes = Sheet(_("Codes and basis"), [_("What"), _("Value"), _("Remark")], basis, [30, 44, 60])
    return workbook(results, codes)


def _line(row: dict[str, Any]) -> list[object]:
    level = wording.level(row["level"]) if row["level"] else None
    primary = wording.pollutants(row["primary"]) if row["primary"] is not None else None
    return [
        row["name"],
        row["city"],
        row["aqi"],
        level,
        primary,
        *[cell["value"] for cell in row["cells"]],
        _("yes") if row["valid"] else _("no"),
    ]


def _basis(
    ctx: Context,
    rows: Sequence[dict[str, Any]],
    heads: Sequence[dict[str, Any]],
    when: datetime,
    per: str,
    by: str,
) -> list[list[object]]:
    simulated = _("Simulated data") if ctx.simulated else ""
    chosen = _("what if") if ctx.what_if else _("by the date of the data")
    facts: list[list[object]] = [
        [_("Dataset"), ctx.dataset.slug, " ".join(filter(None, [ctx.dataset.title_zh, simulated]))],
        [_("Place"), ctx.place, places.name(ctx.place)],
        [_("Time"), isoformat(when), _("one hour") if per == "hour" else _("one day")],
        [_("Edition"), ctx.edition_in_force, f"{' · '.join(ctx.law_names)} ({chosen})"],
        [_("Made"), isoformat(now()), by],
    ]
    facts += [[head["item"], f"{head['symbol']} {head['unit']}", _limit(head["limit"])] for head in heads]
    return facts + [[row["name"], row["point"], row["clause"]] for row in rows]


def _limit(limit: Any) -> str:
    if limit is None:
        return ""
    return _("limit of grade 2: %(value)s, %(clause)s") % {"value": limit.value, "clause": limit.citation_zh}
