"""Quarantine: what could not be taken is kept, shown with its reason, and can be replayed after a fix.

Frames set aside at the door are in a journal of their own, the reason behind the peer; frames of the main journal that
could not be decoded are entered by ingest. The table is what people see and work with.
"""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path

from qingyuan.base.errors import QingyuanError
from qingyuan.base.time import CST, now
from qingyuan.gateway.journal import MAIN, QUARANTINE, Entry, Journal, Record, exists, open_journal

BATCH = 5_000
"""Entries made at a time."""


def tagged(peer: str, reason: str) -> str:
    """The peer of a record set aside at the door, with the reason."""
    return f"{peer} {reason}"


def wall_clock(microseconds: int) -> datetime:
    """A moment of a record as the wall clock of +08:00."""
    return datetime.fromtimestamp(microseconds / 1e6, CST).replace(tzinfo=None)


def enter(aside: Journal) -> int:
    """Make entries of the records set aside at the door that have none yet; gives how many. Needs Django."""
    from django.db.models import Max

    from qingyuan.gateway.models import Quarantined

    last = Quarantined.objects.filter(journal=QUARANTINE).aggregate(last=Max("record"))["last"] or 0
    found = [_entry(record) for record in aside.read(last, BATCH)]
    Quarantined.objects.bulk_create(found, ignore_conflicts=True)
    return len(found)


def enter_all(data: Path) -> None:
    """Make entries of everything set aside at the door, where the gateway has not done so yet."""
    if not exists(data, QUARANTINE):
        return
    aside = open_journal(data, QUARANTINE, window=0)
    with closing(aside.store):
        while enter(aside):
            pass


def _entry(record: Record):  # type: ignore[no-untyped-def]
    from qingyuan.gateway.models import Quarantined

    reason = record.peer.rpartition(" ")[2]
    return Quarantined(
        journal=QUARANTINE, record=record.id, mn=record.mn, reason=reason, received=wall_clock(record.received)
    )


def enter_undecoded(faults: list[tuple[Record, str, str]]) -> None:
    """Make entries of main-journal records that could not be decoded: record, reason, detail. Needs Django."""
    from qingyuan.gateway.models import Quarantined

    found = [
        Quarantined(
            journal=MAIN,
            record=record.id,
            mn=record.mn,
            reason=reason,
            detail=detail[:400],
            received=wall_clock(record.received),
        )
        for record, reason, detail in faults
    ]
    Quarantined.objects.bulk_create(found, ignore_conflicts=True, batch_size=1000)


def record_of(data: Path, journal: str, number: int) -> Record:
    """The record behind an entry. QingyuanError when retention has removed it."""
    opened = open_journal(data, journal)
    try:
        found = opened.record(number)
    finally:
        opened.store.close()
    if found is None:
        raise QingyuanError(f"Record {number} of {journal} is not kept any more", "It was older than the days kept")
    return found


def dismiss(entries: list[int], by: str) -> int:
    """Settle entries without using them; gives how many were open. Needs Django."""
    from django.db import transaction

    from qingyuan.gateway.models import Quarantined

    at = now()
    with transaction.atomic():
        open_ones = Quarantined.objects.select_for_update().filter(id__in=entries, state=Quarantined.State.OPEN)
        tell_settled(list(open_ones), Quarantined.State.DISMISSED, by, at)
        return open_ones.update(state=Quarantined.State.DISMISSED, settled_by=by, settled_at=at)


def tell_settled(entries: list, state: str, by: str, at: datetime) -> None:
    """A line of the audit chain for each settled entry; joins the transaction. Needs Django."""
    from qingyuan.gateway.models import Device
    from qingyuan.people import audit

    lying = {each.mn: each for each in Device.objects.filter(mn__in={entry.mn for entry in entries})}
    audit.append_many([_settled(each, lying.get(each.mn), str(state), by, at) for each in entries])


def _settled(entry, device, state: str, by: str, at: datetime):  # type: ignore[no-untyped-def]
    """The line of an entry; one of no device is the province's."""
    from qingyuan.people import audit

    division, domain = (device.division, device.domain) if device else ("220000", "sources")
    change = {"state": ["open", state]}
    return audit.Line(audit.named(by), "quarantine.settle", "quarantined", str(entry.pk), division, domain, change, at)


def admitted(record: Record) -> Entry:
    """A record set aside at the door as the entry it would have been, its time and peer kept."""
    return Entry(record.received, record.peer.rpartition(" ")[0], record.mn, record.raw, b";RF=1;" in record.raw)
