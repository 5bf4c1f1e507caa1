"""Channels by the API: made, seen and ended by who manages the organisation's accounts; a secret is told once."""

import pytest
import seats

from qingyuan.cases.models import Channel
from qingyuan.people.models import AuditEntry

pytestmark = pytest.mark.django_db
AT = "/api/v1/channels"
HOOK = {"kind": "webhook", "address": "https://example.cn/in"}


def managing(client, division="220000", level="province"):
    user = seats.seated(f"m{division}", "accounts", division=division, level=level)
    client.force_login(user)
    return user.person.organisation_id


def make(client, **given):
    return client.post(AT, given, content_type="application/json")


def test_a_channel_is_made_listed_and_ended(client):
    office = managing(client)
    made = make(client, organisation=office, **HOOK)
    assert made.status_code == 201 and len(made.json()["secret"]) > 30
    assert made.json()["secret"] not in client.get(AT).content.decode()
    assert make(client, organisation=office, **HOOK).status_code == 409
    assert client.delete(f"{AT}/{made.json()['id']}").status_code == 204 and not Channel.objects.exists()
    lines = AuditEntry.objects.filter(kind="channel")
    assert lines.count() == 2 and made.json()["secret"] not in str(list(lines.values()))


@pytest.mark.parametrize(
    "address", ["ftp://example.cn/", "office@example.cn", "javascript:1", "file:///etc/passwd", ""]
)
def test_an_address_that_is_none_is_refused(client, address):
    managing(client)
    refused = make(client, kind="webhook", address=address)
    assert refused.status_code == 422 and "address" in refused.json()["detail"]


def test_one_who_manages_a_county_reaches_its_organisations_only(client):
    own = managing(client, "220104", "county")
    other = seats.seated("别处", "accounts", division="220202", level="county").person.organisation_id
    theirs = Channel.objects.create(organisation_id=other, since="2026-01-01", **HOOK).pk
    assert make(client, organisation=own, **HOOK).status_code == 201
    assert make(client, organisation=other, **HOOK).status_code == 404
    assert make(client, **HOOK).status_code == 404, "those of all are the province's"
    assert client.delete(f"{AT}/{theirs}").status_code == 404
    assert [each["organisation"] for each in client.get(AT).json()] == [own]
