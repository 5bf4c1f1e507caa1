"""Pages of the registers: what each person sees, types, imports and takes away."""

import io
import json
from datetime import datetime

import pytest
from django.db import connection
from django.test import Client
from openpyxl import Workbook, load_workbook
from registering import Ledger, somebody

from qingyuan.base.time import now
from qingyuan.interfaces import workbooks
from qingyuan.people.models import AuditEntry, Duty, Organisation, Person, Post
from qingyuan.registers import intake, searching
from qingyuan.registers.models import Draft, Import, RegisterRecord, SavedView, StoredFile, Tally

pytestmark = pytest.mark.django_db

EVERY = somebody("county.water", "county.monitoring", "city.water", "city.environment")
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))


def account(users, name, level, division, *duties, sites="", kind="department"):
    organisation = Organisation.objects.create(name_zh=name, level=level, division=division, kind=kind, sites=sites)
    user = users.objects.create(username=name)
    person = Person.objects.create(user=user, organisation=organisation, name=name)
    for code in duties:
        duty = Duty.objects.create(organisation=organisation, code=code, division=division, domain="*")
        Post.objects.create(person=person, duty=duty, since=datetime(2020, 1, 1))
    browser = Client(SERVER_NAME="localhost", headers={"accept-language": "zh"})
    browser.force_login(user)
    return browser


@pytest.fixture
def county(django_user_model):
    return account(django_user_model, "朝阳分局", "county", "220104", "water", "monitoring")


@pytest.fixture
def other(django_user_model):
    return account(django_user_model, "农安分局", "county", "220122", "water", "monitoring")


@pytest.fixture
def ledger():
    made = Ledger("outfall", site="E1")
    made.open(
        EVERY,
        values={"name": "伊通河总排口", "location": "125.28, 43.84", "category": "other", "contact": "13900000000"},
    )
    return made


def text(answer, status=200):
    assert answer.status_code == status, answer.content[:300]
    return answer.content.decode()


def test_the_list_the_search_and_the_counts_end_at_the_county(county, other, ledger):
    for page in (
        "/registers/outfall/",
        "/registers/outfall/?q=通河",
        "/registers/outfall/?f_category=other&step=survey",
    ):
        assert "伊通河总排口" in text(county.get(page))
        assert "伊通河总排口" not in text(other.get(page))
    assert "1 条" in text(county.get("/registers/outfall/?q=220104"))
    assert "0 条" in text(other.get("/registers/outfall/"))
    assert json.loads(text(other.get("/registers/outfall/layer.geojson")))["features"] == []
    assert len(json.loads(text(county.get("/registers/outfall/layer.geojson")))["features"]) == 1
    rows = list(load_workbook(io.BytesIO(other.get("/registers/outfall/export.xlsx").content)).worksheets[0].values)
    assert len(rows) == 1
    assert "朝阳区" not in text(other.get("/registers/outfall/steps/"))


@pytest.mark.parametrize(
    "page", ["", "?at=2026-03-02T10:00:00", "act/", "draft/", "personal/", "files/" + "0" * 64 + "/"]
)
def test_a_record_of_another_county_does_not_exist(other, ledger, page):
    address = f"/registers/outfall/{ledger.record.pk}/{page}"
    answer = (
        other.post(address, {"do": "note", "note": "x"})
        if page.endswith(("act/", "draft/", "personal/"))
        else other.get(address)
    )
    assert answer.status_code == 404
    assert other.get(f"/registers/outfall/{ledger.record.pk + 99}/").status_code == 404


def test_an_enterprise_sees_its_own_sites_only(django_user_model, ledger):
    own = account(django_user_model, "E1厂", "county", "220104", "owner", sites="E1 E7", kind="enterprise")
    strange = account(django_user_model, "E2厂", "county", "220104", "owner", sites="E2", kind="enterprise")
    assert "伊通河总排口" in text(own.get("/registers/outfall/?q=总排"))
    assert "伊通河总排口" not in text(strange.get("/registers/outfall/?q=总排"))
    assert strange.get(f"/registers/outfall/{ledger.record.pk}/").status_code == 404
    assert "1 条" in text(own.get("/registers/outfall/"))


def test_nobody_without_a_duty_sees_a_register(django_user_model, ledger):
    nobody = account(django_user_model, "出纳", "province", "220000", "cashier")
    assert nobody.get("/registers/outfall/").status_code == 403
    assert Client(SERVER_NAME="localhost").get("/registers/outfall/").status_code == 302


def asked(values, do, version, **more):
    return {**values, "asked": list(values), "do": do, "version": version, **more}


