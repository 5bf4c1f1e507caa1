"""The API of cases: the same scope, refusals and conflicts as the pages."""

import json

import case_stage
import pytest
from django.test import Client

from qingyuan.cases.models import Case


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
