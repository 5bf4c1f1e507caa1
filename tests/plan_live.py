"""A small province whose plan has a value of every source: days, sections, a register, reports of three levels."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import plan_stage
import pyarrow as pa
import stage
from django.core.cache import caches
from offices import somebody

from qingyuan.assessments import store
from qingyuan.cases.models import Case
from qingyuan.interfaces.jobs import demo_shares
from qingyuan.people.audit import SYSTEM
from qingyuan.places.points import Point, read_points, write_points
from qingyuan.plans.book import seeding
from qingyuan.plans.dispatching import asking
from qingyuan.registers.models import RegisterRecord

ASKED = datetime(2025, 7, 1, 9)
CITY, COUNTY, BARE = "220100", "220122", "220112"
"""A city and two of its counties; the second has nothing of its own."""
FOREST, SEWAGE = "i014", "i007"
SECTIONS = {"S1": (CITY, COUNTY), "S2": (CITY, "220183"), "S3": ("220200", None), "S4": ("220300", None)}


def build(data):
    """The dataset, the plan in force, its people, and all that was reported; returns what tests change."""
    caches["default"].clear()
    folder = stage.build(data)
    place(folder)
    classes(folder, {"S1": 2, "S2": 4, "S3": 6, "S4": 3})
    people = {
        "forest": somebody("吉林省林草局", "220000", ("task", "plan"), level="province"),
        "city": somebody("长春市局", CITY, ("environment", "*"), level="city"),
        "county": somebody("农安县局", COUNTY, ("environment", "*"), level="county"),
        "reviewer": somebody("规划处", "220000", ("planning", "*"), ("dispatch", "plan"), level="province"),
    }
    version = seeding.seed(SYSTEM, datetime(2021, 1, 1), simulated=True)
    demo_shares.issue_shares(datetime(2021, 2, 1))
    return folder, version, people


def place(folder):
    """A station and four sections lie in known counties."""
    points = [replace(each, county=COUNTY) if each.point == "T09" else each for each in read_points(folder)]
    sections = [
        Point(name, "section", f"断面{name}", f"Section {name}", city, county, 125, 44, "national", "water")
        for name, (city, county) in SECTIONS.items()
    ]
    write_points(folder, [*points, *sections])


def classes(folder, levels):
    """The class of each section over 2024 (a class better, at best I) and 2025 up to September."""
    rows = [
        {
            "point": point, "kind": "section", "phenomenon_time": datetime(year, month, 1), "valid": True,
            "level": level if year == 2025 else max(level - 1, 1), "edition": "2002", "period": f"{year}",
        }
        for year, months in ((2024, 12), (2025, 9)) for month in range(1, months + 1) for point, level in levels.items()
    ]  # fmt: skip
    store.replace(folder, "water.sections", pa.Table.from_pylist(rows), ["2024", "2025"], "v0")


def report(version, person, key, value, at=ASKED, reviewer=None):
    """An office is asked for one indicator, answers, and somebody accepts; without a reviewer it stays to be reviewed."""
    at += timedelta(minutes=Case.objects.count())  # who was asked twice in a minute was asked once
    asking.once(version, [("indicator", key)], [person.organisation_id], "请报", date(2025, 12, 20), SYSTEM, at)
    case = Case.objects.filter(kind="plan_report", organisation=person.organisation_id).order_by("-pk").first()
    plan_stage.do(case, "sign", person, {"rows": [{**row, "value": value} for row in case.values["rows"]]}, at=at)
    if reviewer is not None:
        plan_stage.do(case, "sign", reviewer, {"opinion": "同意"}, at=at)
    return case


def project(version, division, gained, no="12", number="XM1"):
    """An accepted project that serves an indicator."""
    values = {"plan": version.plan.code, "indicator": no, "achieved_amount": gained}
    return RegisterRecord.objects.create(
        kind="plan_project", domain="plan", number=number, title="扩建", division=division, step="closed",
        opened_at=ASKED, entered_at=ASKED, closed_at=ASKED, values=values, simulated=True,
    )  # fmt: skip
