"""The register as an Excel workbook: written, filled in by people, shown row by row before anything is saved.

Two sheets: devices, and what their codes mean. Passwords and keys are never written out; empty cells leave what is.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from qingyuan.base.errors import UnreadableInput, WrongUsage
from qingyuan.gateway.models import Device
from qingyuan.gateway.registering import DEVICE_COLUMNS, FACTOR_COLUMNS, May, register, set_factor

TITLES = {
    "mn": "设备唯一标识", "name_zh": "名称", "name_en": "英文名称", "password": "访问密码", "edition": "标准版本",
    "sum_variant": "校验方式", "active": "启用", "dataset": "数据集", "point": "点位", "addresses": "允许地址",
    "minute_interval": "分钟间隔", "real_time_seconds": "实时间隔秒", "key": "密钥", "kind": "点位类型",
    "hardware": "硬件信息", "division": "行政区划", "code": "因子编码", "property": "监测项目", "unit": "单位",
    "low": "量程下限", "high": "量程上限",
}  # fmt: skip
SHEETS: Mapping[str, Sequence[str]] = {"devices": DEVICE_COLUMNS, "factors": FACTOR_COLUMNS}
_SECRET = ("password", "key", "kind")
_LONGEST = 20_000
"""Rows of a sheet."""
_EXACT = 10**15
"""Whole numbers from here on are not kept exactly by a spreadsheet."""


@dataclass(frozen=True)
class Row:
    """One filled row. number: in its sheet; given: by the columns; new: of a device not registered before."""

    sheet: str
    number: int
    given: Mapping[str, str]
    fault: WrongUsage | None = None
    new: bool = False


def write(devices: Iterable[Device]) -> bytes:
    """The workbook of these devices with their factors; without any it is the template."""
    book = Workbook()
    pages = {name: book.create_sheet(name) for name in SHEETS}
    book.remove(book.worksheets[0])
    for name, columns in SHEETS.items():
        pages[name].append([f"{TITLES[each]} {each}" for each in columns])
        for cell in pages[name][1]:
            cell.font = Font(bold=True)
            pages[name].column_dimensions[get_column_letter(cell.column)].width = 22
        pages[name].freeze_panes = "B2"
    for device in devices:
        _append(pages["devices"], [_cell(device, name) for name in DEVICE_COLUMNS])
        for factor in device.factors.all():
            _append(pages["factors"], [device.mn, *(_cell(factor, name) for name in FACTOR_COLUMNS[1:])])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _cell(record: Any, name: str) -> Any:
    value = "" if name in _SECRET else getattr(record, name)
    return str(value).lower() if isinstance(value, bool) else value


def _append(page: Any, values: Sequence[Any]) -> None:
    page.append(values)
    for cell in page[page.max_row]:
        if isinstance(cell.value, str):
            cell.data_type, cell.number_format = "s", "@"  # a text is never a formula, an MN never a number


def preview(content: bytes, by: str, may: May | None = None) -> list[Row]:
    """Every row as it would be saved, or with its fault; nothing is kept. UnreadableInput for what is no workbook."""
    with transaction.atomic():
        rows = _taken(content, by, may)
        transaction.set_rollback(True)
    return rows


def save(content: bytes, by: str, may: May | None = None) -> list[Row]:
    """Save all rows of a workbook. WrongUsage, with nothing saved, while any is faulty or there is none."""
    with transaction.atomic():
        rows = _taken(content, by, may)
        faulty = [row for row in rows if row.fault]
        if faulty or not rows:
            transaction.set_rollback(True)
            raise WrongUsage(f"{len(faulty)} rows of {len(rows)} are faulty", "Mend them and choose the file again")
    return rows


def _taken(content: bytes, by: str, may: May | None) -> list[Row]:
    seen: set[str] = set()
    return [_take(row, by, seen, may) for row in _read(content)]


def _take(row: Row, by: str, seen: set[str], may: May | None) -> Row:
    try:
        with transaction.atomic():
            return Row(row.sheet, row.number, row.given, None, _put(row, by, seen, may))
    except WrongUsage as wrong:
        return Row(row.sheet, row.number, row.given, wrong)


def _put(row: Row, by: str, seen: set[str], may: May | None) -> bool:
    if row.fault:
        raise row.fault
    mn = row.given["mn"]
    if row.sheet == "devices":
        if mn in seen:
            raise WrongUsage(f"twice: {mn} stands in the sheet more than once", "Keep one row of it")
        seen.add(mn)
        return register(row.given, by, may)[1]
    device = Device.objects.filter(mn=mn).first()
    if device is None or (may and not may(device)):
        raise WrongUsage(f"There is no device {mn!r}", "Register it first, or in the sheet devices")
    set_factor(device, row.given, by)
    return False


def _read(content: bytes) -> Iterator[Row]:
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        pages = {
            name: list(book[name].iter_rows(max_row=_LONGEST, values_only=True)) for name in SHEETS if name in book
        }
    except (InvalidFileException, zipfile.BadZipFile, KeyError, OSError, ValueError) as wrong:
        raise UnreadableInput(f"The workbook cannot be read ({wrong})", "Save it as .xlsx") from wrong
    if not pages:
        raise UnreadableInput("The workbook has no sheet devices or factors", "Fill in the template")
    for name, lines in pages.items():
        yield from _rows(name, lines)


def _rows(name: str, lines: list[tuple[Any, ...]]) -> Iterator[Row]:
    head = [str(cell or "").split()[-1] if str(cell or "").split() else "" for cell in lines[0]] if lines else []
    strange = [each for each in head if each and each not in SHEETS[name]]
    needed = {"devices": {"mn"}, "factors": {"mn", "code"}}[name]
    if strange or not needed <= set(head):
        raise UnreadableInput(f"The first row of {name} is not that of the template", "Leave its head unchanged")
    for number, cells in enumerate(lines[1:], 2):
        given = {column: _text(cell) for column, cell in zip(head, cells, strict=False) if column}
        if any(given.values()):
            yield Row(name, number, given, _inexact(dict(zip(head, cells, strict=False)).get("mn")))


def _inexact(mn: Any) -> WrongUsage | None:
    if isinstance(mn, int | float) and abs(mn) >= _EXACT:
        return WrongUsage("mn was written as a number and has lost digits", "Format the column as text, type it again")
    return None


def _text(cell: Any) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()
