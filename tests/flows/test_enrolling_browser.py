"""Registering in a real browser: the form and its errors, one click for a newcomer, and all of it without a mouse."""

import field
import pytest
import stage

from qingyuan.gateway.models import Device, Quarantined

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A data folder with the small province and the network in the field."""
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    stage.build(tmp_path)
    field.fill(tmp_path)
    field.register(tmp_path)
    return tmp_path


def test_from_the_list_to_a_registered_device_over_a_mended_error(visit):
    page = visit("/devices/")
    page.get_by_role("link", name="登记", exact=True).click()
    page.locator("#f-mn").fill("2201NEW")
    page.locator("#f-name_zh").fill("新排口")
    page.locator("#f-addresses").fill("10.1.2.300")
    page.locator("#f-code-0").fill("a21026")
    page.locator("input[name=property]").first.fill("二氧化硫")
    page.locator("input[name=unit]").first.fill("mg/m3")
    page.get_by_role("button", name="登记", exact=True).click()
    page.locator("[role=alert] a", has_text="允许接入的地址").click()
    assert page.title().startswith("错误：")
    assert page.locator("#f-addresses").evaluate("each => each === document.activeElement")
    page.locator("#f-addresses").fill("10.1.2.3")
    page.get_by_role("button", name="登记", exact=True).click()
    page.get_by_role("heading", name="新排口").wait_for()
    device = Device.objects.get(mn="2201NEW")
    assert (device.registered_by, device.factors.get().property) == ("reader", "so2")
    page.locator("#changes", has_text="reader").wait_for()


def test_a_newcomer_is_registered_by_one_click_in_the_quarantine(visit):
    page = visit("/quarantine/")
    page.locator("#strangers").get_by_role("button").click()
    page.get_by_role("status").get_by_text("已登记").wait_for()
    assert Device.objects.filter(mn=field.STRANGER).exists()
    assert Quarantined.objects.get(mn=field.STRANGER).state == "replayed"


def tabbed_to(page, selector, most=60):
    """Press Tab until the focus is on a place, seen by its ring; fails when it is never reached."""
    for _step in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("chosen => document.activeElement.matches(chosen)", selector):
            ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert ring != "none", f"the focus on {selector} is not seen"
            return
    raise AssertionError(f"{selector} is not reached by {most} presses of Tab")


def test_devices_are_registered_and_opened_without_a_mouse(visit):
    page = visit("/devices/")
    tabbed_to(page, "a[href^='/devices/register/']")
    page.keyboard.press("Enter")
    page.locator("#f-mn").wait_for()
    tabbed_to(page, "#f-mn")
    page.keyboard.type("2201KEY")
    tabbed_to(page, "button[value=save]", 120)
    page.keyboard.press("Enter")
    page.locator("#changes").wait_for()
    assert Device.objects.filter(mn="2201KEY").exists()
    page = visit("/devices/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.locator("#profile").wait_for()


def test_outlets_and_their_trace_are_opened_without_a_mouse(visit):
    page = visit("/sources/?dataset=sources")
    tabbed_to(page, "tbody a[href*='/sources/outlet/DA001/']")
    page.keyboard.press("Enter")
    page.locator("#exceedances").wait_for()
    tabbed_to(page, "#exceedances a.num", 90)
    page.keyboard.press("Enter")
    page.locator("#drawer .trace").wait_for()
    page.keyboard.press("Escape")
    page.locator("#drawer").wait_for(state="hidden")
    assert page.evaluate("document.activeElement.matches('#exceedances a.num')"), "the focus does not come back"


@pytest.mark.parametrize("address", ["/devices/register/", f"/devices/{field.PLAIN}/edit/", "/devices/workbook/"])
def test_a_phone_shows_the_forms_without_sideways_scrolling(visit, address):
    page = visit(address, 390, 844)
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
