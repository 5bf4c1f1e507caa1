"""Workbooks of a register: what the list shows with codes and units on a second sheet, and the template to fill in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingyuan.base.time import isoformat, now
from qingyuan.interfaces.web import excel
from qingyuan.interfaces.web.registers import words
from qingyuan.registers import intake
from qingyuan.registers.flow.declared import Field, Kind
from qingyuan.registers.models import RegisterRecord

MOST = 50_000
"""Records of one workbook at most; the second sheet says when there are more."""


def export(kind: Kind, records: Iterable[RegisterRecord], by: str, more: bool, basis: str) -> bytes:
    """The records as a workbook; personal values are masked."""
    fields = [each for each in kind.fields.values() if each.type not in ("file", "polygon")]
    own = [_("Number"), _("Division code"), _("Division"), _("Step"), _("Deadline"), _("Opened"), _("Closed")]
    head = [*own, *(_head(each) for each in fields)]
    rows = [
        [*_own(kind, record), *(_cell(each, record.values.get(each.name)) for each in fields)] for record in records
    ]
    results = excel.Sheet(words.of(kind.title)[:31], head, rows, [18, 12, 14, 10, 12, 12, 12, *[18] * len(fields)])
    facts: list[list[object]] = [
        [_("Made"), isoformat(now()), by],
        [_("Chosen"), basis, _("not all: the list was cut") if more else ""],
        [_("Basis"), " ".join(kind.basis), kind.confidence],
    ]
    codes = excel.Sheet(
        _("Codes and basis"), [_("What"), _("Value"), _("Remark")], [*facts, *_codes(kind)], [24, 40, 50]
    )
    return excel.workbook(results, codes)


def template(kind: Kind) -> bytes:
    """The workbook to fill in: one column a field, required ones starred, codes on the second sheet."""
    fields = intake.asked(kind)
    head = [words.of(intake.DIVISION), words.of(intake.SITE), *(_head(each) + _star(kind, each) for each in fields)]
    first = excel.Sheet(words.of(kind.title)[:31], head, [], [14, 16, *[20] * len(fields)])
    codes = excel.Sheet(_("Codes and basis"), [_("What"), _("Value"), _("Remark")], _codes(kind), [24, 40, 50])
    return excel.workbook(first, codes)


def _star(kind: Kind, field: Field) -> str:
    return " *" if field.name == kind.about else ""


def _head(field: Field) -> str:
    return intake.titled(field, words.of(field.title), get_language() or "zh")


def _own(kind: Kind, record: RegisterRecord) -> list[object]:
    closed, due = record.closed_at, record.due
    return [
        record.number, record.division, words.place(record.division), words.step(kind, record.step),
        due.date() if due and not closed else None, record.opened_at.date(), closed.date() if closed else None,
    ]  # fmt: skip


def _cell(field: Field, kept: Any) -> object:
    if kept is None:
        return None
    if field.type in ("number", "money"):
        return float(kept)
    if field.type == "table":
        return intake.in_cell(field, kept)
    return words.value(field, kept)


def _codes(kind: Kind) -> list[list[object]]:
    found: list[list[object]] = []
    for field in kind.fields.values():
        title = words.of(field.title)
        if field.unit:
            found.append([title, field.unit, _("unit")])
        found += [[title, words.of(name), code] for code, name in field.codes.items()]
    return found
