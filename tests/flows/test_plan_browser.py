"""A plan's text in a real browser: imported, reviewed by keyboard beside its text, refused while in doubt, adopted."""

import json
from datetime import datetime

import pytest

from qingyuan.people.models import Duty, Organisation, Post
from qingyuan.plans.models import Item, Version

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TEXT = "第一章 水\n护好河流。到２０３０年，好水比例达到８５１％。\n修好管网。\n"


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    return tmp_path


def _draft(path):
    def at(part):
        return [TEXT.index(part), TEXT.index(part) + len(part)]

    doubt = {"field": "value", "printed": "８５１", "alternatives": [85.1, 8.51]}
    task = {"quantities": [], "lead": None}
    told = {
        "title": "试验规划", "first_year": 2026, "last_year": 2030, "text": TEXT, "boxes": [], "indicators": [],
        "chapters": [{"no": 1, "title": "水", "sections": [], "text_span": at("第一章 水")}],
        "tasks": [
            {**task, "no": 1, "title": "护好河流", "text": "护好河流。", "departments": ["省水利厅"], "text_span": at("护好河流。到２０３０年，好水比例达到８５１％。")},
            {**task, "no": 2, "title": "修好管网", "text": "修好管网。", "departments": ["省住房城乡建设厅"], "text_span": at("修好管网。")},
        ],
        "targets": [{"subject": "好水比例", "value": 851, "unit": "%", "text": "好水比例达到８５１％", "text_span": at("好水比例达到８５１％"), "doubtful": [doubt]}],
    }  # fmt: skip
    path.write_text(json.dumps(told), "utf-8")
    return path


def test_a_plan_is_imported_reviewed_and_adopted(visit, data):
    reader = Organisation.objects.get(name_zh="机构reader")
    duty = Duty.objects.create(organisation=reader, code="lead", division="220000", domain="*")
    Post.objects.create(person=reader.people.get(), duty=duty, since=datetime(2020, 1, 1))
    page = visit("/plan/import/")
    page.set_input_files("#file", _draft(data / "draft.json"))
    page.fill("#code", "test-15th")
    page.click("form button.big")
    page.wait_for_url("**/plan/versions/*/")
    present = page.locator("[data-item][aria-current]")
    assert "好水比例" in present.inner_text(), "what is in doubt comes first"
    assert page.locator("[data-source] mark").inner_text() == "好水比例达到８５１％"

    page.fill("#reason", "审定")
    page.click("#adopt button")
    page.wait_for_selector("[role=alert]")
    assert "好水比例" in page.locator("[role=alert]").inner_text()
    assert page.title().startswith("错误：")

    page.locator("body").press("2")
    page.wait_for_selector("#left:not(:has-text('存疑'))")
    assert Item.objects.get(kind="target").facts["value"] == 85.1
    page.locator("[data-item]").nth(1).click(position={"x": 5, "y": 5})
    assert page.locator("[data-source] mark").inner_text().startswith("护好河流")
    page.keyboard.press("x")
    page.wait_for_selector("#left:has-text('剔除 1')")
    page.keyboard.press("u")
    page.wait_for_selector("#left:not(:has-text('剔除'))")
    page.click("button[value=bulk]")
    page.wait_for_selector("#left:has-text('可以审定')")

    page.fill("#reason", "省政府常务会审定")
    page.click("#adopt button")
    page.wait_for_selector("h1 + p:has-text('封存')")
    assert page.locator("[data-confirm], [data-reject], [data-undo]").count() == 0
    assert Version.objects.get().state == "adopted"
