"""Replay: records of the quarantine taken again, after a device was registered, a key entered or the software mended.

What was set aside at the door goes through the gate again and, if it may come in now, into the main journal. What the
main journal holds already and could not be decoded is decoded again, with the lake told that the rows are a replay's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from qingyuan.base.locking import alone
from qingyuan.base.time import now
from qingyuan.gateway import accounts, decoding, gate, parts, quarantine, register
from qingyuan.gateway.hj212.decode import NotAFrame, only_frame, opened
from qingyuan.gateway.hj212.framing import MISMATCH
from qingyuan.gateway.hj212.head import read
from qingyuan.gateway.journal import MAIN, QUARANTINE, Record, open_journal
from qingyuan.gateway.models import Quarantined

_OPEN_DOOR = "sum"
"""A frame with a wrong sum never comes in by replay: it is looked at and dismissed."""


@dataclass
class Replayed:
    """taken: entries settled; left: still in quarantine, by reason."""

    taken: int = 0
    left: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def leave(self, reason: str) -> None:
        """Count an entry that stays."""
        self.left += 1
        self.reasons[reason] += 1


def replay(data: Path, entries: Iterable[Quarantined], by: str) -> Replayed:
    """Take entries again; those that can be taken are settled as replayed."""
    done, chosen = Replayed(), list(entries)
    _from_the_door(data, [each for each in chosen if each.journal == QUARANTINE], by, done)
    _from_the_journal(data, [each for each in chosen if each.journal == MAIN], by, done)
    return done


def _from_the_door(data: Path, entries: list[Quarantined], by: str, done: Replayed) -> None:
    if not entries:
        return
    door = gate.Gate(register.devices())
    with closing(open_journal(data, QUARANTINE).store), closing(open_journal(data)) as main:
        admitted = []
        for entry in entries:
            record = quarantine.record_of(data, QUARANTINE, entry.record)
            reason = _refusal(door, record)
            if reason:
                done.leave(reason)
            else:
                admitted.append((entry, quarantine.admitted(record)))
        if admitted:
            main.append([entry for _, entry in admitted])
        _settle([entry for entry, _ in admitted], by, done)


def _refusal(door: gate.Gate, record: Record) -> str:
    """Why the gate would still set a record aside; empty when it may come in."""
    try:
        frame = only_frame(record.raw)
    except NotAFrame:
        return "not_a_frame"
    head = read(frame.segment)
    device = door.devices.get(head.mn or b"")
    if opened(frame, device.keys if device else ())[1] == MISMATCH:
        return gate.SUM
    host = record.peer.rpartition(" ")[0].rpartition(":")[0]
    return door.refusal(head.mn, head.pw, host)


def _from_the_journal(data: Path, entries: list[Quarantined], by: str, done: Replayed) -> None:
    if not entries:
        return
    by_number = {entry.record: entry for entry in entries}
    records = [quarantine.record_of(data, MAIN, number) for number in sorted(by_number)]
    with alone(data / "ingest" / "lock"):
        site_of, keys_of = accounts.known_sites(data)
        read_now = decoding.decode(records, site_of, keys_of)
        faulty = dict(read_now.faults)
        decoding.store_again(data, read_now, f"replay {now().isoformat()} by {by}")
        parts.note(parts.found(records, keys_of))
    told = [number for number, entry in by_number.items() if entry.reason == parts.MISSING]
    faulty |= dict.fromkeys(parts.still_missing(told), parts.MISSING)
    for number, reason in faulty.items():
        by_number[number].reason = reason
        by_number[number].save(update_fields=["reason"])
        done.leave(reason)
    _settle([entry for number, entry in by_number.items() if number not in faulty], by, done)


def _settle(entries: list[Quarantined], by: str, done: Replayed) -> None:
    moment = now()
    with transaction.atomic():
        for entry in entries:
            entry.state, entry.settled_by, entry.settled_at = Quarantined.State.REPLAYED, by, moment
            entry.save(update_fields=["state", "settled_by", "settled_at"])
        quarantine.tell_settled(entries, Quarantined.State.REPLAYED, by, moment)
    done.taken += len(entries)
