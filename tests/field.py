"""A small network in the field: devices of three editions, their frames in the journals, one outlet with results."""

from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa

from qingyuan.assessments import store
from qingyuan.base.time import now
from qingyuan.gateway import quarantine, registering
from qingyuan.gateway.hj212.encode import encode
from qingyuan.gateway.journal import QUARANTINE, Entry, open_journal
from qingyuan.gateway.models import Deviation, Device, DeviceState
from qingyuan.observations.datasets import create_dataset

PLAIN, SEALED, SILENT, STRANGER = "22010000010001", "220100000100012025000002", "22010000010003", "99990000000009"
PASSWORD, KEY = "qW7zK2", "00112233445566778899aabbccddeeff"
LAST = datetime(2026, 3, 20, 10)
"""The last hour with results of the outlet."""


def frame(
    mn: str, flag: int, at: datetime, password: str = PASSWORD, key: bytes | None = None, cn: str = "2011"
) -> bytes:
    """A frame of two factors; DataTime is `at`."""
    field = "Avg" if cn == "2061" else "Rtd"
    header = {"QN": f"{at:%Y%m%d%H%M%S}123", "ST": "31", "CN": cn, "PW": password, "MN": mn, "Flag": str(flag)}
    values = {"a21026": {field: "31.7", "Flag": "N"}, "a34013": {field: "4.25", "Flag": "T"}}
    return encode(header, {"DataTime": f"{at:%Y%m%d%H%M%S}"}, values, key=key)


def fill(data: Path) -> None:
    """Put frames into both journals, and a dataset of one outlet beside them."""
    moment = now() - timedelta(minutes=20)
    sealed = frame(SEALED, 9, moment, key=bytes.fromhex(KEY))
    entries = [_entry(PLAIN, frame(PLAIN, 5, moment + timedelta(seconds=30 * n)), n) for n in range(3)]
    journal = open_journal(data)
    journal.append([*entries, _entry(SEALED, sealed, 4)])
    journal.close()
    aside = open_journal(data, QUARANTINE)
    broken = frame(PLAIN, 5, moment)[:-6] + b"0000\r\n"
    aside.append(
        [
            _entry(STRANGER, frame(STRANGER, 5, moment), 5)._replace(
                peer=quarantine.tagged("10.0.0.9:5000", "unknown")
            ),
            _entry(PLAIN, frame(PLAIN, 5, moment, "bad000"), 6)._replace(
                peer=quarantine.tagged("10.0.0.8:5000", "password")
            ),
            _entry(PLAIN, broken, 7)._replace(peer=quarantine.tagged("10.0.0.8:5000", "sum")),
        ]
    )
    aside.close()
    _outlet(data)


def _entry(mn: str, raw: bytes, second: int) -> Entry:
    received = int((datetime.now().timestamp() - 900 + second) * 1e6)
    return Entry(received, "10.0.0.8:5000", mn, raw)


def register(data: Path) -> None:
    """The register, states, profile and quarantine entries in the database."""
    for mn, edition, key in ((PLAIN, "2017", ""), (SEALED, "2025", KEY), (SILENT, "2005", "")):
        given = {"mn": mn, "password": PASSWORD, "edition": edition, "key": key, "point": f"DA{mn[-3:]}"}
        registering.register({**given, "name_zh": f"试排口{mn[-1]}", "name_en": f"Trial outlet {mn[-1]}"}, "test")
    device = Device.objects.get(mn=PLAIN)
    registering.set_factor(device, {"code": "a21026", "property": "so2", "unit": "mg/m3", "low": "0", "high": "500"})
    moment = now()
    DeviceState.objects.create(mn=PLAIN, online=True, last_frame=moment, frames=3, peer="10.0.0.8:5000")
    DeviceState.objects.create(mn=SEALED, online=False, last_frame=moment - timedelta(hours=2), frames=1)
    Deviation.objects.create(mn=PLAIN, name="sum_modbus", count=7, first=moment, last=moment, record=1)
    quarantine.enter_all(data)


def _outlet(data: Path) -> None:
    dataset = create_dataset(data, "sources", "试污染源", "Trial sources", False).path
    (dataset / "outlets.yaml").write_text(
        "outlets:\n  - {point: DA001, medium: gas, standard: GB 13223, permitted: {nox: 10}}\n", "utf-8"
    )
    hours = [_hour(LAST - timedelta(hours=n)) for n in range(48)]
    hours.reverse()
    _store(dataset, "sources.hourly", hours)
    over = [{**row, "averaging": "1h"} for row in hours]
    _store(dataset, "sources.exceedance", over)
    days = [{**_hour(datetime(2026, 3, 18 + n)), "amount_kg": 400.0, "substituted_kg": 12.0} for n in range(2)]
    _store(dataset, "sources.daily", days)


def _hour(at: datetime) -> dict:
    """An hour of nitrogen oxides: over the limit from 8 to 9, calibration at 3."""
    calibrating, value = at.hour == 3, 120.5 if at.hour in (8, 9) else 40.25
    return {
        "point": "DA001", "property": "nox", "phenomenon_time": at, "value": None if calibrating else value, "unit": "mg/m3",
        "valid": not calibrating, "measured": value * 0.9, "correction": "corrected", "oxygen": 7.5, "reference_oxygen": 6.0,
        "amount_kg": 3.5, "tag": None, "mark": "calibration" if calibrating else None, "limit": 100.0,
        "over": None if calibrating else value > 100, "over_limit": 0.205 if value > 100 else None,
        "reason": "monitor: calibration" if calibrating else None, "clause": "GB 13223—2011 not recorded",
        "edition": "2011", "confidence": "two_sources", "library_version": "test", "kind": "outlet", "period": f"{at:%Y-%m}",
    }  # fmt: skip


def _store(dataset: Path, name: str, rows: list[dict]) -> None:
    store.replace(dataset, name, pa.Table.from_pylist(rows), sorted({row["period"] for row in rows}), "v0")
