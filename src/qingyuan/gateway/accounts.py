"""Ingest's side of the database: sites read, days counted, quarantine and profiles entered, all with its position.

One transaction a batch; its row of `Counted` says which batches are in, so that a batch done again counts once.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Max

from qingyuan.base.errors import UnreadableInput
from qingyuan.base.time import now
from qingyuan.gateway import quarantine, register, sites
from qingyuan.gateway.journal import Record
from qingyuan.gateway.models import Counted, Deviation, Device, Factor
from qingyuan.gateway.positions import Position
from qingyuan.gateway.sites import Site
from qingyuan.places.outlets import registered_points

_sites: dict[str, Site] = {}
_mark: tuple[object, ...] = ()
_outlets: dict[Path, frozenset[str]] = {}
_LOG = logging.getLogger(__name__)


def known_sites(data: Path) -> tuple[Callable[[str], Site], Callable[[str], Sequence[bytes]]]:
    """The site of a device, and its keys, by MN; read from register and site files when they have changed."""
    global _sites, _mark
    outlets = {slug: outlets_of(data, slug) for slug in Device.objects.values_list("dataset", flat=True).distinct()}
    mark = (*register.mark(), *Factor.objects.aggregate(Count("id"), Max("id")).values(), outlets)
    if mark != _mark:
        _sites, _mark = _read_sites(outlets), mark
    found = _sites
    return lambda mn: found.get(mn) or Site(mn), lambda mn: found[mn].keys if mn in found else ()


def outlets_of(data: Path, slug: str) -> frozenset[str]:
    """The points of a dataset that are outlets; where its site file is faulty, those it named before that."""
    folder = data / "datasets" / slug
    try:
        _outlets[folder] = registered_points(folder)
    except UnreadableInput as wrong:
        # frames must not wait for a person to mend a file
        _LOG.warning("%s; the outlets known before are used", wrong)
    return _outlets.get(folder, frozenset())


def site_of(data: Path, device: Device) -> Site:
    """A device for documents, whose rows name property and unit themselves."""
    return Site(device.place, device.dataset, outlets=outlets_of(data, device.dataset))


def factor_of(each: Factor, *, outlet: bool) -> sites.FactorOf:
    """What a code means at its device, by the kind of the point the device stands at."""
    return sites.registered(each.property, each.code, each.unit, each.low, each.high, now().date(), outlet=outlet)


def _read_sites(outlets: Mapping[str, frozenset[str]]) -> dict[str, Site]:
    keys = register.devices()
    found = {}
    for each in Device.objects.prefetch_related("factors"):
        points = outlets[each.dataset]
        factors = {one.code: factor_of(one, outlet=each.place in points) for one in each.factors.all()}
        held = keys[each.mn.encode()].keys
        found[each.mn] = Site(each.place, each.dataset, each.minute_interval, factors, held, points)
    return found


def settle(
    records: Sequence[Record],
    to: Position,
    faults: Sequence[tuple[int, str]],
    deviations: Mapping[tuple[str, str], int],
    rows: Mapping[int, int],
) -> None:
    """Account for a batch: days, quarantine, profiles; nothing when it is in already.

    rows: observations by record.
    """
    with transaction.atomic():
        counted, _ = Counted.objects.get_or_create(pk=1)
        if counted.record >= to.fresh and counted.late >= to.late:
            return
        _count_days(records, {number for number, _ in faults}, rows)
        by_number = {record.id: record for record in records} if faults else {}
        quarantine.enter_undecoded([(by_number[number], reason, "") for number, reason in faults])
        _profile(deviations, records)
        Counted.objects.filter(pk=1).update(record=to.fresh, late=to.late)


def _count_days(records: Sequence[Record], faulty: set[int], rows: Mapping[int, int]) -> None:
    frames: Counter[tuple[str, int]] = Counter()
    lost: Counter[tuple[str, int]] = Counter()
    values: Counter[tuple[str, int]] = Counter()
    for record in records:
        key = (record.mn, (record.received + 28_800_000_000) // 86_400_000_000)
        frames[key] += 1
        values[key] += rows.get(record.id, 0)
        if record.id in faulty:
            lost[key] += 1
    told = [(mn, _day(day), frames[mn, day], lost[mn, day], values[mn, day]) for mn, day in frames]
    with connection.cursor() as cursor:
        cursor.executemany(_ADD, told)


_ADD = """
INSERT INTO gateway_deviceday (mn, day, frames, quarantined, rows) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (mn, day) DO UPDATE SET frames = gateway_deviceday.frames + excluded.frames,
  quarantined = gateway_deviceday.quarantined + excluded.quarantined, rows = gateway_deviceday.rows + excluded.rows
"""


def _day(number: int) -> date:
    return date.fromordinal(date(1970, 1, 1).toordinal() + number)


def _profile(deviations: Mapping[tuple[str, str], int], records: Sequence[Record]) -> None:
    for (mn, name), count in deviations.items():
        known = Deviation.objects.filter(mn=mn, name=name[:64]).exists()
        register.add_deviation(mn, name, count, 0 if known else _example(mn, name, records))


def _example(mn: str, name: str, records: Sequence[Record]) -> int:
    """A record of a device with a deviation; 0 when none shows it read by itself."""
    from qingyuan.gateway.hj212.decode import NotAFrame, decode

    for record in records:
        if record.mn != mn:
            continue
        try:
            message: Any = decode(record.raw)
        except NotAFrame:
            continue
        if name in message.deviations:
            return record.id
    return 0
