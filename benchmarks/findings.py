"""From a device's frame over the limit to a finding: how long it takes through gateway, ingest and rules.

    python benchmarks/findings.py [--frames N]

Starts the three processes on a folder of its own, lets one device call the gateway hour by hour, and measures from the
moment the frame is sent until the finding stands in the database, and until its evidence is sealed.
"""

from __future__ import annotations

import argparse
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

MN = "220100000000000000000001"
QINGYUAN = [sys.executable, "-m", "qingyuan.interfaces.cli"]
START = datetime(2026, 3, 1)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--frames", type=int, default=8)
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


def say(line: socket.socket, hour: datetime, so2: float) -> None:
    line.sendall(frame(hour, so2))
    line.recv(4096)


def until(there) -> float:  # type: ignore[no-untyped-def]
    ends = time.monotonic() + 60
    while not there():
        assert time.monotonic() < ends, "no finding within a minute"
        time.sleep(0.05)
    return time.monotonic()


if __name__ == "__main__":
    main()