def test_a_form_tells_what_is_wrong_and_keeps_what_was_typed(county, ledger):
    address = f"/registers/outfall/{ledger.record.pk}/"
    page = text(county.get(address))
    assert "本步只填" in page and "13900000000" not in page
    values = {"name": "伊通河总排口", "location": "43.84, 125.28", "flowing": ""}
    told = text(county.post(address + "act/", asked(values, "sign", 1)), 400)
    assert "错误：" in told and "经度和纬度写反了" in told and "当时有水排出还没填" in told
    assert 'value="43.84, 125.28"' in told and 'href="#v-location"' in told
    done = county.post(address + "act/", asked(values | {"location": "125.3, 43.7", "flowing": "true"}, "sign", 1))
    assert done.status_code == 302
    record = RegisterRecord.objects.get()
    assert (record.step, record.values["location"], record.version) == ("measure", [125.3, 43.7], 2)
    assert "125.2800° E" in text(county.get(address)), "the timeline shows what was before"


def test_a_second_hand_is_told_who_was_faster(county, ledger):
    ledger.do("fill", EVERY, values={"category": "industrial"})
    address = f"/registers/outfall/{ledger.record.pk}/act/"
    told = text(county.post(address, asked({"category": "agricultural"}, "fill", 1)), 400)
    assert "张磊于" in told and "工业排污口" in told
    assert RegisterRecord.objects.get().values["category"] == "industrial"
    assert Draft.objects.get().values == {"category": "agricultural"}


def test_a_sealed_field_is_corrected_in_its_own_kind_of_input(county, ledger):
    ledger.do("sign", EVERY, values={"flowing": "true"})
    ledger.do("sign", EVERY, values={"nh3n": "2.3", "cod": "40", "sampled_on": "2026-03-02"})
    ledger.do("sign", EVERY, to="mend", values={"source": "甲", "flow": "1", "evidence": "乙", "measure": "merge"})
    address = f"/registers/outfall/{ledger.record.pk}/"
    mend = text(county.get(address)).partition("更正封存的字段")[2]
    for widget in (
        '<input id="v-sampled_on" name="sampled_on" type="date" value="2026-03-02">',
        '<input id="v-nh3n" name="nh3n" inputmode="decimal" autocomplete="off" value="2.3">',
        'value="125.28, 43.84"',
        '<select id="v-category" name="category">',
        '<option value="other" selected>',
    ):
        assert widget in mend, widget
    told = text(county.post(address + "act/", asked({"sampled_on": "2026-13-02"}, "amend", 4, note="抄错")), 400)
    assert 'type="date" value="2026-13-02" aria-invalid="true"' in told
    assert "要写明原因" in text(county.post(address + "act/", asked({"category": "industrial"}, "amend", 4)), 400)
    same = asked({"sampled_on": "2026-03-02"}, "amend", 4, note="抄错")
    assert "没有给出更正的值" in text(county.post(address + "act/", same), 400)
    for version, values in enumerate(({"sampled_on": "2026-03-04"}, {"location": "125.3, 43.7"}), 4):
        assert county.post(address + "act/", asked(values, "amend", version, note="抄错")).status_code == 302
    values = RegisterRecord.objects.get().values
    assert (values["sampled_on"], values["location"], values["nh3n"]) == ("2026-03-04", [125.3, 43.7], "2.3")


def test_only_what_ones_duty_has_sealed_is_offered_for_correction(django_user_model, ledger):
    ledger.do("sign", EVERY, values={"flowing": "true"})
    ledger.do("sign", EVERY, values={"nh3n": "2.3", "cod": "40", "sampled_on": "2026-03-02"})
    ledger.do("sign", EVERY, to="mend", values={"source": "甲", "flow": "1", "evidence": "乙", "measure": "merge"})
    water = account(django_user_model, "水务", "county", "220104", "water")
    page = text(water.get(f"/registers/outfall/{ledger.record.pk}/"))
    assert 'id="v-category"' in page and 'id="v-nh3n"' not in page, "monitoring has sealed it"


def test_drafts_are_kept_and_shown_again(county, ledger):
    address = f"/registers/outfall/{ledger.record.pk}/"
    assert "自动保存" in text(county.post(address + "draft/", asked({"water": "饮马河"}, "", 1)))
    assert 'value="饮马河"' in text(county.get(address))
    assert RegisterRecord.objects.get().version == 1


