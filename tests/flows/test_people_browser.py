"""Accounts in a browser: the second factor set up and used by keyboard; every page of accounts without barriers."""

import pytest
import stage
from accessible import axe
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from offices import somebody

from qingyuan.base.time import now
from qingyuan.people import audit, sessions
from qingyuan.people.audit import SYSTEM, Line

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("second_factor_forced"),
]
PASSWORD = "blue river 2031 stone"
PAGES = ("account/", "account/password/", "account/leave/", "organisations/", "organisations/new/", "people/",
         "people/new/", "people/import/", "audit/", "audit/record/?kind=device&record=A1")  # fmt: skip


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A data folder with the small province."""
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    stage.build(tmp_path)
    return tmp_path


@pytest.fixture
def chief(db, data):
    found = somebody(
        "chief", "220100", ("accounts", "*"), ("water", "water"), ("audit", "*"), ("identity", "*"), level="city"
    )
    found.user.set_password(PASSWORD)
    found.user.save()
    audit.append_many(
        [Line(SYSTEM, "devices.register", "device", "A1", "220104", "sources", {"active": [None, True]}, now())]
    )
    return found


def code(user):
    device = TOTPDevice.objects.get(user=user)
    TOTPDevice.objects.filter(pk=device.pk).update(last_t=-1)
    return f"{totp(device.bin_key):06d}"


def password(page, live_server):
    page.goto(f"{live_server.url}/login/?next=/account/")
    page.locator("#username").focus()
    page.keyboard.type("chief")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")


def test_the_second_factor_from_picture_to_use_by_keyboard(browser, live_server, chief):
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    outside = []
    page.on(
        "request", lambda each: None if each.url.startswith((live_server.url, "data:")) else outside.append(each.url)
    )
    password(page, live_server)
    page.wait_for_url("**/account/second/")
    assert page.locator(".qr img").evaluate("image => image.naturalWidth") > 100
    axe(page)
    page.locator("#code").focus()
    page.keyboard.type(code(chief.user))
    page.keyboard.press("Enter")
    page.locator(".codes li").nth(9).wait_for()
    axe(page)
    page.context.clear_cookies()
    password(page, live_server)
    page.wait_for_url("**/login/second/")
    axe(page)
    page.locator("#code").focus()
    page.keyboard.type(code(chief.user))
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/")
    assert len(sessions.running(chief.user, now())) == 2
    assert outside == []


@pytest.mark.parametrize("width", [1440, 390])
def test_the_pages_have_no_barriers_and_fit(visit, chief, width, live_server):
    page = visit("/login/", width)
    page.context.clear_cookies()
    password(page, live_server)
    page.wait_for_url("**/account/second/")
    page.locator("#code").fill(code(chief.user))
    page.keyboard.press("Enter")
    page.locator(".codes").wait_for()
    for address in (*PAGES, f"people/{chief.pk}/", f"organisations/{chief.organisation_id}/"):
        page.goto(f"{live_server.url}/{address}")
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
