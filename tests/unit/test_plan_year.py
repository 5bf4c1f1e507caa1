"""A simulated year of reports on a plan."""

from datetime import datetime

import plan_stage
import pytest
from offices import somebody

from qingyuan.base.errors import WrongUsage
from qingyuan.cases.models import Case
from qingyuan.interfaces.jobs.year import dispatching
from qingyuan.people.models import Post
from qingyuan.plans import lights
from qingyuan.plans.dispatching import asking, following, standing
from qingyuan.plans.models import Reported, Responsible

BEGINS, ENDS = datetime(2025, 1, 1), datetime(2025, 12, 20)


@pytest.fixture
def version(db):
    made, seats = plan_stage.plan(), plan_stage.people()
    for number in range(12):
        person = somebody(f"厅{number}", "220000", ("task", "plan"), level="province")
        item = plan_stage.item(made, "task", f"x{number}", f"任务{number}", 20 + number)
        Responsible.objects.create(item=item, name=person.name, lead=True, organisation=person.organisation)
    plan_stage.give(made, seats)
    Post.objects.update(since=datetime(2024, 1, 1))
    return made


def test_the_year_is_told_once_and_the_same_way(version):
    plan = version.plan
    number = dispatching.simulate(plan, BEGINS, ENDS)
    rows = Reported.objects.filter(plan=plan)
    assert number == rows.count() > 30
    assert all(each.simulated and each.case.simulated for each in rows)
    assert dispatching.simulate(plan, BEGINS, ENDS) == 0
    states = {cell.state for cell in following.matrix(version, ENDS).values()}
    assert {"closed", "late", "late_given"} <= states
    assert rows.exclude(replaces=None).exists()
    for key, parts in standing.latest(asking.report(each) for each in rows).items():
        assert all(part.progress is None or 0 <= part.progress <= 100 for part in parts.values()), key
    shown = {each.state for (kind, _key), each in lights.of(version, ENDS).items() if kind == "task"}
    assert len(shown) >= 3
    assert Case.objects.filter(kind="plan_report", is_open=True).exists()


def test_a_real_plan_is_not_simulated(version):
    version.plan.simulated = False
    with pytest.raises(WrongUsage, match="no simulated plan"):
        dispatching.simulate(version.plan, BEGINS, ENDS)
