"""The burden of forms: what is typed and what is known, counted with each step, told by division, kind and week."""

import io
from datetime import timedelta
from importlib import import_module

import case_stage
import openpyxl
import pytest
from django.apps import apps
from django.core.cache import cache
from django.test import Client
from registering import Ledger, somebody

from qingyuan.base.time import now
from qingyuan.cases.models import CaseStep
from qingyuan.registers import acting
from qingyuan.registers.models import RegisterRecord, RegisterStep


@pytest.fixture
def made(db, data):
    cache.clear()
    organisations = case_stage.organisations()
    case_stage.fill()
    ledger = Ledger("coal_boiler", division="220204", site="S1")
    ledger.at = now() - timedelta(hours=1)
    who = somebody("county.environment", division="220204")
    ledger.open(who, values={"name": "锅炉", "owner": "S1"}, known={"owner": "site"})
    ledger.do("fill", who, values={"capacity": "20", "built_up": "yes"})
    RegisterRecord.objects.update(simulated=True)
    return organisations


def client(made, division, duty="environment"):
    found = Client(SERVER_NAME="localhost")
    found.force_login(case_stage.account(f"a{division}{duty}", made[division, duty]))
    return found


def table(browser, query=""):
    content = browser.get(f"/burden/?export=xlsx{query}").content
    return list(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True))[1:]


def test_each_step_keeps_what_was_typed_and_what_was_known(made):
    opened, filled = RegisterStep.objects.order_by("sequence")
    assert (opened.typed, opened.prefilled) == (1, 1)
    assert (filled.typed, filled.prefilled) == (2, 0)
    assert not CaseStep.objects.filter(account=None, typed__gt=0).exists()
    assert CaseStep.objects.filter(account=None, prefilled__gt=0).exists()


def test_a_workbook_is_not_typed(made):
    rights = somebody("county.environment", division="220204")
    ledger = Ledger("coal_boiler", division="220204")
    acting.open_many(ledger.kind, [(acting.Place("220204"), ledger.given("open", rights, values={"name": "甲"}))], True)
    assert list(RegisterStep.objects.order_by("-pk").values_list("typed", "prefilled")[:1]) == [(0, 1)]


def test_the_workbook_adds_up_by_division_kind_and_week(made):
    rows = [row for row in table(client(made, "220000"), "&place=220200") if row[3] == "燃煤锅炉淘汰"]
    assert [row[1:] for row in rows] == [("船营区", "220204", "燃煤锅炉淘汰", 2, 3, 1, 1, 3, 25)]


def test_one_sees_the_burden_of_ones_own_place(made):
    city = client(made, "220200")
    assert {row[2][:4] for row in table(city)} == {"2202"}
    assert "燃煤锅炉淘汰" in city.get("/burden/").content.decode()
    assert client(made, "220100").get("/burden/").content.decode().count("燃煤锅炉淘汰") == 0
    assert client(made, "220200", "inspection").get("/burden/").status_code == 403


def test_the_page_asks_few_questions(made, django_assert_max_num_queries):
    city = client(made, "220200")
    city.get("/burden/")
    with django_assert_max_num_queries(12):
        city.get("/burden/")


@pytest.mark.parametrize(
    ("app", "steps"), [("registers.migrations.0002", RegisterStep), ("cases.migrations.0004", CaseStep)]
)
def test_steps_from_before_are_counted(made, app, steps):
    before = list(steps.objects.order_by("pk").values_list("typed", "prefilled"))
    steps.objects.update(typed=0, prefilled=0)
    import_module(f"qingyuan.{app}_burden").weigh(apps, None)
    assert list(steps.objects.order_by("pk").values_list("typed", "prefilled")) == before
