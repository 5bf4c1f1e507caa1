"""Workbooks: what is on the screen, and on a second sheet how to read it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from qingyuan.base.time import isoformat, now
from qingyuan.interfaces.web import places, wording
from qingyuan.interfaces.web.context import Context

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA_STARTS = ("=", "+", "-", "@")


def plain(value: object) -> object:
    """Text that a spreadsheet would take for a formula is marked as text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def _fill(sheet: Worksheet, head: Sequence[object], rows: Sequence[Sequence[object]], widths: Sequence[int]) -> None:
    sheet.append(list(head))
    for row in rows:
        sheet.append([plain(value) for value in row])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "B2"
    for index, width in enumerate(widths):
        sheet.column_dimensions[chr(65 + index)].width = width


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
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = _("Results")
    names = [f"{head['symbol']} ({head['unit']})" for head in heads]
    top = [_("Name"), _("City"), "AQI", _("Level"), _("Primary pollutant"), *names, _("Valid")]
    _fill(first, top, [_line(row) for row in rows], [22, 12, 8, 14, 18, *[14] * len(heads), 8])
    second = book.create_sheet(_("Codes and basis"))
    _fill(second, [_("What"), _("Value"), _("Remark")], _basis(ctx, rows, heads, when, per, by), [30, 44, 60])
    made = BytesIO()
    book.save(made)
    return made.getvalue()


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
    name = f"{limit.standard}—{limit.edition} {limit.clause_zh}"
    return _("limit of grade 2: %(value)s, %(clause)s") % {"value": limit.value, "clause": name}
