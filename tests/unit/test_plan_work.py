"""What work on the plan brings to the score sheets: cases, money, reported values and issued shares of each place."""

from datetime import date, datetime
from decimal import Decimal

import plan_stage
import pytest
import seats
from plan_stage import AT, case_of, do, filled, with_hand
from stage import build

from qingyuan.people.audit import SYSTEM
from qingyuan.people.rights import of
from qingyuan.places.divisions import children
from qingyuan.plans import sharing
from qingyuan.plans.decomposing.whole import Part
from qingyuan.plans.dispatching import asking
from qingyuan.plans.evaluating.known import Own, Trace, Work
from qingyuan.plans.evaluating.rules import rules
from qingyuan.plans.facts import Words, plan
from qingyuan.plans.reporting.material import Source, gather
from qingyuan.plans.reporting.working import work
from qingyuan.registers.models import RegisterRecord

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2025, 1, 1), datetime(2025, 10, 28, 14)
CITY = "220100"


@pytest.fixture
def staged(db):
    version, people = plan_stage.plan(), plan_stage.people()
    version.items.filter(key="p1").update(facts={"planned": "1000"})
    version.items.filter(key="9").update(number="10")
    people["9"] = None
    plan_stage.give(version, people)
    return version, people


def kinds(found, place):
    return sorted(each.kind for each in found.events[place])


def test_before_anybody_is_asked_nothing_is_known(staged):
    version, _ = staged
    assert work(version, True, FIRST, AT).events == {}
    asking.look(AT)
    assert work(version, True, FIRST, AT).events == {}  # asked, and not due yet


def test_a_report_that_is_late_or_missing_counts_at_its_place(staged):
    version, people = staged
    asking.look(AT)
    do(case_of(people["farm"]), "sign", people["farm"], {"rows": filled(case_of(people["farm"]))}, at=AT)
    late = datetime(2025, 8, 20, 9)
    do(case_of(people["city"]), "sign", people["city"], {"rows": filled(case_of(people["city"]))}, at=late)
    found = work(version, True, FIRST, LAST)
    # two periods were asked of each: of the first nothing came, of the second the city's came late
    assert kinds(found, "22") == ["late_report"] and kinds(found, CITY) == ["late_report"] * 2
    assert found.events["22"][0].trace.kind == "case" and found.events["22"][0].trace.record.startswith("调〔2025〕")
    assert work(version, True, FIRST, datetime(2025, 7, 2)).events == {"22": ()}  # as it was known then
    assert work(version, True, date(2025, 9, 1), LAST).events == {}
    assert work(version, False, FIRST, LAST).events == {}  # real sheets take no simulated case


def test_supervision_notices_and_talks_count_and_a_case_taken_back_does_not(staged):
    version, people = staged
    for kind in ("plan_supervision", "plan_notice", "plan_talk"):
        asking.follow(
            version.plan, kind, people["city"].organisation, "落后", plan_stage.actor(people["dispatcher"]), AT
        )
    assert kinds(work(version, True, FIRST, LAST), CITY) == ["notified", "supervised", "talked_to"]
    talk = asking.open_of(version.plan, "plan_talk").get()
    do(talk, "void", people["dispatcher"], note="误发")
    assert kinds(work(version, True, FIRST, LAST), CITY) == ["notified", "supervised"]


def test_money_and_values_are_those_reported_up_to_the_day(staged):
    version, people = staged
    asking.look(AT)
    case = case_of(people["farm"])
    rows = filled(case, p1={"status": "under_way", "progress": "40", "amount": "450"}, **{"9": {"value": "1.5"}})
    do(case, "sign", people["farm"], {"rows": rows})
    assert ("22", 10) not in work(version, True, FIRST, LAST).values  # nobody has accepted it yet
    do(case, "sign", people["dispatcher"], {"opinion": "同意"})
    found = work(version, True, FIRST, LAST)
    (money,) = found.amounts["22"]
    assert (money.planned, money.spent) == (Decimal("964.93"), Decimal(450))  # 1000 * 1761 of 1825 days
    value, trace = found.values["22", 10]
    assert (value, trace.kind, trace.as_of) == (Decimal("1.5"), "reported", "2025-06-30")
    assert work(version, True, FIRST, datetime(2025, 6, 1)).amounts["22"][0].spent is None


