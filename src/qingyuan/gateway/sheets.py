"""Laboratory sheets: an Excel template to fill in, checked cell by cell, shown before it is saved, then journalled.

What is saved is the CSV made of the sheet; the workbook itself is kept beside the dataset as evidence, its SHA-256 in
the record's peer. ``<0.01`` and ``0.01L`` mean below the detection limit: the limit is stored, flagged.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation

from qingyuan.base.errors import UnreadableInput, WrongUsage
from qingyuan.base.time import isoformat, now, to_wall_clock
from qingyuan.gateway import accounts, decoding, documents, push, registering
from qingyuan.gateway.models import Device
from qingyuan.gateway.push import Pushed
from qingyuan.gateway.sites import Site
from qingyuan.standards.properties import all_properties

HEAD = ("点位 point", "采样时间 time", "项目 property", "数值 value", "单位 unit", "备注 remark")
_NAMES = ("point", "phenomenon_time", "property", "value", "unit", "flag")
_BELOW = re.compile(r"<\s*(\d+\.?\d*)|(\d+\.?\d*)\s*L", re.IGNORECASE)
_LONGEST = 10_000
"""Rows of a sheet."""


@dataclass(frozen=True)
class Row:
    """One filled row. number: in the sheet; given: by the canonical columns; fault: why it cannot be taken."""

    number: int
    given: dict[str, str]
    fault: str = ""


@dataclass(frozen=True)
class Preview:
    """A sheet as it would be saved."""

    rows: Sequence[Row]

    @property
    def faults(self) -> list[Row]:
        """The rows that cannot be taken."""
        return [row for row in self.rows if row.fault]

    def document(self) -> bytes:
        """The rows as canonical CSV. WrongUsage while any row is faulty, or there is none."""
        if self.faults or not self.rows:
            first = self.faults[0] if self.faults else None
            told = f"Row {first.number}: {first.fault}" if first else "The sheet has no rows"
            raise WrongUsage(told, "Mend the sheet and show it again")
        text = io.StringIO()
        writer = csv.DictWriter(text, [*_NAMES, "averaging"])
        writer.writeheader()
        writer.writerows({**row.given, "averaging": "sample"} for row in self.rows)
        return text.getvalue().encode()


def template(points: Sequence[str], properties: Sequence[str] = ()) -> bytes:
    """An empty sheet to fill in, with lists to choose from. properties: slugs, none = all."""
    book = Workbook()
    page = book.worksheets[0]
    page.title = "数据 data"
    page.append(HEAD)
    for cell in page[1]:
        cell.font = Font(bold=True)
    page.freeze_panes = "A2"
    known = [each for each in all_properties() if not properties or each.slug in properties]
    lists = book.create_sheet("选项 choices")
    columns = (
        list(points),
        [each.slug for each in known],
        [each.name_zh for each in known],
        [each.unit for each in known],
    )
    for place, column in enumerate(columns, 1):
        for number, word in enumerate(column, 1):
            lists.cell(number, place, word)
    for letter, source, count in (("A", "A", len(points)), ("C", "B", len(known))):
        if count:
            choice = DataValidation("list", f"'{lists.title}'!${source}$1:${source}${count}", showErrorMessage=False)
            page.add_data_validation(choice)
            choice.add(f"{letter}2:{letter}{_LONGEST}")
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def preview(data: Path, content: bytes, device: Device) -> Preview:
    """Read a filled sheet and check every row. UnreadableInput for what is no such workbook."""
    site = accounts.site_of(data, device)
    return Preview([_checked(number, cells, site) for number, cells in _filled(content)])


def save(data: Path, device: Device, content: bytes, name: str, by: str = "") -> Pushed:
    """Take a sheet without faults into the journal, the workbook kept. WrongUsage while any row is faulty."""
    document = preview(data, content, device).document()
    checksum = hashlib.sha256(content).hexdigest()
    kept = decoding.folder_of(data, device.dataset) / "files" / f"{checksum}.xlsx"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(content)
    done = push.push(data, device, document, f"sheet:{checksum[:16]}:{name}".replace("\n", " "))
    if not done.repeated:
        entered = {"sheet": [None, {"record": done.record, "rows": done.rows, "file": name, "sha256": checksum}]}
        registering.append(device, "sheets.enter", entered, by, now())
    return done


def _filled(content: bytes) -> Iterator[tuple[int, tuple[Any, ...]]]:
    try:
        page = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
        rows = list(page.iter_rows(max_col=len(HEAD), max_row=_LONGEST + 1, values_only=True))
    except (InvalidFileException, zipfile.BadZipFile, KeyError, OSError, ValueError) as wrong:
        raise UnreadableInput(f"The sheet cannot be read ({wrong})", "Save it as .xlsx") from wrong
    if not rows or tuple(rows[0]) != HEAD:
        raise UnreadableInput("The first row is not that of the template", "Fill in the template, its head unchanged")
    yield from ((number, cells) for number, cells in enumerate(rows[1:], 2) if any(cell is not None for cell in cells))


def _checked(number: int, cells: tuple[Any, ...], site: Site) -> Row:
    given = {name: _text(cell) for name, cell in zip(_NAMES, cells, strict=True)}
    given["flag"] = ""
    below = _BELOW.fullmatch(given["value"])
    if below:
        given["value"], given["flag"] = below[1] or below[2], "below_detection"
    try:
        documents.observation(number, given, site)
    except WrongUsage as wrong:
        return Row(number, given, wrong.what.removeprefix(f"Line {number}: "))
    return Row(number, given)


def _text(cell: Any) -> str:
    if isinstance(cell, datetime):
        return isoformat(to_wall_clock(cell))
    return "" if cell is None else str(cell).strip()
