"""What work on the plan brings to the score sheets: cases, money, reported values and issued shares of each place."""

from datetime import date, datetime
from decimal import Decimal

import case_stage
import plan_stage
import pytest
import seats
from plan_stage import AT, case_of, do, filled, with_hand
from stage import build

from qingyuan.cases import acting, opening
from qingyuan.cases.models import Origin
from qingyuan.people.actors import Actor
from qingyuan.people.audit import SYSTEM
from qingyuan.people.rights import of
from qingyuan.places.divisions import children
from qingyuan.plans import sharing
from qingyuan.plans.book.entries import Entry
from qingyuan.plans.decomposing.whole import Part
from qingyuan.plans.dispatching import asking
from qingyuan.plans.evaluating.known import Own, Trace, Work
from qingyuan.plans.evaluating.rules import rules, sealed_rules
from qingyuan.plans.evaluating.sheet import as_json, of_json
from qingyuan.plans.facts import Words, plan
from qingyuan.plans.lights import Light
from qingyuan.plans.reporting import working
from qingyuan.plans.reporting.material import Source, gather
from qingyuan.registers.models import RegisterRecord
from qingyuan.reports import taking

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2025, 1, 1), datetime(2025, 10, 28, 14)
CITY = "220100"
RULES = rules("midterm", LAST.date())


def work(version, simulated, first, as_of, by=RULES):
    return working.work(version, simulated, first, as_of, by)


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
    source = Source(
        plan(), build(tmp_path), "模拟省", True, "第 1 版", (), {}, work=lambda _first, _as_of, _rules: given
    )
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
    shares = {(CITY, 10): Own(Decimal(2), Decimal(1), "分解 10")}
    sheets = measures(tmp_path, Work(values={("22", 10): told, (CITY, 10): told}, shares=shares))
    lines = {code: {each.key: each for each in sheets[code].lines()} for code in ("22", CITY)}
    # of 3.19 from nothing, asked for after 1762 of 1826 days: 1.5 / 3.0782 = 48.7 %
    assert "48.7%" in lines["22"]["10"].formula.zh
    assert lines[CITY]["10"].points == lines[CITY]["10"].full > 0
    assert "4" not in lines[CITY]  # nothing of it was issued
    assert "10" not in {each.key for each in sheets["220200"].lines()}


def counted(no, rows):
    """Issue a share of counted things: (good ones now, all) of each city."""
    rights = of(seats.seated(f"guihua{no}", "planning", division="220000", level="province"), AT)
    cities = children("220000")
    parts = tuple(Part(each.code, Decimal(good), Decimal(whole), Decimal(whole)) for each, (good, whole) in zip(cities, rows, strict=True))  # fmt: skip
    asked = sharing.Asked(no, "220000", plan().last_day, parts, "base", weights="2020", simulated=True)
    return sharing.issue(rights, SYSTEM, AT, sharing.save(rights, SYSTEM, AT, asked))


SECTIONS = ((15, 24), (15, 20), (6, 12), (5, 7), (10, 10), (8, 8), (8, 11), (5, 8), (10, 11))


def test_a_city_is_scored_on_its_own_number_of_sections(tmp_path):
    kept = counted(4, SECTIONS)
    share = kept.shares.get(division=CITY)
    issued = work(None, True, FIRST, LAST).shares
    own = issued[CITY, 4]
    # 15 of 24 sections are 62.5 %; what is asked of it is its own number of them, in per cent
    asked = (100 * share.value / 24).quantize(Decimal("0.1"))
    assert (own.base, own.target) == (Decimal("62.5"), asked) and asked > own.base
    assert own.record.endswith(f"{share.value:.0f}/24")
    half = (own.base + own.target) / 2
    told = (half, Trace("reported", Words("填报", "reported"), "指标 4"))
    sheets = measures(tmp_path, Work(values={(CITY, 4): told}, shares=issued))
    line = next(each for each in sheets[CITY].lines() if each.key == "4")
    assert line.state == "scored" and 0 < line.points < line.full and "62.5" in line.formula.zh
    assert line.trace.record == f"指标 4；{own.record}"
    other = next(each for each in sheets["220200"].lines() if each.key == "4")
    assert other.state == "redistributed" and "未观测" in other.formula.zh  # issued, nothing reported


def test_a_city_without_any_of_the_things_counted_has_no_share_of_them():
    kept = counted(4, SECTIONS)
    kept.shares.filter(division=CITY).update(weight=0)
    assert (CITY, 4) not in work(None, True, FIRST, LAST).shares


def closed_case(holds, rule="sources.tampering", kind="device", division="220122", day=datetime(2025, 6, 2, 9), **more):
    signal = opening.Signal(
        kind=kind, about="数据造假嫌疑", division=division, domain="sources", occurred_at=day, source="test",
        key=f"{holds}{rule}{division}{day}{more}", rule=rule, simulated=True, **more,
    )  # fmt: skip
    case = opening.open_case(signal, day)
    steps = ["assign", "investigate", *(["rectify", "verify"] if holds != "no" else []), "close"]
    for step in steps:
        given = {**case_stage.values(step, day.date()), **({"holds": holds} if step == "investigate" else {})}
        doing = acting.Doing("sign", Actor(None, "赵", case.organisation), case.version, given)
        acting.act(case.pk, doing, lambda _signer: True, day)
        case.refresh_from_db()
    assert case.step == "closed"
    return case


