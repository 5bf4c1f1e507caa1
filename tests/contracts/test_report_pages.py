"""Public reports through their pages: anonymous in, answered by an officer, followed by the code; scope holds."""

import io
import re
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.core import signing
from django.test import Client
from PIL import Image

from qingyuan.base.time import now
from qingyuan.interfaces.web.reports import form
from qingyuan.people.models import AuditEntry, Duty, Organisation, Person, Post
from qingyuan.reports.models import Report

pytestmark = pytest.mark.django_db
SPOT = {"longitude": "125.32", "latitude": "43.88"}


def picture():
    out = io.BytesIO()
    Image.new("RGB", (60, 40), (9, 90, 9)).save(out, "JPEG")
    return io.BytesIO(out.getvalue())


def officer(name, division, *duties, domain="*"):
    office = Organisation.objects.create(name_zh=name, division=division, level="county")
    user = User.objects.create(username=name)
    person = Person.objects.create(user=user, organisation=office, name=name)
    for code in duties:
        duty = Duty.objects.create(organisation=office, code=code, division=division, domain=domain)
        Post.objects.create(person=person, duty=duty, since=datetime(2020, 1, 1))
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(user)
    return browser


def typed(**changes):
    stamp = signing.dumps((now() - timedelta(minutes=2)).isoformat(), salt=form.SALT)
    return {
        "category": "straw",
        "text": "村东头在烧秸秆",
        "stamp": stamp,
        "place": "",
        "division": "",
        **SPOT,
        **changes,
    }


@pytest.fixture
def sent(anonymous):
    """A report as sent by somebody without account: its browser, number and code."""
    anonymous.post("/report/", typed(photos=[picture()], name="李四", telephone="13800000000"))
    page = anonymous.get("/report/sent/").content.decode()
    code = re.search(r'id="code">([^<]+)<', page).group(1)
    return anonymous, Report.objects.get(), code


def test_the_form_is_open_and_asks_no_name(anonymous):
    answer = anonymous.get("/report/")
    assert answer.status_code == 200
    assert "geolocation=(self)" in answer.headers["Permissions-Policy"]
    assert "required" not in re.search(r'id="name".*?>', answer.content.decode()).group(0)


def test_a_report_is_taken_and_its_code_told_once(sent):
    browser, report, code = sent
    assert report.division.startswith("2201")
    assert len(code) == 19
    assert browser.get("/report/sent/").status_code == 302


def test_faults_keep_what_was_typed(anonymous):
    answer = anonymous.post("/report/", typed(category="", text="臭味从厂里来的", longitude="", latitude=""))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "臭味从厂里来的" in page
    assert 'href="#category"' in page
    assert 'href="#place"' in page
    assert not Report.objects.exists()


@pytest.mark.parametrize("changes", [{"website": "x"}, {"stamp": ""}, {"stamp": "forged:stamp:here"}])
def test_machines_are_turned_away(anonymous, changes):
    assert anonymous.post("/report/", typed(**changes)).status_code == 429
    assert not Report.objects.exists()


def test_a_flood_from_one_address_is_turned_away(anonymous):
    answers = [anonymous.post("/report/", typed()).status_code for _ in range(8)]
    assert answers == [302] * 6 + [429] * 2


def test_a_broken_photo_is_said(anonymous):
    answer = anonymous.post("/report/", typed(photos=[io.BytesIO(b"not a photo")]))
    assert answer.status_code == 400
    assert 'href="#photos"' in answer.content.decode()


def test_the_way_through_both_sides(sent):
    browser, report, code = sent
    inspector = officer("朝阳执法", report.division, "inspection")
    assert report.number in inspector.get("/reports/").content.decode()
    page = inspector.get(f"/reports/{report.number}/")
    assert "村东头" in page.content.decode()
    assert "李四" not in page.content.decode()
    photo = report.photos.get()
    assert inspector.get(f"/reports/{report.number}/photo/{photo.sha256}/").headers["Content-Type"] == "image/jpeg"
    inspector.post(f"/reports/{report.number}/act/", {"do": "accept"})
    inspector.post(f"/reports/{report.number}/act/", {"do": "answer", "text": "火已扑灭，当事人受到教育"})
    assert browser.post("/report/track/", {"code": code.lower().replace("-", "")}).status_code == 302
    followed = browser.get("/report/track/").content.decode()
    assert "火已扑灭" in followed
    browser.post("/report/track/act/", {"do": "reopen", "text": "今天又烧了"})
    report.refresh_from_db()
    assert report.state == "accepted"


