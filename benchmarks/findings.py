"""From a device's frame over the limit, and from a fresh hour of a whole province, to a finding.

    python -m benchmarks.findings [--frames N] [--stations N]

Starts gateway, ingest and rules on a folder of its own, lets one device call the gateway hour by hour, and measures
from the moment the frame is sent until the finding stands in the database, and until its evidence is sealed. Then the
hours of a province's stations are written to the lake: each third hour makes heavy pollution last three hours, at one
station in forty and at every one.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

MN = "220100000000000000000001"
QINGYUAN = [sys.executable, "-m", "qingyuan.interfaces.cli"]
START = datetime(2026, 3, 1)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--frames", type=int, default=8)
    asked.add_argument("--stations", type=int, default=1600)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="qingyuan-findings") as folder:
        data = Path(folder)
        os.environ["QINGYUAN_DATA"] = folder
        register(data)
        gateway = started(data, "gateway", "--listen", "127.0.0.1:0", pipe=True)
        assert gateway.stdout
        found = re.search(r":(\d+)$", gateway.stdout.readline().strip())
        assert found
        others = [started(data, "ingest", "--quiet"), started(data, "rules", "--watch")]
        try:
            measure(int(found[1]), given.frames)
            province(data, given.stations)
        finally:
            for process in (*others, gateway):
                process.terminate()
                process.wait(20)


def started(data: Path, *arguments: str, pipe: bool = False) -> subprocess.Popen[str]:
    output = subprocess.PIPE if pipe else subprocess.DEVNULL
    return subprocess.Popen([*QINGYUAN, *arguments, "--data", str(data)], stdout=output, text=True)


def register(data: Path) -> None:
    from qingyuan.interfaces.cli import serve

    serve.prepare(data)
    from qingyuan.gateway import registering
    from qingyuan.observations.datasets import create_dataset

    dataset = create_dataset(data, "sources", "污染源", "Sources", simulated=True)
    columns = "point,medium,standard,source_type,grade,division\n"
    (dataset.path / "outlets.csv").write_text(f"{columns}A,gas,GB 13223,coal boiler,new,220104\n", "utf-8")
    words = {"mn": MN, "name_zh": "试排口", "name_en": "Trial outlet", "password": "qW7zK2", "edition": "2017"}
    device, _ = registering.register({**words, "point": "A", "dataset": "sources"}, "benchmark")
    for code, item, unit in (("a21026", "so2", "mg/m3"), ("a19001", "o2", "%"), ("a00000", "flow", "m3/h")):
        registering.set_factor(device, {"code": code, "unit": unit, "property": item})


def frame(hour: datetime, so2: float) -> bytes:
    from qingyuan.gateway.hj212.encode import encode

    header = {
        "QN": f"{hour + timedelta(hours=1):%Y%m%d%H%M%S}123",
        "ST": "31",
        "CN": "2061",
        "PW": "qW7zK2",
        "MN": MN,
        "Flag": "5",
    }
    values = {
        "a21026": {"Avg": str(so2), "Flag": "N"},
        "a19001": {"Avg": "6", "Flag": "N"},
        "a00000": {"Avg": "90000", "Flag": "N"},
    }
    return encode(header, {"DataTime": f"{hour:%Y%m%d%H%M%S}"}, values)


def measure(port: int, frames: int) -> None:
    from qingyuan.rules.models import Finding

    took: list[float] = []
    sealed: list[float] = []
    with socket.create_connection(("127.0.0.1", port)) as line:
        say(line, START, 20)
        time.sleep(8)  # the processes are up and have taken the first hour
        for number in range(frames):
            over = START + timedelta(hours=1 + 5 * number)
            begun = time.monotonic()
            say(line, over, 400)
            mine = Finding.objects.filter(rule="sources.hour_over", window_from=over)
            took.append(until(lambda mine=mine: mine.exists()) - begun)
            sealed.append(until(lambda mine=mine: mine.exclude(evidence_path="").exists()) - begun)
            for good in range(1, 5):
                say(line, over + timedelta(hours=good), 20)
            time.sleep(3.2 + 0.37 * (number % 5))
    print(f"frame sent to finding: median {median(took):.1f} s, longest {max(took):.1f} s ({frames} frames)")
    print(f"frame sent to sealed evidence: median {median(sealed):.1f} s, longest {max(sealed):.1f} s")


DAYS = 36
HOUR = timedelta(hours=1)
GOOD = {"so2": 8, "no2": 20, "pm10": 40, "co": 0.5, "o3": 60, "pm25": 20}
UNITS = {"co": "mg/m3"}


def province(data: Path, stations: int) -> None:
    """Seconds from a fresh hour in the lake to the findings of all polluted stations, beside the rules' watch."""
    from qingyuan.rules.models import Finding

    path, at = network(data, stations), START + timedelta(days=DAYS)
    begun = time.monotonic()
    arrives(path, START, at, stations, 0)
    reached(path)
    print(f"{stations} stations, {DAYS} days: first looked at in {time.monotonic() - begun:.1f} s")
    mine = Finding.objects.filter(dataset=path.name, rule="air.heavy_hour")
    for polluted in (stations // 40, stations):
        there = mine.count() + polluted
        for hour in (1, 2, 3):
            begun = time.monotonic()
            arrives(path, at, at + HOUR, stations, polluted)
            if hour < 3:
                reached(path)
            at += HOUR
        took = until(lambda there=there: mine.count() >= there) - begun
        print(
            f"a fresh hour of {stations} stations, {polluted} polluted for the third hour, to all findings: {took:.1f} s"
        )
        for _good in range(3):
            reached(path)
            arrives(path, at, at + HOUR, stations, 0)
            at += HOUR
        reached(path)


def network(data: Path, stations: int) -> Path:
    """A dataset whose stations stand on a grid over the province."""
    from qingyuan.observations.datasets import create_dataset
    from qingyuan.places.points import Point, write_points

    path = create_dataset(data, "network", "空气网", "Network", simulated=True, last_hour=START).path
    side = math.ceil(math.sqrt(stations))
    write_points(
        path,
        [
            Point(f"P{n:04}", "station", f"站{n}", f"Station {n}", "220100", "220104",
                  122 + 8 * (n % side) / side, 41.5 + 4.5 * (n // side) / side, "national")
            for n in range(stations)
        ],
    )  # fmt: skip
    return path


def arrives(path: Path, since: datetime, ends: datetime, stations: int, polluted: int) -> None:
    """Hours come into the lake, and the clock of the simulated dataset moves on."""
    from qingyuan.observations import lake

    told = path / "dataset.json"
    words = {**json.loads(told.read_text("utf-8")), "now": (ends - HOUR).isoformat()}
    (path / "dataset.part").write_text(json.dumps(words, ensure_ascii=False), "utf-8")
    lake.append(path, hours(since, ends, stations, polluted))
    (path / "dataset.part").replace(told)


def hours(since: datetime, ends: datetime, stations: int, polluted: int) -> pa.Table:
    """Hourly rows of all stations; the first `polluted` of them with heavy fine particles."""
    import duckdb

    number = int((ends - since).total_seconds() // 3600)
    values = ", ".join(f"('{item}', {value}, '{UNITS.get(item, 'ug/m3')}')" for item, value in GOOD.items())
    return duckdb.execute(
        f"""SELECT 'P' || lpad(s::VARCHAR, 4, '0') AS point, property, '1h' AS averaging,
              TIMESTAMP '{since}' + to_hours(h::INT) AS phenomenon_time,
              (CASE WHEN property = 'pm25' AND s < {polluted} THEN 260 ELSE v + (h + s) % 3 END)::DOUBLE AS value,
              unit, NULL::VARCHAR AS flag, TIMESTAMP '{ends}' AS result_time, 'benchmark' AS source, 1::BIGINT AS line
            FROM range({number}) t(h), range({stations}) u(s), (VALUES {values}) p(property, v, unit)"""
    ).to_arrow_table()


def reached(path: Path) -> None:
    """Wait until the rules have seen everything the lake of a dataset holds."""
    from qingyuan.observations import lake
    from qingyuan.rules.models import Reached

    seen = Reached.objects.filter(dataset=path.name, lake=lake.versions(path), lake_days=lake.versions(path))
    until(seen.exists)


def say(line: socket.socket, hour: datetime, so2: float) -> None:
    line.sendall(frame(hour, so2))
    line.recv(4096)


def until(there) -> float:  # type: ignore[no-untyped-def]
    ends = time.monotonic() + 240
    while not there():
        assert time.monotonic() < ends, "no finding within four minutes"
        time.sleep(0.05)
    return time.monotonic()


if __name__ == "__main__":
    main()
