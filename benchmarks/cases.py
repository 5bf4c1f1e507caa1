"""100,000 cases: list, filter, count, search and board as pages, p95 in milliseconds, on the database of the settings.

``python -m benchmarks.cases [NUMBER]``; QINGYUAN_DATA names an empty folder (else a new one is used and removed).
QINGYUAN_DATABASE may name a PostgreSQL. What is measured is the whole page as the web process answers it.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

ADDRESSES = {
    "list": "/cases/",
    "list, page 40": "/cases/?page=40",
    "filter": "/cases/?domain=sources&step=rectify",
    "area": "/cases/?area=220200",
    "late": "/cases/?view=overdue",
    "mine": "/cases/?view=mine",
    "closed": "/cases/?view=closed",
    "search": "/cases/?q=热力%20氮氧",
    "search in all": "/cases/?view=all&q=热力%2000777",
    "board": "/cases/?show=board",
}
ROUNDS = 40
LIMIT_MS = 150
DOMAINS = ("sources", "air", "water", "straw", "noise")
WORDS = ("热力", "化工", "建材", "水务", "造纸", "钢铁", "制药", "水泥")
MATTERS = ("氮氧化物小时均值超标", "COD日均值超限", "危险废物贮存超期", "夜间施工噪声", "数据恒值", "许可时段外火点")


def cases(number: int) -> None:
    """So many cases over the counties of the province, a fifth of them open."""
    from qingyuan.base.time import now
    from qingyuan.cases import kinds
    from qingyuan.cases.models import FAR, Case
    from qingyuan.places import divisions

    chance, at = random.Random(5), now()
    counties = [each.code for each in divisions.subtree("220000") if each.level == "county"]
    steps = {name: tuple(kind.flow.steps) for name, kind in kinds.kinds().items()}
    made = []
    for n in range(number):
        still, opened = chance.random() < 0.2, at - timedelta(days=chance.randrange(700), hours=chance.randrange(24))
        due = at + timedelta(days=chance.randrange(-5, 30)) if still else None
        site = f"{chance.choice(WORDS)}{chance.randrange(9999)}号企业"
        title = f"{site}{chance.choice(MATTERS)}"
        code = f"环案〔{opened.year}〕{n:06}号"
        kind = chance.choice(list(steps))
        made.append(
            Case(
                kind=kind,
                number=code,
                title=title,
                division=chance.choice(counties),
                domain=chance.choice(DOMAINS),
                site=f"S{n % 4000}",
                site_name=site,
                simulated=True,
                step=chance.choice(steps[kind]) if still else "closed",
                version=6,
                head="0" * 64,
                opened_at=opened,
                entered_at=opened,
                due=due,
                until=due or FAR,
                occurred_at=opened,
                is_open=still,
                closed_at=None if still else opened + timedelta(days=20),
                searched=f"{code} {title} {site} s{n % 4000}".lower(),
                organisation=1 + n % 70,
                organisation_name="执法支队",
                handler=None if n % 3 else 1 + n % 500,
                handler_name="" if n % 3 else "赵启明",
                origin=chance.choice(("monitor", "station", "report")),
                reopened=int(n % 29 == 0),
                awaiting=still and n % 17 == 0,
                severity="normal",
                values={"about": title, "leader": "韩冰", "facts": "喷氨阀卡涩" * 20, "measures": "更换" * 20},
            )
        )
    for begin in range(0, number, 2000):
        Case.objects.bulk_create(made[begin : begin + 2000])


def measure() -> bool:
    """Every address ROUNDS times, interleaved; prints median and p95 and says whether all keep to the limit."""
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    user = User.objects.get(username="bench")
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    took: dict[str, list[float]] = {name: [] for name in ADDRESSES}
    questions = {}
    for name, address in ADDRESSES.items():
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200, address
        questions[name] = len(asked)
    for _round in range(ROUNDS):
        for name, address in ADDRESSES.items():
            begun = time.perf_counter()
            client.get(address)
            took[name].append((time.perf_counter() - begun) * 1000)
    good = True
    for name, times in took.items():
        p95 = statistics.quantiles(times, n=20)[18]
        good &= p95 < LIMIT_MS
        print(f"  {name:16} median {statistics.median(times):6.1f} ms  p95 {p95:6.1f} ms  {questions[name]:2} queries")
    return good


def person() -> None:
    """Somebody who sees the whole province."""
    from django.contrib.auth.models import User

    from qingyuan.people.models import Duty, Organisation, Person, Post

    one = Organisation.objects.create(division="220000", level="province", name_zh="省厅")
    user = User.objects.create(username="bench")
    who = Person.objects.create(user=user, organisation=one, name="量")
    duty = Duty.objects.create(organisation=one, code="environment", division="220000")
    Post.objects.create(person=who, duty=duty, since=datetime(2020, 1, 1))


def main(number: int) -> int:
    """Fill and measure."""
    from qingyuan.interfaces.cli import serve

    serve.prepare(None)
    from django.db import connection

    person()
    begun = time.perf_counter()
    cases(number)
    with connection.cursor() as cursor:
        # what autovacuum does by itself within minutes
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    print(f"cases: {number} on {connection.vendor}, filled in {time.perf_counter() - begun:.0f} s")
    good = measure()
    print(f"cases: every page under {LIMIT_MS} ms at p95" if good else f"cases: a page is above {LIMIT_MS} ms at p95")
    return 0 if good else 1


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="qingyuan-cases-") as folder:
        os.environ.setdefault("QINGYUAN_DATA", str(Path(folder)))
        os.environ.setdefault("QINGYUAN_SECOND_FACTOR", "optional")  # of the pages, not of signing in
        sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
