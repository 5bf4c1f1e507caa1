"""A score sheet as a workbook: out with what is known, filled offline, in again as a form that is looked at first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from zipfile import BadZipFile

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from qingyuan.base.errors import UnreadableInput
from qingyuan.base.time import isoformat, now
from qingyuan.interfaces.web import excel
from qingyuan.interfaces.web.plans import evaluating
from qingyuan.plans.evaluating import rounds
from qingyuan.plans.evaluating.rounds import Act
from qingyuan.plans.models import Standing

LARGEST, ROWS = 2 << 20, 2000
HEADS = (
    ("key", gettext_lazy("Code")), ("section", gettext_lazy("Section")), ("title", pgettext_lazy("score", "Line")),
    ("full", gettext_lazy("Full")), ("computed", gettext_lazy("Computed")), ("self", gettext_lazy("Self")),
    ("reviewed", gettext_lazy("Reviewed")), ("points", gettext_lazy("Points")), ("reason", gettext_lazy("Reason")),
    ("formula", gettext_lazy("Formula")), ("state", gettext_lazy("State")), ("trace", gettext_lazy("Source")),
)  # fmt: skip
"""Columns; points and reason are those to fill in. They are read by place, so that either language is taken."""
PLACE = {name: number for number, (name, _title) in enumerate(HEADS)}
WIDTHS = (26, 16, 30, 8, 10, 8, 8, 10, 40, 50, 20, 50)


@dataclass(frozen=True)
class Fault:
    """A row that cannot be taken. row: as the sheet shows it, none for a line that is missing; told: what is wrong.

    title: of the line, empty where what is told names it.
    """

    row: int | None
    title: str
    told: str


@dataclass(frozen=True)
class Read:
    """A workbook as a form: typed has ``p:key`` and ``r:key`` as the page's fields; taken: lines with points."""

    typed: Mapping[str, str]
    faults: Sequence[Fault]
    taken: int


def written(sheet: Standing, by: str) -> bytes:
    """The lines with two empty columns, and on a second sheet which sheet it is and how to fill it in."""
    rows = [_row(part["title"], line) for part in evaluating.lines(sheet) for line in part["lines"]]
    found = sheet.evaluation
    basis: list[list[object]] = [
        [_("Round"), found.pk], [_("Sheet"), sheet.code], [_("Step"), sheet.step], [_("Place"), evaluating.name(sheet)],
        [_("Edition"), found.rules["edition"]], [_("Digest"), found.rules["digest"]],
        [_("Time"), found.as_of.isoformat()], [_("Made"), f"{isoformat(now())} {by}"],
        [_("How to fill it in"), _("Write points and a reason where you differ; a row left empty stays as computed.")],
    ]  # fmt: skip
    return excel.workbook(
        excel.Sheet(_("Score sheet"), [title for _name, title in _heads()], rows, WIDTHS),
        excel.Sheet(_("Codes and basis"), [_("What"), _("Value")], basis, [20, 70]),
    )


def _heads() -> Iterator[tuple[str, str]]:
    return ((name, str(title)) for name, title in HEADS)


def _row(section: str, line: Mapping[str, Any]) -> list[object]:
    found = {**line, "section": section, "computed": line["points"], "points": None, "reason": None,
             "state": str(line["word"])}  # fmt: skip
    return [found[name] for name, _title in HEADS]


def read(content: bytes, sheet: Standing) -> Read:
    """The form of a workbook with all that is wrong in it. Raises UnreadableInput where it is not of this sheet."""
    lines, basis = _cells(content)
    _same(sheet, basis)
    titles = {line["key"]: line["title"] for part in evaluating.lines(sheet) for line in part["lines"]}
    rows, faults = _known(lines, titles)
    points = {key: cells["points"] for key, (_number, cells) in rows.items() if cells["points"]}
    reasons = {key: cells["reason"] for key, (_number, cells) in rows.items() if cells["reason"]}
    wrong = rounds.faults(sheet, Act(points, reasons))
    faults += [Fault(rows[key][0], "", evaluating.told(why)) for key, why in wrong.items()]
    faults += [
        Fault(rows[key][0], titles[key], _("There is a reason, and no points.")) for key in reasons if key not in points
    ]
    faults += [
        Fault(None, title, _("The row is missing; the line stays as computed."))
        for key, title in titles.items()
        if key not in rows
    ]
    typed = {f"p:{key}": text for key, text in points.items()} | {f"r:{key}": text for key, text in reasons.items()}
    return Read(typed, sorted(faults, key=lambda each: each.row or ROWS), len(points) - len(wrong))


Rows = dict[str, tuple[int, dict[str, str]]]


def _known(lines: Iterable[Sequence[Any]], titles: Mapping[str, str]) -> tuple[Rows, list[Fault]]:
    """Rows by the key of their line; one of no line, or twice the same, is a fault."""
    rows: Rows = {}
    faults = []
    for number, line in enumerate(lines, 2):
        cells = {name: _text(line[place]) for name, place in PLACE.items()}
        key = cells["key"]
        if key in titles and key not in rows:
            rows[key] = number, cells
        elif any(cells.values()):
            faults.append(Fault(number, key, _("The row is of no line of this sheet, or stands there twice.")))
    return rows, faults


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return "" if value is None else str(value).strip().removeprefix("'")


def _same(sheet: Standing, basis: Iterable[Sequence[Any]]) -> None:
    """Refuse the workbook of another round, place or step."""
    told = [_text(row[1]) for row in basis][1:4]
    if told != [str(sheet.evaluation_id), sheet.code, sheet.step]:
        raise UnreadableInput(
            _("This workbook is not of this sheet at this step"), _("Download it here, then fill it in.")
        )


def _cells(content: bytes) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    if len(content) > LARGEST:
        raise UnreadableInput(_("The workbook is larger than 2 MB"), _("Download it here, then fill it in."))
    try:
        book = load_workbook(BytesIO(content), read_only=True, data_only=True)
        lines, basis = (
            list(page.iter_rows(max_row=ROWS, max_col=len(HEADS), min_col=1, values_only=True))
            for page in book.worksheets[:2]
        )
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError, IndexError, TypeError):
        raise UnreadableInput(
            _("This is no workbook of a score sheet"), _("Download it here, then fill it in.")
        ) from None
    if not lines or len(lines[0]) < len(HEADS) or len(basis) < 4:
        raise UnreadableInput(_("This is no workbook of a score sheet"), _("Download it here, then fill it in."))
    return lines[1:], basis
