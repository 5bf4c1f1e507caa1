"""Split targets in a browser: a part set by hand answers at once, undo by key, nothing beyond the edge on a phone."""

import os

import pytest
import seats
import stage
from django.test import Client

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("QINGYUAN_SHOTS", "")


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A data folder with the small province."""
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    stage.build(tmp_path)
    return tmp_path


@pytest.fixture
def planner(browser, live_server, data):
    """Opens addresses as somebody who plans for the province."""
    client = Client()
    client.force_login(seats.seated("guihua", "planning"))
    contexts = []

    def fetch(address, width=1440, height=900, language="en"):
        context = browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        kept = {"sessionid": client.cookies["sessionid"].value, "django_language": language}
        context.add_cookies([{"name": name, "value": kept[name], "url": live_server.url} for name in kept])
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.goto(live_server.url + address)
        return page

    yield fetch
    for context in contexts:
        context.close()


def shot(page, name):
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def filled(page, base="31.0"):
    for field in page.locator("[name^=base_]").all():
        field.fill(base)
    page.keyboard.press("Tab")
    page.wait_for_selector("tr:nth-child(9) td.value:has-text('29.5')")


def test_a_part_set_by_hand_answers_at_once_and_is_undone(planner):
    page = planner("/plan/targets/1/")
    filled(page)
    page.locator("#hand_220100").fill("27.5")
    page.keyboard.press("Tab")
    page.wait_for_selector("#whole:has-text('changed alone')")
    assert "29.3" in page.locator("#whole").inner_text()
    assert "29.8" in page.locator("tr", has_text="Siping").locator("td.value").inner_text()
    assert page.evaluate("document.activeElement.name") == "reason_220100"
    shot(page, "targets-one-en-1440")
    page.locator("[name=undo]").click()
    page.wait_for_selector("tr:nth-child(1) td.value:has-text('29.5')")
    assert page.locator("#hand_220100").input_value() == ""
    page.locator("#hand_220100").fill("27.5")
    page.locator("button[value=issue]").click()
    page.wait_for_selector("text=in force: version 1")
    for address, name in (("targets/", "list"), ("targets/1/", "one"), ("heat/?open=220100", "heat")):
        for lang in ("zh-hans", "en"):
            for width in (1440, 390):
                seen = planner(f"/plan/{address}", width, language=lang)
                assert fits(seen), (address, lang, width)
                shot(seen, f"targets-{name}-{lang[:2]}-{width}")


def test_all_letters_are_made_with_progress_and_downloaded(planner):
    page = planner("/plan/targets/1/")
    filled(page)
    page.locator("button[value=issue]").click()
    page.wait_for_load_state("load")
    page = planner("/plan/letters/", 390, 844)
    assert fits(page)
    page.locator("#work button[value=docx]").click()
    page.wait_for_selector("#work a.btn")
    with page.expect_download() as kept:
        page.locator("#work a.btn").click()
    assert kept.value.suggested_filename.endswith(".zip")
