"""The one map in a real browser: drawn without the outside, pressed, moved through time, read as a table."""

import os

import case_stage
import pytest
import seats
import stage
from django.test import Client
from playwright.sync_api import expect
from small_province import built  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

COLOURS = """() => {
  const drawn = document.querySelector("#map canvas"), copy = document.createElement("canvas");
  copy.width = drawn.width; copy.height = drawn.height;
  const pen = copy.getContext("2d"); pen.drawImage(drawn, 0, 0);
  const data = new Uint32Array(pen.getImageData(0, 0, copy.width, copy.height).data.buffer);
  return new Set(data).size;
}"""

# The middle of a disk of one official colour: a single station, as a ring is nowhere that wide.
STATION = """() => {
  const drawn = document.querySelector("#map canvas"), copy = document.createElement("canvas");
  copy.width = drawn.width; copy.height = drawn.height;
  const pen = copy.getContext("2d"); pen.drawImage(drawn, 0, 0);
  const { data } = pen.getImageData(0, 0, copy.width, copy.height);
  const levels = ["0,228,0", "255,255,0", "255,126,0"];
  const at = (x, y) => { const i = 4 * (y * copy.width + x); return `${data[i]},${data[i + 1]},${data[i + 2]}`; };
  const box = drawn.getBoundingClientRect(), scale = copy.width / box.width;
  for (let y = 8; y < copy.height - 8; y += 2) for (let x = 8; x < copy.width - 8; x += 2) {
    const colour = at(x, y);
    if (!levels.includes(colour) || ![[-5, 0], [5, 0], [0, -5], [0, 5]].every(([a, b]) => at(x + a, y + b) === colour)) continue;
    const place = { x: box.left + x / scale, y: box.top + y / scale };
    if (document.elementFromPoint(place.x, place.y) === drawn) return place;
  }
  return null;
}"""


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    stage.build(folder)
    return folder


@pytest.fixture
def visit(page_of, data, monkeypatch, built):  # noqa: F811
    """Opens the map as a signed-in person."""
    monkeypatch.setenv("QINGYUAN_DATA", str(data))
    reader = seats.seated("reader")

    def open_map(query="", size=(1440, 900), **more):
        page = page_of(reader, f"/map/{query}", *size, **more)
        page.locator("#map[data-ready=true]").wait_for()
        page.wait_for_load_state("networkidle")
        return page

    return open_map


@pytest.mark.parametrize(
    ("query", "size", "scheme", "word"),
    [
        ("", (1440, 900), "light", "试站1"),
        ("?lang=en", (1440, 900), "dark", "Trial 1"),
        ("", (390, 844), "dark", "试站1"),
        ("?lang=en", (390, 844), "light", "Trial 1"),
    ],
)
def test_the_map_is_drawn_in_both_lights_languages_and_widths(visit, query, size, scheme, word):
    page = visit(query, size, color_scheme=scheme)
    page.wait_for_timeout(500)
    assert page.evaluate(COLOURS) > 50
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("t")
    assert page.locator("#table [data-rows] tr", has_text=word).count() >= 1


def at_rest(page):
    """Where a single station is drawn, once the map has stopped moving: the same place four times in a row."""
    seen = []
    for _ in range(200):
        page.wait_for_timeout(300)
        seen.append(page.evaluate(STATION))
        if len(seen) >= 4 and seen[-1] and all(each == seen[-1] for each in seen[-4:]):
            return seen[-1]
    return None


def test_pressing_a_station_opens_its_panel_and_the_way_to_its_page(visit):
    page = visit()
    for _ in range(2):
        page.keyboard.press("+")
        page.wait_for_timeout(900)
    spot = at_rest(page)
    assert spot, "no single station is seen on the map"
    page.mouse.move(spot["x"], spot["y"])
    page.locator("[data-tip]:not([hidden])").wait_for()
    told = page.locator("[data-tip]").inner_text()
    page.mouse.click(spot["x"], spot["y"])
    panel = page.locator("#point")
    panel.locator(".panel-key").wait_for()
    number = panel.locator(".panel-key").inner_text()
    assert f"AQI {number}" in told
    name = panel.locator("h2").inner_text().split("·")[-1].strip()
    assert name in told
    panel.locator("a.go").click()
    page.wait_for_url("**/station/**")
    assert name in page.locator("h1").inner_text()


