"""The demo's network: simulated outlets and stations registered, a week of their hours through journal and ingest.

Their dataset is another than the simulated province's, which ends at a fixed hour: these devices live now.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from qingyuan.assessments.refresh import Progress
from qingyuan.base.time import CST, now
from qingyuan.gateway import ingest
from qingyuan.gateway.journal import Entry, open_journal
from qingyuan.gateway.models import Device as Registered
from qingyuan.gateway.registering import register, set_factor
from qingyuan.gateway.simulated import Device, fleet, register_rows
from qingyuan.gateway.simulated.speaking import Speaker
from qingyuan.interfaces.jobs import ledger, quality
from qingyuan.interfaces.jobs.refresh import refresh
from qingyuan.observations.datasets import Dataset, create_dataset, list_datasets
from qingyuan.standards import properties

SLUG = "simulated-network"
BY = "qingyuan demo"
NAMED = ("mn", "name_zh", "name_en", "password", "edition", "key", "point", "hardware")
HISTORY = timedelta(days=7)
HOUR = timedelta(hours=1)

OUTLETS = {
    "gas": {
        "medium": "gas", "standard": "GB 13223", "source_type": "coal boiler", "grade": "new",
        "permitted_so2": "80", "permitted_nox": "160", "permitted_pm": "20",
    },
    "water": {
        "medium": "water", "standard": "GB 18918", "source_type": "municipal sewage plant", "grade": "1A",
        "built": "2012", "permitted_cod": "110", "permitted_ammonia_n": "6",
    },
}  # fmt: skip
"""What the simulated outlets have to meet; permitted amounts (t a year) are invented."""


def fill(data: Path, count: int, progress: Progress) -> None:
    """Register the simulated devices and let their last week arrive; what is there already is left as it is.

    Needs Django set up on the data folder. Simulated moments are those of the week before now.
    """
    devices = fleet(count)
    dataset = _dataset(data)
    if Registered.objects.filter(dataset=SLUG).count() == count:
        return
    _write_outlets(dataset.path / "outlets.csv", devices)
    ends = now().replace(minute=0, second=0, microsecond=0)
    _send(data, devices, ends, progress)
    _register(devices, progress)
    ingest.run(data, True, lambda done: progress(f"observations {done.rows}", 1, 1))
    refresh(dataset, progress)
    progress("quality tests", 0, 1)
    quality.check(dataset)
    progress("ledgers", 0, 1)
    ledger.make(data, ledger.days_back(HISTORY.days + 1))


def _dataset(data: Path) -> Dataset:
    found = next((each for each in list_datasets(data) if each.slug == SLUG), None)
    return found or create_dataset(data, SLUG, "模拟监测网", "Simulated network", simulated=True)


def _write_outlets(file: Path, devices: list[Device]) -> None:
    names = ["point", *dict.fromkeys(name for kind in OUTLETS.values() for name in kind)]
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, names)
        writer.writeheader()
        for each in devices:
            if each.kind.slug in OUTLETS:
                writer.writerow({"point": each.outlet, **OUTLETS[each.kind.slug]})


def _register(devices: list[Device], progress: Progress) -> None:
    """All fields, then what each code means at the device."""
    for done, (each, row) in enumerate(zip(devices, register_rows(devices), strict=True)):
        progress("devices", done, len(devices))
        given = {name: str(row[name]) for name in (*NAMED, "division")}
        told = {"minute_interval": str(row["minute_interval"]), "sum_variant": row["sum_variant"], "dataset": SLUG}
        device, _ = register({**given, **told}, BY)
        for factor in each.kind.factors:
            known = properties.find(factor.code)
            code = factor.coded(each.edition)
            set_factor(device, {"code": code, "unit": factor.unit, "property": known.slug if known else ""})


def _send(data: Path, devices: list[Device], ends: datetime, progress: Progress) -> None:
    """The hours and days of the last week into the journal, an hour of all devices at a time."""
    journal = open_journal(data)
    speakers = [Speaker(each, each.mn) for each in devices]
    hours = int(HISTORY / HOUR)
    try:
        for number in range(hours):
            progress("frames", number, hours)
            begin = ends - (hours - number) * HOUR
            journal.append(list(_of_hour(speakers, begin)))
    finally:
        journal.close()


def _of_hour(speakers: list[Speaker], begin: datetime) -> Iterator[Entry]:
    after = begin + HOUR
    received = int(after.replace(tzinfo=CST).timestamp()) * 1_000_000
    for speaker in speakers:
        frames = speaker.mean_data("2061", begin, after)
        if after.hour == 0:
            frames += speaker.mean_data("2031", after - timedelta(days=1), after)
        for frame in frames:
            yield Entry(received, "simulated", speaker.device.mn, frame)
