"""A register in a real browser: keyboard in the list, a form that tells what is wrong, a signature, a phone."""

from datetime import datetime
from functools import partial

import pytest
from registering import Ledger, somebody

from qingyuan.people.models import Duty, Organisation, Person, Post
from qingyuan.registers.models import Draft, RegisterRecord

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
EVERY = somebody("county.water", "county.monitoring", "city.water")


@pytest.fixture
def visit(page_of, django_user_model, tmp_path, monkeypatch):
    """Opens addresses as a water officer of the county."""
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    office = Organisation.objects.create(name_zh="朝阳分局", level="county", division="220104")
    user = django_user_model.objects.create_user("zhang")
    person = Person.objects.create(user=user, organisation=office, name="张磊")
    for code in ("water", "monitoring"):
        duty = Duty.objects.create(organisation=office, code=code, division="220104", domain="*")
        Post.objects.create(person=person, duty=duty, since=datetime(2020, 1, 1))
    return partial(page_of, user)


@pytest.fixture
def records():
    for name in ("一号口", "二号口"):
        Ledger("outfall").open(EVERY, values={"name": name, "location": "125.28, 43.84", "category": "other"})


def test_keys_walk_the_list_and_open_a_record_beside_it(visit, records):
    page = visit("/registers/outfall/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/registers/outfall/*/")
    assert page.locator("aside.drawer h2").inner_text() == "二号口"
    assert page.locator("table.register tr[aria-selected=true]").inner_text().strip().startswith("220104-PK0002")
    assert page.locator("table.register").is_visible()


def test_a_form_is_kept_mended_and_signed(visit, records):
    record = RegisterRecord.objects.get(title="一号口")
    page = visit(f"/registers/outfall/{record.pk}/")
    page.fill("[name=location]", "43.84, 125.28")
    page.wait_for_selector("#kept:has-text('自动保存')")
    assert Draft.objects.get().values["location"] == "43.84, 125.28"
    page.click(".ft button[value=sign]")
    page.wait_for_selector(".errs")
    assert page.title().startswith("错误：")
    page.click(".errs a >> nth=0")
    assert page.evaluate("document.activeElement.name || location.hash") in ("location", "#v-location")
    page.fill("[name=location]", "125.28, 43.84")
    page.check("[name=flowing][value=true]")
    page.click(".ft button[value=sign]")
    page.wait_for_selector(".steps .now:has-text('测')")
    record.refresh_from_db()
    assert (record.step, record.version, Draft.objects.count()) == ("measure", 2, 0)
    assert "张磊" in page.locator(".tl li >> nth=0").inner_text()


def test_a_phone_shows_the_list_and_then_the_record(visit, records):
    page = visit("/registers/outfall/", 390, 844)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.click("table.register a >> nth=0")
    page.wait_for_selector("aside.drawer h2")
    assert not page.locator("table.register").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator(".ft button[value=sign]").bounding_box()["height"] >= 44
