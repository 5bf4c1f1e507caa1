"""The evaluation pages: who sees which sheet, the way from self-assessment to the public page."""

from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
import seats
from django.contrib.auth.models import User
from django.test import Client

from qingyuan.people.audit import Actor
from qingyuan.plans.evaluating import rounds
from qingyuan.plans.evaluating.known import Facts, Measure, Trace
from qingyuan.plans.evaluating.rounds import Frame
from qingyuan.plans.evaluating.rules import rules
from qingyuan.plans.evaluating.sheet import score
from qingyuan.plans.facts import Words
from qingyuan.plans.models import Evaluation, Plan

pytestmark = pytest.mark.django_db
DAY = date(2022, 12, 31)
TRACE = Trace("computed", Words("平台", "platform"), "air.daily_aqi", "2022-12-31T23", "3")


def sheet(code, name, value):
    measure = Measure("1", Words("某指标", "it"), "%", "binding", "down", 1, Decimal(40), date(2020, 12, 31),
                      Decimal(32), date(2024, 12, 31), Decimal(value), TRACE)  # fmt: skip
    return score(rules("midterm", DAY), Facts(code, Words(name, code), DAY, (measure,), events=()))


@pytest.fixture
def opened():
    plan = Plan.objects.create(
        code="p", title="某规划", division="220000", first_day="2021-01-01", last_day="2025-12-31"
    )
    frame = Frame(plan, None, "midterm", datetime(2022, 12, 31, 23), 3, rules("midterm", DAY), True)
    sheets = [sheet("220100", "甲市", 31), sheet("220200", "乙市", 45)]
    return rounds.start(frame, sheets, Actor(None, "甲", None), datetime(2023, 3, 1))


def browser(name, *duties, **scope):
    made = Client(SERVER_NAME="localhost")
    user = User.objects.filter(username=name).first() or seats.seated(name, *duties, **scope)
    made.force_login(user)
    return made


def city(code="220100"):
    return browser(f"city{code}", "environment", division=code, level="city")


def at(opened, rest=""):
    return f"/plan/evaluations/{opened.pk}/{rest}"


def test_a_city_sees_its_own_sheet_until_the_result_is_published(opened):
    asked = city()
    told = asked.get(at(opened)).content.decode()
    assert "甲市" in told and "乙市" not in told
    assert asked.get(at(opened, "220100/")).status_code == 200
    assert asked.get(at(opened, "220200/")).status_code == 404
    assert Client().get(f"/public/plan/evaluations/{opened.pk}/").status_code == 404


def test_a_city_speaks_for_itself_and_nobody_else_does(opened):
    province = browser("province", "planning")
    assert province.post(at(opened, "220100/act/"), {"verb": "assess"}).status_code == 403
    assert city().post(at(opened, "220100/act/"), {"verb": "review"}).status_code == 403
    assert city().post(at(opened, "220100/act/"), {"verb": "assess"}).status_code == 302


def test_what_cannot_be_taken_is_told_and_what_was_typed_stays(opened):
    answer = city().post(at(opened, "220100/act/"), {"verb": "assess", "p:binding.1": "3", "note": "留着"})
    assert answer.status_code == 400 and "留着" in answer.content.decode()
    assert opened.sheets.get(division="220100").step == "self"


def test_from_self_assessment_to_the_public_page(opened):
    province = browser("province", "planning")
    for code in ("220100", "220200"):
        own, here = city(code), at(opened, f"{code}/act/")
        assert own.post(here, {"verb": "assess"}).status_code == 302
        assert province.post(here, {"verb": "review"}).status_code == 302
        if code == "220200":
            told = {"verb": "appeal", "note": "扬沙日应剔除", "evidence": "A-1"}
            assert own.post(here, told).status_code == 302
            full = opened.sheets.get(division=code).computed["lines"][0]["full"]
            told = {"verb": "decide", "note": "采纳", "p:binding.1": full, "r:binding.1": "已剔除"}
            assert province.post(here, told).status_code == 302
        else:
            assert own.post(here, {"verb": "accept"}).status_code == 302
    assert province.post(at(opened, "publish/")).status_code == 302
    assert Evaluation.objects.get(pk=opened.pk).state == "published"
    public = Client().get(f"/public/plan/evaluations/{opened.pk}/").content.decode()
    assert "乙市" in public and public.count("100.00") == 2 and "扬沙" not in public
    assert "甲市" in city("220200").get(at(opened)).content.decode()


def test_the_workbook_has_every_line_with_its_source(opened):
    answer = browser("province", "planning").get(at(opened) + "?export=xlsx")
    book = openpyxl.load_workbook(BytesIO(answer.content))
    lines = list(book.worksheets[1].iter_rows(min_row=2, values_only=True))
    assert len(lines) == 4 and any("air.daily_aqi" in str(row) for row in lines)


def test_without_the_duty_there_is_no_page(opened):
    assert browser("m", "monitoring").get("/plan/evaluations/").status_code == 403
