"""The whole loop in a browser: reported without a name, taken up, assigned, done in the field without a network,
mended, checked, closed, and read by the reporter's code; with the keyboard alone; without barriers."""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
import stage
from accessible import axe
from django.contrib.auth.models import User

from qingyuan.base.time import now
from qingyuan.cases import acting
from qingyuan.cases.models import Attachment, Case
from qingyuan.interfaces.jobs import demo_people
from qingyuan.people import audit
from qingyuan.people.models import Person
from qingyuan.registers.flow.fold import Actor
from qingyuan.reports.models import Report

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("QINGYUAN_SHOTS")
DESK, PHONE = (1440, 900), (390, 844)
COUNTY, GRID = "220122", "220122101001"


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A data folder with the small province and the demo's people."""
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    stage.build(tmp_path)
    demo_people.fill(tmp_path)
    return tmp_path


@pytest.fixture
def people(browser, live_server, data):
    """Opens a window of somebody (or of nobody) by the login page; ends without outside requests or errors."""
    contexts, problems = [], []

    def window(account="", size=DESK):
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("request", lambda asked: problems.append(asked.url) if outside(asked.url) else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.host = live_server.url
        if account:
            page.goto(f"{live_server.url}/login/")
            page.locator(f"a.btn[href*='as={account}&']").click()
            page.locator("section.login button.go").click()
            page.wait_for_url(lambda url: "/login" not in url)
        return page

    def outside(url):
        return not url.startswith((live_server.url, "data:", "blob:"))

    yield window
    for context in contexts:
        context.close()
    assert not problems


def shot(page, name):
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"loop_{name}.png"))


def reported(page):
    """Send a report without a name from a phone; its code."""
    page.goto(f"{page.host}/report/")
    axe(page)
    page.locator("label.chip:has(input[value=straw])").click()
    page.locator("#text").fill("村东头在烧秸秆，烟很大")
    page.locator("#division").select_option(COUNTY)
    page.locator("#words").fill("哈拉海镇五队地头")
    page.wait_for_timeout(4200)  # the form rests for machines that write faster
    page.locator("#report button.go").click()
    page.wait_for_url(lambda url: "/report/sent" in url or "sent" in url)
    return re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", page.locator("main").inner_text())[0]


def taken_up(page):
    """An officer of the county takes it up; the case it opened."""
    report = Report.objects.get()
    page.goto(f"{page.host}/reports/{report.number}/")
    axe(page)
    page.locator("button[value=accept]").click()
    page.locator("a.mono").wait_for()
    return Case.objects.get(kind="public_report")


def handed(page, case, organisation, why):
    page.goto(f"{page.host}/cases/{case.pk}/")
    page.locator("summary", has_text="移交").click()
    form = page.locator("details[open] form:has(#org)")
    form.locator("#org").select_option(label=next(
        each for each in form.locator("#org option").all_inner_texts() if organisation in each
    ))  # fmt: skip
    form.locator("[name=note]").fill(why)
    with page.expect_navigation():
        form.locator("button").last.click()


def signed(page, case, **values):
    page.goto(f"{page.host}/cases/{case.pk}/")
    form = page.locator("form.acts:has(button.go)").first
    for name, value in values.items():
        field = form.locator(f"[name={name}]").first
        if field.evaluate("each => each.tagName") == "SELECT":
            field.select_option(value)
        elif field.get_attribute("type") == "radio":
            form.locator(f"[name={name}][value='{value}']").check(force=True)
        else:
            field.fill(value)
    with page.expect_navigation():
        form.locator("button.go").click()
    case.refresh_from_db()


def on_the_phone(page):
    """The page of a grid member, ready for the time without a network."""
    page.goto(f"{page.host}/field/")
    page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    page.reload()
    page.locator("a.tk").first.wait_for()
    page.wait_for_function("navigator.serviceWorker.controller !== null")


def written(page, title, choice, note, tmp_path):
    """A task done on the phone, with a photograph."""
    page.locator("a.tk", has_text=title).click()
    page.locator(f"label.pick4:has(input[value={choice}])").click()
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(picture())
    page.locator("#camera").set_input_files(str(photo))
    page.locator(".pg img").wait_for()
    page.locator("#note").fill(note)
    page.locator("form.task button.go").click()


def picture():
    from io import BytesIO

    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (64, 48), (200, 120, 40)).save(out, "JPEG")
    return out.getvalue()


