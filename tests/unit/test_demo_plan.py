"""The demo's plan at work: people, plan, projects, reports, shares, evaluation; every page of the plan shows them."""

import re
from datetime import datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client
from small_province import built as built

from qingyuan.cases.models import Case
from qingyuan.domains.air import simulated
from qingyuan.interfaces.jobs import demo, demo_people, demo_plan, demo_year
from qingyuan.interfaces.jobs.year import projects
from qingyuan.observations.datasets import open_dataset
from qingyuan.people.audit import SYSTEM
from qingyuan.people.models import Person
from qingyuan.people.rights import of
from qingyuan.plans.book import seeding
from qingyuan.plans.models import Evaluation, Plan, Reported, Responsible
from qingyuan.registers.models import RegisterRecord

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("second_factor_optional", "built")]
ENDS = datetime(2026, 3, 10, 11)


def silent(*_told):
    """No bar."""


@pytest.fixture
def filled(tmp_path, monkeypatch):
    """Four days of air, a month of the demo's cases, its plan."""
    months, simulate, days = simulated.months, simulated.simulate, (datetime(2025, 9, 29), datetime(2025, 10, 2, 14))
    monkeypatch.setattr(simulated, "LAST", days[1])
    monkeypatch.setattr(simulated, "months", lambda: months(*days))
    monkeypatch.setattr(simulated, "simulate", lambda: simulate(first=days[0], last=days[1]))
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    demo.fill(tmp_path)
    demo_people.fill(tmp_path)
    seeding.seed(SYSTEM, ENDS, simulated=True)
    demo_year.fill(tmp_path, ENDS, silent, 0.1, 60)
    return tmp_path, demo_plan.fill(open_dataset(tmp_path, demo.SLUG), ENDS, silent)


def answer(account, address):
    client = Client(SERVER_NAME="localhost")
    if account:
        client.force_login(User.objects.get(username=account))
    found = client.get(address, HTTP_ACCEPT_LANGUAGE="zh-hans")
    assert found.status_code == 200, (account, address, found.status_code)
    return found.content.decode()


def test_every_page_of_the_plan_shows_the_simulated_year_and_says_so(filled):
    data, done = filled
    assert done.reported > 200 and done.shares == 7 and done.projects == 4
    assert demo_plan.fill(open_dataset(data, demo.SLUG), ENDS, silent) == done, "filled once"
    assert not Reported.objects.filter(simulated=False).exists()
    assert Evaluation.objects.get().simulated and Plan.objects.get().simulated
    assert all(each.simulated for each in RegisterRecord.objects.filter(kind=projects.KIND))
    assert Responsible.objects.filter(organisation=None, lead=True).count() == 0
    farm = answer("nongye", "/plan/mine/")
    assert "农业" in farm
    shown = {
        "/plan/": "产业", "/plan/tasks/t009/": "吉林省", "/plan/dispatch/": "吉林省发展改革委", "/plan/targets/": "长春市",
        "/plan/heat/": "长春市", "/plan/projects/": "（模拟）", "/plan/evaluations/": "模拟",
    }  # fmt: skip
    pages = {address: answer("guihua", address) for address in shown}
    pages["/public/plan/"] = answer("", "/public/plan/")
    for address, page in pages.items():
        assert shown.get(address, "任务") in page, address
        assert "模拟" in page, address
    for address in ("/plan/", "/plan/tasks/t009/", "/plan/projects/", "/plan/evaluations/", "/public/plan/"):
        assert re.search(r'(· |</a> )<span class="sim">', pages[address]), address
    sees_the_plan_only(Person.objects.get(user__username="guihua"))


def sees_the_plan_only(planner):
    """Their rights are over plans, not over the cases of the province."""
    rights = of(planner.user, ENDS)
    seen = Case.objects.filter(rights.where("cases.see"))
    assert seen.exists() and set(seen.values_list("domain", flat=True)) == {"plan"}
    assert rights.may("plan.dispatch", "220000", "plan") and not rights.may("cases.assign", "220000", "air")