def test_money_of_registered_projects_is_that_of_the_register(staged):
    version, _ = staged
    years = [{"year": "2024", "planned": "300", "paid": "280"}, {"year": "2025", "planned": "365", "paid": "100"}]
    years += [{"year": "2026", "planned": "900", "paid": ""}]
    usual = {"kind": "plan_project", "domain": "plan", "opened_at": AT, "entered_at": AT, "simulated": True}
    for number, division, told in (("XM1", "220122", years), ("XM2", "220200", None)):
        values = {"plan": version.plan.code, "item": "p1", "years": told}
        RegisterRecord.objects.create(**usual, number=number, division=division, values=values, title=number)
    found = work(version, True, FIRST, datetime(2025, 7, 19, 14)).amounts
    one, other = found[CITY][0], found["220200"][0]
    assert (one.planned, one.spent, one.trace.record) == (Decimal("500.00"), 380, "XM1")  # 300 and 200 of 365 days
    assert (other.planned, other.spent) == (None, None)
    assert "22" not in found  # a project of the register is not asked for
    assert CITY not in work(version, False, FIRST, LAST).amounts


def issue(no, value, **more):
    rights = of(seats.seated(f"guihua{no}", "planning", division="220000", level="province"), AT)
    parts = tuple(Part(each.code, Decimal(value)) for each in children("220000"))
    asked = sharing.Asked(no, "220000", plan().last_day, parts, weights="2020", simulated=True, **more)
    asked = with_hand(asked, CITY, Decimal("27.0"), "基数低")
    return sharing.issue(rights, SYSTEM, AT, sharing.save(rights, SYSTEM, AT, asked))


def test_shares_are_those_issued_and_of_the_same_data():
    issue(1, "31.0")
    found = work(None, True, FIRST, LAST).shares
    assert (found[CITY, 1].target, found[CITY, 1].base) == (27, 31) and len(found) == 9
    assert work(None, False, FIRST, LAST).shares == {}


def measures(tmp_path, given):
    source = Source(plan(), build(tmp_path), "模拟省", True, "第 1 版", (), {}, work=lambda _first, _as_of: given)
    material = gather(source, "midterm", rules("midterm", LAST.date()), LAST, lambda *_told: None)
    return {each.facts.division: each for each in material.sheets}


def test_a_city_is_scored_against_its_own_share_or_not_at_all(tmp_path):
    issue(1, "31.0")
    sheets = measures(tmp_path, work(None, True, FIRST, LAST))
    lines = {line.key: line for line in sheets[CITY].lines() if line.section == "binding"}
    one, two = (next(each for each in sheets[CITY].facts.measures if each.key == key) for key in "12")
    assert (one.base, one.target) == (31, 27) and "分解 1 第 1 版" in one.trace.record
    assert (two.target, two.issued) == (None, False)
    assert lines["2"].state == "redistributed" and "未下达" in lines["2"].formula.zh
    province = next(each for each in sheets["22"].facts.measures if each.key == "1")
    assert province.target == Decimal("29.5")


def test_without_any_work_orderly_work_and_cities_have_no_points(tmp_path):
    sheets = measures(tmp_path, Work())
    for sheet in sheets.values():
        assert [line.state for line in sheet.lines() if line.section == "keeping"] == ["redistributed"]
    assert sheets[CITY].total is None and sheets["22"].total is not None


def test_what_was_reported_is_scored_where_the_platform_computes_nothing(tmp_path):
    told = (Decimal("1.5"), Trace("reported", Words("填报", "reported")))
    shares = {(CITY, 10): Own(Decimal(2), Decimal(1), "分解 10"), (CITY, 4): Own(None, Decimal(7), "分解 4")}
    sheets = measures(tmp_path, Work(values={("22", 10): told, (CITY, 10): told}, shares=shares))
    lines = {code: {each.key: each for each in sheets[code].lines()} for code in ("22", CITY)}
    # of 3.19 from nothing, asked for after 1762 of 1826 days: 1.5 / 3.0782 = 48.7 %
    assert "48.7%" in lines["22"]["10"].formula.zh
    assert lines[CITY]["10"].points == lines[CITY]["10"].full > 0
    assert "4" not in lines[CITY]  # its share counts sections, its indicator is a per cent
    assert "10" not in {each.key for each in sheets["220200"].lines()}
