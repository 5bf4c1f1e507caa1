"""The table of a report: as a form, and as a workbook that goes out and comes back."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from qingyuan.base.errors import UnreadableInput
from qingyuan.base.time import isoformat, now
from qingyuan.cases.models import Case
from qingyuan.interfaces.web import excel
from qingyuan.interfaces.web.dispatching import words
from qingyuan.registers.flow.declared import Field

TYPED = ("status", "progress", "value", "amount", "note")
GIVEN = ("kind", "key", "title", "unit", "last", "known")
LARGEST = 5 * 2**20
MOST = 500


def columns(case: Case) -> dict[str, Field]:
    """The columns of a report's table by name."""
    return {each.name: each for each in case.declared.flow.fields["rows"].columns}


def typed(case: Case, ask: QueryDict) -> list[dict[str, Any]]:
    """The rows as typed into the form; what was given stays as it is."""
    found = []
    for number, row in enumerate(case.values.get("rows", [])):
        kept = {name: value for name, value in row.items() if name not in TYPED}
        entered = {name: str(ask.get(f"{number}.{name}", row.get(name, ""))).strip() for name in TYPED}
        found.append({**kept, **{name: value for name, value in entered.items() if value}})
    return found


def lines(case: Case, rows: list[dict[str, Any]], wrong: Mapping[str, str]) -> list[dict[str, Any]]:
    """Rows as the page shows them. wrong: by field, as refused; a cell's own words stand at it."""
    remarks = {each["key"]: each["reason"] for each in case.values.get("remarks", [])}
    codes = [(code, each.of(get_language() or "zh")) for code, each in columns(case)["status"].codes.items()]
    found = []
    for number, row in enumerate(rows):
        place = f"rows.{row['kind']}.{row['key']}."
        faults = {name.removeprefix(place): told for name, told in wrong.items() if name.startswith(place)}
        told = {"faults": faults, "codes": codes, "remark": remarks.get(row["key"], "")}
        found.append({"number": number, "row": row, "kind": words.kind(row["kind"]), **told})
    return found


def book(case: Case, by: str) -> bytes:
    """The table as a workbook: to be filled and sent back, with how to read it on a second sheet."""
    fields = columns(case)
    head = [_head(fields[name]) for name in (*GIVEN, *TYPED)]
    rows = [[_shown(fields[name], row.get(name)) for name in (*GIVEN, *TYPED)] for row in case.values.get("rows", [])]
    states = "、".join(each.zh for each in fields["status"].codes.values())
    facts: list[list[object]] = [
        [_("Report"), case.number, case.title],
        [_("Period"), case.values.get("first_day", ""), case.values.get("last_day", "")],
        [_("Organisation"), case.organisation_name, _("Simulated data") if case.simulated else ""],
        [fields["status"].title.zh, states, ""],
        [fields["amount"].title.zh, fields["amount"].unit, "累计数"],
        [_("Made"), isoformat(now()), by],
    ]
    sheets = (
        excel.Sheet(case.declared.flow.fields["rows"].title.zh, head, rows, [8, 14, 40, 8, 30, 24, 10, 10, 12, 14, 40]),
        excel.Sheet(_("Codes and basis"), [_("What"), _("Value"), _("Remark")], facts, [16, 40, 50]),
    )
    return excel.workbook(*sheets)


def _head(field: Field) -> str:
    return f"{field.title.zh}（{field.unit}）" if field.unit else field.title.zh


def _shown(field: Field, value: Any) -> object:
    if value in (None, ""):
        return None
    return field.codes[value].zh if field.codes else float(value) if field.type == "number" else value


def read_book(case: Case, content: bytes) -> list[dict[str, Any]]:
    """The rows of a workbook sent back, beside what was given. Raises UnreadableInput naming row and what to do."""
    found = _cells(content)
    heads = {_head(field): name for name, field in columns(case).items() if name in (*GIVEN, *TYPED)}
    names = [heads.get(str(each or "").strip(), "") for each in (found[0] if found else ())]
    if not {"kind", "key"} <= set(names):
        raise UnreadableInput(_("The sheet has no columns of a report"), _("Fill the workbook of this page."))
    entered = {}
    for number, row in enumerate(found[1:], 2):
        cells = {name: value for name, value in zip(names, row, strict=False) if name and value not in (None, "")}
        if cells:
            entered[str(cells.get("key", "")).lstrip("'")] = (number, cells)
    known = {str(each["key"]) for each in case.values.get("rows", [])}
    if strange := next((number for key, (number, _cells_) in entered.items() if key not in known), None):
        what = _("Row %(number)s is not of this report") % {"number": strange}
        raise UnreadableInput(what, _("Fill the workbook of this page."))
    return [_merged(row, entered.get(str(row["key"]), (0, {}))[1]) for row in case.values.get("rows", [])]


def _merged(row: Mapping[str, Any], cells: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if name not in TYPED or not cells}
    return {**kept, **{name: str(value).strip() for name, value in cells.items() if name in TYPED}}


def _cells(content: bytes) -> list[tuple[Any, ...]]:
    if len(content) > LARGEST:
        raise UnreadableInput(_("The workbook is larger than 5 MB"), _("Fill the workbook of this page."))
    try:
        sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
        return list(sheet.iter_rows(values_only=True, max_row=MOST, max_col=40))
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, IndexError):
        raise UnreadableInput(_("This is no Excel workbook (.xlsx)"), _("Fill the workbook of this page.")) from None
