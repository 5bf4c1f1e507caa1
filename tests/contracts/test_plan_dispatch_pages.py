"""Pages and API of dispatch: who sees what, a table filled, returned, corrected and accepted, workbooks both ways."""

import io
from datetime import timedelta

import openpyxl
import plan_stage
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from qingyuan.base.time import now
from qingyuan.cases.models import Case
from qingyuan.plans import lights
from qingyuan.plans.dispatching import asking
from qingyuan.plans.models import Every, Remark, Reported

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"


@pytest.fixture
def staged(db, tmp_path, monkeypatch):
    """The plan, its people signed in, and the reports of the last two quarters asked for."""
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    version, seats = plan_stage.plan(t1={"planned": "1000"}), plan_stage.people()
    plan_stage.give(version, seats)
    year = now().year
    version.plan.first_day, version.plan.last_day = (
        now().date().replace(year=year - 4),
        now().date().replace(year=year + 1),
    )
    version.plan.save()
    asking.look(now())
    clients = {}
    for name, person in seats.items():
        clients[name] = Client(HTTP_ACCEPT_LANGUAGE="zh-hans")
        clients[name].force_login(person.user)
    return version, seats, clients


def case_of(seats, name):
    return Case.objects.filter(kind="plan_report", organisation=seats[name].organisation_id).order_by("-pk").first()


def form(case, verb="sign", **more):
    """The form of a report as the farm department fills it."""
    fields = {"verb": verb, "version": str(case.version), "summary": "总体顺利"}
    for number, row in enumerate(case.values["rows"]):
        indicator = row["kind"] == "indicator"
        fields |= (
            {f"{number}.value": "3.1"} if indicator else {f"{number}.status": "under_way", f"{number}.progress": "80"}
        )
    return fields | more


def place(case, key):
    return next(number for number, row in enumerate(case.values["rows"]) if row["key"] == key)


def test_a_department_fills_with_evidence_is_returned_corrects_and_the_light_turns(staged):
    version, seats, clients = staged
    case = case_of(seats, "farm")
    shown = clients["farm"].get("/plan/mine/").content.decode()
    assert "秸秆还田" in shown
    assert "黑臭水体整治" not in shown
    assert f"/plan/reports/{case.pk}/" in shown
    assert lights.of(version, now())["task", "t1"].state == "not_reported"
    address = f"/plan/reports/{case.pk}/"
    number = place(case, "t1")
    assert "推进中</option>" in clients["farm"].get(address).content.decode()
    wrong = clients["farm"].post(f"{address}fill/", form(case, **{f"{number}.progress": "180"}))
    assert wrong.status_code == 400
    assert "不在 0–100 之间" in wrong.content.decode()
    assert 'value="180"' in wrong.content.decode()
    sent = form(case, **{f"{number}.file": SimpleUploadedFile("台账.pdf", PDF, "application/pdf")})
    assert clients["farm"].post(f"{address}fill/", sent).status_code == 302
    assert lights.of(version, now())["task", "t1"].state == "steady"
    row = Reported.objects.get(key="t1")
    assert row.evidence[0]["name"] == "台账.pdf"
    file = clients["dispatcher"].get(f"{address}files/{row.evidence[0]['sha256']}/")
    assert file.content == PDF
    case.refresh_from_db()
    empty = clients["dispatcher"].post(f"{address}review/", {"verb": "return", "version": case.version})
    assert empty.status_code == 400
    back = {"verb": "return", "version": case.version, f"{number}.reason": "佐证看不清"}
    assert clients["dispatcher"].post(f"{address}review/", back).status_code == 302
    case.refresh_from_db()
    assert case.step == "report"
    assert "佐证看不清" in clients["farm"].get(address).content.decode()
    assert clients["farm"].post(f"{address}fill/", form(case, **{f"{number}.progress": "40"})).status_code == 302
    assert Reported.objects.get(replaces=row).progress == 40
    assert lights.of(version, now())["task", "t1"].state == "behind"
    case.refresh_from_db()
    assert clients["dispatcher"].post(f"{address}review/", {"verb": "sign", "version": case.version}).status_code == 302
    case.refresh_from_db()
    assert case.step == "closed"


