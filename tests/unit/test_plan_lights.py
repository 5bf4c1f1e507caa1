"""Lights of a plan's items by rule, rolled up; what the rules propose of those late or lagging."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import plan_stage
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_stage import AT, actor, case_of, do, filled

from qingyuan.cases import watching
from qingyuan.cases.models import Notice
from qingyuan.interfaces.jobs import plan_dispatch
from qingyuan.plans import lights
from qingyuan.plans.dispatching import asking, following, things
from qingyuan.plans.lights import Light
from qingyuan.plans.models import Every
from qingyuan.registers.flow.declared import Words
from qingyuan.registers.models import RegisterRecord
from qingyuan.standards.schema import FaultyLibrary

BASE = {"elapsed": Decimal(50), "days_left": Decimal(500), "overdue": 0, "late_days": Decimal(0)}
BASE |= {"reports": Decimal(1), "asked": Decimal(1), "status": "under_way"}


def of(**facts):
    facts = {name: Decimal(value) if isinstance(value, int) else value for name, value in facts.items()}
    known = {**BASE, **facts}
    if "progress" in known:
        known["gap"] = known["elapsed"] - known["progress"]
    return lights.judge(known, date(2025, 7, 1))


CASES = [
    ({"progress": 48}, "steady", "进度 48%"),
    ({"progress": 39}, "tight", "落后 11 个百分点"),
    ({"progress": 24}, "behind", "落后 26 个百分点"),
    ({"progress": 40}, "steady", "进度 40%"),
    ({"progress": 25}, "tight", "落后 25 个百分点"),
    ({"progress": 100, "status": "done"}, "done", "已报完成"),
    ({"progress": 100, "share": 104}, "done", "104%"),
    ({"progress": 90, "days_left": -3, "overdue": 3}, "behind", "已过 3 天"),
    ({"progress": 50, "status": "blocked"}, "behind", "受阻"),
    ({"progress": 50, "indicator": "bad"}, "behind", "指标"),
    ({"progress": 50, "indicator": "tight"}, "tight", "指标"),
    ({"progress": 50, "late_days": 3}, "tight", "逾期 3 天"),
    ({"progress": 50, "late_days": 31}, "behind", "逾期 31 天"),
    ({"progress": 50, "days_left": 60}, "tight", "离期限 60 天"),
    ({"reports": 0}, "not_reported", "还没到"),
    ({"reports": 0, "late_days": 5}, "not_reported", "逾期 5 天"),
    ({"reports": 0, "asked": 0}, "not_computed", "算不出"),
]


@pytest.mark.parametrize(("facts", "state", "words"), CASES)
def test_the_first_rule_that_fits_gives_light_and_reason(facts, state, words):
    found = of(**facts)
    assert found.state == state
    assert words in found.reason.zh
    assert "{" not in found.reason.zh + found.reason.en


def part(state):
    return Light(state, Words("", ""), date(2025, 7, 1))


def test_a_whole_is_judged_by_the_shares_of_its_parts():
    def whole(**count):
        return lights.rolled([part(name) for name, number in count.items() for _ in range(number)], date(2025, 7, 1))

    assert whole(steady=8, behind=2).state == "behind"
    assert whole(steady=9, behind=1).state == "tight"
    assert whole(steady=9, tight=1).state == "steady"
    assert whole(steady=1, not_reported=1).state == "not_reported"
    assert whole(done=3, not_computed=4).state == "done"
    assert whole(not_computed=2).state == "not_computed"
    assert "落后 2" in whole(steady=8, behind=2).reason.zh


@given(st.lists(st.sampled_from(lights.STATES), min_size=1))
def test_a_worse_part_never_makes_the_worst_rule_better(states):
    by = lights.Rules((), "worst", {}, "memory")
    found = lights.rolled([part(each) for each in states], date(2025, 7, 1), by).state
    judged = [each for each in states if each != "not_computed"]
    assert found == (min(judged, key=lights.STATES.index) if judged else "not_computed")


def test_rules_are_read_strictly(tmp_path):
    text = (lights.LIBRARY / "lights.yaml").read_text("utf-8")
    file = tmp_path / "lights.yaml"
    file.write_text(text.replace("light: done, when", "light: green, when", 1), "utf-8")
    with pytest.raises(FaultyLibrary, match="'green' is none of behind"):
        lights.rules(file)


@pytest.fixture
def staged(db):
    version, seats = plan_stage.plan(), plan_stage.people()
    plan_stage.give(version, seats)
    return version, seats


def states(version, at):
    return {key: each.state for key, each in lights.of(version, at).items()}


def test_a_report_turns_the_light_and_the_section_follows(staged):
    version, seats = staged
    asking.look(AT)
    before = states(version, AT)
    assert before["task", "t1"] == "not_reported"
    assert before["indicator", "1"] == "not_computed"  # computed: its light is handed in
    case = case_of(seats["farm"])
    do(case, "sign", seats["farm"], {"rows": filled(case, t1={"status": "under_way", "progress": "88"})})
    after = lights.of(version, AT)
    assert (after["task", "t1"].state, after["task", "t2"].state) == ("steady", "behind")
    assert after["task", "t1"].inputs["progress"] == 88
    assert (after["section", "c1s1"].state, after["chapter", "c1"].state) == ("behind", "behind")
    assert states(version, AT - timedelta(days=1))["task", "t1"] == "not_reported"  # as it was known then
    green = Light("tight", Words("吃紧", "tight"), AT.date())
    linked = lights.of(version, AT, {"1": green})
    assert (linked["indicator", "1"], linked["task", "t1"].state) == (green, "tight")


def test_late_reports_are_proposed_for_supervision_then_notice_and_talk(staged):
    version, seats = staged
    asking.look(AT)

    def proposed(at):
        return {(each.kind, each.name) for each in following.proposals(version, at, states(version, at))}

    assert proposed(AT) == set()
    later = datetime(2025, 7, 22, 9)  # six working days after 14 July; the report of the first quarter is late, too
    assert ("plan_supervision", "长春市局") in proposed(later)
    assert ("plan_talk", "长春市局") in proposed(later)
    assert ("plan_notice", "长春市局") not in proposed(later)
    assert ("plan_notice", "长春市局") in proposed(datetime(2025, 7, 30, 9))
    found = next(each for each in following.proposals(version, later, {}) if each.kind == "plan_supervision")
    assert "6 个工作日" in found.reasons
    office = seats["city"].organisation
    case = asking.follow(version.plan, "plan_supervision", office, found.reasons, actor(seats["dispatcher"]), later)
    assert (case.step, case.organisation, case.due.date()) == ("answer", office.pk, date(2025, 8, 5))
    assert asking.follow(version.plan, "plan_supervision", office, "x", actor(seats["dispatcher"]), later) == case
    assert ("plan_supervision", "长春市局") not in proposed(later)
    do(case, "sign", seats["city"], {"measures": "抓紧", "finish_on": "2025-08-20"}, at=later)
    assert case.due.date() == date(2025, 8, 20)


def test_matrix_tells_reported_late_and_returned(staged):
    version, seats = staged
    asking.look(AT)
    quarter = ("2025-04-01", "2025-06-30")
    farm, city = (seats[name].organisation_id for name in ("farm", "city"))
    assert following.matrix(version, AT)[farm, quarter].state == "asked"
    case = case_of(seats["farm"])
    do(case, "sign", seats["farm"], {"rows": filled(case)})
    late = datetime(2025, 7, 16, 9)
    found = following.matrix(version, late)
    assert (found[farm, quarter].state, found[city, quarter].state) == ("review", "late")
    do(case, "return", seats["dispatcher"], note="缺佐证", to="report")
    assert following.matrix(version, late)[farm, quarter].state == "returned"
    do(case, "sign", seats["farm"], {"rows": filled(case)}, at=late)
    do(case, "sign", seats["dispatcher"], at=late)
    assert following.matrix(version, late)[farm, quarter].state == "closed"


def test_the_engine_of_cases_reminds_and_supervises(staged):
    _version, seats = staged
    asking.look(AT)
    watching.escalate(datetime(2025, 7, 14, 9))
    office = seats["farm"].organisation_id
    assert Notice.objects.filter(organisation=office, code="warning").count() == 1
    watching.escalate(datetime(2025, 7, 15, 9))
    assert Notice.objects.filter(organisation=office, code="overdue").exists()


def test_what_the_platform_knows_and_what_is_never_is_not_asked(staged):
    version, _seats = staged
    RegisterRecord.objects.create(
        kind="plan_project", number="P1", title="污水厂", division="220100", domain="plan", simulated=True, step="built",
        values={"item": "p1"}, head="", opened_at=AT, entered_at=AT,
    )  # fmt: skip
    Every.objects.create(plan=version.plan, kind="task", key="t2", every="never", at=AT, by="测试")
    asked = {each.key: each.asked for each in things.things(version)}
    assert asked == {"t1": True, "t2": False, "t3": True, "1": False, "9": True, "p1": False}
    done = plan_dispatch.look(AT)
    assert done.opened == 4
    assert plan_dispatch.look(AT).opened == 0


@pytest.mark.parametrize(
    ("given", "day"),
    [
        (["2023年底", "到2024年"], date(2024, 12, 31)),
        (["2025-06-30"], date(2025, 6, 30)),
        ([{"day": "2022-03-01"}], date(2022, 3, 1)),
        ([{"printed": "2022年"}], date(2022, 12, 31)),
        (None, date(2025, 12, 31)),
        (["尽快"], date(2025, 12, 31)),
    ],
)
def test_deadlines_are_read_in_any_wording(given, day):
    assert things.deadline(given, date(2025, 12, 31)) == day
