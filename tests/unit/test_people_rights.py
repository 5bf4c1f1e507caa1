"""Rights: denied by default, by division subtree and domain, enterprises their own sites, delegation, the audit chain."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db.models import Q
from offices import somebody

from qingyuan.people import audit, rights
from qingyuan.people.audit import SYSTEM, Line
from qingyuan.people.declared import UnknownAction, actions, duties
from qingyuan.people.models import AuditEntry, Delegation, Organisation
from qingyuan.places.divisions import next_stem, stem, within

pytestmark = pytest.mark.django_db
AT = datetime(2025, 10, 28, 14)


def test_every_action_of_a_duty_is_declared_and_every_action_is_somebodys():
    assert set().union(*(each.actions for each in duties().values())) == set(actions())


def test_without_a_post_nothing_is_allowed():
    nobody = rights.of(User.objects.create(username="n"), AT)
    assert not nobody.can("cases.see")
    assert not nobody.may("cases.see", "220104", "air")
    assert AuditEntry.objects.filter(nobody.where("audit.read", domain="domain", site="record")).count() == 0


def test_a_superuser_only_sets_up():
    root = rights.of(User.objects.create(username="root", is_superuser=True), AT)
    assert root.can("accounts.manage")
    assert not root.can("cases.see")


@pytest.mark.parametrize(
    ("division", "domain", "allowed"),
    [
        ("220104", "air", True),
        ("220104001", "air", True),
        ("220104001003", "air", True),
        ("220105", "air", False),
        ("220100", "air", False),
        ("220000", "air", False),
        ("220104", "water", False),
    ],
)
def test_a_county_sees_its_subtree_in_its_domain(division, domain, allowed):
    held = rights.of(somebody("朝阳", "220104", ("inspection", "air")).user, AT)
    assert held.may("cases.see", division, domain) is allowed
    line = [Line(SYSTEM, "x", "case", "1", division, domain, {}, AT)]
    audit.append_many(line)
    assert AuditEntry.objects.filter(held.where("cases.see", site="record", organisation="")).exists() is allowed


def test_the_province_sees_all():
    held = rights.of(somebody("省厅", "220000", ("environment", "*"), level="province").user, AT)
    assert held.may("cases.see", "222403102005", "waste")
    assert not held.may("reports.identity", "220000", "air")


def test_an_enterprise_sees_its_own_sites_only():
    held = rights.of(somebody("热电厂", "220104", ("owner", "*"), kind="enterprise", sites="DA001 DA002").user, AT)
    assert held.may("sources.see", "220104", "sources", "DA001")
    assert not held.may("sources.see", "220104", "sources", "DA003")
    assert not held.may("sources.see", "220104", "sources", "")
    assert held.where("sources.see") == rights.NOTHING | (Q() & Q(site__in=["DA001", "DA002"]))


def test_an_enterprise_without_sites_sees_nothing():
    held = rights.of(somebody("新厂", "220104", ("owner", "*"), kind="enterprise").user, AT)
    assert not AuditEntry.objects.filter(held.where("sources.see", site="record")).exists()
    assert not held.may("sources.see", "220104", "sources", "")


def test_signers_are_of_their_level():
    held = rights.of(somebody("朝阳", "220104", ("water", "water")).user, AT)
    assert held.holds("water", "county", "220104001", "water")
    assert not held.holds("water", "city", "220104001", "water")
    assert held.holds("water", None, "220104", "water")
    assert not held.holds("water", "county", "220104", "air")


def test_posts_begin_and_end():
    person = somebody("王工", "220104", ("inspection", "*"))
    person.posts.update(until=AT)
    assert not rights.of(User.objects.get(pk=person.user_id), AT).can("cases.see")
    assert rights.of(User.objects.get(pk=person.user_id), AT - timedelta(minutes=1)).can("cases.see")


def test_delegation_lends_posts_for_its_time():
    giver, taker = somebody("王工", "220104", ("inspection", "*")), somebody("李工", "220106")
    lent = Delegation.objects.create(giver=giver, taker=taker, since=AT, until=AT + timedelta(days=5), reason="休假")
    lent.posts.set(giver.posts.all())

    def at(days):
        return rights.of(User.objects.get(pk=taker.user_id), AT + timedelta(days=days)).may(
            "cases.see", "220104", "air"
        )

    assert [at(days) for days in (-1, 0, 4, 5)] == [False, True, True, False]
    Delegation.objects.update(ended_at=AT)
    assert not at(1)


@pytest.mark.parametrize("what", ["user", "organisation"])
def test_what_is_switched_off_has_no_rights(what):
    person = somebody("王工", "220104", ("inspection", "*"))
    if what == "user":
        User.objects.update(is_active=False)
    else:
        Organisation.objects.update(active=False)
    assert not rights.of(User.objects.get(pk=person.user_id), AT).can("cases.see")


def test_an_action_nobody_declared_is_an_error():
    with pytest.raises(UnknownAction):
        rights.Rights([]).can("cases.delete_everything")


def test_stems_nest():
    assert [stem(code) for code in ("220000", "220100", "220104", "220104001")] == ["22", "2201", "220104", "220104001"]
    assert within("220104001003", "220104001")
    assert not within("220104", "220104001")
    assert not within("", "220000")
    assert stem("220100") < "220184" < next_stem("2201") <= "220200"


def lines(count):
    return [
        Line(SYSTEM, "devices.register", "device", f"MN{number}", "220104", "sources", {"active": [None, True]}, AT)
        for number in range(count)
    ]


def test_the_chain_is_whole(tmp_path):
    audit.append_many(lines(5))
    audit.anchor(tmp_path, AT)
    audit.append_many(lines(3))
    assert audit.verify(tmp_path) == audit.Verdict(8)


@pytest.mark.parametrize(
    "tamper",
    [
        {"name": "x"}, {"action": "y"}, {"record": "z"}, {"division": "220105"}, {"domain": "air"}, {"account": 7},
        {"organisation": 1}, {"change": {"active": [None, False]}}, {"sealed": True}, {"at": AT + timedelta(seconds=1)},
        {"digest": "0" * 64},
    ],
    ids=lambda each: next(iter(each)),
)  # fmt: skip
def test_a_changed_line_is_named(tmp_path, tamper):
    audit.append_many(lines(5))
    AuditEntry.objects.filter(number=3).update(**tamper)
    assert audit.verify(tmp_path).number == 3


def test_a_removed_line_and_a_cut_off_end_are_named(tmp_path):
    audit.append_many(lines(6))
    audit.anchor(tmp_path, AT)
    AuditEntry.objects.filter(number=6).delete()
    assert audit.verify(tmp_path).number == 6
    AuditEntry.objects.filter(number=2).delete()
    assert audit.verify(tmp_path).number == 2


def test_a_chain_written_anew_is_found_by_the_note(tmp_path):
    audit.append_many(lines(4))
    audit.anchor(tmp_path, AT)
    AuditEntry.objects.all().delete()
    audit.append_many([*lines(2), *lines(2)])
    assert "signed note" in audit.verify(tmp_path).why


def test_a_record_as_of_a_moment():
    for days, state in enumerate(["open", "closed"]):
        audit.append(
            SYSTEM,
            "x",
            "case",
            "C1",
            division="220104",
            domain="air",
            change={"state": ["", state]},
            at=AT + timedelta(days=days),
        )
    assert audit.as_of("case", "C1", AT) == {"state": "open"}
    assert audit.as_of("case", "C1", AT + timedelta(days=3)) == {"state": "closed"}
