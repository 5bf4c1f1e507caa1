"""Whether what is stored is what was signed: chains, folds, kept counts, balances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from django.db import transaction

from qingyuan.registers import balances, tallies
from qingyuan.registers.flow import store
from qingyuan.registers.flow.declared import Kind
from qingyuan.registers.flow.fold import State, fold
from qingyuan.registers.models import Account, RegisterRecord


def records(kinds: Mapping[str, Kind]) -> int:
    """How many records there are of these kinds."""
    return RegisterRecord.objects.filter(kind__in=list(kinds)).count()


def faults(kinds: Mapping[str, Kind]) -> Iterator[str]:
    """One sentence for each record, count or balance that is not what the steps say."""
    for kind in kinds.values():
        sums: dict[tuple[str, str, bool], Decimal] = {}
        rows = RegisterRecord.objects.filter(kind=kind.name).prefetch_related("steps").order_by("pk")
        for record in rows.iterator(chunk_size=1000):
            entries = [row.entry for row in record.steps.all()]
            if wrong := store.differs(kind, record, entries):
                yield wrong
            for part in balances.parts(kind, fold(kind, entries) if kind.balances else State()):
                key = (part.balance, part.account, record.simulated)
                sums[key] = sums.get(key, Decimal(0)) + part.amount
        yield from _accounts(kind, sums)
    with transaction.atomic():
        wrong_counts = tallies.recounted(list(kinds.values()))
        transaction.set_rollback(True)
    if wrong_counts:
        yield f"{wrong_counts} kept counts are not the number of records"


def _accounts(kind: Kind, sums: Mapping[tuple[str, str, bool], Decimal]) -> Iterator[str]:
    stored = {
        (each.balance, each.account, each.simulated): Decimal(each.amount)
        for each in Account.objects.filter(kind=kind.name)
    }
    for key in {*sums, *stored}:
        if sums.get(key, Decimal(0)) != stored.get(key, Decimal(0)):
            yield f"{kind.name}: the balance {key[0]} of {key[1]} is not the sum of its records"