def test_keys_move_the_time_of_the_page(visit):
    page = visit()
    slider = page.get_by_role("slider")
    assert slider.get_attribute("aria-valuenow") == "71"
    page.keyboard.press("ArrowLeft")
    assert page.url.endswith("?time=2025-10-28T13")
    assert slider.get_attribute("aria-valuetext") == "10月28日 13:00"
    assert page.locator("[data-menu=time] time").inner_text() == "10月28日 13:00"
    assert "time=2025-10-28T13" in page.locator(".rail a[href^='/air/']").first.get_attribute("href")
    page.keyboard.press("Shift+ArrowLeft")
    assert page.url.endswith("?time=2025-10-27T13")
    page.keyboard.press("End")
    assert "time=" not in page.url
    page.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuenow") == "71"


def test_space_plays_only_when_asked(visit):
    page = visit("?time=2025-10-27T10")
    page.wait_for_timeout(900)
    assert page.url.endswith("T10")
    page.keyboard.press(" ")
    page.wait_for_url("**T12")
    page.keyboard.press(" ")
    stopped = page.url
    page.wait_for_timeout(900)
    assert page.url == stopped


def test_the_panel_follows_the_hour_and_escape_closes_it(visit):
    page = visit()
    page.keyboard.press("t")
    page.locator("[data-rows] button").first.click()
    page.locator("#point time[datetime^='2025-10-28T14']").first.wait_for()
    page.keyboard.press("ArrowLeft")
    page.locator("#point time[datetime^='2025-10-28T13']").first.wait_for()
    page.keyboard.press("Escape")
    assert page.locator("#point").is_hidden()


def test_a_class_filters_and_is_counted(visit):
    page = visit()
    assert page.locator("[data-count='0']").inner_text() == "1"
    page.locator("[data-class='0']").click()
    page.keyboard.press("t")
    rows = page.locator("[data-rows] tr")
    assert rows.count() == 1
    assert "未观测" in rows.first.inner_text()


def test_what_could_not_be_asked_is_said_and_asked_again(visit):
    page = visit(before=lambda page: page.route("**/map/stations.json*", lambda route: route.abort()))
    page.locator("[data-note]:not([hidden])").wait_for()
    assert page.locator("[data-count='x']").inner_text() == "12"
    page.unroute("**/map/stations.json*")
    page.locator("[data-again]").click()
    page.locator("[data-note]").wait_for(state="hidden")
    assert page.locator("[data-count='x']").inner_text() == "0"


def test_an_hour_without_results_says_so(visit):
    page = visit("?time=2023-05-01T05")
    note = page.locator("[data-none]:not([hidden])")
    note.wait_for()
    assert "5月1日 05:00" in note.inner_text()
    note.get_by_role("link").click()
    page.wait_for_url("**/map/")


def test_the_map_changes_with_the_light(visit):
    page = visit(color_scheme="light")
    corner = """() => { const drawn = document.querySelector("#map canvas"), copy = document.createElement("canvas");
      copy.width = copy.height = 1; const pen = copy.getContext("2d"); pen.drawImage(drawn, -700, -300);
      return pen.getImageData(0, 0, 1, 1).data[0]; }"""
    page.wait_for_timeout(500)
    assert page.evaluate(corner) > 200
    for _ in range(3):
        if "dark" in page.locator("html").get_attribute("class"):
            break
        page.locator("[data-theme-switch]").click()
    page.wait_for_timeout(500)
    assert page.evaluate(corner) < 60


def test_without_air_the_map_shows_cases_gathered_where_they_crowd(browser, live_server, data, monkeypatch, built):  # noqa: F811
    monkeypatch.setenv("QINGYUAN_DATA", str(data))
    case_stage.organisations()
    case_stage.fill()
    client = Client()
    client.force_login(seats.seated("water-only", "water"))
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page, problems = context.new_page(), []
    page.set_default_timeout(20_000)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(live_server.url + "/map/")
    page.locator("#map[data-ready=true]").wait_for()
    assert not page.locator("[data-slider]").is_visible() and not page.locator('[data-layer="stations"]').is_visible()
    page.check('[data-layer="cases"]')
    expect(page.locator('[data-found="cases"]')).not_to_be_empty()
    page.wait_for_timeout(1500)
    if shots := os.environ.get("QINGYUAN_SHOTS"):
        page.screenshot(path=f"{shots}/map_without_air.png")
    assert problems == []
    context.close()
