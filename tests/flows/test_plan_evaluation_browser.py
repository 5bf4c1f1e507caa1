"""Evaluation in a real browser: opened, self-assessed offline, reviewed, appealed, decided, reported, published, read."""

import io
import os
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
import seats
import stage
from accessible import axe

from qingyuan.interfaces.jobs import demo_shares
from qingyuan.people.audit import Actor
from qingyuan.plans.book import seeding
from qingyuan.plans.evaluating import rounds
from qingyuan.plans.evaluating.rounds import Act
from qingyuan.plans.models import Evaluation
from qingyuan.plans.reporting import making

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("QINGYUAN_SHOTS")
SIZES = [(1440, 900, "light"), (390, 844, "dark")]
PLACE, WHO = "220100", Actor(None, "其他人", None)


@pytest.fixture
def accounts(tmp_path, monkeypatch):
    """The small province with the library's plan in force, targets broken down, and who plans and who answers."""
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    stage.build(tmp_path)
    seeding.seed(WHO, datetime(2021, 2, 1), simulated=True)
    demo_shares.issue_shares(datetime(2021, 3, 1))
    return {
        "planner": seats.seated("规划处", "planning"),
        "city": seats.seated("市局", "environment", division=PLACE, level="city"),
    }


@pytest.fixture
def visit(page_of, accounts):
    """Opens addresses as one of the accounts, or as nobody."""

    def fetch(name, address, width=1440, height=900, light="light", lang="zh-hans"):
        return page_of(accounts[name] if name else None, address, width, height, lang, color_scheme=light)

    return fetch


def looked_at(visit, who, address, name):
    """A page on desk and phone, in both languages and lights: it fits and nothing grave stands in the way."""
    for width, height, light in SIZES:
        for lang in ("zh-hans", "en"):
            page = visit(who, address, width, height, light, lang)
            if SHOTS:
                page.wait_for_timeout(300)
                page.screenshot(path=str(Path(SHOTS) / f"evaluation_{name}_{lang}_{width}.png"), full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width, lang)
            axe(page)


def others_done(made):
    """Every other sheet goes its way without a word."""
    for sheet in made.sheets.exclude(division=PLACE):
        for act in (rounds.assess_self, rounds.review, rounds.accept):
            act(sheet, Act(), WHO, datetime(2025, 11, 1))


def filled(page, key, points, reason):
    """The workbook of the sheet that is open, filled in as one would offline."""
    with page.expect_download() as coming:
        page.click('a[href*="export=xlsx"]')
    book = openpyxl.load_workbook(io.BytesIO(Path(coming.value.path()).read_bytes()))
    for row in book.worksheets[0].iter_rows(min_row=2):
        if row[0].value == key:
            row[7].value, row[8].value = points, reason
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def take(page, content):
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    page.set_input_files("#book", {"name": "sheet.xlsx", "mimeType": kind, "buffer": content})
    page.click("text=读入工作簿")


def test_from_the_opened_round_to_what_the_public_reads(visit, live_server):
    planner = visit("planner", "/plan/evaluations/")
    planner.select_option("#kind", "yearly")
    planner.click("text=计分并开始")
    planner.wait_for_selector(f'a[href*="/{PLACE}/"]')
    made = Evaluation.objects.get()
    here, sheet = f"/plan/evaluations/{made.pk}/", f"/plan/evaluations/{made.pk}/{PLACE}/"
    looked_at(visit, "planner", "/plan/evaluations/", "list")
    looked_at(visit, "planner", here, "round")
    lines = made.sheets.get(division=PLACE).computed["lines"]
    line = next(each for each in lines if each["state"] == "scored")
    key, full = f"{line['section']}.{line['key']}", line["full"]
    assert line["points"] == full
    assessed_offline(visit, sheet, key)
    reviewed(visit, sheet, key)
    appealed_and_decided(visit, sheet, key, full)
    others_done(made)
    published_and_reported(visit, here, made)
    public = visit(None, "/public/")
    public.click(f'a[href*="/public/plan/evaluations/{made.pk}/"]')
    shown = public.inner_text("main")
    assert str(made.sheets.get(division=PLACE).total) in shown
    assert "沙尘" not in shown  # points and grades, nobody's words
    looked_at(visit, None, f"/public/plan/evaluations/{made.pk}/", "public")


def assessed_offline(visit, sheet, key):
    """A city fills its sheet offline, mends a fault, hands it in with a file."""
    city = visit("city", sheet)
    take(city, filled(city, key, 12.5, ""))
    city.wait_for_selector("text=与系统计分")
    assert city.locator(f'[name="p:{key}"]').input_value() == "12.5"
    looked_at(visit, "city", sheet, "self")
    if SHOTS:
        city.screenshot(path=str(Path(SHOTS) / "evaluation_preview.png"), full_page=True)
    city.fill(f'[name="r:{key}"]', "沙尘日应剔除")
    city.set_input_files("#file", {"name": "证明.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 x"})
    city.click('button[value="assess"]')
    city.wait_for_selector('a[href*="/files/"]')


def reviewed(visit, sheet, key):
    planner = visit("planner", sheet)
    assert "证明.pdf" in planner.inner_text("main") and "沙尘日应剔除" in planner.inner_text("main")
    looked_at(visit, "planner", sheet, "review")
    planner.fill(f'[name="p:{key}"]', "1.25")
    planner.fill(f'[name="r:{key}"]', "只认一部分")
    planner.click('button[value="review"]')
    planner.wait_for_selector("text=申诉期")


def appealed_and_decided(visit, sheet, key, full):
    city = visit("city", sheet)
    city.fill("#note", "不服复核")
    city.click('button[value="appeal"]')
    city.wait_for_selector("text=没有佐证")  # an appeal without evidence is refused, what was typed stays
    assert city.input_value("#note") == "不服复核"
    city.fill("#evidence", "监测站证明 7 号")
    city.click('button[value="appeal"]')
    city.wait_for_selector("text=监测站证明 7 号")
    planner = visit("planner", sheet)
    planner.fill(f'[name="p:{key}"]', full)
    planner.fill(f'[name="r:{key}"]', "材料属实")
    planner.fill("#note", "予以采纳")
    planner.click('button[value="decide"]')
    planner.wait_for_selector("text=材料属实")
    looked_at(visit, "city", sheet, "decided")


def published_and_reported(visit, here, made):
    """The result is sealed; the report is made behind the page, which tells how far it is and then gives it."""
    page = visit("planner", here)
    page.click("text=封存并公布")
    page.wait_for_selector("text=公开页")
    page.click('button[value="make"]')
    page.wait_for_selector('#report [role="progressbar"], #report a[href*="report.docx"]')
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / "evaluation_progress.png"), full_page=True)
    page.wait_for_selector('#report a[href*="report.docx"]', timeout=120_000)
    with page.expect_download() as coming:
        page.click('#report a[href*="report.docx"]')
    assert Path(coming.value.path()).read_bytes()[:2] == b"PK"
    if making.office():
        assert page.is_visible('#report a[href*="report.pdf"]')
    made.refresh_from_db()
    assert made.state == "published" and made.digest == rounds.digest(made)
    looked_at(visit, "planner", here, "published")
