"""Registers with a million records: lists, filters, counts, search as four people see them; a workbook of 50,000 rows."""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

RECORDS = 1_000_000
SEEDS = 20_000
WANTED_MS = 150
RIVERS = [f"{a}{b}河" for a in "饮伊新卡双松东辉浑条" for b in "马通凯岔阳花辽发江子"]
KINDS = {"outfall": 0.5, "coal_boiler": 0.2, "supplies": 0.2, "rectification": 0.1}


def main(records: int, rows: int) -> None:
    """Fill, look, import, print."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    begun = time.perf_counter()
    fill(records)
    print(f"{connection.vendor}: {records} records in {time.perf_counter() - begun:.0f} s")
    people = accounts()
    look(people)
    take_in(people["county"], rows)


def fill(records: int) -> None:
    """Records of four kinds: some thousand made one by one, the rest as their copies with other numbers and deadlines."""
    from django.db import connection

    from qingyuan.interfaces import loading

    for name, share in KINDS.items():
        kind, seeds = loading.registers().kind(name), int(SEEDS * share)
        _seed(kind, seeds)
        _copy(name, max(1, int(records * share) // seeds), seeds)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _seed(kind, count: int) -> None:
    from qingyuan.places.divisions import subtree
    from qingyuan.registers import acting, tallies
    from qingyuan.registers.flow.declared import CLOSED
    from qingyuan.registers.models import NO_DEADLINE, OVER, RegisterRecord

    chance, at = random.Random(1), datetime(2026, 11, 27, 9)
    counties = [each.code for each in subtree("220000") if each.level == "county"]
    made = []
    for number in range(count):
        step = chance.choice([*kind.steps, CLOSED])
        division = chance.choice(counties)
        opened, due = at - timedelta(days=chance.randint(1, 900)), at + timedelta(hours=chance.randint(-2000, 4000))
        record = RegisterRecord(
            kind=kind.name, number=f"{division}-{number:05d}", division=division, domain=kind.domain, step=step,
            site=f"S{chance.randrange(9000)}", values=_values(kind, chance), version=3, head="0" * 64, simulated=True,
            opened_at=opened, entered_at=opened, due=due, closed_at=due if step == CLOSED else None,
        )  # fmt: skip
        acting.settle(kind, record)
        assert record.ranked in (due, OVER, NO_DEADLINE)
        made.append(record)
    RegisterRecord.objects.bulk_create(made, batch_size=500)
    tallies.count([], (tallies.key(kind, record) for record in made))


def _values(kind, chance: random.Random) -> dict[str, object]:
    found: dict[str, object] = {}
    for field in kind.fields.values():
        if field.type == "choice":
            found[field.name] = chance.choice(list(field.codes))
        elif field.type == "yes_no":
            found[field.name] = chance.random() < 0.5
        elif field.type == "number":
            found[field.name] = f"{chance.random() * 100:.2f}"
        elif field.type in ("text", "reference"):
            found[field.name] = (
                f"{chance.choice(RIVERS)}{chance.choice(['污水处理厂', '雨水', '食品公司', '养殖场'])}{chance.randrange(500)}号"
            )
        elif field.type == "point":
            found[field.name] = [round(125 + chance.random(), 5), round(43 + chance.random(), 5)]
    return found


def _copy(kind: str, times: int, seeds: int) -> None:
    """The kind's records so many times in all, by one statement a round."""
    from django.db import connection, transaction

    from qingyuan.registers.models import RegisterRecord, Tally

    fields = [field.column for field in RegisterRecord._meta.fields if field.column != "id"]
    shift = (
        "ranked + make_interval(hours => {0})"
        if connection.vendor == "postgresql"
        else "datetime(ranked, '+{0} hours')"
    )
    first = RegisterRecord.objects.filter(kind=kind).order_by("pk").values_list("pk", flat=True)[0]
    with transaction.atomic(), connection.cursor() as cursor:
        for round_ in range(1, times):
            other = {
                "number": f"number || '-{round_}'",
                "title": f"title || '{round_}'",
                "ranked": f"CASE WHEN closed_at IS NULL THEN {shift.format(round_)} ELSE ranked END",
            }
            columns = ", ".join(f'"{name}"' for name in fields)
            told = ", ".join(other.get(name, f'"{name}"') for name in fields)
            cursor.execute(
                f"INSERT INTO registers_registerrecord ({columns}) SELECT {told} FROM registers_registerrecord"
                f" WHERE kind = %s AND id >= {first} AND id < {first + seeds}", [kind]
            )  # fmt: skip
    for tally in Tally.objects.filter(kind=kind):
        Tally.objects.filter(pk=tally.pk).update(count=tally.count * times)


