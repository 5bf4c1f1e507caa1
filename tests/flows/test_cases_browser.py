"""Cases in a real browser: list, board, one case signed and sent back, on a desk and on a phone."""

import os
from functools import partial
from pathlib import Path

import case_stage
import pytest
import stage

from qingyuan.base.time import now
from qingyuan.cases.lottery import record
from qingyuan.cases.lottery.roll import Entry, Inspector, Quota, Roll
from qingyuan.cases.models import Case, Lottery

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("QINGYUAN_SHOTS")


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A data folder with the small province."""
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    stage.build(tmp_path)
    return tmp_path


@pytest.fixture
def visit(page_of, data):
    """Opens addresses as somebody of the province who may do everything."""
    made = case_stage.organisations()
    case_stage.fill()
    account = case_stage.account("wang", made["220204", "inspection"], *made.values())
    Case.objects.filter(kind="device").update(organisation=made["220204", "inspection"].pk)
    return partial(page_of, account)


def shot(page, name):
    if SHOTS:
        page.wait_for_timeout(500)
        page.screenshot(path=str(Path(SHOTS) / f"cases_{name}.png"), full_page=True)


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_pages_fit_their_width(visit, width, height, lang):
    number = Case.objects.get(step="verify").pk
    addresses = {
        "list": "/cases/", "board": "/cases/?show=board", "one": f"/cases/{number}/", "closed": "/cases/?view=closed",
        "notices": "/cases/notices/", "new": "/cases/new/", "lotteries": "/lotteries/",
        "channels": "/account/channels/", "dispatch": "/cases/dispatch/?view=all",
    }  # fmt: skip
    for name, address in addresses.items():
        page = visit(address, width, height, lang)
        shot(page, f"{name}_{lang}_{width}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def test_a_case_is_found_opened_by_keyboard_signed_and_sent_back(visit):
    page = visit("/cases/?q=脱硫")
    assert page.locator("tbody tr:not(.group)").count() == 1
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.locator("a.ti").first.click()
    page.get_by_role("button", name="签章“调查”").wait_for()
    page.get_by_role("button", name="签章“调查”").click()
    page.locator("[role=alert]").wait_for()
    assert page.locator(".f.err").count() == 2, "facts and whether it holds are told at their fields"


def test_what_is_not_proven_is_locked_with_its_reason(visit):
    number = Case.objects.get(step="verify").pk
    page = visit(f"/cases/{number}/")
    assert "还差 7 天" in page.locator(".lock").inner_text()
    assert page.locator(".cnt i").count() == 16, "15 days that agree and one without data"
    assert page.locator(".cnt i.agrees").count() == 8 and page.locator(".cnt i.missing").count() == 1


def test_a_drawn_lottery_shows_proof_and_fairness(visit):
    entries = tuple(
        Entry(f"E{i}", f"试验企业{i}", "220204" if i % 2 else "220104", "电力", "大型", 1 + i % 9) for i in range(40)
    )
    people = tuple(Inspector(f"P{i}", f"检查员{i}") for i in range(6))
    committed = record.commit(
        Roll("3月抽查", "220000", "sources", entries, people, Quota(4, 8, "0.1")), "ab" * 32, now()
    )
    file = record.draw(committed, "ab" * 32, "", now())
    given = {"title": "3月抽查", "division": "220000", "domain": "sources", "by": "x", "seed": "ab" * 32}
    kept = Lottery.objects.create(**given, committed=committed, file=file, committed_at=now(), drawn_at=now())
    for width, height in ((1440, 900), (390, 844)):
        page = visit(f"/lotteries/{kept.pk}/", width, height)
        shot(page, f"lottery_{width}")
        assert page.locator(".st.bad").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= width
