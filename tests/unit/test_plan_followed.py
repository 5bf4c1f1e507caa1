"""A plan's dispatch over time, through the jobs: asked, reminded, late, supervised, notified, talked to, closed."""

from datetime import date, datetime, timedelta

import plan_stage
import pytest
from offices import somebody
from plan_stage import AT, actor, case_of, do, filled

from qingyuan.base.working_days import add_working_days
from qingyuan.cases import watching
from qingyuan.cases.models import Case, CaseStep, Notice
from qingyuan.interfaces.jobs import plan_dispatch
from qingyuan.people import rights
from qingyuan.plans import lights
from qingyuan.plans.book.scope import plans
from qingyuan.plans.dispatching import asking, following, scope
from qingyuan.plans.letters.parties import of_department
from qingyuan.plans.letters.written import department_contents
from qingyuan.plans.models import Responsible
from qingyuan.registers.flow.reasons import Refused

FOLLOWED = ("plan_supervision", "plan_notice", "plan_talk")


@pytest.fixture
def staged(db):
    version, seats = plan_stage.plan(), plan_stage.people()
    plan_stage.give(version, seats)
    return version, seats


def day(at):
    """What the jobs do at an hour of a day."""
    plan_dispatch.look(at)
    watching.escalate(at)
    return at


def told(seats, name, code):
    return Notice.objects.filter(organisation=seats[name].organisation_id, code=code)


def proposed(version, at, name):
    """Kinds of cases proposed for an organisation, by the lights of that moment."""
    states = {key: each.state for key, each in lights.of(version, at).items()}
    return {each.kind: each for each in following.proposals(version, at, states) if each.name == name}


def state(version, seats, name, at):
    cells = following.matrix(version, at)
    return cells[seats[name].organisation_id, ("2025-04-01", "2025-06-30")].state


def test_from_asking_to_the_talk_and_back_to_closed(staged):
    version, seats = staged
    plan, dispatcher, city = version.plan, seats["dispatcher"], seats["city"]
    day(AT)
    case = case_of(city)
    assert (state(version, seats, "city", AT), case.due.date()) == ("asked", date(2025, 7, 14))
    assert told(seats, "city", "opened").count() == 2, (
        "the second quarter and the first, which nobody asked for in time"
    )

    farm = case_of(seats["farm"])
    do(farm, "sign", seats["farm"], {"rows": filled(farm)}, at=AT + timedelta(days=3))
    do(farm, "sign", dispatcher, at=AT + timedelta(days=4))
    assert state(version, seats, "farm", AT + timedelta(days=4)) == "closed"

    day(datetime(2025, 7, 14, 9))
    assert told(seats, "city", "warning").count() == 1 and not told(seats, "city", "overdue").exists()
    assert not told(seats, "farm", "warning").exists(), "what is given is not reminded of"

    late = day(datetime(2025, 7, 15, 9))
    assert state(version, seats, "city", late) == "late" and told(seats, "city", "overdue").exists()
    day(datetime(2025, 7, 16, 9))
    assert told(seats, "city", "supervision").exists()

    assert "plan_supervision" not in proposed(version, datetime(2025, 7, 18, 9), "长春市局")
    at = datetime(2025, 7, 22, 9)
    found = proposed(version, at, "长春市局")["plan_supervision"]
    ordered = asking.follow(
        plan, "plan_supervision", city.organisation, found.reasons, actor(dispatcher), at, "限期报送"
    )
    assert (ordered.step, ordered.due.date()) == ("answer", add_working_days(at.date(), 10))
    assert "6 个工作日" in ordered.values["reasons"] and ordered.values["question"] == "限期报送"

    at = datetime(2025, 7, 30, 9)
    found = proposed(version, at, "长春市局")["plan_notice"]
    noticed = asking.follow(plan, "plan_notice", city.organisation, found.reasons, actor(dispatcher), at)
    assert noticed.step == "acknowledge" and noticed.due.date() == add_working_days(at.date(), 10)
    found = proposed(version, at, "长春市局")["plan_talk"]
    assert "连续 2 期" in found.reasons
    talk = asking.follow(plan, "plan_talk", city.organisation, found.reasons, actor(dispatcher), at)
    assert not set(proposed(version, at, "长春市局")) & set(FOLLOWED), "one of a kind is open at a time"
    assert list(asking.open_of(plan, "plan_talk")) == [talk], "the talk-to list"

    escalated = day(datetime(2025, 8, 20, 9))
    ordered.refresh_from_db()
    assert ordered.stage in ("overdue", "supervision", "accountability"), "these have deadlines, too"

    do(ordered, "sign", city, {"measures": "专人负责", "finish_on": "2025-09-10"}, at=escalated)
    assert (ordered.step, ordered.due.date()) == ("accept", date(2025, 9, 10))
    do(noticed, "sign", city, {"answer": "已整改"}, at=escalated)
    assert noticed.step == "closed"
    with pytest.raises(Refused):
        do(talk, "sign", dispatcher, {"talked_on": "2025-08-21"}, at=escalated)
    do(
        talk,
        "sign",
        dispatcher,
        {"talked_on": "2025-08-21", "present": "分管副市长", "points": "9 月底前补报"},
        at=escalated,
    )
    assert talk.step == "mend" and talk.due.date() == add_working_days(escalated.date(), 20)
    do(talk, "sign", city, {"measures": "已建周调度"}, at=escalated)

    for each in Case.objects.filter(kind="plan_report", organisation=city.organisation_id):
        do(each, "sign", city, {"rows": filled(each)}, at=escalated)
        do(each, "sign", dispatcher, at=escalated)
    for each in (ordered, talk):
        do(each, "sign", dispatcher, {"opinion": "已落实"}, at=escalated + timedelta(days=1))
        assert each.step == "closed" and each.closed_at is not None
    after = escalated + timedelta(days=2)
    assert state(version, seats, "city", after) == "late_given", "given late stays told"
    assert not Case.objects.filter(is_open=True, organisation=city.organisation_id).exists()
    assert not list(asking.open_of(plan, "plan_talk")), "nobody is on the talk-to list any more"


