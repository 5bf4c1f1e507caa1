"""A decomposition is drafted, issued under its digest and replaced; each place sees its own share and the whole."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
import seats
from django.db import IntegrityError, transaction
from plan_stage import with_hand

from qingyuan.people.audit import SYSTEM, AuditEntry
from qingyuan.people.rights import of
from qingyuan.places.divisions import children
from qingyuan.plans import sharing
from qingyuan.plans.decomposing.whole import Infeasible, Part
from qingyuan.plans.models import Decomposition
from qingyuan.plans.sharing import Asked, NotAllowed, NothingAbove

pytestmark = pytest.mark.django_db
AT, END = datetime(2026, 4, 1, 9), date(2025, 12, 31)
CITIES = [each.code for each in children("220000")]


def planner(name="guihua", division="220000", level="province"):
    return of(seats.seated(name, "planning", division=division, level=level), AT)


def air(base="31.0", **more) -> Asked:
    return Asked(1, "220000", END, tuple(Part(code, Decimal(base)) for code in CITIES), weights="2020", **more)


def issued(rights, asked):
    return sharing.issue(rights, SYSTEM, AT, sharing.save(rights, SYSTEM, AT, asked))


def test_issued_shares_make_the_target_and_are_sealed() -> None:
    kept = issued(planner(), air())
    assert {each.value for each in kept.shares.all()} == {Decimal("29.5")}
    assert kept.state == "issued" and kept.digest == sharing.digest(kept)
    assert AuditEntry.objects.filter(kind="decomposition", action="plan.decompose.issue").count() == 1


def test_a_new_version_replaces_the_one_before() -> None:
    rights = planner()
    first = issued(rights, air())
    second = issued(rights, with_hand(air(), "220100", Decimal("28.0")))
    first.refresh_from_db()
    assert (first.state, second.state, second.version) == ("replaced", "issued", 2)
    assert second.digest != first.digest
    assert sharing.share_in_force(1, "220100", END).value == 28


def test_only_one_is_in_force() -> None:
    kept = issued(planner(), air())
    with pytest.raises(IntegrityError), transaction.atomic():
        Decomposition.objects.create(
            plan=kept.plan, indicator="1", division="220000", day=END, version=9, state="issued", method="equal",
            made_at=AT, made_by="x",
        )  # fmt: skip


def test_a_city_splits_its_share_among_its_counties() -> None:
    rights = planner()
    counties = tuple(Part(each.code, Decimal("31.0")) for each in children("220100"))
    below = Asked(1, "220100", END, counties)
    with pytest.raises(NothingAbove):
        sharing.save(rights, SYSTEM, AT, below)
    issued(rights, air())
    kept = issued(planner("shi", "220100", "city"), below)
    assert kept.whole == Decimal("29.5") and {each.value for each in kept.shares.all()} == {Decimal("29.5")}


def test_sections_of_a_city_are_a_number_its_counties_make() -> None:
    rights = planner()
    parts = tuple(Part(code, Decimal(9), Decimal(12)) for code in CITIES)
    top = issued(rights, Asked(4, "220000", END, parts))
    assert sum(each.value for each in top.shares.all()) == 84  # of 108: 77.8 %, and 83 would be 76.9 %
    city = sharing.share_in_force(4, "220100", END)
    counties = [each.code for each in children("220100")][:6]
    below = issued(rights, Asked(4, "220100", END, tuple(Part(each, Decimal(1), Decimal(2)) for each in counties)))
    assert sum(each.value for each in below.shares.all()) == city.value


def test_a_wording_is_handed_down() -> None:
    kept = issued(planner(), Asked(9, "220000", END, tuple(Part(code, Decimal(0)) for code in CITIES)))
    assert {each.wording for each in kept.shares.all()} == {"有效保障"} and kept.whole is None


def test_bases_better_than_the_target_want_a_reason() -> None:
    rights = planner()
    with pytest.raises(Infeasible):
        sharing.save(rights, SYSTEM, AT, air("27.0"))
    assert issued(rights, air("27.0", loosened="基数年已达标")).loosened


def test_others_do_not_split_it() -> None:
    with pytest.raises(NotAllowed):
        sharing.save(planner("shi", "220100", "city"), SYSTEM, AT, air())


def test_a_city_sees_its_own_share_and_the_whole_a_county_nothing_of_others() -> None:
    kept = issued(planner(), air())
    city, county = planner("shi", "220100", "city"), planner("xian", "220104", "county")
    assert list(sharing.seen(city)) == [kept]
    assert [each.division for each in sharing.shares_seen(city)] == ["220100"]
    assert not sharing.seen(county).exists() and not sharing.shares_seen(county).exists()


def test_a_draft_is_not_seen_below() -> None:
    sharing.save(planner(), SYSTEM, AT, air())
    assert not sharing.seen(planner("shi", "220100", "city")).exists()


def test_what_is_issued_is_not_issued_twice() -> None:
    rights = planner()
    kept = issued(rights, air())
    with pytest.raises(sharing.QingyuanError):
        sharing.issue(rights, SYSTEM, AT, kept)
