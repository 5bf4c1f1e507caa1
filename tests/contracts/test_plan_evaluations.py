"""The evaluation pages: who sees which sheet, the way from self-assessment to the public page."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
import seats
import stage
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from docx import Document

from qingyuan.base.time import now
from qingyuan.cases import opening
from qingyuan.interfaces.web import behind
from qingyuan.interfaces.web.plans import printing
from qingyuan.interfaces.web.views import plan_evaluations
from qingyuan.people.audit import Actor
from qingyuan.plans.book import adopting, keeping, seeding
from qingyuan.plans.evaluating import rounds
from qingyuan.plans.evaluating.known import Event, Facts, Measure, Trace
from qingyuan.plans.evaluating.rounds import Act, Frame
from qingyuan.plans.evaluating.rules import rules
from qingyuan.plans.evaluating.sheet import score
from qingyuan.plans.facts import Words
from qingyuan.plans.models import Evaluation, Plan
from qingyuan.plans.reporting import making

pytestmark = pytest.mark.django_db
DAY = date(2022, 12, 31)
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
TRACE = Trace("computed", Words("平台", "platform"), "air.daily_aqi", "2022-12-31T23", "3")


def sheet(code, name, value, **more):
    measure = Measure("1", Words("某指标", "it"), "%", "binding", "down", 1, Decimal(40), date(2020, 12, 31),
                      Decimal(32), date(2024, 12, 31), Decimal(value), TRACE)  # fmt: skip
    return score(rules("midterm", DAY), Facts(code, Words(name, code), DAY, (measure,), events=(), **more))


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    return tmp_path


@pytest.fixture
def opened():
    plan = Plan.objects.create(
        code="p", title="某规划", division="220000", first_day="2021-01-01", last_day="2025-12-31"
    )
    frame = Frame(plan, None, "midterm", datetime(2022, 12, 31, 23), 3, rules("midterm", DAY), True)
    sheets = [sheet("220100", "甲市", 31), sheet("220200", "乙市", 45)]
    return rounds.start(frame, sheets, Actor(None, "甲", None), datetime(2023, 3, 1))


def browser(name, *duties, **scope):
    made = Client(SERVER_NAME="localhost")
    user = User.objects.filter(username=name).first() or seats.seated(name, *duties, **scope)
    made.force_login(user)
    return made


def city(code="220100"):
    return browser(f"city{code}", "environment", division=code, level="city")


def at(opened, rest=""):
    return f"/plan/evaluations/{opened.pk}/{rest}"


def test_a_city_sees_its_own_sheet_until_the_result_is_published(opened):
    asked = city()
    told = asked.get(at(opened)).content.decode()
    assert "甲市" in told and "乙市" not in told
    assert asked.get(at(opened, "220100/")).status_code == 200
    assert asked.get(at(opened, "220200/")).status_code == 404
    assert Client().get(f"/public/plan/evaluations/{opened.pk}/").status_code == 404


def test_a_city_speaks_for_itself_and_nobody_else_does(opened):
    province = browser("province", "planning")
    assert province.post(at(opened, "220100/act/"), {"verb": "assess"}).status_code == 403
    assert city().post(at(opened, "220100/act/"), {"verb": "review"}).status_code == 403
    assert city().post(at(opened, "220100/act/"), {"verb": "assess"}).status_code == 302


def test_what_cannot_be_taken_is_told_and_what_was_typed_stays(opened):
    answer = city().post(at(opened, "220100/act/"), {"verb": "assess", "p:binding.1": "3", "note": "留着"})
    assert answer.status_code == 400 and "留着" in answer.content.decode()
    assert opened.sheets.get(division="220100").step == "self"


def test_from_self_assessment_to_the_public_page(opened):
    province = browser("province", "planning")
    for code in ("220100", "220200"):
        own, here = city(code), at(opened, f"{code}/act/")
        assert own.post(here, {"verb": "assess"}).status_code == 302
        assert province.post(here, {"verb": "review"}).status_code == 302
        if code == "220200":
            told = {"verb": "appeal", "note": "扬沙日应剔除", "evidence": "A-1"}
            assert own.post(here, told).status_code == 302
            full = opened.sheets.get(division=code).computed["lines"][0]["full"]
            told = {"verb": "decide", "note": "采纳", "p:binding.1": full, "r:binding.1": "已剔除"}
            assert province.post(here, told).status_code == 302
        else:
            assert own.post(here, {"verb": "accept"}).status_code == 302
    assert province.post(at(opened, "publish/")).status_code == 302
    assert Evaluation.objects.get(pk=opened.pk).state == "published"
    public = Client().get(f"/public/plan/evaluations/{opened.pk}/").content.decode()
    assert "乙市" in public and public.count("100.00") == 2 and "扬沙" not in public
    assert "甲市" in city("220200").get(at(opened)).content.decode()


def test_the_workbook_has_every_line_with_its_source(opened):
    answer = browser("province", "planning").get(at(opened) + "?export=xlsx")
    book = openpyxl.load_workbook(BytesIO(answer.content))
    lines = list(book.worksheets[1].iter_rows(min_row=2, values_only=True))
    assert len(lines) == 4 and any("air.daily_aqi" in str(row) for row in lines)


def test_without_the_duty_there_is_no_page(opened):
    assert browser("m", "monitoring").get("/plan/evaluations/").status_code == 403


PDF = b"%PDF-1.7 proof"


def sent(name="证明.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


def test_files_are_evidence_of_a_self_assessment_and_of_an_appeal(opened, data):
    own, here = city(), at(opened, "220100/act/")
    assert own.post(here, {"verb": "assess", "file": sent()}).status_code == 302
    kept = opened.sheets.get(division="220100").files.get()
    assert (kept.name, kept.size, kept.step) == ("证明.pdf", len(PDF), "self")
    step = opened.sheets.get(division="220100").steps.get()
    assert step.given["evidence"] == [kept.sha256]
    told = own.get(at(opened, "220100/")).content.decode()
    assert f"files/{kept.sha256}/" in told and "证明.pdf" in told
    answer = own.get(at(opened, f"220100/files/{kept.sha256}/"))
    assert answer.content == PDF and answer.headers["Content-Type"] == "application/pdf"
    province = browser("province", "planning")
    assert province.get(at(opened, f"220100/files/{kept.sha256}/")).status_code == 200
    assert city("220200").get(at(opened, f"220100/files/{kept.sha256}/")).status_code == 404
    province.post(here, {"verb": "review"})
    assert own.post(here, {"verb": "appeal", "note": "不服", "file": sent("b.pdf", PDF + b"2")}).status_code == 302
    last = opened.sheets.get(division="220100").steps.last()
    assert last.verb == "appeal" and len(last.given["evidence"]) == 1  # the file alone is evidence enough


def test_what_is_no_file_of_a_kind_that_is_taken_is_told(opened, data):
    answer = city().post(at(opened, "220100/act/"), {"verb": "assess", "file": sent("a.pdf", b"MZ")})
    assert answer.status_code == 400 and opened.sheets.get(division="220100").step == "self"
    assert not opened.sheets.get(division="220100").files.exists()


def test_a_file_is_kept_where_the_act_is_refused(opened, data):
    own, here = city(), at(opened, "220100/act/")
    answer = own.post(here, {"verb": "assess", "p:binding.1": "3", "r:binding.1": "", "file": sent()})
    told = answer.content.decode()
    assert answer.status_code == 400 and "证明.pdf" in told and 'value="3"' in told  # nor is what was typed lost
    assert own.post(here, {"verb": "assess"}).status_code == 302
    assert len(opened.sheets.get(division="220100").steps.get().given["evidence"]) == 1


def test_after_publication_files_stay_with_those_of_the_place(opened, data):
    own = city()
    own.post(at(opened, "220100/act/"), {"verb": "assess", "file": sent()})
    digest = opened.sheets.get(division="220100").files.get().sha256
    Evaluation.objects.filter(pk=opened.pk).update(state="published", published_at=datetime(2023, 5, 1))
    told = city("220200").get(at(opened, "220100/")).content.decode()
    assert "甲市" in told and "证明.pdf" not in told and f"files/{digest}" not in told
    assert city("220200").get(at(opened, f"220100/files/{digest}/")).status_code == 404


def filled(own, address, **cells):
    """The workbook of a sheet with points and reasons by key: (points, reason)."""
    book = openpyxl.load_workbook(BytesIO(own.get(address + "?export=xlsx").content))
    page = book.worksheets[0]
    for row in page.iter_rows(min_row=2):
        points, reason = cells.get(row[0].value.replace(".", "_"), (None, None))
        row[7].value, row[8].value = points, reason
    return book


def as_file(book):
    out = BytesIO()
    book.save(out)
    return SimpleUploadedFile("a.xlsx", out.getvalue())


def test_a_sheet_is_filled_offline_looked_at_and_handed_in(opened):
    own, here = city(), at(opened, "220100/")
    full = opened.sheets.get(division="220100").computed["lines"][0]["full"]
    book = filled(own, here, binding_1=(float(full) - 1, "一处站点停电"))
    answer = own.post(here + "workbook/", {"book": as_file(book)})
    told = answer.content.decode()
    assert answer.status_code == 200 and "一处站点停电" in told and "读入 1 行" in told
    assert opened.sheets.get(division="220100").step == "self"  # looked at, not taken
    typed = dict(re.findall(r'name="([pr]:[^"]+)" value="([^"]+)"', told))
    assert own.post(here + "act/", {"verb": "assess", **typed}).status_code == 302
    said = opened.sheets.get(division="220100").lines["binding.1"]
    assert said == {"self": f"{float(full) - 1:.2f}", "self_note": "一处站点停电"}


def test_every_fault_of_a_workbook_is_told_with_its_row(opened):
    own, here = city(), at(opened, "220100/")
    book = filled(own, here, binding_1=("很多", ""))
    book.worksheets[0].append(["nothing.9", "", "", "", "", "", "", 3, "x"])
    told = own.post(here + "workbook/", {"book": as_file(book)}).content.decode()
    assert "第 2 行" in told and "不是数字" in told and "nothing.9" in told and "有 2 行要改" in told
    book.worksheets[0].delete_rows(2)
    told = own.post(here + "workbook/", {"book": as_file(book)}).content.decode()
    assert "保持系统计分" in told  # a row left out is said, not guessed


def test_the_workbook_of_another_sheet_step_or_kind_is_refused(opened):
    own, here = city(), at(opened, "220100/")
    other = filled(city("220200"), at(opened, "220200/"))
    refused = own.post(here + "workbook/", {"book": as_file(other)})
    assert refused.status_code == 400 and "不是这张评分表" in refused.content.decode()
    mine = filled(own, here)
    own.post(here + "act/", {"verb": "assess"})
    assert own.post(here + "workbook/", {"book": as_file(mine)}).status_code == 403
    province = browser("province", "planning")
    assert province.post(here + "workbook/", {"book": as_file(mine)}).status_code == 400
    for name, content in (("a.xlsx", b"no"), ("a.xlsx", b"PK\x03\x04rubbish")):
        assert province.post(here + "workbook/", {"book": sent(name, content)}).status_code == 400


def test_a_review_is_filled_offline_too(opened):
    own, here, province = city(), at(opened, "220100/"), browser("province", "planning")
    own.post(here + "act/", {"verb": "assess"})
    book = filled(province, here, binding_1=("1", "核减"))
    told = province.post(here + "workbook/", {"book": as_file(book)}).content.decode()
    assert "核减" in told and "读入 1 行" in told


def department(opened, seat):
    """A sheet of a department joins the round."""
    office = seat.person.organisation_id
    made = rounds.start(
        Frame(opened.plan, None, "midterm", datetime(2022, 12, 31, 23), 3, rules("midterm", DAY), True),
        [sheet("22", "全省", 31), sheet("22", "农业农村厅", 31, party=office), sheet("220100", "甲市", 31)],
        Actor(None, "甲", None), datetime(2023, 3, 1),
    )  # fmt: skip
    return made, made.sheets.get(organisation=office)


def test_a_department_speaks_for_itself_and_is_ranked_beside_the_places(opened):
    seat = seats.seated("farm", "task")
    made, own = department(opened, seat)
    assert own.code == f"d{seat.person.organisation_id}"
    other = browser("other", "task")
    here = at(made, f"{own.code}/")
    assert other.get(here).status_code == 200
    assert other.post(here + "act/", {"verb": "assess"}).status_code == 403
    farm = browser("farm")
    assert farm.post(here + "act/", {"verb": "assess"}).status_code == 302
    assert city().get(here).status_code == 404
    told = farm.get(at(made)).content.decode()
    assert told.count("<table") == 2 and "农业农村厅" in told and f"/{own.code}/" in told
    assert browser("api", "planning").get(f"/api/v1/plan/evaluations/{made.pk}").json()["sheets"][1]["code"] == own.code
    for bad in ("d", "dx", "d" + "9" * 30, "d0"):
        assert farm.get(at(made, f"{bad}/")).status_code == 404


def test_a_veto_is_shown_with_its_reason_and_a_link_to_the_case(opened):
    case = opening.open_case(
        opening.Signal("device", "数据造假嫌疑", "220100", "sources", datetime(2022, 5, 1), "test", "1"),
        datetime(2022, 5, 1),
    )
    event = Event(
        "falsified",
        Words(f"{case.number} 属实", "held"),
        DAY,
        Trace("case", Words("案件", "cases"), case.number, "2022-05-01T09"),
    )
    made = rounds.start(
        Frame(opened.plan, None, "midterm", datetime(2022, 12, 31, 23), 3, rules("midterm", DAY), True),
        [sheet("220100", "甲市", 31, proven=(event,))], Actor(None, "甲", None), datetime(2023, 3, 1),
    )  # fmt: skip
    kept = made.sheets.get()
    assert kept.grade == "fail" and kept.total == 100
    told = city().get(at(made, "220100/")).content.decode()
    assert f'href="/cases/{case.pk}/' in told and "查实数据弄虚作假" in told
    blind = browser("blind", "planning").get(at(made, "220100/")).content.decode()
    assert case.number in blind and f"/cases/{case.pk}/" not in blind  # planning sees no cases by itself


@pytest.fixture
def at_once(data, monkeypatch):
    """A small province, and reports made before the answer, on the connection of the test."""
    stage.build(data)

    class AtOnce(behind.Thread):
        def start(self):
            self._target(*self._args)

    monkeypatch.setattr(behind, "Thread", AtOnce)
    monkeypatch.setattr(behind.connection, "close", lambda: None)


def test_a_report_is_made_kept_and_given_to_those_in_scope(opened, at_once, monkeypatch):
    monkeypatch.setattr(making, "office", lambda: None)
    monkeypatch.setattr(plan_evaluations, "office", lambda: None)
    province = browser("province", "planning")
    assert province.post(at(opened, "report/")).status_code == 302
    told = province.get(at(opened)).content.decode()
    assert "report.docx" in told and "report.pdf" not in told and "libreoffice-writer" in told
    answer = province.get(at(opened, "report.docx"))
    text = "".join(each.text for each in Document(BytesIO(answer.content)).element.iter(f"{W}t") if each.text)
    assert "甲市" in text and "乙市" in text
    assert "其后又有裁定或复核" not in told
    rounds.assess_self(opened.sheets.first(), Act(), Actor(None, "甲", None), now() + timedelta(hours=1))
    assert "其后又有裁定或复核" in province.get(at(opened)).content.decode()
    assert province.get(at(opened, "report.pdf")).status_code == 404
    assert city().get(at(opened, "report.docx")).status_code == 404  # it tells of every place
    Evaluation.objects.filter(pk=opened.pk).update(state="published", published_at=datetime(2023, 5, 1))
    assert city().get(at(opened, "report.docx")).status_code == 200


def test_a_report_that_cannot_be_made_says_why(opened, at_once, monkeypatch):
    def broken(*told, **more):
        raise making.CannotPrint("LibreOffice printed nothing", "Try again.", "LibreOffice 没有打印出来，再试一次")

    monkeypatch.setattr(printing, "make", broken)
    province = browser("province", "planning")
    province.post(at(opened, "report/"))
    assert "LibreOffice 没有打印出来" in province.get(at(opened)).content.decode()


def test_of_two_who_begin_at_once_one_makes_the_report(data):
    place = printing.folder(1, "zh")
    place.mkdir(parents=True)
    assert behind._claimed(place, going=False) and not behind._claimed(place, going=True)
    assert behind._claimed(place, going=False)  # what broke off is begun anew


def adopted():
    """The library's plan in force, seeded as the demo seeds it."""
    return seeding.seed(Actor(None, "甲", None), datetime(2021, 2, 1), simulated=True)


