"""What signatures on registers bring about here: cases opened, organisations told; each once.

Steps are numbered before they are committed, so one with a lower number may appear after one with a higher. The kept
position therefore stays behind by `SETTLING`, and what was carried out beyond it is known by its step (`Carried`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from django.db import IntegrityError, transaction

from qingyuan.cases import custody, kinds, opening, telling
from qingyuan.cases.models import Carried, Counter
from qingyuan.registers import effects
from qingyuan.registers.effects import Due
from qingyuan.registers.flow.reading import signer
from qingyuan.registers.models import RegisterStep

SETTLING = timedelta(minutes=10)
"""Longer than any transaction that signs steps."""
POSITION = "effects-carried"


class Carrying(NamedTuple):
    """What was done: steps carried out, cases they are in, notices made, what could not be done."""

    steps: int = 0
    opened: int = 0
    told: int = 0
    faults: tuple[str, ...] = ()

    def plus(self, other: Carrying) -> Carrying:
        """Both together."""
        told, faults = self.told + other.told, self.faults + other.faults
        return Carrying(self.steps + other.steps, self.opened + other.opened, told, faults)


def carry_out(at: datetime) -> Carrying:
    """Carry out the effects of every step that has not been, oldest first; gives what was done."""
    mark, _made = Counter.objects.get_or_create(series=POSITION)
    settled = RegisterStep.objects.filter(at__lt=at - SETTLING).order_by("-pk").values_list("pk", flat=True).first()
    done = Carrying()
    for position, dues in _waiting(mark.last):
        done = done.plus(_once(position, dues, at))
    if settled and settled > mark.last:
        Counter.objects.filter(series=POSITION, last__lt=settled).update(last=settled)
    return done


def _waiting(position: int) -> Iterator[tuple[int, list[Due]]]:
    """The steps behind a position with their effects, without those carried out."""
    while found := list(effects.after(position)):
        steps = {each.position for each in found}
        over = set(Carried.objects.filter(pk__in=steps).values_list("pk", flat=True))
        for step, dues in groupby(found, key=lambda due: due.position):
            if step not in over:
                yield step, list(dues)
        position = found[-1].position


def _once(position: int, dues: list[Due], at: datetime) -> Carrying:
    """All effects of a step in one transaction, or none where another process has them."""
    try:
        with transaction.atomic():
            row = Carried.objects.create(step=position, at=at)
            done = Carrying(steps=1)
            for due in dues:
                done = done.plus(_open(due, at) if due.does == "open_case" else _tell(due, at))
            if done.faults:
                Carried.objects.filter(pk=row.pk).update(fault="; ".join(done.faults)[:200])
    except IntegrityError:
        if not Carried.objects.filter(pk=position).exists():
            raise
        return Carrying()
    return done


def _open(due: Due, at: datetime) -> Carrying:
    record = due.record
    if due.what not in kinds.kinds():
        return Carrying(faults=(f"{record.number}: there is no kind of case {due.what!r} to be opened",))
    place = (record.lon, record.lat) if record.lon is not None and record.lat is not None else None
    signal = opening.Signal(
        kind=due.what,
        about=f"{record.number} {record.title}"[:120],
        division=record.division,
        domain=record.domain,
        occurred_at=due.at,
        source="register",
        key=f"{due.position}.{due.what}",
        origin="register",
        site=record.site,
        place=place,
        simulated=record.simulated,
        grouped=False,
        told={"register": record.kind, "record": record.pk, "number": record.number},
    )
    opening.open_case(signal, at)
    return Carrying(opened=1)


def _tell(due: Due, at: datetime) -> Carrying:
    record = due.record
    found = custody.signing(signer(due.what), record.division, record.domain, record.site)
    if not found:
        return Carrying(faults=(f"{record.number}: nobody there is {due.what}, so nobody was told",))
    return Carrying(told=len(telling.tell_of(record, found, at)))