def test_falsification_proven_by_a_case_vetoes_its_city(tmp_path):
    case = closed_case("yes")
    found = work(None, True, FIRST, LAST).proven
    (event,) = found[CITY]  # a county's case counts for its city
    assert (event.kind, event.trace.record, event.day) == ("falsified", case.number, date(2025, 6, 2))
    assert set(found) == {CITY} and work(None, False, FIRST, LAST).proven == {}  # a real sheet takes no simulated case
    told = (Decimal("1.5"), Trace("reported", Words("填报", "reported")))
    shares = {(code, 10): Own(Decimal(2), Decimal(1), "分解 10") for code in (CITY, "220200")}
    values = {(code, 10): told for code in (CITY, "220200")}
    sheets = measures(tmp_path, Work(values=values, shares=shares, proven=found))
    (veto,) = sheets[CITY].vetoes
    assert (veto.veto.code, sheets[CITY].by_points.code, sheets[CITY].grade.code) == ("falsified", "excellent", "fail")
    assert case.number in veto.why.zh and "属实" in veto.why.zh and veto.traces[0].record == case.number
    assert sheets["220200"].grade.code == "excellent" and not sheets["220200"].vetoes
    assert not sheets["22"].vetoes


def test_what_is_no_proof_vetoes_nobody():
    closed_case("no")  # looked into, and not so
    closed_case("yes", rule="sources.hour_over")  # something else
    closed_case("yes", day=datetime(2024, 12, 30, 9))  # proven before the period
    open_one = opening.Signal("device", "嫌疑", "220100", "sources", AT, "test", "open", rule="sources.tampering", simulated=True)  # fmt: skip
    opening.open_case(open_one, AT)
    assert work(None, True, FIRST, LAST).proven == {}
    case = closed_case("partly")
    assert set(work(None, True, FIRST, LAST).proven) == {CITY}
    assert work(None, True, FIRST, datetime(2025, 6, 1)).proven == {}  # as it was known then
    acting.act(case.pk, acting.Doing("reopen", Actor(None, "赵", case.organisation), case.version, {}, "复查", "investigate"),
               lambda _signer: True, AT)  # fmt: skip
    assert work(None, True, FIRST, LAST).proven == {}  # open again


def test_a_report_of_falsified_data_found_true_is_proof(tmp_path):
    told = taking.Told("data", "在数采仪上作假", "厂区", "220122")
    report, _code = taking.receive(tmp_path, told, datetime(2025, 6, 1, 9))
    case = closed_case("yes", rule="", kind="public_report")
    Origin.objects.create(case=case, source="report", key=report.number, at=AT)
    assert [each.trace.record for each in work(None, True, FIRST, LAST).proven[CITY]] == [case.number]


def test_departments_are_scored_on_what_they_lead(staged, tmp_path):
    version, people = staged
    asking.look(AT)
    case = case_of(people["farm"])
    do(
        case,
        "sign",
        people["farm"],
        {"rows": filled(case, p1={"status": "under_way", "progress": "40", "amount": "450"})},
    )
    found = work(version, True, FIRST, LAST)
    (farm,) = found.departments  # the city's office leads tasks too, and is scored with its city
    assert farm.name.zh == people["farm"].organisation.name_zh and farm.number == people["farm"].organisation_id
    assert farm.tasks == {"t1", "t2"} and farm.amounts[0].spent == 450
    assert [each.kind for each in farm.events] == ["late_report"]
    entries = (
        Entry("task", "秸秆还田", "1", key="t1"), Entry("task", "粪污利用", "2", key="t2"), Entry("task", "别家", "3", key="t3"),
    )  # fmt: skip
    lights = {"t1": Light("good", Words("好", "good"), FIRST), "t2": Light("bad", Words("差", "bad"), FIRST)}
    source = Source(
        plan(), build(tmp_path), "模拟省", True, "v", entries, lights, work=lambda *_told: Work(departments=(farm,))
    )
    sheets = gather(source, "midterm", RULES, LAST, lambda *_told: None).sheets
    own = sheets[-1]
    assert own.facts.party == farm.number and own.total is not None
    assert [line.key for line in own.lines() if line.section == "tasks"] == ["t1", "t2"]
    assert sum(each.full for each in own.sections) == 100  # what it has no part in is shared out


def test_a_sheet_kept_is_the_same_sheet_again(tmp_path):
    closed_case("yes")
    issue(1, "31.0")
    sheet = measures(tmp_path, work(None, True, FIRST, LAST))[CITY]
    again = of_json(sealed_rules(RULES.text), sheet.facts.organisation, CITY, as_json(sheet))
    assert as_json(again) == as_json(sheet) and again.vetoes[0].traces == sheet.vetoes[0].traces
