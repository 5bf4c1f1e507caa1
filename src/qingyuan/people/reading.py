"""Reading the audit chain: the lines somebody may read, by person, kind, record, action and day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet

from qingyuan.people import audit
from qingyuan.people.models import AuditEntry
from qingyuan.people.rights import Rights


@dataclass(frozen=True)
class Wanted:
    """What lines are wanted; empty: any. name: part of the person's name; since, until: days, both included."""

    name: str = ""
    kind: str = ""
    record: str = ""
    action: str = ""
    since: date | None = None
    until: date | None = None
    sealed: bool = False


def lines(held: Rights, wanted: Wanted) -> QuerySet[AuditEntry]:
    """The wanted lines of those somebody may read, newest first."""
    exact = {name: text for name in ("kind", "record", "action") if (text := getattr(wanted, name))}
    found = audit.readable(held).filter(**exact).order_by("-number")
    if wanted.name:
        found = found.filter(name__icontains=wanted.name)
    if wanted.since:
        found = found.filter(at__gte=datetime.combine(wanted.since, time()))
    if wanted.until and wanted.until < date.max:
        found = found.filter(at__lt=datetime.combine(wanted.until + timedelta(days=1), time()))
    return found.filter(sealed=True) if wanted.sealed else found


def as_of(held: Rights, kind: str, record: str, moment: datetime) -> dict[str, Any] | None:
    """A record's fields at a moment; None when somebody may not read all of its lines, or there is none."""
    told = AuditEntry.objects.filter(kind=kind, record=record)
    readable_of_it = audit.readable(held).filter(kind=kind, record=record).count()
    if not readable_of_it or readable_of_it != told.count():
        return None
    return audit.as_of(kind, record, moment)


def kinds(held: Rights) -> list[str]:
    """The kinds of records somebody may read lines of."""
    return sorted(audit.readable(held).order_by().values_list("kind", flat=True).distinct())