def test_a_draft_is_kept_and_not_reported(staged):
    _version, seats, clients = staged
    case = case_of(seats, "farm")
    assert clients["farm"].post(f"/plan/reports/{case.pk}/fill/", form(case, "fill")).status_code == 302
    case.refresh_from_db()
    assert case.values["rows"][0]["progress"] == "80"
    assert (case.step, Reported.objects.count()) == ("report", 0)


def test_others_reports_are_as_if_they_were_not(staged):
    _version, seats, clients = staged
    case = case_of(seats, "farm")
    for address in (f"/plan/reports/{case.pk}/", "/plan/reports/999999/"):
        assert clients["city"].get(address).status_code == 404
    assert clients["city"].post(f"/plan/reports/{case.pk}/fill/", form(case)).status_code == 404
    assert clients["dispatcher"].post(f"/plan/reports/{case.pk}/fill/", form(case)).status_code == 404
    assert clients["farm"].get("/plan/dispatch/").status_code == 403
    listed = clients["city"].get("/api/v1/plan/small-14th/reports").json()
    assert {each["organisation_name"] for each in listed} == {"长春市局"}
    assert {
        each["organisation_name"] for each in clients["dispatcher"].get("/api/v1/plan/small-14th/reports").json()
    } == {
        "长春市局",
        "农业农村厅",
    }


def test_a_workbook_goes_out_and_comes_back(staged):
    _version, seats, clients = staged
    case = case_of(seats, "farm")
    address = f"/plan/reports/{case.pk}/"
    book = openpyxl.load_workbook(io.BytesIO(clients["farm"].get(f"{address}?export=xlsx").content))
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    for line in sheet.iter_rows(min_row=2):
        line[heads.index("状态")].value = "推进中"
        line[heads.index("进度（%）")].value = 66
        line[heads.index("完成值")].value = 2.5
    filled = io.BytesIO()
    book.save(filled)

    def send(content):
        sent = {"verb": "fill", "version": case.version, "book": SimpleUploadedFile("表.xlsx", content)}
        return clients["farm"].post(f"{address}fill/", sent)

    assert send(filled.getvalue()).status_code == 302
    case.refresh_from_db()
    assert {(row["status"], row["progress"], row["value"]) for row in case.values["rows"]} == {
        ("under_way", "66", "2.5")
    }
    sheet.cell(2, heads.index("编号") + 1).value = "t77"
    other = io.BytesIO()
    book.save(other)
    assert "第 2 行不属于" in send(other.getvalue()).content.decode()
    assert "不是 Excel" in send(b"nothing").content.decode()


def test_a_dispatcher_asks_sets_the_schedule_and_confirms_a_proposal(staged):
    version, seats, clients = staged
    page = clients["dispatcher"].get("/plan/dispatch/").content.decode()
    assert "农业农村厅" in page
    day = (now() + timedelta(days=9)).date().isoformat()
    given = {"item": ["task/t1"], "question": "秋收进展", "due": day}
    assert clients["dispatcher"].post("/plan/dispatch/start/", given).status_code == 302
    case = case_of(seats, "farm")
    assert (case.values["question"], len(case.values["rows"]), case.due.date().isoformat()) == ("秋收进展", 1, day)
    assert clients["dispatcher"].post("/plan/dispatch/start/", {"due": day}).status_code == 400
    assert clients["dispatcher"].post("/plan/dispatch/every/", {"item": "task/t2", "every": "never"}).status_code == 302
    assert Every.objects.get(key="t2").every == "never"
    assert clients["dispatcher"].post("/plan/dispatch/every/", {"item": "task/t2", "every": "daily"}).status_code == 400
    Case.objects.filter(kind="plan_report").update(until=now() - timedelta(days=30))
    for each in Case.objects.filter(kind="plan_report"):
        each.values["due_day"] = (now() - timedelta(days=30)).date().isoformat()
        each.save()
    chosen = {"proposal": f"plan_notice/{seats['city'].organisation_id}", "question": "请说明原因"}
    answer = clients["dispatcher"].post("/plan/dispatch/follow/", chosen)
    assert answer.status_code == 302
    opened = Case.objects.get(kind="plan_notice")
    assert (opened.organisation, opened.step) == (seats["city"].organisation_id, "acknowledge")
    letter = clients["dispatcher"].get(f"/cases/{opened.pk}/letters/plan_notice.docx")
    assert letter.status_code == 200
    assert letter.content[:2] == b"PK"
    assert clients["dispatcher"].post("/plan/dispatch/follow/", chosen).status_code == 400
    assert version.plan.code in str(opened.values["plan"])


