"""The audit chain while several processes write at once, on SQLite and on a private PostgreSQL."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

WRITERS, EACH = 4, 25
WRITE = """
import django; django.setup()
from datetime import datetime
from qingyuan.people import audit
for number in range({each}):
    audit.append(audit.SYSTEM, "x", "case", "{name}", division="220104", domain="air", change={{"n": [None, number]}}, at=datetime(2026, 3, 1))
"""
SETTINGS = {"DJANGO_SETTINGS_MODULE": "qingyuan.interfaces.web.settings"}


def programs():
    found = shutil.which("pg_ctl") or next(
        iter(sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")))), None
    )
    return Path(found).parent if found else None


@pytest.fixture
def server(tmp_path):
    """A PostgreSQL of our own on a free port of this machine; it refuses root, so root runs it as postgres."""
    place = programs()
    if place is None and os.environ.get("CI"):
        pytest.fail("There is no PostgreSQL on this machine: it must not be skipped in CI")
    if place is None:
        pytest.skip("there is no PostgreSQL on this machine")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = Path(subprocess.run(["mktemp", "-d"], check=True, capture_output=True, text=True).stdout.strip())
    become = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if become:
        shutil.chown(folder, "postgres")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder}"

    def run(*words):
        subprocess.run([*become, *map(str, words)], check=True, capture_output=True, cwd=folder)

    run(place / "initdb", "-D", folder / "db", "-U", "qingyuan", "-A", "trust", "-E", "UTF8", "--locale=C")
    run(place / "pg_ctl", "-D", folder / "db", "-o", options, "-l", folder / "log", "-w", "start")
    yield f"postgresql://qingyuan@127.0.0.1:{port}/postgres"
    run(place / "pg_ctl", "-D", folder / "db", "-m", "immediate", "stop")
    shutil.rmtree(folder)


def several_write(data, **more):
    env = {**os.environ, **SETTINGS, "QINGYUAN_DATA": str(data), **more}
    command = [sys.executable, "-m", "qingyuan.interfaces.cli", "audit"]
    subprocess.run([*command, "anchor"], env=env, check=True, timeout=120)  # brings the database up to date
    scripts = [WRITE.format(each=EACH, name=number) for number in range(WRITERS)]
    running = [subprocess.Popen([sys.executable, "-c", script], env=env) for script in scripts]
    assert [each.wait(120) for each in running] == [0] * WRITERS
    return subprocess.run([*command, "verify"], env=env, capture_output=True, text=True, timeout=120)


def test_on_sqlite(tmp_path):
    done = several_write(tmp_path)
    assert (done.returncode, done.stdout.strip()) == (0, f"{WRITERS * EACH} lines, whole"), done.stderr


def test_on_postgresql(tmp_path, server):
    done = several_write(tmp_path, QINGYUAN_DATABASE=server)
    assert not (tmp_path / "platform.sqlite3").exists()
    assert (done.returncode, done.stdout.strip()) == (0, f"{WRITERS * EACH} lines, whole"), done.stderr
