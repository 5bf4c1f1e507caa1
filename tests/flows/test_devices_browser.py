"""Devices in a real browser: frames that come in are seen, a dialogue is followed, a phone shows it all."""

from datetime import datetime

import field
import pytest
import stage

from qingyuan.base.time import now
from qingyuan.gateway.journal import Entry, open_journal
from qingyuan.gateway.models import RemoteCommand

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A data folder with the small province and the network in the field."""
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    stage.build(tmp_path)
    field.fill(tmp_path)
    field.register(tmp_path)
    return tmp_path


def test_a_frame_that_comes_in_is_seen_without_asking(visit, data):
    page = visit(f"/devices/{field.PLAIN}/")
    assert page.locator(".recent li").count() == 3
    raw = field.frame(field.PLAIN, 5, now()).replace(b"31.7", b"88.8")
    journal = open_journal(data)
    journal.append([Entry(int(datetime.now().timestamp() * 1e6), "10.0.0.8:5000", field.PLAIN, raw)])
    journal.close()
    page.locator(".recent li").nth(3).wait_for()
    page.locator("pre.frame b", has_text="88.8").wait_for()
    assert field.PASSWORD not in page.content()


def test_a_command_is_chosen_sent_and_followed_to_its_end(visit):
    page = visit(f"/devices/{field.PLAIN}/commands/")
    page.select_option("#cn", "1062")
    page.locator("#f-RtdInterval").fill("45")
    page.locator("#ask .btn.go").click()
    page.locator("#talk .waiting").wait_for()
    command = RemoteCommand.objects.get()
    assert command.params == {"RtdInterval": "45"}
    command.steps.create(at=now(), what="sent", zh="已发送：设置实时数据间隔", en="sent", raw="##0001PW=abc123;CN=1062")
    page.locator(".talk .out", has_text="已发送").wait_for()
    RemoteCommand.objects.update(state="done", finished_at=now())
    page.locator(".st.good", has_text="执行成功").wait_for()
    page.wait_for_timeout(1_500)
    assert page.locator("#talk").get_attribute("hx-trigger") is None, "a finished talk is not asked for again"
    assert "abc123" not in page.content()


def test_a_reason_filters_the_quarantine(visit):
    page = visit("/quarantine/")
    assert page.locator("tbody tr").count() == 3
    page.locator("label.chip", has_text="密码不符").click()
    page.wait_for_url("**reason=password**")
    page.locator("tbody tr").nth(1).wait_for(state="detached")
    assert page.locator("tbody tr").count() == 1
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="怎么办").wait_for()


def test_an_hour_over_its_limit_opens_its_trace(visit):
    page = visit("/sources/outlet/DA001/?dataset=sources")
    page.locator("#exceedances a.num").first.click()
    page.locator("#drawer .trace", has_text="(21 − 6) / (21 − 7.5)").wait_for()
    page.keyboard.press("Escape")
    page.locator("#drawer").wait_for(state="hidden")
    page.keyboard.press("t")
    page.locator("[data-table] td.over").first.wait_for()


@pytest.mark.parametrize(
    "address",
    [
        "/devices/",
        f"/devices/{field.PLAIN}/",
        f"/devices/{field.SEALED}/commands/",
        f"/devices/{field.PLAIN}/ledger/",
        "/devices/ledger/",
        "/quarantine/",
        "/sheets/",
        "/sources/?dataset=sources",
        "/sources/outlet/DA001/?dataset=sources",
    ],
)
def test_a_phone_shows_it_without_sideways_scrolling(visit, address):
    page = visit(address, 390, 844)
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