def accounts() -> dict[str, object]:
    """Browsers of the province, a city, a county and an enterprise."""
    from django.contrib.auth.models import User
    from django.test import Client

    from qingyuan.people.models import Duty, Organisation, Person, Post

    found = {}
    for name, level, division, code, sites in (
        ("province", "province", "220000", "environment", ""),
        ("city", "city", "220100", "environment", ""),
        ("county", "county", "220104", "environment", ""),
        ("enterprise", "county", "220104", "owner", "S1 S2 S3"),
    ):
        kind = "enterprise" if sites else "department"
        organisation = Organisation.objects.create(name_zh=name, level=level, division=division, kind=kind, sites=sites)
        person = Person.objects.create(user=User.objects.create(username=name), organisation=organisation, name=name)
        for each in (code, "water") if not sites else (code,):
            duty = Duty.objects.create(organisation=organisation, code=each, division=division, domain="*")
            Post.objects.create(person=person, duty=duty, since=datetime(2020, 1, 1))
        found[name] = Client(SERVER_NAME="localhost")
        found[name].force_login(person.user)
    return found


PAGES = {
    "all kinds": ["/registers/"],
    "list": ["/registers/outfall/", "/registers/supplies/", "/registers/outfall/?page=40"],
    "filter": [
        "/registers/outfall/?step=trace", "/registers/outfall/?f_category=other", "/registers/outfall/?state=overdue",
        "/registers/outfall/?f_category=other&f_measure=merge&step=mend", "/registers/outfall/?county=220104&f_flowing=1",
        "/registers/coal_boiler/?f_way=gas&state=soon", "/registers/outfall/?f_water=饮马河雨水7号", "/registers/outfall/?state=open&county=220104",
    ],
    "search": ["/registers/outfall/?q=饮马河", "/registers/outfall/?q=污水处理", "/registers/outfall/?q=食品公司7号", "/registers/outfall/?q=220104-00", "/registers/supplies/?q=松花&step=approve"],
    "layer": ["/registers/outfall/layer.geojson?county=220104"],
    "steps": ["/registers/outfall/steps/"],
}  # fmt: skip


def look(people: dict[str, object]) -> None:
    """Each page by each person, five times: median, 95th percentile, slowest page, most queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    people["province"].get("/registers/outfall/")
    for what, addresses in PAGES.items():
        took, worst, queries = [], (0.0, ""), 0
        for name, browser in people.items():
            for address in addresses:
                for _ in range(5):
                    begun = time.perf_counter()
                    answer = browser.get(address)
                    spent = (time.perf_counter() - begun) * 1000
                    assert answer.status_code == 200, (name, address, answer.status_code)
                    took.append(spent)
                    worst = max(worst, (spent, f"{name} {address}"))
                with CaptureQueriesContext(
                    connection,
                ) as captured:
                    browser.get(address)
                queries = max(queries, len(captured))
        p95 = statistics.quantiles(took, n=20)[-1]
        print(
            f"  {what}: median {statistics.median(took):.0f} ms, p95 {p95:.0f} ms (wanted below {WANTED_MS}),"
            f" worst {worst[0]:.0f} ms {worst[1]}, at most {queries} queries"
        )


def take_in(browser, rows: int) -> None:
    """A workbook of outfalls: read, shown, taken in."""
    from openpyxl import Workbook

    book, made = Workbook(write_only=True), BytesIO()
    sheet = book.create_sheet()
    sheet.append(["区划代码", "名称", "位置", "类型", "当时有水排出", "氨氮 (mg/L)"])
    for number in range(rows):
        sheet.append(["220104", f"口{number}", "125.28, 43.84", "工业排污口", "是", number % 90 / 10])
    book.save(made)
    made.seek(0)
    made.name = "outfalls.xlsx"
    begun, used = time.perf_counter(), time.process_time()
    address = browser.post("/registers/outfall/import/", {"file": made})["Location"]
    read = time.perf_counter() - begun
    while b"hx-trigger" in browser.post(address + "next/", headers={"hx-request": "true"}).content:
        pass
    print(
        f"  workbook of {rows} rows: read and shown {read:.1f} s, taken in after {time.perf_counter() - begun:.1f} s"
        f" (wanted below 60), {time.process_time() - used:.1f} s of the processor"
    )


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingyuan.interfaces.web.settings")
    with tempfile.TemporaryDirectory(prefix="qingyuan-registers-") as folder:
        os.environ["QINGYUAN_DATA"] = folder
        os.environ.setdefault("QINGYUAN_SECOND_FACTOR", "optional")  # of the pages, not of signing in
        main(int(sys.argv[1]) if len(sys.argv) > 1 else RECORDS, int(sys.argv[2]) if len(sys.argv) > 2 else 50_000)
