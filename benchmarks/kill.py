"""kill -9 of gateway and ingest at random moments under load; what was acknowledged must be there, once.

python -m benchmarks.kill [ROUNDS]
"""

from __future__ import annotations

import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.hj212_load import frames
from qingyuan.gateway.journal import open_journal, verify
from qingyuan.observations import lake

FACTORS = 13
QINGYUAN = [sys.executable, "-m", "qingyuan.interfaces.cli"]
AT_ONCE = 50


@dataclass
class Sender:
    """One device that sends until told to stop, connects again when cut off, and notes what was acknowledged."""

    mn: str
    port: int = 0
    sent: int = 0
    acknowledged: set[bytes] = field(default_factory=set)
    stop: bool = False

    def run(self) -> None:
        """Send; a frame not acknowledged is sent again, as a device does."""
        waiting: dict[bytes, bytes] = {}
        while not self.stop:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 2) as line:
                    line.settimeout(2)
                    self._talk(line, waiting)
            except OSError:
                time.sleep(0.02)

    def _talk(self, line: socket.socket, waiting: dict[bytes, bytes]) -> None:
        line.sendall(b"".join(waiting.values()))
        rest = b""
        while not self.stop:
            if len(waiting) < AT_ONCE:
                fresh = self._fresh(AT_ONCE - len(waiting))
                waiting.update(fresh)
                line.sendall(b"".join(fresh.values()))
            more = line.recv(1 << 16)
            if not more:
                return
            *replies, rest = (rest + more).split(b"\r\n")
            for reply in replies:
                qn = reply[9:26]
                self.acknowledged.add(qn)
                waiting.pop(qn, None)

    def _fresh(self, count: int) -> dict[bytes, bytes]:
        made, size = frames(self.mn, self.sent, count)
        self.sent += count
        return {made[at + 9 : at + 26]: made[at : at + size] for at in range(0, len(made), size)}


class Rounds:
    """Kills in a data folder. Each round: gateway and ingest started, load, one of them or both killed."""

    def __init__(self, data: Path, senders: int = 3, seed: int = 212) -> None:
        self.data, self.draw = data, random.Random(seed)
        self.senders = [Sender(f"{number:024X}") for number in range(senders)]

    def run(self, rounds: int, longest: float = 3.0) -> None:
        """All rounds, then one more ingest to the end."""
        gateway, ingest = self._gateway(), self._ingest()
        threads = [threading.Thread(target=each.run, daemon=True) for each in self.senders]
        for thread in threads:
            thread.start()
        for _ in range(rounds):
            time.sleep(self.draw.uniform(0.1, longest))
            which = self.draw.choice(("gateway", "ingest", "both"))
            if which != "ingest":
                self._kill(gateway)
                gateway = self._gateway()
            if which != "gateway":
                self._kill(ingest)
                ingest = self._ingest()
        time.sleep(0.5)
        for each in self.senders:
            each.stop = True
        for thread in threads:
            thread.join(10)
        gateway.terminate()
        ingest.terminate()
        gateway.wait(30)
        ingest.wait(60)
        subprocess.run([*QINGYUAN, "ingest", "--once", "--data", str(self.data)], check=True, stdout=subprocess.DEVNULL)

    def _gateway(self) -> subprocess.Popen[str]:
        command = [*QINGYUAN, "gateway", "--listen", "127.0.0.1:0", "--data", str(self.data), "--accept-unknown"]
        running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        found = re.search(r":(\d+)$", running.stdout.readline().strip())  # type: ignore[union-attr]
        for each in self.senders:
            each.port = int(found[1])  # type: ignore[index]
        return running

    def _ingest(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen([*QINGYUAN, "ingest", "--quiet", "--data", str(self.data)], stdout=subprocess.DEVNULL)

    def _kill(self, process: subprocess.Popen) -> None:
        process.kill()
        process.wait()

    def faults(self) -> list[str]:
        """What is not as promised; empty when all is well."""
        journal = open_journal(self.data, window=0)
        records = [(record.mn, record.raw[9:26]) for record in journal.read()]
        fault = verify(journal)
        journal.store.close()
        told = [f"the journal: record {fault.record}: {fault.reason}"] if fault else []
        kept = Counter(records)
        promised = {(each.mn, qn) for each in self.senders for qn in each.acknowledged}
        lost, twice = promised - kept.keys(), [key for key, times in kept.items() if times > 1]
        told += [f"{len(lost)} acknowledged frames are not in the journal: {sorted(lost)[:3]}"] if lost else []
        told += [f"{len(twice)} frames are in the journal twice: {twice[:3]}"] if twice else []
        return told + self._faults_of_lake(len(records))

    def _faults_of_lake(self, records: int) -> list[str]:
        stored = lake.read(self.data / "datasets" / "sources", flagged=True)
        per_source = stored.group_by("source").agg(rows=stored.count(), places=stored.line.nunique()).execute()
        wrong = per_source[(per_source.rows != FACTORS) | (per_source.places != FACTORS)]
        told = (
            [f"{len(wrong)} records have not {FACTORS} rows in the lake: {wrong.head(3).to_dict()}"]
            if len(wrong)
            else []
        )
        if len(per_source) != records:
            told.append(f"{records} records in the journal, {len(per_source)} in the lake")
        return told


def main(rounds: int) -> None:
    """Print what was sent, acknowledged and found."""
    with tempfile.TemporaryDirectory(prefix="qingyuan-kill-", dir=os.environ.get("TMPDIR")) as folder:
        killing = Rounds(Path(folder))
        begun = time.perf_counter()
        killing.run(rounds)
        faults = killing.faults()
        acknowledged = sum(len(each.acknowledged) for each in killing.senders)
        print(
            f"kill -9, {rounds} rounds in {time.perf_counter() - begun:.0f} s: {acknowledged:,} frames acknowledged; "
            + ("; ".join(faults) or "none missing from the journal, each once in journal and lake")
        )
    if faults:
        sys.exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
