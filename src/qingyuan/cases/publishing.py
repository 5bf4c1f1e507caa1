"""Cases everybody may read: closed with a signature that made them public, by the fields their kind declares so."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from qingyuan.cases.models import Case
from qingyuan.registers import publishing
from qingyuan.registers.flow.declared import CLOSED

TOLD_BY_PEOPLE = "report"
"""Origin of cases whose matter is in the words of somebody who reported it: these words stay here."""


def cases() -> QuerySet[Case]:
    """Closed cases that were signed as published, the last closed first."""
    found = Case.objects.filter(is_open=False, step=CLOSED, values__published=True)
    return found.order_by("-closed_at", "-id").defer("searched")


def values(case: Case) -> dict[str, Any]:
    """The public values; of a report from the public not what it is about."""
    flow = case.declared.flow
    told = publishing.values(flow, case)
    return {name: value for name, value in told.items() if name != flow.about or case.origin != TOLD_BY_PEOPLE}


def titled(case: Case) -> str:
    """What a case is called in public."""
    return str(values(case).get(case.declared.flow.about) or case.declared.flow.title.zh)
