"""A decomposition as a workbook: out with its basis, in as a form that is looked at before anything is kept."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from zipfile import BadZipFile

from django.utils.translation import gettext as _
from openpyxl import load_workbook

from qingyuan.base.errors import QingyuanError
from qingyuan.base.time import isoformat, now
from qingyuan.interfaces.web import excel, scoreboard
from qingyuan.interfaces.web.targets import asking, showing
from qingyuan.interfaces.web.targets.asking import FIELDS, Form
from qingyuan.plans.facts import plan
from qingyuan.plans.sharing import Asked

LARGEST = 1 << 20
ROWS = 500
CODE = 0
PLACES = {"base": 2, "weight": 3, "pull": 4, "hand": 6, "reason": 7}
"""Columns of the sheet a form is read from; column 5 is the value, which is computed."""


def heads() -> list[str]:
    """The head of the sheet."""
    return [
        _("Code"), _("Name"), _("Base"), _("Weight"), _("Weight of the split"), _("Target"), _("By hand"), _("Reason")
    ]  # fmt: skip


def written(asked: Asked, rows: list[dict[str, Any]], by: str, state: str) -> bytes:
    """The lines of the page and, on a second sheet, what they are."""
    indicator = plan().indicator(asked.indicator)
    lines: list[list[object]] = [
        [each["code"], each["name"], *(_cell(each["row"][field]) for field in FIELDS[:3]), each["value"],
         _cell(each["row"]["hand"]), each["row"]["reason"]]
        for each in rows
    ]  # fmt: skip
    basis: list[list[object]] = [
        [_("Plan"), plan().code, scoreboard.said(plan().title)],
        [_("Indicator"), indicator.no, scoreboard.said(indicator.name)],
        [_("Unit"), showing.unit(indicator, asked), asked.rule.by],
        [_("Place"), asked.division, showing.name(asked.division)],
        [_("Day"), asked.day.isoformat(), state],
        [_("Way to split"), asked.method, asked.loosened],
        [_("Source of bases and weights"), asked.weights, _("Simulated data") if asked.simulated else ""],
        [_("Made"), isoformat(now()), by],
    ]
    return excel.workbook(
        excel.Sheet(_("Targets"), heads(), lines, [10, 22, 12, 12, 16, 12, 12, 40]),
        excel.Sheet(_("Codes and basis"), [_("What"), _("Value"), _("Remark")], basis, [30, 44, 60]),
    )


def _cell(text: str) -> object:
    try:
        return asking.number(text)
    except ValueError:
        return text


def read(content: bytes, place: str, form: Form) -> tuple[Form, list[str]]:
    """The form of a workbook, on the method of the present one; and what is wrong with its rows.

    Raises QingyuanError where it is no such workbook.
    """
    sent, wrong, seen = {"method": form.method, "loosened": form.loosened, "weights": form.weights}, [], set()
    for index, row in enumerate(_rows(content), start=2):
        code = str(row[CODE] or "").strip().lstrip("'")
        if not code:
            continue
        if code not in form.texts or code in seen:
            wrong.append(
                _("Row %(row)s: “%(code)s” is not one of the parts, or stands there twice.")
                % {"row": index, "code": code}
            )
            continue
        seen.add(code)
        sent |= {f"{field}_{code}": _text(row[column]) for field, column in PLACES.items()}
    wrong += [_("%s is missing.") % showing.name(code) for code in form.texts if code not in seen]
    return asking.posted(place, sent), wrong


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{round(value, 6):f}".rstrip("0").rstrip(".")
    return "" if value is None else str(value).strip().removeprefix("'")


def _rows(content: bytes) -> list[tuple[Any, ...]]:
    try:
        book = load_workbook(BytesIO(content), read_only=True, data_only=True)
        rows = list(book.worksheets[0].iter_rows(min_row=1, max_row=ROWS, max_col=8, values_only=True))
    except (BadZipFile, KeyError, ValueError, OSError, IndexError, TypeError) as fault:
        raise QingyuanError(_("This is no workbook"), _("Take the one of “Excel” on this page.")) from fault
    if not rows or len(rows[0]) < 8:
        raise QingyuanError(_("The sheet has not the eight columns"), _("Take the one of “Excel” on this page."))
    return rows[1:]
