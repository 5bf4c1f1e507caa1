"""What everybody may read of a record: the fields its kind declares `public`, once something of it was signed.

Personal fields, references to persons and files are never told, whatever a declaration says; a place is told to
about a kilometre only.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from qingyuan.registers.flow.declared import VOID, Field, Kind
from qingyuan.registers.flow.rows import Record
from qingyuan.registers.models import RegisterRecord

COARSE = 2
"""Decimals of a degree that a public place keeps: about a kilometre."""
OWN = ("number", "step")
"""What of a record itself, beside its fields, a kind may declare public."""


def is_public(kind: Kind) -> bool:
    """Whether records of a kind are told to everybody at all; without a number none could be named."""
    return "number" in kind.public


def fields(kind: Kind) -> tuple[Field, ...]:
    """The public fields of a kind, in the order it declares them."""
    return tuple(kind.fields[name] for name in kind.public if name in kind.fields and _may(kind.fields[name]))


def _may(field: Field) -> bool:
    closed = field.personal or field.files or field.to == "person" or field.type in ("file", "polygon")
    return not closed and all(_may(column) for column in field.columns)


def values(kind: Kind, record: Record) -> dict[str, Any]:
    """The values of the public fields that are filled in."""
    told = {each.name: record.values.get(each.name) for each in fields(kind)}
    return {name: _coarse(kind.fields[name], value) for name, value in told.items() if value not in (None, "")}


def _coarse(field: Field, value: Any) -> Any:
    return [round(float(part), COARSE) for part in value] if field.type == "point" else value


def titled(kind: Kind, record: Record) -> str:
    """What a record is called where its title may be told, else its number."""
    return record.title if kind.about in {each.name for each in fields(kind)} else record.number


def records(kind: Kind) -> QuerySet[RegisterRecord]:
    """The records everybody may read, newest first: past their first signature, not cancelled."""
    if not is_public(kind):
        return RegisterRecord.objects.none()
    found = RegisterRecord.objects.filter(kind=kind.name).exclude(step__in=("", kind.first.name, VOID))
    return found.order_by("-id").defer("searched")