def test_a_new_record_is_opened_with_what_is_known(county):
    assert text(county.get("/registers/outfall/new/"))
    values = {"name": "新口", "location": "125.28, 43.84", "category": "other", "flowing": "true"}
    assert "请选所在区县" in text(county.post("/registers/outfall/new/", asked(values, "", 0)), 400)
    assert "县级" in text(county.post("/registers/outfall/new/", asked(values, "", 0, division="220122")), 400)
    photo = io.BytesIO(PNG)
    photo.name = "口.png"
    given = asked(values, "", 0, division="220104") | {"photos": photo, "asked": [*values, "photos"]}
    answer = county.post("/registers/outfall/new/", given)
    assert answer.status_code == 302
    record = RegisterRecord.objects.get()
    assert record.values["county"] == "220104" and record.number == "220104-PK0001"
    stored = StoredFile.objects.get()
    address = f"/registers/outfall/{record.pk}/files/{stored.sha256}/"
    assert b"".join(county.get(address).streaming_content) == PNG
    bad = io.BytesIO(b"<script>")
    bad.name = "x.html"
    told = text(county.post("/registers/outfall/new/", given | {"photos": bad}), 400)
    assert "x.html" in told


def test_personal_values_are_masked_and_their_reading_is_noted(county, ledger):
    page = text(county.get(f"/registers/outfall/{ledger.record.pk}/"))
    assert "13900000000" not in page
    assert "13900000000" not in str(
        list(load_workbook(io.BytesIO(county.get("/registers/outfall/export.xlsx").content)).worksheets[0].values)
    )
    assert "13900000000" in text(county.post(f"/registers/outfall/{ledger.record.pk}/personal/"))
    line = AuditEntry.objects.get(action="registers.personal")
    assert (
        line.sealed
        and line.change == {"fields": ["contact"]}
        and "13900000000" not in str(list(AuditEntry.objects.values()))
    )


def test_views_and_acts_on_many(county, ledger):
    assert county.post("/registers/outfall/views/", {"title": "待查", "step": "survey"}).status_code == 302
    assert SavedView.objects.get().query == "step=survey"
    county.post("/registers/outfall/many/", {"do": "note", "note": "请尽快", "id": [ledger.record.pk]})
    assert RegisterRecord.objects.get().version == 2
    county.post("/registers/outfall/many/", {"do": "sign", "id": [ledger.record.pk]})
    assert "当时有水排出还没填" in text(county.get("/registers/outfall/"))


def workbook(rows):
    book, made = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(made)
    made.seek(0)
    made.name = "口.xlsx"
    return made


ROWS = [
    ["区划代码", "名称", "位置", "类型", "氨氮 (mg/L)"],
    ["220104", "一号口", "125.28, 43.84", "工业排污口", "2310 ug/L"],
    [None, "二号口", "125.28, 43.84", "其他排口", None],
    ["220104", "三号口", "43.84, 125.28", "工业", None],
    ["220122", "四号口", None, "其他排口", None],
    ["220104", None, None, "其他排口", None],
]


def test_a_workbook_is_shown_row_by_row_and_taken_in(county):
    assert county.get("/registers/outfall/template.xlsx").status_code == 200
    answer = county.post("/registers/outfall/import/", {"file": workbook(ROWS)})
    run = Import.objects.get()
    assert (answer.status_code, run.rows, run.faulty) == (302, 2, 3)
    page = text(county.get(answer["Location"]))
    assert "2 行可以导入" in page and "3 行不行" in page
    assert "经度和纬度写反了" in page and "“工业”不在可选项里" in page and "您不能在 220122 新建" in page
    assert RegisterRecord.objects.count() == 0
    done = text(county.post(answer["Location"] + "next/", headers={"hx-request": "true"}))
    assert "已开 2 条，共 2 条" in done
    text(county.post(answer["Location"] + "next/", headers={"hx-request": "true"}))
    assert sorted(RegisterRecord.objects.values_list("title", "county")) == [("一号口", "220104"), ("二号口", "220104")]
    assert RegisterRecord.objects.get(title="一号口").values["nh3n"] == "2.31"
    assert (
        AuditEntry.objects.filter(kind="register").count() == 2
        and sum(Tally.objects.values_list("count", flat=True)) == 2
    )


def test_an_import_is_ones_own(county, django_user_model):
    answer = county.post("/registers/outfall/import/", {"file": workbook(ROWS)})
    colleague = account(django_user_model, "李", "county", "220104", "water")
    assert colleague.get(answer["Location"]).status_code == 404
    assert colleague.post(answer["Location"] + "next/").status_code == 404


