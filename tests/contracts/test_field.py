"""The phone of a grid member: tasks of the own grid, acts done once, another's value told beside one's own."""

import io
import json
import uuid
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from PIL import Image

from qingyuan.base.time import now
from qingyuan.cases import acting, opening
from qingyuan.cases.models import Attachment, Case, CaseStep, Sent
from qingyuan.people.models import Duty, Organisation, Person, Post
from qingyuan.registers.flow.fold import Actor

pytestmark = pytest.mark.django_db
GRID = "220122101001"


def member(name, division=GRID, level="grid", duty="grid"):
    office = Organisation.objects.create(name_zh=f"{name}的网格", division=division, level=level)
    user = User.objects.create(username=name)
    person = Person.objects.create(user=user, organisation=office, name=name)
    held = Duty.objects.create(organisation=office, code=duty, division=division)
    Post.objects.create(person=person, duty=held, since=datetime(2020, 1, 1))
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(user)
    return browser, user, office


@pytest.fixture
def phone(anonymous):
    return member("李国栋")


def hot_spot(office, key="f1"):
    """A hot spot that stands at 到场, with the grid member's organisation."""
    at = now() - timedelta(minutes=20)
    case = opening.open_case(
        opening.Signal(
            "hot_spot", "榆树沟村西南火点", GRID, "straw", at, "satellite", key, origin="satellite", place=(125.1, 44.3),
            evidence="VIIRS 13:36", simulated=True,
        ),
        at,
    )  # fmt: skip
    handed = {"organisation": office.pk, "organisation_name": office.name_zh, "level": "grid"}
    acting.system(case, "hand_over", at, handed=handed, note="派给网格")
    case.refresh_from_db()
    doing = acting.Doing(
        "sign", Actor(None, "镇里", None), case.version, {"leader": "王宏", "limit": str(now().date())}
    )
    acting.act(case.pk, doing, lambda _signer: True, at)
    case.refresh_from_db()
    assert case.step == "investigate"
    return case


def picture():
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 120, 40)).save(out, "JPEG")
    return io.BytesIO(out.getvalue())


def act(browser, case, **changes):
    photo = picture()
    photo.name = "1.jpg"
    given = {
        "id": str(uuid.uuid4()), "task": str(case.pk), "version": str(case.version), "verb": "sign",
        "at": now().isoformat(), "choice": "burning", "figure": "3.5", "note": "火已扑灭", "photos": photo,
        "taken": json.dumps({"at": now().isoformat(), "lon": 125.1, "lat": 44.3}), **changes,
    }  # fmt: skip
    return browser.post("/field/act/", given)


def test_tasks_are_cases_that_wait_for_the_own_grid(phone):
    browser, _user, office = phone
    case = hot_spot(office)
    told = browser.get("/field/tasks.json").json()
    assert [each["number"] for each in told["tasks"]] == [str(case.pk)]
    task = told["tasks"][0]
    assert [each["value"] for each in task["choices"]] == ["burning", "burnt", "nothing", "other"]
    assert (task["figure"]["unit"], task["photos"], task["simulated"]) == ("亩", 1, True)
    assert told["person"] == "李国栋"


def test_another_grid_and_another_duty_see_nothing(phone):
    _browser, _user, office = phone
    case = hot_spot(office)
    other, _user, _office = member("别的网格", "220122102001")
    assert other.get("/field/tasks.json").json()["tasks"] == []
    assert act(other, case).status_code == 404
    planner, _user, _office = member("规划", "220000", "province", "planning")
    assert planner.get("/field/tasks.json").status_code == 403
    assert Case.objects.get(pk=case.pk).step == "investigate"


def test_an_act_is_done_once_however_often_it_is_sent(phone):
    browser, user, office = phone
    case, number = hot_spot(office), str(uuid.uuid4())
    assert [act(browser, case, id=number).status_code for _ in range(3)] == [200] * 3
    case.refresh_from_db()
    assert case.step == "rectify"
    assert case.values["seen"] == "burning"
    assert str(case.values["area"]) == "3.5"
    assert CaseStep.objects.filter(record=case, account=user.pk, verb="sign").count() == 1
    assert Sent.objects.count() == 1
    photo = Attachment.objects.get(case=case)
    assert (photo.lon, photo.lat, photo.doubts) == (125.1, 44.3, [])
    assert browser.get("/field/tasks.json").json()["tasks"][0]["done"]


def test_a_photo_from_elsewhere_is_kept_and_doubted(phone):
    browser, _user, office = phone
    case = hot_spot(office)
    assert act(browser, case, taken=json.dumps({"at": now().isoformat(), "lon": 126.0, "lat": 44.3})).status_code == 200
    assert Attachment.objects.get(case=case).doubts == ["far"]


def fill(case, **values):
    doing = acting.Doing("fill", Actor(99, "王宏", case.organisation), case.version, values)
    acting.act(case.pk, doing, lambda _signer: True, now())


def test_two_values_of_one_field_are_shown_and_settled(phone):
    browser, _user, office = phone
    case = hot_spot(office)
    fill(case, area="5.0")
    answer = act(browser, case)
    both = answer.json()["conflict"]
    assert answer.status_code == 409
    assert (both["field"], both["yours"], float(both["theirs"]), both["by"]) == ("figure", "3.5", 5.0, "王宏")
    assert not Attachment.objects.exists()
    assert act(browser, case, version=str(both["version"]), figure=both["yours"]).status_code == 200
    assert str(Case.objects.get(pk=case.pk).values["area"]) == "3.5"


def test_what_others_did_to_other_fields_is_no_conflict(phone):
    browser, _user, office = phone
    case = hot_spot(office)
    fill(case, facts="村书记已到场")
    assert act(browser, case, note="").status_code == 200
    assert Case.objects.get(pk=case.pk).values["facts"] == "村书记已到场"


def test_a_step_somebody_else_signed_is_told_in_words(phone):
    browser, _user, office = phone
    case = hot_spot(office)
    doing = acting.Doing("sign", Actor(99, "王宏", case.organisation), case.version, {"seen": "nothing"})
    acting.act(case.pk, doing, lambda _signer: True, now())
    answer = act(browser, case)
    assert answer.status_code == 422
    assert "王宏" in answer.json()["told"]
    assert not Sent.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [{"id": "x"}, {"version": ""}, {"at": "yesterday"}, {"choice": "no such"}, {"figure": "much"}, {"taken": "{"}],
)
def test_what_cannot_be_read_is_refused_and_changes_nothing(phone, changes):
    browser, _user, office = phone
    case = hot_spot(office)
    answer = act(browser, case, **changes)
    assert answer.status_code == 422
    assert answer.json()["told"]
    assert Case.objects.get(pk=case.pk).step == "investigate"
    assert not Sent.objects.exists()


def test_the_page_its_worker_and_manifest(phone, anonymous):
    browser, _user, _office = phone
    page = browser.get("/field/")
    assert "geolocation=(self)" in page.headers["Permissions-Policy"]
    worker = browser.get("/field/worker.js")
    assert worker.headers["Service-Worker-Allowed"] == "/field/"
    assert b"fetch" in worker.content
    assert browser.get("/field/manifest.webmanifest").json()["start_url"] == "/field/"
    assert anonymous.get("/field/").status_code == 302
