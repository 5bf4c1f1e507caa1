"""The same platform on SQLite and on PostgreSQL: its tables, its rights, and the audit chain under many writers."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).parent.parent.parent
WRITERS, TIMES, LINES = 8, 15, 3
WRITER = f"""
import sys, django
django.setup()
from datetime import datetime
from qingyuan.people import audit
for number in range({TIMES}):
    audit.append_many([
        audit.Line(audit.SYSTEM, "cases.act", "case", f"{{sys.argv[1]}}-{{number}}", "220104", "air",
                   {{"n": [1e22, number / 7], "words": ["\\0", "清源"]}}, datetime(2026, 3, 1, 8))
        for _ in range({LINES})
    ])
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def surroundings(request, tmp_path):
    """The environment of a platform on each database."""
    told = {**os.environ, "QINGYUAN_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "qingyuan.interfaces.web.settings"}
    told.pop("QINGYUAN_DATABASE", None)
    return told | ({"QINGYUAN_DATABASE": request.getfixturevalue("postgres")} if request.param == "postgresql" else {})


def command(surroundings, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "qingyuan.interfaces.cli", *arguments],
        env=surroundings, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_the_chain_stays_whole_under_many_writers(surroundings):
    assert command(surroundings, "audit", "verify").returncode == 0
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(each)], env=surroundings) for each in range(WRITERS)]
    assert [each.wait(120) for each in writers] == [0] * WRITERS
    assert command(surroundings, "audit", "anchor").returncode == 0
    told = command(surroundings, "audit", "verify")
    assert told.returncode == 0, told.stdout + told.stderr
    assert f"{WRITERS * TIMES * LINES} lines, whole; 1 signed notes" in told.stdout
    assert len(command(surroundings, "audit", "export").stdout.splitlines()) == WRITERS * TIMES * LINES


def test_tampering_is_found_by_the_command(surroundings):
    command(surroundings, "audit", "anchor")
    change = """
import django; django.setup()
from datetime import datetime
from qingyuan.people import audit
from qingyuan.people.models import AuditEntry
start = AuditEntry.objects.count()
audit.append_many([audit.Line(audit.SYSTEM, "x", "y", "z", "", "", {}, datetime(2026, 3, 1))] * 5)
AuditEntry.objects.filter(number=start + 3).update(name="somebody else")
"""
    subprocess.run([sys.executable, "-c", change], env=surroundings, check=True, timeout=60)
    told = command(surroundings, "audit", "verify")
    assert told.returncode == 1
    assert "is not what was written" in told.stdout


def test_rights_give_the_same_rows_on_postgresql(postgres, tmp_path):
    """The tests of rights, tokens and the gateway's lines, run on PostgreSQL: the same rows are asserted on both."""
    files = ["tests/unit/test_people_rights.py", "tests/contracts/test_api.py", "tests/contracts/test_managing.py"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", *files],
        cwd=ROOT, env={**os.environ, "QINGYUAN_DATABASE": postgres, "QINGYUAN_DATA": str(tmp_path)},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize("surroundings", ["postgresql"], indirect=True)
def test_the_planner_is_told_which_counties_lie_in_which_prefecture(surroundings):
    """Without it a city's list by several fields reads all records of the city (`registers.0003`)."""
    command(surroundings, "audit", "anchor")
    with psycopg.connect(surroundings["QINGYUAN_DATABASE"]) as line:
        told = line.execute("SELECT pg_get_statisticsobjdef(oid) FROM pg_statistic_ext").fetchall()
    assert any("kind, prefecture, county" in each and "mcv" in each for (each,) in told), told


@pytest.mark.parametrize("wrong", ["mysql://a@b/c", "postgresql:///", "postgresql://host"])
def test_an_address_that_cannot_be_is_told(wrong, tmp_path):
    told = command({**os.environ, "QINGYUAN_DATA": str(tmp_path), "QINGYUAN_DATABASE": wrong}, "audit", "verify")
    assert told.returncode == 2
    assert "postgresql://" in told.stderr and "Traceback" not in told.stderr