def test_no_workbook_at_all(county):
    wrong = io.BytesIO(b"hello")
    wrong.name = "x.xlsx"
    assert "Nothing was taken" in text(county.post("/registers/outfall/import/?lang=en", {"file": wrong}), 400)
    assert "names no field" in text(county.post("/registers/outfall/import/", {"file": workbook([["a", "b"]])}), 400)


def test_the_workbook_out_has_codes_and_units(county, ledger):
    book = load_workbook(io.BytesIO(county.get("/registers/outfall/export.xlsx").content))
    assert len(book.worksheets) == 2
    head, row = list(book.worksheets[0].values)
    assert "氨氮 (mg/L)" in head and row[0] == "220104-PK0001"
    assert ("类型", "其他排口", "other") in list(book.worksheets[1].values)


def test_queries_of_each_page_are_few(county, ledger, django_assert_max_num_queries):
    county.get("/registers/")
    for page, most in (
        ("/registers/", 28),
        ("/registers/outfall/", 14),
        (f"/registers/outfall/{ledger.record.pk}/", 20),
    ):
        with django_assert_max_num_queries(most):
            text(county.get(page))


def ask(browser, method, address, body=None):
    answer = browser.generic(
        method, f"/api/v1/registers{address}", json.dumps(body or {}), content_type="application/json"
    )
    return answer.status_code, json.loads(answer.content)


def test_the_api_opens_acts_and_tells_every_reason(county, other):
    status, kinds = ask(county, "GET", "")
    assert status == 200 and "outfall" in {each["name"] for each in kinds}
    place = {"division": "220104", "values": {"name": "口", "location": [125.28, 43.84], "contact": "139"}}
    status, opened = ask(county, "POST", "/outfall", place)
    assert (status, opened["step"], opened["values"]["contact"], opened["whole"]) == (201, "survey", "•••", True)
    at = f"/outfall/{opened['number']}"
    status, told = ask(county, "POST", f"{at}/acts", {"verb": "sign", "version": 1, "values": {"location": "1, 2"}})
    assert status == 422 and {each["field"] for each in told["reasons"]} == {"location", "category", "flowing"}
    body = {"verb": "sign", "version": 1, "values": {"category": "other", "flowing": True}}
    assert ask(county, "POST", f"{at}/acts", body)[1]["step"] == "measure"
    assert ask(county, "POST", f"{at}/acts", body)[0] == 409
    assert [each["verb"] for each in ask(county, "GET", f"{at}/steps")[1]] == ["open", "sign"]
    assert ask(county, "GET", "/outfall/statistics")[1] == [{"division": "220104", "step": "measure", "count": 1}]
    for address in (at, f"{at}/steps", "/outfall/220104-PK9999", "/nothing"):
        assert ask(other, "GET", address)[0] == 404
    assert ask(other, "GET", "/outfall")[1]["count"] == 0
    assert ask(other, "POST", "/outfall", place)[0] == 422


@pytest.mark.parametrize("value", [10**400, "9" * 5000, [1, [2]], {"a": None}, "\x00", 1e308, True, [{"name": 1}]])
def test_the_api_refuses_any_value_without_failing(county, value):
    for name in ("name", "location", "flowing", "found_on", "nh3n", "category", "works", "photos", "owner"):
        body = {"division": "220104", "values": {"name": "口"} | {name: value}}
        assert ask(county, "POST", "/outfall", body)[0] in (201, 422), name
    assert ask(county, "POST", "/outfall", {"division": "22010\x00", "values": {"name": "口"}})[0] == 422


def test_notices_of_a_record_are_read_on_opening_it(county, ledger):
    from qingyuan.cases import telling
    from qingyuan.cases.models import Notice
    from qingyuan.people.models import Person

    office = Person.objects.get(user__pk=county.session["_auth_user_id"]).organisation_id
    telling.tell_of(ledger.record, (office, 987654), ledger.at)
    county.get(f"/registers/outfall/{ledger.record.pk}/")
    assert list(Notice.objects.filter(read_at=None).values_list("organisation", flat=True)) == [987654]


def many_rows(count):
    return [ROWS[0], *(["220104", f"{number}号口", "125.28, 43.84", "其他排口", None] for number in range(count))]


@pytest.fixture
def running(county, monkeypatch):
    """An import of seven rows, two of which were opened before its page was closed."""
    monkeypatch.setattr(intake, "BATCH", 2)
    page = county.post("/registers/outfall/import/", {"file": workbook(many_rows(7))})["Location"]
    assert "可以关闭本页" in text(county.post(page + "next/", headers={"hx-request": "true"}))
    return page