def test_a_remark_stands_beside_the_light_and_does_not_change_it(staged):
    version, _seats, clients = staged
    before = lights.of(version, now())["task", "t1"]
    sent = {"item": "task/t1", "text": "今年雨多"}
    assert clients["farm"].post("/plan/mine/remark/", sent).status_code == 302
    assert "今年雨多" in clients["farm"].get("/plan/mine/").content.decode()
    assert lights.of(version, now())["task", "t1"] == before
    assert clients["city"].post("/plan/mine/remark/", sent).status_code == 404
    assert Remark.objects.count() == 1


def test_my_tasks_as_a_workbook_and_the_api(staged):
    _version, seats, clients = staged
    case = case_of(seats, "farm")
    clients["farm"].post(f"/plan/reports/{case.pk}/fill/", form(case))
    book = openpyxl.load_workbook(io.BytesIO(clients["farm"].get("/plan/mine/?export=xlsx").content))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert {row[1] for row in rows[1:]} == {"t1", "t2", "9", "p1", "1"}
    found = clients["farm"].get("/api/v1/plan/small-14th/reported?key=t1").json()
    assert found["count"] == 1
    assert (found["items"][0]["progress"], found["items"][0]["case_id"]) == ("80.0", case.pk)
    assert clients["city"].get("/api/v1/plan/small-14th/reported").json()["count"] == 0
    told = clients["city"].get("/api/v1/plan/small-14th/lights").json()
    assert {each["key"]: each["state"] for each in told}["t1"] == "steady"
    assert clients["city"].get("/api/v1/plan/none/lights").status_code == 404


def test_the_board_is_narrowed_paged_and_exported(staged, monkeypatch):
    version, seats, clients = staged

    def board(query):
        return clients["dispatcher"].get(f"/plan/dispatch/?{query}").content.decode().split('id="table"')[-1]

    assert "农业农村厅" in board("q=农业") and "长春市局" not in board("q=农业")
    assert "长春市局" in board(f"office={seats['city'].organisation_id}")
    assert "没有符合条件" in board("state=late_given")
    past = clients["dispatcher"].get("/plan/dispatch/?show=items&due=over").content.decode().split('id="every"')[-1]
    assert "秸秆还田" not in past and "没有符合条件" in past
    shown = clients["dispatcher"].get("/plan/dispatch/?show=items&state=not_reported").content.decode()
    assert "秸秆还田" in shown.split('id="every"')[-1]
    monkeypatch.setattr("qingyuan.interfaces.web.dispatching.board.PAGE", 2)
    assert "第 1 页" in clients["dispatcher"].get("/plan/dispatch/?show=items").content.decode()
    mine = clients["farm"].get("/plan/mine/?q=粪污").content.decode()
    assert "畜禽粪污利用" in mine and "秸秆还田" not in mine.split("<tbody")[-1]
    book = openpyxl.load_workbook(io.BytesIO(clients["dispatcher"].get("/plan/dispatch/?export=xlsx").content))
    assert len(book.worksheets) == 4
    assert {row[0] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)} == {"农业农村厅", "长春市局"}
    assert {row[1] for row in book.worksheets[2].iter_rows(min_row=2, values_only=True)} >= {"t1", "t2", "t3"}
    assert version.plan.code in str(book.worksheets[3]["B2"].value)


def test_english_pages_word_targets_as_the_library_does(db):
    from django.utils.translation import override

    from qingyuan.interfaces.web.plans import words

    with override("en"):
        assert [words.figure(each) for each in ("有效保障", "良好水平", "别的说法")] == [
            "effectively secured", "level “good”", "别的说法"
        ]  # fmt: skip
    with override("zh-hans"):
        assert words.figure("有效保障") == "有效保障"
