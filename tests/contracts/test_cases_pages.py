"""Pages of cases: scoped, refused in words, conflicts readable, files checked, letters made, lotteries drawn."""

import io
import json
import re
from html import unescape

import case_stage
import openpyxl
import pytest
import seats
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from qingyuan.base.time import now
from qingyuan.cases.lottery import record
from qingyuan.cases.models import Attachment, Case, CaseStep, Lottery, Notice, SavedView


@pytest.fixture
def made(db, data):
    """Authorities and cases."""
    organisations = case_stage.organisations()
    case_stage.fill()
    return organisations


def browser(user) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    return client


@pytest.fixture
def city(made):
    """Somebody of the city of Jilin: environment and inspection."""
    return browser(case_stage.account("jilin", made["220200", "inspection"], made["220200", "environment"]))


@pytest.fixture
def province(made):
    return browser(case_stage.account("sheng", made["220000", "environment"], made["220000", "inspection"]))


def words(answer) -> str:
    html = re.sub(r"<(script|style|svg|template)\b.*?</\1>", " ", answer.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def post(client, case, **form):
    return client.post(f"/cases/{case.pk}/act/", {"version": case.version, **form})


def of(kind, **more):
    return Case.objects.get(kind=kind, **more)


def test_a_city_sees_its_own_cases_only(city, province):
    assert "在办 7 件" in words(province.get("/cases/")) and "在办 2 件" in words(city.get("/cases/"))
    told = words(city.get("/cases/?q=截污"))
    assert "截污干管" not in told and "没有符合条件的案件" in told
    other = of("rectification")
    for address in ("", "letters/supervision.docx", "files/1/"):
        assert city.get(f"/cases/{other.pk}/{address}").status_code == 404, address
    assert post(city, other, verb="note", note="x").status_code == 404
    assert city.post(f"/cases/{other.pk}/files/", {}).status_code == 404
    assert "截污" not in words(city.get("/cases/?show=board")) and "截污" not in words(city.get("/cases/notices/"))
    book = openpyxl.load_workbook(io.BytesIO(city.get("/cases/?export=xlsx").content))
    assert len(list(book.worksheets[0].iter_rows())) == 3


def test_without_a_duty_nothing_is_seen(made, django_user_model):
    nobody = browser(django_user_model.objects.create(username="nobody"))
    for address in ("/cases/", f"/cases/{of('device').pk}/", "/lotteries/", "/cases/notices/", "/cases/new/"):
        assert nobody.get(address).status_code == 403, address


def test_lists_group_filter_and_keep_views(province):
    told = words(province.get("/cases/"))
    assert re.search("逾期 [2-4]", told) and "今天到期" in told
    assert "脱硫" in words(province.get("/cases/?domain=sources&step=investigate"))
    assert "松江热力" in words(province.get("/cases/?view=waiting")) and "脱硫" not in words(
        province.get("/cases/?view=waiting")
    )
    assert "宏源化工" in words(province.get("/cases/?view=closed"))
    assert "脱硫" not in words(province.get("/cases/?area=220100"))
    for odd in ("view=zzz", "page=999", "q=%25%27%22--", "step=nothing&area=1", "show=board&q=zzz"):
        assert province.get(f"/cases/?{odd}").status_code == 200, odd
    province.post("/cases/views/", {"name": "我的", "query": "domain=sources"})
    assert SavedView.objects.get().query == "domain=sources" and "我的" in words(province.get("/cases/"))


def test_the_number_of_questions_does_not_grow_with_the_cases(province, django_assert_max_num_queries):
    for address, most in (("/cases/", 12), ("/cases/?show=board", 17), ("/cases/?q=松江", 12)):
        province.get(address)
        with django_assert_max_num_queries(most):
            province.get(address)


def test_a_step_is_signed_and_what_is_missing_is_told_at_its_field(city):
    case = of("device")
    answer = post(city, case, verb="sign", facts="恒值系采样管堵塞")
    assert answer.status_code == 400 and "错误：" in answer.content.decode()
    assert "恒值系采样管堵塞" in words(answer), "what was typed stays"
    assert post(city, case, verb="sign", facts="恒值系采样管堵塞", holds="yes").status_code == 302
    case.refresh_from_db()
    assert case.step == "rectify" and CaseStep.objects.filter(record=case).last().name == "测试jilin"


def test_what_is_not_proven_is_locked(made):
    client = browser(case_stage.account("qu", made["220204", "inspection"]))
    case = of("exceedance", step="verify")
    assert "还差 7 天达标数据" in words(client.get(f"/cases/{case.pk}/"))
    answer = post(client, case, verb="sign", opinion="正常")
    assert answer.status_code == 400 and "还差 7 天达标数据" in words(answer)


def test_a_conflict_says_who_changed_what(city):
    case = of("device")
    post(city, case, verb="fill", facts="甲说")
    answer = post(city, case, verb="fill", facts="乙说")
    assert answer.status_code == 400 and "测试jilin" in words(answer) and "甲说" in words(answer)


def test_a_stranger_to_the_case_may_not_sign(province):
    answer = post(province, of("device"), verb="sign", facts="x", holds="yes")
    assert answer.status_code == 400 and "执法" in words(answer)


@pytest.mark.parametrize("form", [{}, {"verb": "steal", "version": 1}, {"verb": "sign", "version": "x"}])
def test_a_broken_form_is_refused(city, form):
    assert city.post(f"/cases/{of('device').pk}/act/", form).status_code == 400


def test_cases_are_handed_over_in_bulk(province, made):
    numbers = [of("device").pk, of("hot_spot").pk]
    target = made["220000", "inspection"]
    province.post("/cases/assign/", {"id": numbers, "organisation": target.pk})
    told = set(Case.objects.filter(pk__in=numbers).values_list("organisation", flat=True))
    assert target.pk in told
    assert province.post("/cases/assign/", {"id": numbers, "organisation": "0"}).status_code == 400


def picture() -> SimpleUploadedFile:
    made = io.BytesIO()
    Image.new("RGB", (20, 20), "green").save(made, "JPEG")
    return SimpleUploadedFile("现场.jpg", made.getvalue(), "image/jpeg")


def test_a_photograph_is_kept_doubted_and_shown_to_those_with_rights(city, made):
    case = of("device")
    assert city.post(f"/cases/{case.pk}/files/", {"file": picture()}).status_code == 302
    kept = Attachment.objects.get()
    assert kept.doubts == ["no_time", "no_place"] and "没有拍摄时间" in words(city.get(f"/cases/{case.pk}/"))
    address = f"/cases/{case.pk}/files/{kept.pk}/"
    assert city.get(address).headers["Content-Type"] == "image/jpeg"
    other = browser(case_stage.account("changchun", made["220100", "inspection"]))
    assert other.get(address).status_code == 404
    assert city.get(f"/cases/{of('exceedance', step='verify').pk}/files/{kept.pk}/").status_code == 404
    bad = SimpleUploadedFile("a.jpg", b"<script>", "image/jpeg")
    assert city.post(f"/cases/{case.pk}/files/", {"file": bad}).status_code == 400


def test_letters_are_made_as_word(city):
    case = of("device")
    answer = city.get(f"/cases/{case.pk}/letters/supervision.docx")
    assert answer.content.startswith(b"PK") and "attachment" in answer.headers["Content-Disposition"]
    assert city.get(f"/cases/{case.pk}/letters/love.docx").status_code == 400


def test_a_case_is_entered_by_hand_within_ones_duties(city):
    form = {"kind": "exceedance", "about": "巡查发现黑烟", "domain": "sources", "division": "220204"}
    assert city.post("/cases/new/", form).status_code == 302
    assert Case.objects.get(title="巡查发现黑烟").organisation is not None
    for wrong in ({"division": "220104"}, {"about": " "}, {"kind": "x"}, {"division": ""}):
        assert city.post("/cases/new/", {**form, **wrong}).status_code == 400, wrong


def test_notices_are_read(city):
    assert "已督办" in words(city.get("/cases/notices/"))
    city.post("/cases/notices/")
    assert not Notice.objects.filter(organisation=Case.objects.get(kind="device").organisation, read_at=None).exists()


ROLL = {
    "title": "3月抽查", "division": "220200", "domain": "sources", "beacon": "",
    "entries": [{"id": f"E{i}", "name": f"企业{i}", "division": "220204", "sector": "power", "size": "large", "risk": 1 + i} for i in range(12)],
    "inspectors": [{"id": f"P{i}", "name": f"检查员{i}"} for i in range(4)],
    "quota": {"targeted": 2, "random": 3, "floor": "0.1", "team": 2},
    "conflicts": [],
}  # fmt: skip


def test_a_lottery_is_committed_drawn_and_opens_cases(city, made):
    send = SimpleUploadedFile("roll.json", json.dumps(ROLL).encode(), "application/json")
    answer = city.post("/lotteries/commit/", {"roll": send})
    kept = Lottery.objects.get()
    before = json.loads(city.get(f"/lotteries/{kept.pk}/file.json").content)
    assert "draw" not in before and kept.seed not in json.dumps(before) and answer.status_code == 302
    assert kept.seed not in city.get(f"/lotteries/{kept.pk}/").content.decode(), "the seed is secret until the draw"
    city.post(f"/lotteries/{kept.pk}/draw/")
    drawn = json.loads(city.get(f"/lotteries/{kept.pk}/file.json").content)
    assert all(check.good for check in record.verify(drawn, before))
    assert Case.objects.filter(kind="inspection").count() == 5
    told = words(city.get(f"/lotteries/{kept.pk}/"))
    assert "重算一致" in told and "公平性" in told
    assert city.post(f"/lotteries/{kept.pk}/draw/").status_code == 400, "a draw happens once"
    other = browser(case_stage.account("changchun", made["220100", "inspection"]))
    for address in ("", "file.json"):
        assert other.get(f"/lotteries/{kept.pk}/{address}").status_code == 404
    assert other.post(f"/lotteries/{kept.pk}/draw/").status_code == 404
    send = SimpleUploadedFile("roll.json", json.dumps(ROLL).encode(), "application/json")
    assert other.post("/lotteries/commit/", {"roll": send}).status_code == 400


def test_an_inspection_takes_its_check_sheet(city, made):
    case_stage.opening.open_case(
        case_stage.opening.Signal("inspection", "检查", "220200", "sources", now(), "lottery", "1-E1"), now()
    )
    case = of("inspection")
    case = case_stage.bring(case, "investigate", now(), now().date())
    form = {"verb": "sign", "facts": "已查", "holds": "no", "item": ["许可证"], "result": ["good"], "remark": [""]}
    assert post(city, case, **{**form, "result": [""]}).status_code == 400, "an empty sheet is not signed"
    assert post(city, case, **form).status_code == 302
    case.refresh_from_db()
    assert case.step == "close" and case.values["sheet"][0]["result"] == "good"


def test_search_finds_cases_of_ones_own(city, province):
    def hits(client, words):
        return [(each["group"], each["title"]) for each in client.get(f"/search/?q={words}").json()["hits"]]

    assert ("案件", "截污干管渗漏整改") in hits(province, "截污")
    assert hits(city, "截污") == []
    assert hits(city, "松江")[0][0] == "案件"
    number = of("rectification").number
    assert hits(province, number) and not hits(city, number)


def test_search_finds_people_for_those_who_manage_accounts(made, city):
    manager = browser(seats.seated("manager", "accounts", division="220200", level="city"))
    found = {each["group"]: each["title"] for each in manager.get("/search/?q=吉林市执法").json()["hits"]}
    assert found["机构"] == "吉林市执法支队"
    assert ("人员", "测试jilin") in [
        (hit["group"], hit["title"]) for hit in manager.get("/search/?q=测试").json()["hits"]
    ]
    assert manager.get("/search/?q=长春市执法").json()["hits"] == []
    assert not {"机构", "人员"} & {hit["group"] for hit in city.get("/search/?q=吉林市执法").json()["hits"]}


def test_progress_is_asked_for_told_and_listed(city, province, made):
    county = browser(case_stage.account("chuanying", made["220204", "inspection"]))
    case = of("exceedance", step="verify")
    told = words(county.get(f"/cases/{case.pk}/"))
    assert "定期调度" in told and "下期应报" in told and "报送进展" in words(county.get("/work/"))
    answer = post(county, case, form="progress", verb="fill", progress="40", done="")
    assert answer.status_code == 400 and "请填本期进展" in words(answer)
    assert post(county, case, form="progress", verb="fill", progress="40", done="已更换两层").status_code == 302
    assert "40% 已更换两层" in words(county.get(f"/cases/{case.pk}/"))
    listed = words(city.get("/cases/dispatch/?view=answered"))
    assert "松江热力2号炉" in listed and "船营区" in listed and "靠山大桥" not in listed
    assert "靠山大桥" in words(province.get("/cases/dispatch/")) and "没有符合" in words(
        city.get("/cases/dispatch/?area=220100")
    )
    book = openpyxl.load_workbook(io.BytesIO(city.get("/cases/dispatch/?view=all&export=xlsx").content))
    assert len(list(book.worksheets[0].iter_rows())) == 3 and book.worksheets[1]["A2"].value
