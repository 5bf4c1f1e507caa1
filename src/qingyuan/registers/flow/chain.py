"""The chain of a record: each entry's digest covers the entry and the digest before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from qingyuan.base.time import isoformat
from qingyuan.registers.flow.fold import StepEntry


def canonical(content: Any) -> bytes:
    """One spelling of JSON: keys sorted, no spaces, UTF-8; numbers that are not finite are refused."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def digest(record: str, entry: StepEntry, previous: str) -> str:
    """SHA-256 (hex) of an entry of a record behind the entry whose digest is `previous` (empty for the first)."""
    who = [entry.actor.account, entry.actor.name, entry.actor.organisation]
    told = [record, entry.sequence, entry.step, entry.verb, who, isoformat(entry.at), entry.given, entry.note, previous]
    return hashlib.sha256(canonical(told)).hexdigest()


def linked(record: str, entry: StepEntry, previous: str) -> StepEntry:
    """The entry with its digest."""
    return replace(entry, digest=digest(record, entry, previous))


def first_broken(record: str, steps: Iterable[StepEntry]) -> int | None:
    """Sequence of the first entry that is not what was signed, or stands in a gap; None when the chain is whole."""
    previous = ""
    for number, entry in enumerate(steps, 1):
        if entry.sequence != number or entry.digest != digest(record, entry, previous):
            return number
        previous = entry.digest
    return None
