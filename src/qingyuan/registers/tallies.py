"""Counts kept in the transaction of the act: by kind, step, county, and one value of a facet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet, Sum

from qingyuan.registers.flow.declared import Kind
from qingyuan.registers.models import FACETS, RegisterRecord, Tally

_ADD = """
INSERT INTO registers_tally (kind, domain, division, simulated, step, facet, value, count)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (kind, facet, value, division, step, simulated, domain)
DO UPDATE SET count = registers_tally.count + excluded.count
"""

TALLIED = ("choice", "yes_no")
"""Types of the fields whose values are counted: those with few."""


class Key(NamedTuple):
    """One count."""

    kind: str
    domain: str
    division: str
    simulated: bool
    step: str
    facet: str
    value: str


def facets(kind: Kind) -> dict[str, str]:
    """Column of each field a kind is filtered by."""
    return dict(zip((name for name in kind.filters if name in kind.fields), FACETS, strict=False))


def is_tallied(kind: Kind, name: str) -> bool:
    """Whether the values of a field are counted."""
    return name in facets(kind) and kind.fields[name].type in TALLIED


def keys(kind: Kind, record: RegisterRecord) -> Iterator[Key]:
    """The counts a record belongs to."""
    base = (record.kind, record.domain, record.county, record.simulated, record.step)
    yield Key(*base, "", "")
    for name, column in facets(kind).items():
        if is_tallied(kind, name) and getattr(record, column):
            yield Key(*base, column, getattr(record, column))


def count(before: Iterable[Key], after: Iterable[Key]) -> None:
    """Move records between counts; in a fixed order, so that two acts never wait for each other."""
    changed = Counter(after)
    changed.subtract(before)
    rows = [(*key, number) for key, number in sorted(changed.items()) if number]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_ADD, rows)


def by(found: QuerySet[Any], *columns: str) -> dict[Any, int]:
    """Counts summed by columns: ``by(tallies, "step")`` gives step → count."""
    rows = found.values_list(*columns).order_by().annotate(Sum("count"))
    return {(row[0] if len(columns) == 1 else row[:-1]): row[-1] for row in rows if row[-1]}


def recounted(kinds: Sequence[Kind]) -> int:
    """Count all records anew, for a check or after a repair; the number of counts that were wrong."""
    true: Counter[Key] = Counter()
    for kind in kinds:
        for record in RegisterRecord.objects.filter(kind=kind.name).defer("values", "searched").iterator(5000):
            true.update(keys(kind, record))
    names = [kind.name for kind in kinds]
    stored = {
        Key(*row[:-1]): row[-1]
        for row in Tally.objects.filter(kind__in=names).values_list(*Key._fields, "count")
        if row[-1]
    }
    wrong = {key for key in {*true, *stored} if true[key] != stored.get(key, 0)}
    if wrong:
        with connection.cursor() as cursor:
            cursor.executemany(_ADD, [(*key, true[key] - stored.get(key, 0)) for key in sorted(wrong)])
    return len(wrong)