def test_every_case_of_dispatch_has_a_deadline_and_its_chain_is_whole(staged):
    version, seats = staged
    day(AT)
    for kind in FOLLOWED:
        asking.follow(version.plan, kind, seats["city"].organisation, "进度落后。", actor(seats["dispatcher"]), AT)
    found = list(Case.objects.filter(values__plan=version.plan.code))
    assert {each.kind for each in found} == {asking.KIND, *FOLLOWED}
    assert all(each.due is not None and each.organisation for each in found)
    assert all(CaseStep.objects.filter(record=each).count() == each.version for each in found)


def test_what_was_asked_late_or_closed_is_told_as_of_any_moment(staged):
    """The same cases seen from earlier: nothing of later shows."""
    version, seats = staged
    day(AT)
    case = case_of(seats["city"])
    given = datetime(2025, 7, 20, 9)
    do(case, "sign", seats["city"], {"rows": filled(case)}, at=given)
    do(case, "sign", seats["dispatcher"], at=given + timedelta(days=1))
    seen = [state(version, seats, "city", at) for at in (AT, datetime(2025, 7, 16, 9), given + timedelta(days=2))]
    assert seen == ["asked", "late", "late_given"]
    assert following.matrix(version, AT - timedelta(days=1)) == {}


def test_a_city_s_own_plan_gives_its_tasks_to_its_own_departments(db):
    """Duties of departments at the city's level: asked, dispatched and signed for within the city, and nowhere else."""
    version = plan_stage.plan(code="changchun-14th", division="220100")
    seats = {
        name: somebody(title, place, *held, level=level)
        for name, title, place, held, level in (
            ("city", "市规划处", "220100", [("planning", "*"), ("dispatch", "plan")], "city"),
            ("farm", "市农业农村局", "220100", [("task", "plan")], "city"),
            ("other", "吉林市规划处", "220200", [("planning", "*"), ("dispatch", "plan")], "city"),
            ("county", "县规划科", "220104", [("planning", "*"), ("dispatch", "plan")], "county"),
        )
    }
    for each in version.items.filter(key__in=("t1", "t2")):
        Responsible.objects.create(item=each, name="市农业农村局", lead=True, organisation=seats["farm"].organisation)
    plan_stage.adopt(version)
    day(AT)
    case = case_of(seats["farm"])
    assert (case.division, {row["key"] for row in case.values["rows"]}) == ("220100", {"t1", "t2"})
    held = {name: rights.of(each.user, datetime(2025, 11, 1)) for name, each in seats.items()}
    may = {name: scope.dispatches(each, case.division, case.domain) for name, each in held.items()}
    assert may == {"city": True, "farm": False, "other": False, "county": False}
    assert version.plan not in plans(held["other"]) and version.plan in plans(held["county"])
    assert {each.name_zh for each in scope.organisations(held["city"], version.plan)} == {
        "市规划处", "市农业农村局", "县规划科"
    }  # fmt: skip
    found = department_contents(version, [of_department(seats["farm"].organisation)])
    letter = found[seats["farm"].organisation_id]
    assert letter.party.above == "长春市" and "牵头任务：秸秆还田" in letter.text
    do(case, "sign", seats["farm"], {"rows": filled(case)})
    do(case, "sign", seats["city"])
    assert case.step == "closed"