@pytest.mark.parametrize("kind", ["yearly", "midterm", "final"])
def test_each_kind_of_evaluation_starts_from_the_rules_in_force(data, kind):
    stage.build(data)
    version = adopted()
    province = browser("province", "planning")
    told = province.get("/plan/evaluations/").content.decode()
    assert f"{kind}@2021-01-01" in told and "/plan/versions/" in told
    answer = province.post("/plan/evaluations/start/", {"kind": kind, "day": "2025-10-20"})
    assert answer.status_code == 302
    made = Evaluation.objects.get()
    assert (made.kind, made.rules["edition"], made.version) == (kind, f"{kind}@2021-01-01", version)
    assert made.as_of == datetime(2025, 10, 20, 23) and made.sheets.count() == 10
    assert province.post("/plan/evaluations/start/", {"kind": "weekly"}).status_code == 400


def test_a_round_on_an_amended_version_leads_to_what_changed(data):
    stage.build(data)
    first, actor = adopted(), Actor(None, "甲", None)
    second = keeping.amend(first, "调整", actor, datetime(2023, 1, 1))
    adopting.adopt(second, "调整", date(2023, 2, 1), actor, datetime(2023, 1, 5))
    province = browser("province", "planning")
    province.post("/plan/evaluations/start/", {"kind": "midterm", "day": "2025-10-20"})
    told = province.get(f"/plan/evaluations/{Evaluation.objects.get().pk}/").content.decode()
    found = re.search(r'href="(/plan/[^"]*a=\d+&amp;b=\d+[^"]*)"', told)
    assert found and province.get(found[1].replace("&amp;", "&")).status_code == 200
