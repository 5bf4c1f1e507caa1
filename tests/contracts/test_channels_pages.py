"""The page of channels: added, tried, verified by the code that arrived, removed; by whoever manages them only."""

import re

import pytest
import seats
from django.test import Client

from qingyuan.cases.models import Channel
from qingyuan.interfaces import notifying
from qingyuan.people.models import AuditEntry, Organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch):
    """What was sent, instead of sending it."""
    calls = []
    monkeypatch.setattr(notifying, "_call", lambda channel, told, at: calls.append((channel.address, told["code"])))
    return calls


@pytest.fixture
def client(data):
    made = Client(SERVER_NAME="localhost")
    made.force_login(seats.seated("gao", "accounts", division="220100", level="city"))
    return made


@pytest.fixture
def office(db):
    return Organisation.objects.create(level="city", division="220100", name_zh="长春市生态环境局")


def add(client, office, **more):
    given = {"kind": "webhook", "address": "https://example.cn/in", "organisation": office.pk}
    return client.post("/account/channels/", {**given, **more})


def act(client, channel, **form):
    client.post(f"/account/channels/{channel.pk}/", form)
    return client.get("/account/channels/").content.decode()


def test_a_channel_is_added_tried_verified_and_removed(client, office, sent):
    page = add(client, office).content.decode()
    channel = Channel.objects.get()
    assert channel.secret in page and channel.secret not in client.get("/account/channels/").content.decode()
    assert "验证码已发往" in act(client, channel, do="try")
    ((address, code),) = sent
    assert address == channel.address and code not in Channel.objects.get().code
    wrong = "1" * 8 if code != "1" * 8 else "2" * 8
    assert "验证码不对" in act(client, channel, do="verify", code=wrong)
    assert Channel.objects.get().verified_at is None
    assert "渠道已验证" in act(client, channel, do="verify", code=code) and Channel.objects.get().verified_at
    assert "验证码不对" in act(client, channel, do="verify", code=code), "it works once"
    assert "渠道已移除" in act(client, channel, do="remove") and not Channel.objects.exists()
    lines = AuditEntry.objects.filter(kind="channel").order_by("number")
    assert ["address" in each.change for each in lines] == [True, False, False, True]


def test_guessing_the_code_rests(client, office, sent):
    add(client, office)
    channel = Channel.objects.get()
    act(client, channel, do="try")
    for _ in range(5):
        act(client, channel, do="verify", code="00000000")
    assert "五分钟" in act(client, channel, do="verify", code=sent[0][1]) and Channel.objects.get().verified_at is None
    (line,) = AuditEntry.objects.filter(action="sign_in.rests")
    assert line.change["tried"] == [None, f"channel {channel.pk}"] and (line.name, line.division) == ("gao", "220100")


@pytest.mark.parametrize(
    "more", [{"address": "javascript:x"}, {"kind": "mail"}, {"kind": "fax"}, {"organisation": ""}, {"address": ""}]
)
def test_what_is_wrong_is_told_at_the_field(client, office, more):
    answer = add(client, office, **more)
    assert answer.status_code == 400 and 'role="alert"' in answer.content.decode() and not Channel.objects.exists()


def test_one_that_does_not_arrive_says_why(client, office, monkeypatch):
    monkeypatch.delenv("QINGYUAN_MAIL", raising=False)
    add(client, office, kind="mail", address="a@b.cn")
    assert "QINGYUAN_MAIL" in act(client, Channel.objects.get(), do="try")


def test_channels_of_another_place_are_not_there(client, office):
    other = Organisation.objects.create(level="city", division="220200", name_zh="吉林市局")
    assert add(client, other).status_code == 404 and add(client, other, organisation="all").status_code == 404
    add(client, office)
    stranger = Client(SERVER_NAME="localhost")
    stranger.force_login(seats.seated("ji", "accounts", division="220200", level="city"))
    assert stranger.post(f"/account/channels/{Channel.objects.get().pk}/", {"do": "remove"}).status_code == 404
    assert "example.cn" not in stranger.get("/account/channels/").content.decode()
    assert re.search("通知渠道", client.get("/account/").content.decode())
