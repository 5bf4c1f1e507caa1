"""Findings on the screen: only one's own, suppressed with a reason, evidence that counts its readers."""

from datetime import datetime, timedelta
from io import BytesIO

import openpyxl
import pytest
from django.contrib.auth.models import User
from django.test import Client

from qingyuan.people.models import AuditEntry, Duty, Organisation, Person, Post
from qingyuan.rules.evidence import sealing, verifying
from qingyuan.rules.models import Change, Finding

pytestmark = pytest.mark.django_db
BEGIN = datetime(2026, 3, 1, 8)


def finding(division="220104", point="A", severity="high", **other):
    made = Finding.objects.create(
        rule="sources.hour_over", severity=severity, urgency=2, dataset="sources", division=division, domain="sources",
        site=point, point=point, name_zh=f"排口{point}", name_en=f"Outlet {point}", property="so2", averaging="",
        opened_at=BEGIN, changed_at=BEGIN, window_from=BEGIN, window_to=BEGIN + timedelta(hours=2), rows=2, value=250.0,
        unit="mg/m3", limit=100.0, clause="GB 13223—2011 table 1", edition="2011", confidence="two_sources",
        basis=[{"kind": "house", "zh": "一小时即计", "en": "One hour counts", "confidence": ""}],
        series=[{"at": (BEGIN + timedelta(hours=n)).isoformat(), "value": 90.0 + 80 * n, "limit": 100.0, "judged": "on" if n else "off"} for n in range(3)],
        **other,
    )  # fmt: skip
    Change.objects.create(finding=made, at=BEGIN, what="opened")
    return made


def browser(division, *duties, domain="*", language="zh-hans"):
    """Somebody with duties over a place."""
    user = User.objects.create(username=f"u{User.objects.count()}")
    organisation = Organisation.objects.create(division=division, level="city", name_zh="局")
    person = Person.objects.create(user=user, organisation=organisation, name="王")
    for code in duties:
        duty = Duty.objects.create(organisation=organisation, code=code, division=division, domain=domain)
        Post.objects.create(person=person, duty=duty, since=datetime(2020, 1, 1))
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    client.cookies["django_language"] = language
    return client


@pytest.fixture
def mine(data):
    return browser("220100", "environment")


def test_the_list_shows_what_lies_in_the_scope_most_urgent_first(mine):
    first, second, other = finding(point="A"), finding(point="B", severity="urgent"), finding("220200", "C")
    Finding.objects.filter(pk=second.pk).update(urgency=3)
    text = mine.get("/findings/").content.decode()
    assert text.index(f"/findings/{second.pk}/") < text.index(f"/findings/{first.pk}/")
    assert f"/findings/{other.pk}/" not in text
    assert "排口C" not in text


@pytest.mark.parametrize("path", ["/", "/suppress/", "/release/", "/evidence.zip"])
def test_a_finding_elsewhere_is_as_if_it_did_not_exist(mine, path):
    other = finding("220200", "C")
    method = mine.post if path in ("/suppress/", "/release/") else mine.get
    assert method(f"/findings/{other.pk}{path}", {"until": "2026-12-01T00:00", "reason": "x"}).status_code == 404


@pytest.mark.parametrize("path", ["/findings/", "/findings/findings.xlsx"])
def test_without_a_duty_nothing_is_seen(data, path):
    finding()
    assert browser("220100", "accounts").get(path).status_code == 403
    assert Client(SERVER_NAME="localhost").get(path).status_code == 302


def test_the_workbook_holds_what_the_list_does(mine):
    finding(point="A")
    finding("220200", "C")
    book = openpyxl.load_workbook(BytesIO(mine.get("/findings/findings.xlsx").content))
    assert [row[3].value for row in book.worksheets[0].iter_rows(min_row=2)] == ["A"]


@pytest.mark.parametrize(("language", "word"), [("zh-hans", "平台规则（非法定）"), ("en", "rule of the house")])
def test_one_finding_says_why_and_what_is_not_the_laws(data, language, word):
    made = finding()
    text = browser("220100", "environment", language=language).get(f"/findings/{made.pk}/").content.decode()
    assert word in text
    assert "<polyline" in text
    assert "GB 13223—2011 table 1" in text


def test_suppression_needs_a_reason_and_is_a_line_of_the_audit_chain(mine):
    made = finding()
    address = f"/findings/{made.pk}/suppress/"
    until = f"{datetime.now() + timedelta(days=3):%Y-%m-%dT%H:%M}"
    assert mine.post(address, {"until": until, "reason": " "}).status_code == 400
    assert mine.post(address, {"until": "2099-01-01T00:00", "reason": "停产"}).status_code == 400
    assert mine.post(address, {"until": until, "reason": "停产检修"}).status_code == 302
    made.refresh_from_db()
    assert made.state == "suppressed"
    assert AuditEntry.objects.filter(action="findings.suppress", change__reason=[None, "停产检修"]).exists()
    assert mine.post(f"/findings/{made.pk}/release/").status_code == 302
    made.refresh_from_db()
    assert made.state == "open"
    assert [each.what for each in made.changes.all()] == ["opened", "suppressed", "released"]


def test_each_download_of_evidence_is_kept_and_what_is_given_is_intact(mine, data):
    made = finding()
    sealing.seal(data, made, BEGIN)
    answer = mine.get(f"/findings/{made.pk}/evidence.zip")
    content = b"".join(answer.streaming_content)
    assert verifying.faults(content, sealing.public_key(data)) == []
    assert AuditEntry.objects.filter(action="findings.evidence", record=str(made.pk), sealed=True).count() == 1
