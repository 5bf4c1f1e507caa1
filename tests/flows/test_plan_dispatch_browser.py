"""Dispatch in a real browser: a report is filled, returned, corrected and accepted; the light turns."""

import os
from pathlib import Path

import plan_stage
import pytest
import stage

from qingyuan.base.time import now
from qingyuan.cases.models import Case
from qingyuan.plans.dispatching import asking
from qingyuan.plans.models import Reported

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("QINGYUAN_SHOTS")


@pytest.fixture
def seats(tmp_path, monkeypatch):
    """The small province, and the small plan running now with its reports asked for."""
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    stage.build(tmp_path)
    version, found = plan_stage.plan(), plan_stage.people()
    plan_stage.give(version, found)
    plan = version.plan
    plan.first_day, plan.last_day = (
        plan.first_day.replace(year=now().year - 3),
        plan.last_day.replace(year=now().year + 1),
    )
    plan.save()
    asking.look(now())
    return found


@pytest.fixture
def visit(page_of, seats):
    """Opens addresses as one of the plan's people."""
    return lambda name, *address, **more: page_of(seats[name].user, *address, **more)


def shot(page, name):
    if SHOTS:
        page.wait_for_timeout(400)
        page.screenshot(path=str(Path(SHOTS) / f"plandispatch_{name}.png"), full_page=True)


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_pages_fit_their_width(visit, seats, width, height, lang):
    case = Case.objects.filter(organisation=seats["farm"].organisation_id).last()
    for who, name, address in (
        ("farm", "mine", "/plan/mine/"),
        ("farm", "report", f"/plan/reports/{case.pk}/"),
        ("dispatcher", "board", "/plan/dispatch/"),
    ):
        page = visit(who, address, width, height, lang)
        shot(page, f"{name}_{lang}_{width}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def test_a_report_is_filled_returned_corrected_and_the_light_turns(visit, seats):
    case = Case.objects.filter(organisation=seats["city"].organisation_id).last()
    page = visit("city", "/plan/mine/")
    assert "未填报" in page.inner_text("tr#task-t3")
    page.click(f'a[href*="/plan/reports/{case.pk}/"]')
    page.select_option('select[name="0.status"]', "under_way")
    page.fill('input[name="0.progress"]', "130")
    page.click('button[value="sign"]')
    assert "不在 0–100 之间" in page.inner_text(".errors")
    assert page.input_value('input[name="0.progress"]') == "130"
    shot(page, "report_wrong")
    page.fill('input[name="0.progress"]', "92")
    page.click('button[value="sign"]')
    page.wait_for_selector(".note.good")
    review = visit("dispatcher", f"/plan/reports/{case.pk}/")
    review.fill('input[name="0.reason"]', "请附照片")
    review.click('button[value="return"]')
    review.wait_for_selector(".note.good")
    again = visit("city", f"/plan/reports/{case.pk}/")
    assert "请附照片" in again.inner_text(".rt")
    shot(again, "report_returned")
    again.fill('input[name="0.progress"]', "10")
    again.click('button[value="sign"]')
    again.wait_for_selector(".note.good")
    accept = visit("dispatcher", f"/plan/reports/{case.pk}/")
    shot(accept, "review")
    accept.click('button[value="sign"]')
    accept.wait_for_selector(".note.good")
    turned = visit("city", "/plan/mine/").inner_text("tr#task-t3")
    assert "落后" in turned
    assert "进度 10%" in turned
    assert [each.progress for each in Reported.objects.order_by("pk")] == [92, 10]