def test_from_a_report_to_its_answer(people, data, tmp_path):
    phone = people(size=PHONE)
    code = reported(phone)
    county = people("xian")
    case = taken_up(county)
    handed(county, case, "哈拉海镇第1网格", "就近核实")
    case.refresh_from_db()
    assert (case.division, case.level) == (GRID, "grid"), "the case moves to the grid that has it"
    limit = (now() + timedelta(days=3)).date().isoformat()
    signed(county, case, leader="李婧", limit=limit, orders="到场核实")
    assert case.step == "investigate"
    member = people("wangge", PHONE)
    on_the_phone(member)
    axe(member)
    member.context.set_offline(True)
    member.locator("[data-offline]:not([hidden])").wait_for()
    written(member, "哈拉海镇五队地头", "yes", "到场已扑灭，约两亩", tmp_path)
    member.get_by_text("存在手机里").first.wait_for()
    axe(member)
    shot(member, "queue")
    case.refresh_from_db()
    assert case.step == "investigate", "nothing arrives without a network"
    member.reload()
    member.locator("a.btn[href='#queue'], h1").first.wait_for()
    member.context.set_offline(False)
    member.wait_for_function("document.querySelector('[data-offline]').hidden")
    settled(case, "rectify")
    assert case.values["facts"].startswith("到场已扑灭") and Attachment.objects.filter(case=case).count() == 1
    handed(county, case, "农安县执法大队", "落实整改")
    inspector = people("dadui")
    signed(inspector, case, measures="余火浇灭，秸秆离田", rectified_on=now().date().isoformat())
    signed(inspector, case, opinion="现场复核，无复燃")
    assert case.step == "close"
    signed(county, case, acceptance="同意销号", published="true")
    assert case.step == "closed"
    answered(phone, code)
    assert audit.verify(data).whole


def settled(case, step):
    """Wait until an act of the phone has arrived."""
    for _try in range(60):
        case.refresh_from_db()
        if case.step == step:
            return
        import time

        time.sleep(0.25)
    pytest.fail(f"the case stands at {case.step}")


def answered(page, code):
    page.goto(f"{page.host}/report/track/")
    page.locator("[name=code]").fill(code)
    page.locator("main form button").first.click()
    page.get_by_text("情况属实").first.wait_for()
    text = page.locator("main").inner_text()
    assert "秸秆离田" in text and "同意销号" in text
    axe(page)
    shot(page, "answer")


def hot_spot():
    """A hot spot assigned to the first grid."""
    from qingyuan.cases import opening

    at = now() - timedelta(minutes=20)
    signal = opening.Signal(
        "hot_spot",
        "榆树沟村火点",
        GRID,
        "straw",
        at,
        "test",
        "1",
        origin="satellite",
        place=(125.1, 44.4),
        simulated=True,
    )
    case = opening.open_case(signal, at)
    member = Person.objects.get(user__username="wangge")
    to = {"organisation": member.organisation_id, "organisation_name": member.organisation.name_zh, "level": "grid"}
    acting.system(case, "hand_over", at, handed=to, note="派给网格")
    case.refresh_from_db()
    given = {"leader": "王宏", "limit": now().date().isoformat()}
    acting.act(case.pk, acting.Doing("sign", Actor(None, "镇里"), case.version, given), lambda _signer: True, at)
    case.refresh_from_db()
    return case


def test_two_values_given_at_once_are_settled_on_the_phone(people, data, tmp_path):
    case = hot_spot()
    member = people("wangge", PHONE)
    on_the_phone(member)
    member.context.set_offline(True)
    written(member, "榆树沟村", "burnt", "已烧完", tmp_path)
    colleague = User.objects.get(username="zhen")
    doing = acting.Doing("fill", Actor(colleague.pk, "王宏", case.organisation), case.version, {"seen": "burning"})
    acting.act(case.pk, doing, lambda _signer: True, now())
    member.context.set_offline(False)
    member.locator("a.btn[href='#queue']").or_(member.locator(".differs")).first.wait_for()
    member.goto(f"{member.host}/field/#queue")
    member.locator(".differs form").wait_for()
    axe(member)
    shot(member, "differs")
    member.locator(".differs form button").first.click()
    settled(case, "rectify")
    assert case.values["seen"] == "burnt", "one's own was chosen"


def test_cases_by_keyboard_alone(people, data):
    case = hot_spot()
    page = people("xian")
    page.goto(f"{page.host}/cases/")
    page.locator("a.ti").first.wait_for()
    axe(page)
    page.keyboard.press("/")
    page.keyboard.type("榆树沟")
    page.wait_for_url(lambda url: "q=" in url)
    assert page.evaluate("document.activeElement.id") == "words", "the list is narrowed while one types"
    page.locator("a.ti", has_text="榆树沟").wait_for()
    for _press in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('a.ti')"):
            break
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.split("?")[0].endswith(f"/cases/{case.pk}/")
    axe(page)
