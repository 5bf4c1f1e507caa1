"""From a number on the overview to the line of a file, in a real browser: by mouse, then by keyboard alone."""

import pytest
import seats
from small_province import built, small_province  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def visit(page_of, small_province, built):  # noqa: F811
    """Opens addresses as a signed-in person."""
    reader = seats.seated("reader")

    def fetch(*address, **more):
        page = page_of(reader, *address, **more)
        page.wait_for_load_state("networkidle")
        return page

    return fetch


def drawer(page, words):
    """The drawer once it says these words."""
    found = page.locator("#drawer").filter(has_text=words)
    found.locator(".trace").wait_for()
    return found


def test_by_mouse_from_an_indicator_to_the_line_of_the_file(visit):
    page = visit("/")
    page.locator("a.num[href*='/trace/indicator/1/']").first.click()
    drawer(page, "各市等权").locator("a[href*='/trace/day/220100/2025-10-27/']").first.click()
    drawer(page, "各站的值").get_by_role("link", name="北塔").click()
    hours = drawer(page, "22 个小时值，2 个剔除")
    assert "(200−150)/(150−115)×(127−115)+150" in hours.inner_text()
    hours.locator("svg a[href*='T18:00/pm25']").click()
    drawer(page, "报来的值").get_by_role("link", name="long.csv").click()
    line = drawer(page, "留存文件校验值相符")
    assert line.locator("pre b").inner_text() == "171"


def test_by_keyboard_through_the_calendar_and_back(visit):
    page = visit("/air/station/A1/")
    newest = page.locator(".calendar a[tabindex='0']")
    assert "2025-10-27" in newest.get_attribute("href")
    newest.focus()
    page.keyboard.press("ArrowUp")
    assert "2025-10-26" in page.evaluate("document.activeElement.getAttribute('href')")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    part = drawer(page, "22 个小时值")
    part.locator("svg a[href*='T05:00']").focus()
    page.keyboard.press("Enter")
    drawer(page, "校准 C")
    page.keyboard.press("Escape")
    assert page.locator("#drawer").is_hidden()
    assert "2025-10-27" in page.evaluate("document.activeElement.getAttribute('href')")


def test_the_chart_answers_keys_and_becomes_a_table(visit):
    page = visit("/air/station/A1/")
    page.locator(".plot canvas").wait_for()
    page.locator(".plot").focus()
    page.keyboard.press("Shift+ArrowLeft")
    assert page.locator("[data-told]").inner_text().startswith("10-27 14:00 · 125")
    page.keyboard.press("t")
    table = page.locator("table.hours")
    assert table.locator("tbody tr").first.locator("td").first.inner_text() == "10-28"
    assert table.get_by_text("999 (校准 C)").count() == 2
    page.keyboard.press("t")
    assert page.locator(".plot").is_visible() and table.is_hidden()


def test_another_property_and_range_are_drawn_and_kept_in_the_address(visit):
    page = visit("/air/station/A1/")
    page.locator("button[data-item=o3]").click()
    page.locator("footer [data-clause]").filter(has_text="日最大 8 h 平均二级限值 160").wait_for()
    page.locator(".seg button[data-days='30']").click()
    page.locator("[data-csv][href*='days=30']").wait_for()  # set once the new series is drawn
    assert "property=o3" in page.url and "days=30" in page.url
    with page.expect_download() as saved:
        page.locator("[data-png]").click()
    assert saved.value.suggested_filename == "A1_o3_2025-09-29.png"
    with page.expect_download() as saved:
        page.locator("[data-csv]").click()
    assert saved.value.suggested_filename == "A1_o3_2025-09-29.csv"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_it_without_sideways_scrolling(visit, scheme):
    page = visit("/air/station/A1/", 390, 844, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(".four a.num").first.click()
    box = drawer(page, "依据").bounding_box()
    assert box["x"] == 0 and box["width"] == 390


def test_a_trace_is_a_page_of_its_own(visit):
    page = visit("/trace/day/A1/2025-10-27/?lang=en")
    assert page.locator("main .trace > li").count() == 5
    assert "No result" not in page.locator("main").inner_text()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Export evidence").click()
    assert saved.value.suggested_filename.startswith("trace_day_A1")
