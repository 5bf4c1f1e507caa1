"""Counts kept in the transaction of the act: by kind, step, county, and the values of the facets that have few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet, Sum

from qingyuan.registers.flow.declared import Kind
from qingyuan.registers.models import FACETS, RegisterRecord, Tally

TALLIED = ("choice", "yes_no")
"""Types of the fields whose values are counted: those with few."""


class Key(NamedTuple):
    """One count; a facet that is not counted, or has no value, is empty."""

    kind: str
    domain: str
    division: str
    simulated: bool
    step: str
    facet_a: str
    facet_b: str
    facet_c: str
    facet_d: str


_COLUMNS = ", ".join(Key._fields)
_ADD = f"""
INSERT INTO registers_tally ({_COLUMNS}, count) VALUES ({", ".join("%s" for _ in Key._fields)}, %s)
ON CONFLICT (kind, division, step, facet_a, facet_b, facet_c, facet_d, simulated, domain)
DO UPDATE SET count = registers_tally.count + excluded.count
"""


def facets(kind: Kind) -> dict[str, str]:
    """Column of each field a kind is filtered by."""
    return dict(zip((name for name in kind.filters if name in kind.fields), FACETS, strict=False))


def is_tallied(kind: Kind, name: str) -> bool:
    """Whether the values of a field are counted."""
    return name in facets(kind) and kind.fields[name].type in TALLIED


def key(kind: Kind, record: RegisterRecord) -> Key:
    """The count a record belongs to."""
    counted = {column for name, column in facets(kind).items() if is_tallied(kind, name)}
    values = [getattr(record, column) if column in counted else "" for column in FACETS]
    return Key(record.kind, record.domain, record.county, record.simulated, record.step, *values)


def count(before: Iterable[Key], after: Iterable[Key]) -> None:
    """Move records between counts; in a fixed order, so that two acts never wait for each other."""
    changed = Counter(after)
    changed.subtract(before)
    rows = [(*one, number) for one, number in sorted(changed.items()) if number]
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
            true[key(kind, record)] += 1
    names = [kind.name for kind in kinds]
    stored = {
        Key(*row[:-1]): row[-1]
        for row in Tally.objects.filter(kind__in=names).values_list(*Key._fields, "count")
        if row[-1]
    }
    wrong = {one for one in {*true, *stored} if true[one] != stored.get(one, 0)}
    if wrong:
        with connection.cursor() as cursor:
            cursor.executemany(_ADD, [(*one, true[one] - stored.get(one, 0)) for one in sorted(wrong)])
    return len(wrong)
