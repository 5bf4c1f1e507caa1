"""What people change at the gateway is a line of the audit chain, in the transaction of the change, secrets masked."""

import json
from datetime import datetime
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import User
from offices import somebody

from qingyuan.base.errors import WrongUsage
from qingyuan.gateway import push, quarantine, registering, remote, sheets
from qingyuan.gateway.models import Quarantined
from qingyuan.people import audit
from qingyuan.people.models import AuditEntry

pytestmark = pytest.mark.django_db
AT = datetime(2025, 10, 28, 14)
SECRET = "abc123"
KEY = "00112233445566778899aabbccddeeff"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    return tmp_path


@pytest.fixture
def device():
    return registering.register({"mn": "A1", "edition": "2025", "point": "DA1"}, "wang")[0]


def last():
    return AuditEntry.objects.order_by("-number").first()


def test_a_registration_and_a_change_are_told(device):
    assert (last().action, last().kind, last().record, last().name) == ("devices.register", "device", "A1", "wang")
    registering.register({"mn": "A1", "password": SECRET}, "wang")
    assert set(last().change) == {"password"}
    registering.withdraw(device, "wang")
    assert last().change == {"active": [True, False]}


@pytest.mark.parametrize(
    ("act", "action", "kind"),
    [
        (lambda device: registering.change_key(device, KEY, AT, "wang"), "devices.register", "device"),
        (lambda device: push.new_token("A1", "wang"), "devices.register", "device"),
        (lambda device: remote.ask(device, "1072", {"NewPW": SECRET}, "wang"), "devices.command", "device"),
        (lambda device: registering.set_factor(device, {"code": "a21026", "unit": "mg/m3"}, "wang"), "devices.register", "device"),
    ],
    ids=["key", "token", "command", "factor"],
)  # fmt: skip
def test_each_change_is_one_line_without_secrets(device, act, action, kind):
    before = AuditEntry.objects.count()
    act(device)
    assert AuditEntry.objects.count() == before + 1
    assert (last().action, last().kind) == (action, kind)
    written = json.dumps(list(AuditEntry.objects.values_list("change", flat=True)))
    assert SECRET not in written and KEY not in written


def test_tokens_taken_back_are_told(device):
    push.new_token("A1", "wang")
    assert push.revoke(device, "wang") == 1
    assert last().change == {"token": [registering.MASKED, None]}
    before = AuditEntry.objects.count()
    assert push.revoke(device, "wang") == 0
    assert AuditEntry.objects.count() == before


def test_each_settled_record_is_told(device):
    entries = [Quarantined.objects.create(record=number, mn="A1", reason="sum", received=AT) for number in (1, 2)]
    assert quarantine.dismiss([each.pk for each in entries], "wang") == 2
    lines = AuditEntry.objects.filter(action="quarantine.settle")
    assert {each.record for each in lines} == {str(each.pk) for each in entries}
    assert quarantine.dismiss([each.pk for each in entries], "wang") == 0
    assert lines.count() == 2


def test_an_account_is_named_with_its_organisation():
    person = somebody("li", "220104")
    registering.register({"mn": "B1"}, "li")
    assert (last().account, last().organisation) == (person.user_id, person.organisation_id)


def test_a_line_lies_where_the_device_stands():
    registering.register({"mn": "C1", "division": "220104"}, "wang")
    assert last().division == "220104"


def test_a_sheet_is_told_once(device, folder, monkeypatch):
    monkeypatch.setattr(sheets, "preview", lambda *_: SimpleNamespace(document=lambda: b"x"))
    for repeated in (False, True):
        monkeypatch.setattr(sheets.push, "push", lambda *_, again=repeated: push.Pushed(7, 1, again))
        sheets.save(folder, device, b"book", "lab.xlsx", "wang")
    assert AuditEntry.objects.filter(action="sheets.enter").count() == 1
    assert last().change["sheet"][1]["record"] == 7


def test_a_change_that_fails_leaves_no_line(device):
    before = AuditEntry.objects.count()
    with pytest.raises(WrongUsage):
        registering.register({"mn": "A1", "minute_interval": "7"}, "wang")
    assert AuditEntry.objects.count() == before


def test_the_chain_of_it_all_is_whole(device, folder):
    remote.ask(device, "1072", {"NewPW": SECRET}, User.objects.create(username="zhao").username)
    audit.anchor(folder, AT)
    assert audit.verify(folder).whole
