"""Numbers of records: a pattern with division and year, and a sequence under each prefix."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from qingyuan.registers.flow.declared import Kind
from qingyuan.registers.models import Numbering

_SEQUENCE = re.compile(r"\{seq(?::(\d))?\}")


def numbers(kind: Kind, divisions: Iterable[str], at: datetime) -> list[str]:
    """A new number for each record to be opened in these divisions; inside a transaction, in order of the prefixes."""
    wanted = [_prefixed(kind, division, at) for division in divisions]
    counts = Counter(prefix for prefix, _, _ in wanted)
    last = {prefix: _taken(kind.name, prefix, count) for prefix, count in sorted(counts.items())}
    made = []
    for prefix, width, behind in wanted:
        last[prefix] += 1
        made.append(f"{prefix}{last[prefix]:0{width}d}{behind}")
    return made


def _prefixed(kind: Kind, division: str, at: datetime) -> tuple[str, int, str]:
    """What stands before the sequence, its width, what stands behind."""
    found = _SEQUENCE.search(kind.number)
    assert found is not None  # soundness: every pattern has a sequence
    told = {"division": division[:6], "year": str(at.year), "kind": kind.name}
    before, behind = kind.number[: found.start()].format(**told), kind.number[found.end() :].format(**told)
    return before, int(found[1] or 1), behind


def _taken(kind: str, prefix: str, count: int) -> int:
    """Take so many numbers; the last one before them."""
    with transaction.atomic():
        row, _ = Numbering.objects.select_for_update().get_or_create(kind=kind, prefix=prefix)
        before = row.last
        Numbering.objects.filter(pk=row.pk).update(last=before + count)
    return before
