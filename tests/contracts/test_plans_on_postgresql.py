"""What the plans promise, on PostgreSQL: sealed versions, one in force, append-only reports, findings kept in bulk."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
FILES = (
    "unit/test_plan_book.py", "unit/test_plan_dispatching.py", "unit/test_plan_rounds.py", "unit/test_plan_sharing.py",
    "unit/test_carrying.py", "unit/test_watching.py", "contracts/test_findings.py",
)  # fmt: skip
"""The tests that assert the same rows on both databases."""
ADOPTING = """
import django; django.setup()
import threading
from datetime import date, datetime
from django.db import DatabaseError, connection, transaction
from qingyuan.people.audit import Actor
from qingyuan.plans.book import adopting, keeping, sealing
from qingyuan.plans.book.entries import Entry
from qingyuan.plans.models import Item, Plan, Version
at, actor, day = datetime(2026, 3, 1), Actor(None, "x", None), date(2026, 3, 1)
plan = Plan.objects.create(code="p", title="p", division="220000", first_day=day, last_day=date(2030, 1, 1))
drafts = [keeping.open_draft(plan, [Entry("task", "t", "1", key="t1")], keeping.Origin("x", text="t"), actor, at)
          for _ in range(2)]
told, begun, first = [], threading.Event(), drafts[0]

def late(what):
    begun.wait()
    try:
        told.append(str(what()))
    except (DatabaseError, sealing.Sealed, adopting.NotReady) as why:
        told.append(type(why).__name__)
    connection.close()

ways = [
    lambda: Item.objects.create(version=first, kind="task", key="t2", title="late", order=9),
    lambda: Item.objects.filter(version=first).update(title="late"),
    lambda: adopting.adopt(drafts[1], "also", day, actor, at),
    lambda: adopting.adopt(first, "again", day, actor, at),
]
threads = [threading.Thread(target=late, args=(way,)) for way in ways]
[each.start() for each in threads]
with transaction.atomic():
    adopting.adopt(first, "decided", day, actor, at)
    begun.set()
    threads[0].join(1.5)
[each.join(20) for each in threads]
adopted = Version.objects.get(state="adopted")
print(sorted(told), adopted.pk == first.pk, sealing.whole(adopted))
"""


@pytest.fixture
def surroundings(postgres, tmp_path):
    """The environment of a platform whose database is PostgreSQL."""
    return {
        **os.environ, "QINGYUAN_DATA": str(tmp_path), "QINGYUAN_DATABASE": postgres,
        "DJANGO_SETTINGS_MODULE": "qingyuan.interfaces.web.settings",
    }  # fmt: skip


def ran(surroundings, *arguments):
    """What a Python process printed; it must end well."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return done.stdout


def test_the_same_rows_are_asserted_on_postgresql(surroundings):
    files = [f"tests/{each}" for each in FILES]
    assert " passed" in ran(surroundings, "-m", "pytest", "-q", "-n0", "-p", "no:randomly", *files)


def test_migrations_run_from_nothing_and_back_and_nothing_is_left_to_migrate(surroundings):
    for told in (["migrate"], ["makemigrations", "--check", "--dry-run"], ["migrate", "plans", "zero"], ["migrate"]):
        ran(surroundings, "-m", "django", *told, "-v0")


def test_what_comes_beside_an_adoption_waits_for_it_and_is_refused(surroundings):
    ran(surroundings, "-m", "django", "migrate", "-v0")
    told = ran(surroundings, "-c", ADOPTING)
    assert told.strip() == "['NotReady', 'ProgrammingError', 'ProgrammingError', 'Sealed'] True True"
