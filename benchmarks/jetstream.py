"""The gateway on a NATS JetStream journal, beside the one on SQLite, in one run: acknowledged frames a second.

A NATS server of its own is started on loopback: as it comes (it syncs its disk every two minutes) and with every
message synced, which is what SQLite does. One server: replicas cost a round trip more.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.gateway import gateway
from benchmarks.hj212_load import Load
from qingyuan.gateway.journal import SETTING

SECONDS = 5.0


@contextlib.contextmanager
def server(folder: Path, sync: str) -> Iterator[str]:
    """A started NATS server's setting for the journal, empty when it does not start. sync: `sync_interval` if any."""
    program = shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = folder / f"nats-{sync}.conf"
    synced = f", sync_interval: {sync}" if sync else ""
    config.write_text(f'listen: "127.0.0.1:{port}"\njetstream {{ store_dir: "{folder / "store"}{sync}"{synced} }}\n')
    with subprocess.Popen([str(program), "-c", str(config)], stderr=subprocess.DEVNULL) as running:
        for _ in range(100):
            if running.poll() is not None:  # servers before 2.10 have no sync_interval
                break
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield f"nats://127.0.0.1:{port}?replicas=1" if running.poll() is None else ""
        running.terminate()


def acknowledged(data: Path, setting: str) -> float:
    """Frames answered a second, 50 connections with 20 in flight."""
    before = os.environ.get(SETTING)
    os.environ[SETTING] = setting
    try:
        running, port = gateway(data)
    finally:
        os.environ.pop(SETTING)
        os.environ.update({SETTING: before} if before else {})
    load = Load(port, seconds=SECONDS).prepare()
    rate = load.run()
    load.close()
    running.terminate()
    running.wait()
    return rate


def main() -> None:
    """SQLite, NATS as it comes, NATS that syncs every message."""
    if not (shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin")):
        print("journal on NATS: not measured, there is no nats-server on this machine")
        return
    with tempfile.TemporaryDirectory(prefix="qingyuan-jetstream-") as name:
        folder = Path(name)
        rates = {"SQLite": acknowledged(folder / "sqlite", "sqlite")}
        for sync, told in (("", "NATS, synced every two minutes"), ("always", "NATS, every message synced")):
            with server(folder, sync) as setting:
                if setting:
                    rates[told] = acknowledged(folder / f"data-{sync}", setting)
                else:
                    print(f"{told}: not measured, this nats-server cannot be set to it", flush=True)
    shown = "; ".join(f"{told} {rate:,.0f} ({rate / rates['SQLite']:.2f})" for told, rate in rates.items())
    print(f"acknowledged frames/s by journal (ratio to SQLite): {shown}", flush=True)


if __name__ == "__main__":
    main()
