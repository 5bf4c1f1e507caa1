"""The programming interface: who may call what, in which words it refuses, and that a foreign row does not exist."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from offices import somebody

from qingyuan.base.time import now
from qingyuan.interfaces.api.tokens import FAILURES
from qingyuan.people import audit, tokens
from qingyuan.people.audit import SYSTEM, Line

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(db, data):
    return somebody("chief", "220100", ("accounts", "*"), ("audit", "*"), level="city")


def bearer(person, **more):
    token, secret = tokens.make(person.user, "test", now() + timedelta(days=1), SYSTEM, now())
    return Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {secret}"}, **more), token


@pytest.mark.parametrize("path", ["me", "audit", "organisations", "organisations/1", "accounts", "accounts/1"])
def test_nobody_is_told_to_sign_in(anonymous, path):
    answer = anonymous.get(f"/api/v1/{path}")
    assert answer.status_code == 401
    assert set(answer.json()) == {"detail"}


def test_a_token_opens_what_the_duties_allow(chief):
    browser, _ = bearer(chief)
    told = browser.get("/api/v1/me").json()
    assert (told["person"], {each["duty"] for each in told["duties"]}) == ("chief", {"accounts", "audit"})
    assert browser.get("/api/v1/organisations").json()["count"] == 1


def test_a_session_opens_it_as_well(chief):
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(chief.user)
    assert browser.get("/api/v1/me").status_code == 200


def test_without_the_duty_it_is_forbidden(db, data):
    browser, _ = bearer(somebody("water", "220104", ("water", "water")))
    answer = browser.get("/api/v1/audit")
    assert answer.status_code == 403
    assert answer.json()["detail"]


@pytest.mark.parametrize("how", ["revoked", "past", "account off"])
def test_a_token_that_opens_nothing(chief, how):
    browser, token = bearer(chief)
    if how == "revoked":
        tokens.revoke(token, SYSTEM, now())
    elif how == "past":
        type(token).objects.update(until=now() - timedelta(seconds=1))
    else:
        User.objects.update(is_active=False)
    assert browser.get("/api/v1/me").status_code == 401


def test_a_bad_token_is_not_mended_by_a_session(chief):
    browser = Client(SERVER_NAME="localhost", headers={"Authorization": "Bearer wrong"})
    browser.force_login(chief.user)
    assert browser.get("/api/v1/me").status_code == 401


def test_guessing_tokens_rests(chief):
    guesser = Client(SERVER_NAME="localhost", REMOTE_ADDR="10.9.8.7", headers={"Authorization": "Bearer wrong"})
    assert {guesser.get("/api/v1/me").status_code for _ in range(FAILURES)} == {401}
    assert guesser.get("/api/v1/me").status_code == 429
    right, _ = bearer(chief, REMOTE_ADDR="10.9.8.7")
    assert right.get("/api/v1/me").status_code == 429


def test_a_foreign_row_does_not_exist(chief):
    own, foreign = somebody("county", "220104"), somebody("elsewhere", "220200")
    browser, _ = bearer(chief)
    for what, one, other in (
        ("organisations", own.organisation_id, foreign.organisation_id),
        ("accounts", own.pk, foreign.pk),
    ):
        assert browser.get(f"/api/v1/{what}/{one}").status_code == 200
        answer, unknown = browser.get(f"/api/v1/{what}/{other}"), browser.get(f"/api/v1/{what}/999999")
        assert answer.status_code == unknown.status_code == 404
        assert answer.content == unknown.content
        listed = browser.get(f"/api/v1/{what}").json()
        assert other not in {each["id"] for each in listed["items"]}
        assert listed["count"] == len(listed["items"]) == 2


def line(division, record="C1", **change):
    return Line(SYSTEM, "cases.act", "case", record, division, "air", {"state": ["", "open"], **change}, now())


def test_lines_are_those_of_the_subtree(chief):
    audit.append_many([line("220104"), line("220200"), line("220184001")])
    browser, _ = bearer(chief)
    told = browser.get("/api/v1/audit", {"kind": "case"}).json()
    assert {each["division"] for each in told["items"]} == {"220104", "220184001"}
    assert told["count"] == 2


def test_a_record_as_of_a_moment(chief):
    audit.append_many([line("220104"), line("220200", "C2")])
    browser, _ = bearer(chief)
    asked = {"kind": "case", "record": "C1", "moment": now().isoformat()}
    assert browser.get("/api/v1/audit/as-of", asked).json() == {"state": "open"}
    assert browser.get("/api/v1/audit/as-of", {**asked, "record": "C2"}).status_code == 404


def test_text_with_the_sign_nul_is_refused_at_the_door(admin_client):
    """PostgreSQL keeps none: it would fail there what SQLite takes."""
    for at in ("/api/v1/organisations?q=%00", "/api/v1/reports/R%00"):
        assert admin_client.get(at).status_code == 422
    sent = admin_client.post("/api/v1/organisations", '{"name_zh": "\\u0000"}', content_type="application/json")
    assert sent.status_code == 422 and "NUL" in sent.json()["detail"]
    assert admin_client.get("/organisations/?q=%00").status_code == 400
    assert admin_client.post("/organisations/new/", {"name_zh": "x\0"}).status_code == 400
