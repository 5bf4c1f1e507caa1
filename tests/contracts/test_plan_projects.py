"""Projects of a plan: money planned and paid, the effect on an indicator, pages and filters, Excel out and in again."""

import io
from datetime import datetime

import openpyxl
import pytest
import seats
from django.test import Client

from qingyuan.interfaces import loading
from qingyuan.registers import acting, intake
from qingyuan.registers.flow.acts import Given
from qingyuan.registers.flow.fold import Actor
from qingyuan.registers.models import RegisterRecord

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9)
YEARS = [{"year": "2024", "planned": "600", "paid": "500"}, {"year": "2025", "planned": "400", "paid": "150"}]
USUAL = {
    "class": "water",
    "owner": "水务集团",
    "planned_start": "2024-03-01",
    "planned_end": "2025-12-31",
    "total": "1000",
}


def project(name, division="220100", signed=(), **told):
    """A project, signed on through so many steps with what each takes."""
    kind, me = loading.registers().kind("plan_project"), Actor(1, "甲")
    values = {"name": name, **USUAL, **told}
    record = acting.open_record(
        kind, acting.Place(division, simulated=True), Given("open", me, AT, 0, lambda _s: True, values)
    ).record
    for step in signed:
        record = RegisterRecord.objects.get(pk=record.pk)
        acting.act(kind, record.pk, Given("sign", me, AT, record.version, lambda _s: True, step))
    return RegisterRecord.objects.get(pk=record.pk)


FUNDED = ({}, {"approval": "发改〔2024〕1号"}, {"source": "central", "years": YEARS})
BUILT = (*FUNDED, {"started": "2024-04-01", "finished": "2025-10-01", "share": "100"})
ACCEPTED = (*BUILT, {"achieved": "减排氨氮 12 t/a", "achieved_amount": "12"})


@pytest.fixture
def planner(db, data):
    made = Client(SERVER_NAME="localhost", HTTP_ACCEPT_LANGUAGE="en")
    made.force_login(seats.seated("guihua", "planning"))
    return made


def page(client, query=""):
    answer = client.get(f"/plan/projects/?lang=en{query}")
    assert answer.status_code == 200
    return answer.content.decode().split("<main")[1]


def test_a_project_goes_from_the_reserve_to_done(planner):
    steps = [project("厂", signed=ACCEPTED[:number]).step for number in range(6)]
    assert steps == ["reserve", "approve", "fund", "build", "accept", "closed"]


def test_money_planned_and_paid_and_the_effect_are_shown(planner):
    project("污水厂扩建", signed=FUNDED, indicator="12", effect="减排氨氮", effect_amount="15")
    project("湿地", signed=ACCEPTED, indicator="4", effect="提升断面", division="220200")
    text = page(planner)
    assert "2000 ×10⁴ yuan in all; planned by year 2000, paid 1300." in text
    assert "1000, 650" in text and "15 · 减排氨氮" in text and "12 · 减排氨氮 12 t/a" in text
    assert "湿地" in page(planner, "&indicator=4") and "污水厂扩建" not in page(planner, "&indicator=4")
    assert "湿地" not in page(planner, "&step=build") and "污水厂扩建" in page(planner, "&step=build")


def test_many_projects_come_in_pages(planner):
    for number in range(53):
        project(f"项目{number:02}")
    first, second = page(planner), page(planner, "&page=2")
    assert "page 1 of 2" in first and "53 projects" in first
    assert first.count("gantt") and ("项目52" in second) != ("项目52" in first)


def test_the_page_stands_at_its_own_time(planner):
    """Planned until the end of 2025, not begun: by the clock of the data late to begin, by today's late to end."""
    project("没动的", signed=FUNDED)
    row = page(planner).split("<tbody")[1].split("</tbody")[0]
    assert "late to begin" in row and "late to end" not in row


def test_projects_as_a_workbook_with_money_by_year(planner):
    project("污水厂扩建", signed=FUNDED, indicator="12", effect="减排氨氮", effect_amount="15")
    project("别的", signed=FUNDED)
    book = openpyxl.load_workbook(io.BytesIO(planner.get("/plan/projects/?lang=en&q=污水&export=xlsx").content))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    row = dict(zip(rows[0], rows[1], strict=True))
    assert len(rows) == 2 and row["Name"] == "污水厂扩建"
    assert (row["Planned (10⁴ yuan)"], row["Paid (10⁴ yuan)"], row["Expected contribution"]) == (1000, 650, 15)
    money = list(book.worksheets[1].iter_rows(values_only=True))
    assert [line[2:] for line in money[1:]] == [(2024, 600, 500), (2025, 400, 150)]


def test_others_projects_are_not_seen_and_not_exported(planner):
    project("秘密工程", signed=FUNDED, division="220200")
    city = Client(SERVER_NAME="localhost")
    city.force_login(seats.seated("shi", "planning", division="220100", level="city"))
    assert "秘密工程" not in page(city)
    assert "秘密工程".encode() not in city.get("/plan/projects/?export=xlsx").content
    task = Client(SERVER_NAME="localhost")
    task.force_login(seats.seated("ke", "task", division="220200", level="city"))
    assert task.get("/plan/projects/?export=xlsx").status_code == 404


def test_a_workbook_of_the_register_goes_out_with_its_years_and_comes_in_again(planner):
    project("污水厂扩建", signed=FUNDED, indicator="12")
    out = openpyxl.load_workbook(io.BytesIO(planner.get("/registers/plan_project/export.xlsx?lang=en").content))
    rows = list(out.worksheets[0].iter_rows(values_only=True))
    cell = dict(zip(rows[0], rows[1], strict=True))
    head = next(each for each in cell if str(each).startswith("Money by year"))
    assert cell[head] == "2024|600|500；2025|400|150"
    kind = loading.registers().kind("plan_project")
    titles = {each.title.en: each.name for each in kind.fields.values()}
    wanted = {name: value for name, value in cell.items() if name and (name in titles or name == head) and value}
    wanted |= {"Total (万元)": 1000}
    back = openpyxl.Workbook()
    back.active.append(list(wanted))
    back.active.append([str(each) for each in wanted.values()])
    kept = io.BytesIO()
    back.save(kept)
    row = next(intake.rows(kind, kept.getvalue(), "220100", AT))
    assert [each.words.en for each in row.reasons] == []
    assert row.values["years"] == [{**each} for each in YEARS]


def test_a_row_of_a_table_that_cannot_be_read_is_told():
    kind = loading.registers().kind("plan_project")
    book = openpyxl.Workbook()
    book.active.append(["项目名称", "分年资金"])
    book.active.append(["厂", "2024|六百|500"])
    kept = io.BytesIO()
    book.save(kept)
    row = next(intake.rows(kind, kept.getvalue(), "220100", AT))
    assert any("第 1 行" in each.words.zh and "六百" in each.words.zh for each in row.reasons)