def test_a_wrong_code_tells_nothing(sent):
    browser, _report, _code = sent
    answer = browser.post("/report/track/", {"code": "AAAA-BBBB-CCCC-DDDD"})
    assert answer.status_code == 400
    assert "村东头" not in answer.content.decode()
    assert browser.post("/report/track/act/", {"do": "add", "text": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("division", "duty", "domain", "status"),
    [
        ("220100", "inspection", "*", 200),
        ("220000", "environment", "straw", 200),
        ("222400", "inspection", "*", 404),
        ("220100", "inspection", "water", 404),
        ("220100", "planning", "*", 403),
        ("220100", "cashier", "*", 403),
    ],
)
def test_only_the_place_and_domain_of_a_duty(sent, division, duty, domain, status):
    _browser, report, _code = sent
    other = officer("某局", division, duty, domain=domain)
    paths = [f"/reports/{report.number}/", f"/reports/{report.number}/photo/{report.photos.get().sha256}/"]
    assert [other.get(path).status_code for path in paths] == [status] * 2
    for path in ("/reports/", "/reports/export.xlsx", "/reports/?words=村东头&state=all"):
        answer = other.get(path)
        assert (report.number.encode() in answer.content) == (status == 200 and path != "/reports/export.xlsx")
    acted = other.post(f"/reports/{report.number}/act/", {"do": "accept"}).status_code
    assert (acted == 302) == (status == 200)


def told(browser, number):
    """An answer without what names the asker: the number asked for, the token of the forms."""
    page = browser.get(f"/reports/{number}/").content.decode().replace(number, "")
    return re.sub(r"[A-Za-z0-9]{64}", "", page)


def test_a_foreign_report_answers_like_one_that_does_not_exist(sent):
    _browser, report, _code = sent
    other = officer("延边执法", "222400", "inspection")
    foreign, missing = (told(other, number) for number in (report.number, "R2020-999999"))
    assert foreign == missing


def test_identity_takes_its_own_duty_and_a_reason(sent):
    _browser, report, _code = sent
    address = f"/reports/{report.number}/identity/"
    assert officer("执法", report.division, "inspection").post(address, {"reason": "我想看看"}).status_code == 403
    keeper = officer("封存员", report.division, "identity")
    assert keeper.post(address, {"reason": ""}).status_code == 302
    answer = keeper.post(address, {"reason": "核发奖励需要"})
    assert "13800000000" in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-store"
    read = AuditEntry.objects.get(action="reports.identity")
    assert (read.sealed, read.name, read.change["reason"]) == (True, "封存员", "核发奖励需要")


def test_a_reward_from_grant_to_payment(sent):
    browser, report, code = sent
    authority = officer("区局", report.division, "environment")
    cashier = officer("出纳", "220000", "cashier")
    cashier.post("/rewards/move/", {"purse": "220100", "do": "fund", "amount": "1000", "reference": "8号文"})
    for did, text in (("accept", ""), ("answer", "属实")):
        authority.post(f"/reports/{report.number}/act/", {"do": did, "text": text})
    authority.post(f"/reports/{report.number}/reward/", {"amount": "300"})
    browser.post("/report/track/", {"code": code})
    browser.post("/report/track/act/", {"do": "claim"})
    page = browser.get("/report/track/").content.decode()
    number = re.search(r"A220100-\d{4}-\d{4}", page).group(0)
    claim = re.search(r'<dd class="code mono">([^<]+)<', page).group(1)
    assert claim not in browser.get("/report/track/").content.decode()
    ledger = cashier.get("/rewards/?purse=220100").content.decode()
    assert report.number not in ledger
    assert "700.00" in ledger
    cashier.post(
        "/rewards/move/", {"purse": "220100", "do": "pay", "number": number, "claim": claim, "reference": "12"}
    )
    assert "300" in browser.get("/report/track/").content.decode()
    assert cashier.get("/reports/").status_code == 403
    assert authority.get("/rewards/").status_code == 403


def test_a_cashier_pays_from_the_own_purse_only(sent):
    cashier = officer("出纳", "222400", "cashier")
    assert (
        cashier.post("/rewards/move/", {"purse": "220100", "do": "fund", "amount": "9", "reference": "x"}).status_code
        == 404
    )
    assert "延边" in re.search(r"<h1>(.*?)</h1>", cashier.get("/rewards/?purse=220100").content.decode()).group(1)
