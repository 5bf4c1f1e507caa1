"""The API of cases: the same scope, refusals and conflicts as the pages."""

import json

import case_stage
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from qingyuan.cases.models import Case
from qingyuan.people.models import Duty, Organisation


@pytest.fixture
def city(db, data):
    made = case_stage.organisations()
    case_stage.fill()
    client = Client(SERVER_NAME="localhost")
    client.force_login(case_stage.account("jilin", made["220200", "inspection"], made["220200", "environment"]))
    return client


def post(client, case, **given):
    body = json.dumps({"version": case.version, **given})
    return client.post(f"/api/v1/cases/{case.pk}/acts", body, content_type="application/json")


def test_a_page_of_ones_own_cases(city):
    told = city.get("/api/v1/cases?limit=1").json()
    assert told["count"] == 2 and len(told["items"]) == 1
    assert city.get("/api/v1/cases?view=all").json()["count"] == 3
    assert city.get("/api/v1/cases?q=脱硫").json()["count"] == 1
    assert city.get("/api/v1/cases?view=everything").status_code == 422


def test_a_case_with_its_timeline(city):
    case = Case.objects.get(kind="device")
    told = city.get(f"/api/v1/cases/{case.pk}").json()
    assert len(told["timeline"]) == told["version"] and told["timeline"][0]["verb"] == "open"
    for number in (Case.objects.get(kind="rectification").pk, 999999, 10**30):
        assert city.get(f"/api/v1/cases/{number}").status_code == 404


def test_acts_refusals_and_conflicts(city):
    case = Case.objects.get(kind="device")
    refused = post(city, case, verb="sign", values={"facts": "堵塞"})
    assert refused.status_code == 422 and "holds" in refused.json()["reasons"]
    assert post(city, case, verb="fill", values={"facts": "甲"}).status_code == 200
    assert post(city, case, verb="fill", values={"facts": "乙"}).status_code == 409
    assert post(city, case, verb="steal").status_code == 422
    assert post(city, Case.objects.get(kind="rectification"), verb="note", note="x").status_code == 404
    case.refresh_from_db()
    assert post(city, case, verb="sign", values={"holds": "yes"}).json()["step"] == "rectify"


def test_a_file_is_added_where_the_person_may_act(db, data):
    """Acting in one place and handing on in another does not join into acting in the other."""
    made = case_stage.organisations()
    case_stage.fill()
    client = Client(SERVER_NAME="localhost")
    leaders = Organisation.objects.create(level="city", division="220200", name_zh="吉林市政府")
    Duty.objects.create(organisation=leaders, code="lead", division="220200")
    client.force_login(case_stage.account("both", leaders, made["220104", "inspection"]))
    case = Case.objects.get(kind="device")
    assert client.get(f"/api/v1/cases/{case.pk}").status_code == 200
    sent = {"file": SimpleUploadedFile("a.pdf", b"%PDF-1.4\n%%EOF\n", "application/pdf")}
    assert client.post(f"/api/v1/cases/{case.pk}/files", sent).status_code == 404
    assert not case.attachments.exists()
