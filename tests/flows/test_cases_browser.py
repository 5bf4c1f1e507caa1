"""Cases in a real browser: list, board, one case signed and sent back, on a desk and on a phone."""

import os
from pathlib import Path

import case_stage
import pytest
import stage
from django.test import Client

from qingyuan.cases.models import Case

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("QINGYUAN_SHOTS")


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A data folder with the small province."""
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    stage.build(tmp_path)
    return tmp_path


@pytest.fixture
def visit(browser, live_server, data):
    """Opens addresses as somebody of the province who may do everything; ends without outside requests or errors."""
    made = case_stage.organisations()
    case_stage.fill()
    client = Client()
    client.force_login(case_stage.account("wang", made["220204", "inspection"], *made.values()))
    Case.objects.filter(kind="device").update(organisation=made["220204", "inspection"].pk)
    problems, contexts = [], []

    def fetch(address, width=1440, height=900, lang="zh-hans"):
        context = browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        cookies = {"sessionid": client.cookies["sessionid"].value, "django_language": lang}
        context.add_cookies([{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()])
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("request", lambda request: problems.append(request.url) if _outside(request.url) else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(live_server.url + address)
        return page

    def _outside(url):
        return not url.startswith((live_server.url, "data:", "blob:"))

    yield fetch
    for context in contexts:
        context.close()
    assert not problems


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
