"""What signatures brought about beyond the register: cases to be opened, people to be told; read by a job in order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from qingyuan.registers.models import RegisterRecord, RegisterStep

AT_ONCE = 500


class Due(NamedTuple):
    """One effect to be carried out. position: of its step; does: ``open_case`` or ``notify``; what: kind or signer.

    at: when the step was signed.
    """

    position: int
    at: datetime
    record: RegisterRecord
    does: str
    what: str


def after(position: int) -> Iterator[Due]:
    """The effects of steps behind a position, in order, some hundred at once; the caller keeps how far it has come."""
    rows = RegisterStep.objects.filter(pk__gt=position, given__has_key="effects").select_related("record")
    for row in rows.order_by("pk")[:AT_ONCE]:
        for does, what in row.given["effects"]:
            yield Due(row.pk, row.at, row.record, does, what)
