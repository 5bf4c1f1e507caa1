"""My work: cases, reports and records that wait for somebody, and their count in the rail."""

import re
from datetime import timedelta

import case_stage
import pytest
import seats
from django.core.cache import cache
from django.test import Client
from registering import CATALOGUE, Ledger, somebody

from qingyuan.base.time import now
from qingyuan.people.audit import Actor
from qingyuan.people.rights import of
from qingyuan.registers import acting, scope
from qingyuan.registers.flow import fold as registers
from qingyuan.registers.flow.acts import Given
from qingyuan.registers.models import RegisterRecord
from qingyuan.reports import handling, taking
from qingyuan.reports.models import Report, Verb


@pytest.fixture
def made(db, data):
    """Authorities, cases, a report and a boiler of the county Chuanying, a boiler of another county."""
    cache.clear()
    organisations = case_stage.organisations()
    case_stage.fill()
    taking.receive(data, taking.Told("smoke", "烟囱冒黑烟", "厂区", "220204"), now())
    for place, name in (("220204", "船营锅炉"), ("220104", "朝阳锅炉")):
        ledger = Ledger("coal_boiler", division=place)
        ledger.at = now() - timedelta(days=1)
        ledger.open(somebody("county.environment", division=place), values={"name": name})
    return organisations


@pytest.fixture
def county(made):
    client = Client(SERVER_NAME="localhost")
    client.force_login(case_stage.account("chuanying", made["220204", "environment"]))
    return client


def counted(client):
    cache.clear()
    found = re.search(r'<b class="n">.*?</span>(\d+)</b>', client.get("/work/").content.decode())
    return int(found[1]) if found else 0


def test_what_waits_stands_in_one_list(county):
    told = county.get("/work/").content.decode()
    assert "船营锅炉" in told and Report.objects.get().number in told
    assert "朝阳锅炉" not in told and "截污干管" not in told


def test_the_rail_counts_what_is_on_the_page(county):
    rows = county.get("/work/").content.decode().count('class="ti"')
    assert counted(county) == rows >= 2


def test_what_is_done_waits_no_longer(county):
    before = counted(county)
    handling.act(Report.objects.get(), Verb.ACCEPTED, Actor(1, "张磊", None), now())
    assert counted(county) == before - 1
    record = RegisterRecord.objects.get(title="船营锅炉")
    holds = scope.holds(somebody("county.environment", division="220204"), record)
    acting.act(
        CATALOGUE.kind("coal_boiler"),
        record.pk,
        Given("void", registers.Actor(1, "张磊", 1), now(), 1, holds, note="重复"),
    )
    assert counted(county) == before - 2


def test_who_may_not_sign_has_nothing_to_do(made):
    planner = Client(SERVER_NAME="localhost")
    planner.force_login(seats.seated("planner", "planning"))
    assert counted(planner) == 0
    assert 'class="ti"' not in planner.get("/work/").content.decode()


def test_what_waits_is_what_may_be_signed(made):
    """The filter of the database says the same as the question asked of one record."""
    for duty, level, place in (
        ("environment", "county", "220204"),
        ("environment", "city", "220200"),
        ("water", "county", "220204"),
    ):
        rights = of(seats.seated(f"{duty}{level}", duty, division=place, level=level), now())
        mine = set(RegisterRecord.objects.filter(scope.waiting(rights, CATALOGUE.kinds.values())))
        for record in RegisterRecord.objects.all():
            step = CATALOGUE.kind(record.kind).steps[record.step]
            assert (record in mine) == any(map(scope.holds(rights, record), step.signs)), (duty, level, record)


def test_the_page_asks_few_questions(county, django_assert_max_num_queries):
    county.get("/work/")
    with django_assert_max_num_queries(12):
        county.get("/work/")
