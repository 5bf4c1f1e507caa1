"""Split targets on screen: a change shows at once what it does, undo, workbooks, issuing, who sees what; heat table."""

import json
import re
import shutil
import threading
import time
import zipfile
from datetime import date
from io import BytesIO

import openpyxl
import plan_stage
import pytest
import seats
from django.test import Client

from qingyuan.interfaces.web import behind
from qingyuan.plans.facts import plan
from qingyuan.plans.models import Decomposition

pytestmark = pytest.mark.django_db
PAGE = "/plan/targets/1/"


@pytest.fixture
def planner(db, data):
    return browser("guihua", "planning")


def browser(name, duty, division="220000", level="province"):
    made = Client(SERVER_NAME="localhost")
    made.force_login(seats.seated(name, duty, division=division, level=level))
    return made


def fields(answer):
    """The form of an answer, as a browser would send it."""
    found = {}
    for tag in re.findall(r"<input [^>]*>", answer.content.decode()):
        at = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if (
            at.get("type") in ("file", "search")
            or "name" not in at
            or (at.get("type") == "radio" and " checked" not in tag)
        ):
            continue
        found[at["name"]] = unescaped(at.get("value", ""))
    return found


def unescaped(text):
    for sign, plain in (("&quot;", '"'), ("&#x27;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(sign, plain)
    return text


def start(planner, base="31.0"):
    sent = fields(planner.get(PAGE))
    return sent | {name: base for name in sent if name.startswith("base_")}


def values(answer):
    return json.loads(fields(answer)["was"])


def test_the_list_names_every_target(planner):
    text = planner.get("/plan/targets/?lang=en").content.decode()
    assert text.count("not split yet") == sum(len(each.targets) for each in plan().indicators)


def test_a_changed_part_shows_at_once_what_it_does(planner):
    first = planner.post(PAGE + "try/?lang=en", start(planner))
    assert set(values(first).values()) == {"29.5"}
    sent = fields(first) | {"hand_220100": "27.5"}
    answer = planner.post(PAGE + "try/?lang=en", sent)
    text = answer.content.decode()
    assert "changed alone" in text and "29.3" in text and "difference 0.0" in text
    found = values(answer)
    assert found["220100"] == "27.5" and sum(float(each) for each in found.values()) == pytest.approx(9 * 29.5)


def test_undo_brings_back_what_was(planner):
    first = planner.post(PAGE + "try/", start(planner))
    changed = planner.post(PAGE + "try/", fields(first) | {"hand_220100": "27.5"})
    back = planner.post(PAGE + "try/", fields(changed) | {"undo": "1"})
    assert values(back) == values(first) and fields(back)["hand_220100"] == ""


def test_what_cannot_be_made_says_the_nearest(planner):
    text = planner.post(PAGE + "try/?lang=en", start(planner, "27.0")).content.decode()
    assert "cannot make 29.5" in text and "27.0" in text and "disabled" in text


def test_a_number_that_is_none_is_marked_at_its_field(planner):
    text = planner.post(PAGE + "try/?lang=en", start(planner) | {"base_220200": "很多"}).content.decode()
    assert 'aria-describedby="why_base_220200"' in text and "很多" in text


def test_another_way_to_split_is_shown_and_nothing_kept(planner):
    sent = start(planner) | {"method": "base", "base_220100": "40.0"}
    found = values(planner.post(PAGE + "try/", sent))
    assert float(found["220100"]) < 40 and not Decomposition.objects.exists()


def test_issuing_seals_a_version_and_a_city_sees_its_own(planner):
    sent = start(planner) | {"hand_220100": "27.5"}
    assert planner.post(PAGE + "save/", sent | {"do": "save"}).status_code == 302
    assert Decomposition.objects.get().state == "draft"
    assert planner.post(PAGE + "save/", sent | {"do": "issue"}).status_code == 302
    kept = Decomposition.objects.get(state="issued")
    city = browser("shi", "planning", "220100", "city")
    text = city.get(PAGE + "?lang=en").content.decode()
    assert "27.5" in text and kept.digest[:16] in text and "Jilin City" not in text.split("<main")[1]
    assert city.post(PAGE + "try/", sent).status_code == 404
    assert city.post(PAGE + "save/", sent | {"do": "issue"}).status_code == 404


def test_a_city_splits_its_share_among_its_counties(planner):
    planner.post(PAGE + "save/", start(planner) | {"do": "issue"})
    city = browser("shi", "planning", "220100", "city")
    sent = fields(city.get(PAGE + "?place=220100"))
    sent |= {name: "31.0" for name in sent if name.startswith("base_")}
    answer = city.post(PAGE + "try/?place=220100&lang=en", sent)
    assert set(values(answer).values()) == {"29.5"} and "difference 0.0" in answer.content.decode()
    assert city.post(PAGE + "save/?place=220100", sent | {"do": "issue"}).status_code == 302
    assert Decomposition.objects.filter(division="220100", state="issued").count() == 1


def test_a_workbook_goes_out_and_comes_in_with_its_faults_named(planner):
    planner.post(PAGE + "save/", start(planner) | {"do": "save"})
    book = openpyxl.load_workbook(BytesIO(planner.get(PAGE + "?export=xlsx").content))
    sheet = book.worksheets[0]
    assert [sheet.cell(2, 1).value, float(sheet.cell(2, 6).value)] == ["220100", 29.5]
    sheet.cell(2, 7).value = 28.5
    sheet.cell(3, 3).value = "多"
    sheet.cell(4, 1).value = "999999"
    made = BytesIO()
    book.save(made)
    made.seek(0)
    made.name = "x.xlsx"
    answer = planner.post(PAGE + "try/?lang=en", start(planner) | {"read": "1", "file": made})
    text = answer.content.decode()
    assert fields(answer)["hand_220100"] == "28.5"
    assert "Row 4" in text and "is missing" in text and "why_base_220200" in text


def test_no_workbook_is_told(planner):
    junk = BytesIO(b"PK not a workbook")
    junk.name = "x.xlsx"
    text = planner.post(PAGE + "try/?lang=en", start(planner) | {"read": "1", "file": junk}).content.decode()
    assert "This is no workbook" in text


@pytest.mark.parametrize("no", [2, 4, 9, 10])
def test_every_arithmetic_has_its_page(planner, no):
    assert planner.get(f"/plan/targets/{no}/").status_code == 200
    assert planner.get("/plan/targets/99/").status_code == 404


def test_a_wording_is_issued(planner):
    sent = fields(planner.get("/plan/targets/9/"))
    assert planner.post("/plan/targets/9/save/", sent | {"do": "issue"}).status_code == 302
    assert Decomposition.objects.get().shares.first().wording == "有效保障"


def test_the_heat_table_judges_each_city_by_its_own_share(planner):
    before = planner.get("/plan/heat/?lang=en").content.decode()
    assert "no target decomposed" in before and "not judged" in before
    planner.post(PAGE + "save/", start(planner) | {"do": "issue", "hand_220100": "27.5"})
    text = planner.get("/plan/heat/?lang=en&open=220100").content.decode()
    assert "≤ 27.5" in text and "no station of this county has a daily assessment" in text
    assert planner.get("/plan/heat/?export=xlsx").content[:2] == b"PK"


def test_a_city_could_not_ask_about_the_others(planner):
    city = browser("shi", "planning", "220100", "city")
    text = city.get("/plan/heat/?lang=en").content.decode()
    assert "could not ask" in text and text.count('class="unknown"') > 8 * 3


def test_a_letter_is_opened_and_differs_after_a_change(planner):
    assert planner.get("/plan/letters/220100/file/").status_code == 404
    assert planner.post("/plan/letters/work/", {"code": "all"}).status_code == 404
    planner.post(PAGE + "save/", start(planner) | {"do": "issue"})
    assert planner.get("/plan/letters/220100/file/").content[:2] == b"PK"
    opened = planner.post("/plan/letters/220100/open/")
    assert opened.status_code == 302, opened.content.decode().split("<main")[-1][:900]
    assert "responsibility_letter" in opened.headers["Location"]
    assert "to be signed" in planner.get("/plan/letters/?lang=en").content.decode()
    planner.post(PAGE + "save/", start(planner) | {"do": "issue", "hand_220100": "27.5"})
    assert "differs from what is in force" in planner.get("/plan/letters/?lang=en").content.decode()
    city = browser("shi", "planning", "220200", "city")
    assert city.post("/plan/letters/220100/open/").status_code == 404


def worked(client, given):
    """Begin the making of letters and wait for its end; gives the last word on the page."""
    assert client.post("/plan/letters/work/", given).status_code == 302
    for _ in range(300):
        told = client.get("/plan/letters/work/?lang=en").content.decode()
        if "hx-trigger" not in told.split("<form")[0]:
            return told
        time.sleep(0.1)
    raise AssertionError(told)


def test_all_letters_are_made_behind_the_page(planner):
    planner.post(PAGE + "save/", start(planner) | {"do": "issue"})
    assert planner.get("/plan/letters/made/").status_code == 404
    told = worked(planner, {"code": "all", "as": "docx"})
    assert "made" in told and ".zip" in told
    answer = planner.get("/plan/letters/made/")
    names = zipfile.ZipFile(BytesIO(answer.content)).namelist()
    assert len(names) == 9 and "220100-长春市-责任书.docx" in names
    assert ".zip" in answer.headers["Content-Disposition"]
    other = browser("lingwai", "planning", "220100", "city")
    assert other.get("/plan/letters/made/").status_code == 404, "it is of who made it"
    assert planner.post("/plan/letters/work/", {"code": "all", "as": "exe"}).status_code == 404
    assert planner.post("/plan/letters/work/", {"code": "999999"}).status_code == 404


@pytest.mark.skipif(shutil.which("soffice") is None, reason="there is no LibreOffice on this machine")
def test_one_letter_becomes_a_pdf_behind_the_page(planner):
    planner.post(PAGE + "save/", start(planner) | {"do": "issue"})
    assert "220100-" in worked(planner, {"code": "220100", "as": "pdf"})
    answer = planner.get("/plan/letters/made/")
    assert answer.content.startswith(b"%PDF") and answer.headers["Content-Type"] == "application/pdf"


def test_without_libreoffice_word_is_left_and_the_page_says_so(planner, monkeypatch):
    planner.post(PAGE + "save/", start(planner) | {"do": "issue"})
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    text = planner.get("/plan/letters/?lang=en").content.decode()
    assert "There is no LibreOffice" in text and "PDF" not in text.split("There is no LibreOffice")[0].split("<main")[1]
    assert planner.get("/plan/letters/220100/file/").content[:2] == b"PK"
    assert "Take the Word file" in worked(planner, {"code": "220100", "as": "pdf"})


def test_work_on_letters_is_stopped(planner, tmp_path):
    begun, go_on = threading.Event(), threading.Event()

    def make(told):
        begun.set()
        go_on.wait(10)
        told("next", 1, 2)
        return behind.Product("never.docx", {"docx": b""})

    behind.begin(tmp_path / "work", make)
    assert begun.wait(10) and behind.standing(tmp_path / "work").going
    behind.begin(tmp_path / "work", make)
    behind.stop(tmp_path / "work")
    go_on.set()
    for _ in range(100):
        if not behind.standing(tmp_path / "work").going:
            break
        time.sleep(0.05)
    assert behind.standing(tmp_path / "work").state == "stopped" and behind.made(tmp_path / "work", "docx") is None


def test_letters_of_departments_stand_beside_those_of_places(planner, data):
    people = plan_stage.people()
    version = plan_stage.plan(simulated=True)
    version.in_force_from = date(2021, 1, 1)
    plan_stage.give(version, people)
    text = planner.get("/plan/letters/?lang=en").content.decode()
    key = f"o{people['farm'].organisation_id}"
    assert "Departments" in text and f"/plan/letters/{key}/file/" in text
    assert planner.get(f"/plan/letters/{key}/file/").content[:2] == b"PK"
    opened = planner.post(f"/plan/letters/{key}/open/")
    assert "department_letter" in opened.headers["Location"]
    assert planner.get(opened.headers["Location"]).status_code == 200
    farm = Client(SERVER_NAME="localhost")
    farm.force_login(people["farm"].user)
    mine = farm.get("/plan/letters/?lang=en").content.decode()
    assert f"/plan/letters/{key}/file/" in mine and "Open for signing" not in mine
    assert farm.post(f"/plan/letters/{key}/open/").status_code == 403


def test_the_api_tells_the_whole_and_ones_own_share(planner):
    planner.post(PAGE + "save/", start(planner) | {"do": "issue"})
    every = planner.get("/api/v1/plan/targets?indicator=1").json()
    assert every["count"] == 1 and every["items"][0]["whole"] == "29.5"
    city = browser("shi", "planning", "220100", "city")
    one = city.get(f"/api/v1/plan/targets/{every['items'][0]['id']}").json()
    assert [(each["division"], each["value"]) for each in one["shares"]] == [("220100", "29.5")]
    county = browser("xian", "planning", "220204", "county")
    assert county.get(f"/api/v1/plan/targets/{every['items'][0]['id']}").status_code == 404


def test_the_demo_s_shares_make_their_targets_and_are_marked(planner):
    from qingyuan.base.time import now
    from qingyuan.interfaces.jobs import demo_shares

    assert demo_shares.issue_shares(now()) == 7 and demo_shares.issue_shares(now()) == 0
    assert {each.simulated for each in Decomposition.objects.all()} == {True}
    assert "模拟" in Decomposition.objects.first().weights