def test_an_import_goes_on_when_its_page_is_closed(county, running, tmp_path):
    assert RegisterRecord.objects.count() == 2
    assert 'hx-trigger="load"' in text(county.get(running))
    assert workbooks.look(tmp_path, now(), seconds=0) == 2
    assert Import.objects.get().state == "running"
    assert workbooks.look(tmp_path, now()) == 3
    assert workbooks.look(tmp_path, now()) == 0
    assert (Import.objects.get().state, RegisterRecord.objects.count()) == ("done", 7)
    assert "已开 7 条，共 7 条" in text(county.get(running)) and 'hx-trigger="load"' not in text(county.get(running))
    assert AuditEntry.objects.filter(kind="register").values_list("name", flat=True).distinct().get() == "朝阳分局"


def test_an_import_not_begun_waits_for_its_person(county, tmp_path):
    county.post("/registers/outfall/import/", {"file": workbook(ROWS)})
    assert workbooks.look(tmp_path, now()) == 0
    assert Import.objects.get().state == "read"


def test_a_right_taken_stops_an_import_at_its_next_batch_until_it_is_given_again(county, running, tmp_path):
    post = Post.objects.filter(duty__code="water")
    Post.objects.update(until=datetime(2020, 1, 2))
    assert workbooks.look(tmp_path, now()) == 0
    run = Import.objects.get()
    assert (run.state, run.done, RegisterRecord.objects.count()) == ("failed", 2, 2)
    Post.objects.update(until=None)
    assert post.exists() and workbooks.look(tmp_path, now()) == 0
    page = text(county.get(running))
    assert "该账号现在不能导入台账" in page and 'name="again"' in page and 'hx-trigger="load"' not in page
    assert "导入中断" in text(county.get("/registers/outfall/import/"))
    assert "The account may not import now" in text(county.get(running + "?lang=en"))
    text(county.post(running + "next/", headers={"hx-request": "true"}))
    assert Import.objects.get().state == "failed"
    text(county.post(running + "next/", {"again": "1"}, headers={"hx-request": "true"}))
    assert (Import.objects.get().state, Import.objects.get().done) == ("running", 4)
    assert workbooks.look(tmp_path, now()) == 3


def test_a_batch_of_a_place_that_was_taken_away_opens_nothing_and_says_why(county, running, tmp_path):
    Duty.objects.update(division="220122")
    assert workbooks.look(tmp_path, now()) == 0
    run = Import.objects.get()
    assert (run.state, run.done, RegisterRecord.objects.count()) == ("failed", 2, 2)
    assert all(run.why) and run.why[0] != run.why[1]


def test_rows_that_are_gone_are_told(running, tmp_path):
    intake.prepared(Import.objects.get(), tmp_path / workbooks.FOLDER).unlink()
    assert workbooks.look(tmp_path, now()) == 0
    assert "Import the workbook again" in Import.objects.get().why[1]


def test_a_search_that_is_cut_says_so_behind_a_filter_too(county, running, tmp_path, monkeypatch):
    workbooks.look(tmp_path, now())
    monkeypatch.setattr(searching, "MOST", 6)
    for page in ("?q=号口", "?q=号口&f_category=industrial"):
        assert "只查看其中" in text(county.get(f"/registers/outfall/{page}"))
    monkeypatch.setattr(searching, "MOST", 7)
    assert "只查看其中" not in text(county.get("/registers/outfall/?q=号口"))


def test_the_workbook_and_the_search_over_everything_say_so_too(county, running, tmp_path, monkeypatch):
    workbooks.look(tmp_path, now())
    for most, cut in ((6, True), (7, False)):
        monkeypatch.setattr(searching, "MOST", most)
        book = load_workbook(io.BytesIO(county.get("/registers/outfall/export.xlsx?q=号口").content))
        assert ("列表被截断" in str([*book.worksheets[1].values])) is cut
        assert county.get("/api/v1/search?q=号口").json()["more"] is cut


@pytest.mark.parametrize("page", ["/registers/", "/registers/outfall/", "/cases/", "/findings/"])
def test_a_page_asks_for_the_rights_once_and_a_right_taken_is_gone_at_the_next_request(county, page):
    asked = []

    def counted(execute, sql, *rest):
        asked.append(sql) if 'FROM "people_post"' in sql else None
        return execute(sql, *rest)

    text(county.get(page))
    with connection.execute_wrapper(counted):
        text(county.get(page))
        assert len(asked) == 1
        Post.objects.update(until=datetime(2020, 1, 2))
        assert county.get(page).status_code in (403, 404)
    assert len(asked) == 2
