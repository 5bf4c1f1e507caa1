"""The ledger of a day for every device: what was due by the register, what came, what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from qingyuan.assessments import store
from qingyuan.base.time import now
from qingyuan.domains.sources.law import medium_of
from qingyuan.gateway import accounts, tally
from qingyuan.gateway.models import Device
from qingyuan.observations import lake, ledgers
from qingyuan.observations.datasets import Dataset, list_datasets
from qingyuan.observations.ledger import DUE, STOPPED, ledger, out_of_balance
from qingyuan.places.outlets import registered


def make(data: Path, days: Sequence[date]) -> dict[tuple[str, date], tuple[int, int]]:
    """Make and keep the ledgers of days in a row; gives (rows, rows that do not come out even) by dataset and day."""
    with_devices = set(Device.objects.values_list("dataset", flat=True))
    found = [each for each in list_datasets(data) if each.slug in with_devices]
    return {(each.slug, day): count for each in found for day, count in _make(data, each, days).items()}


def _make(data: Path, dataset: Dataset, days: Sequence[date]) -> dict[date, tuple[int, int]]:
    first, last = min(days), max(days)
    counted = tally.tallied(data, dataset.slug, first, last)
    observations = lake.read_arrow(dataset.path, first=first, last=last, flagged=True)
    mine = observations.filter(pc.starts_with(observations["source"], "journal:"))
    table = ledger(days, due(dataset), mine, counted, _stopped(dataset.path, first, last))
    made = {}
    for day in days:
        part = table.filter(pc.equal(table["day"], day))
        ledgers.keep(dataset.path, part, day)
        made[day] = (part.num_rows, out_of_balance(part).num_rows)
    return made


def _devices(dataset: Dataset) -> list[Device]:
    return list(Device.objects.filter(dataset=dataset.slug).prefetch_related("factors"))


def due(dataset: Dataset) -> pa.Table:
    """What the register expects of active devices: hourly values, and minute values where their interval is known."""
    media = {each.point: medium_of(each) or None for each in registered(dataset.path)}
    rows = [
        {"point": device.place, "property": slug, "averaging": averaging, "medium": media.get(device.place)}
        for device in _devices(dataset)
        if device.active
        for averaging in ("1h", *([f"{device.minute_interval}min"] if device.minute_interval else []))
        for slug in sorted(
            {accounts.factor_of(each, outlet=device.place in media).property for each in device.factors.all()}
        )
    ]
    return pa.Table.from_pylist(rows, DUE)


def _stopped(dataset: Path, first: date, last: date) -> pa.Table:
    """Hours in which an outlet was tagged as stopped."""
    found = store.read(dataset, "sources.hourly", first=first, last=last)
    rows = {(row["point"], row["phenomenon_time"]) for row in found.to_pylist() if row["tag"] == "stopped"}
    spans = [{"point": point, "begin": at, "end": at + timedelta(hours=1)} for point, at in sorted(rows)]
    return pa.Table.from_pylist(spans, STOPPED)


def days_back(count: int) -> list[date]:
    """The last days, oldest first, today among them."""
    today: datetime = now()
    return [today.date() - timedelta(days=back) for back in range(count - 1, -1, -1)]
