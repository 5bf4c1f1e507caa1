"""One figure everywhere: page, public page, heat table, API, command and evaluation tell the same of every place."""

import json
import re
from datetime import datetime
from decimal import Decimal
from html import unescape
from io import BytesIO

import openpyxl
import plan_live
import pytest
import seats
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from plan_live import BARE, CITY, COUNTY, FOREST, SEWAGE

from qingyuan.base.time import now
from qingyuan.interfaces.cli import main, serve
from qingyuan.interfaces.jobs import refresh as job
from qingyuan.interfaces.web import scoreboard
from qingyuan.people.audit import SYSTEM
from qingyuan.places.divisions import children
from qingyuan.plans import facts, lights, live
from qingyuan.plans.book import adopting, keeping
from qingyuan.plans.evaluating.rules import rules
from qingyuan.plans.reporting.working import work
from qingyuan.plans.scoreboard import Row
from qingyuan.plans.values import stored_values

pytestmark = pytest.mark.django_db
COUNTIES = [each.code for each in children(CITY)]
PLACES = ["220000", *(each.code for each in children("220000"))]
WORDS = {"good": "steady", "tight": "tight", "bad": "may be missed", "not_judged": "not judged"}


@pytest.fixture
def made(tmp_path, settings, monkeypatch):
    """The province with everything reported, and a planner's browser."""
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    settings.DATA = tmp_path
    folder, version, people = plan_live.build(tmp_path)
    for who, key, value in (("forest", FOREST, "45.4"), ("city", FOREST, "36.1"), ("county", SEWAGE, "17.5")):
        plan_live.report(version, people[who], key, value, reviewer=people["reviewer"])
    plan_live.project(version, COUNTY, "0.35")
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(seats.seated("guihua", "planning", "export"))
    return tmp_path, folder, version, people, browser


def of_api(browser, place):
    answer = browser.get(f"/api/v1/plan/jilin-14th/indicators?division={place}")
    assert answer.status_code == 200, (place, answer.content)
    return answer.json()


def of_command(data, place, capsys, monkeypatch):
    monkeypatch.setattr(serve, "has_database", lambda _data: True)
    monkeypatch.setattr(serve, "prepare", lambda _data: None)
    assert main(["plan", "scoreboard", "--data", str(data), "--place", place, "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def told(rows):
    """By number: value, state, target."""
    return {each["no"]: (each["value"] or "", each["state"], each["target"]["value"] or "") for each in rows}


def word(state, no):
    computed = no in (1, 2, 3)
    return WORDS.get(state) or ("not observed" if computed else "not reported")


def of_heat(browser, opened=""):
    """By place and number: value, word, target."""
    book = openpyxl.load_workbook(BytesIO(browser.get(f"/plan/heat/?lang=en&export=xlsx&open={opened}").content))
    rows = list(book.worksheets[0].iter_rows(min_row=2, values_only=True))
    return {(str(row[0]), row[2]): ("" if row[5] is None else Decimal(str(row[5])), row[7], row[6]) for row in rows}


def of_page(browser, place):
    """By number: value and word as the page of the plan writes them."""
    text = browser.get(f"/plan/?lang=en&place={place}").content.decode()
    lines = re.findall(r'<tr id="i(\d+)">(.*?)</tr>', text, re.S)
    return {int(no): cells(line) for no, line in lines}


def cells(line):
    return [unescape(re.sub(r"<[^>]+>", "", each)).strip() for each in re.findall(r"<td[^>]*>(.*?)</td>", line, re.S)]


def test_every_indicator_and_place_reads_the_same_everywhere(made, capsys, monkeypatch):
    data, _folder, _version, _people, browser = made
    heat = of_heat(browser) | of_heat(browser, CITY)
    sources = set()
    for place in [*PLACES, *COUNTIES]:
        api = of_api(browser, place)
        command = of_command(data, place, capsys, monkeypatch)
        assert told(api["indicators"]) == told(command["indicators"]), place
        assert [each["source"] for each in api["indicators"]] == [each["source"] for each in command["indicators"]]
        assert api["figures"] == command["figures"] and "version 1" in api["figures"]["en"]
        page = of_page(browser, place) if place in PLACES else {}
        assert len(api["indicators"]) == 19 and (not page or len(page) == 19)
        for each in api["indicators"]:
            no, (value, state, target) = each["no"], told([each])[each["no"]]
            shown, said, goal = heat[place, no]
            assert (shown, said) == (Decimal(value) if value else "", word(state, no)), (place, no)
            assert (target in goal) if each["target_decomposed"] else goal == "no target decomposed", (place, no, goal)
            if page:
                assert value in page[no][4] and page[no][-1] == word(state, no), (place, no, page[no])
            sources.add(each["source"]["by"] if each["source"] else None)
            assert each["reason"]["zh"] and each["reason"]["en"]
    assert sources == {"assessment", "register", "reported", None}


def test_the_sources_are_those_declared(made):
    *_, browser = made
    province = {each["no"]: each for each in of_api(browser, "220000")["indicators"]}
    assert (province[4]["value"], province[4]["same_period_last_year"]) == ("50.0", "75.0")  # S1, S4; a year ago S2 too
    assert (province[5]["value"], province[5]["state"]) == ("25.0", "bad")
    assert (province[12]["value"], province[12]["source"]["by"]) == ("0.35", "register")
    assert (province[14]["value"], province[14]["source"]["by"]) == ("45.4", "reported")
    assert province[15]["value"] is None and "not reported yet" in province[15]["reason"]["en"]
    city = {each["no"]: each for each in of_api(browser, CITY)["indicators"]}
    assert city[4]["target"] == {"on": "2025-12-31", "value": city[4]["target"]["value"], "wording": None,
                                 "counted": city[4]["target"]["counted"]}  # fmt: skip
    assert "/ 24" in city[4]["target"]["counted"] and city[12]["value"] == "0.35"
    assert (city[14]["value"], city[14]["state"]) == ("36.1", "not_judged")


def test_a_county_has_what_lies_in_it_and_nothing_else(made):
    *_, browser = made
    county = {each["no"]: each for each in of_api(browser, COUNTY)["indicators"]}
    assert county[1]["value"] and "1 stations" in county[1]["source"]["words"]["en"]
    assert (county[4]["value"], county[7]["value"], county[12]["value"]) == ("100.0", "17.5", "0.35")
    assert {each["state"] for each in of_api(browser, BARE)["indicators"]} == {"not_observed"}
    assert {each["value"] for each in of_api(browser, BARE)["indicators"]} == {None}


def test_the_public_page_and_the_lights_tell_the_same(made):
    _data, _folder, version, _people, browser = made
    api = told(of_api(browser, "220000")["indicators"])
    text = browser.get("/public/plan/?lang=en").content.decode()
    rows = [
        cells(line) for line in re.findall(r"<tr>(.*?)</tr>", text, re.S) if "binding" in line or "expected" in line
    ]
    assert len(rows) == 19
    for no, row in enumerate(rows, 1):
        value, state, _target = api[no]
        assert row[3] == (value or "—") and row[4].startswith(word(state, no)), (no, row)
    given = {each["key"]: each for each in browser.get("/api/v1/plan/jilin-14th/lights").json()}
    for no, (_value, state, _target) in api.items():
        assert given[f"i{no:03}"]["state"] == lights.OF_VERDICT[state]
    assert version.items.filter(kind="indicator").count() == 19


def test_evaluation_takes_the_same_values(made):
    _data, _folder, version, _people, browser = made
    found = work(version, True, facts.plan().first_day, now(), rules("final", now().date())).values
    for place in ("220000", CITY):
        for each in of_api(browser, place)["indicators"]:
            if each["source"] and each["source"]["by"] in ("reported", "register"):
                key = ("22" if place == "220000" else place, each["no"])
                assert found[key][0] == Decimal(each["value"])


def test_what_is_not_reported_says_of_whom_it_was_asked_by_when(made):
    _data, _folder, version, people, browser = made

    def reason(no, place="220000"):
        return {each["no"]: each for each in of_api(browser, place)["indicators"]}[no]["reason"]["en"]

    assert "no office is named" in reason(18)  # its department is no organisation here
    plan_live.asking.once(
        version, [("indicator", "i018")], [people["forest"].organisation_id], "请报", plan_live.date(2031, 1, 5),
        SYSTEM, now(),
    )  # fmt: skip
    assert reason(18) == "not reported yet: asked of 吉林省林草局, due 2031-01-05"
    plan_live.report(version, people["city"], "i018", "13.0")
    assert reason(18, CITY) == "reported by 长春市局, not accepted yet"
    assert reason(18, "220200") == "nothing was reported or registered for this place"


def test_a_report_that_was_accepted_later_is_not_known_before(made):
    _data, folder, *_ = made
    before = live.look(True, datetime(2025, 7, 1, 8))
    assert live.of(folder, datetime(2025, 7, 1, 8), "22", before).row(14).value is None
    after = live.look(True, datetime(2025, 7, 2, 8))
    assert live.of(folder, datetime(2025, 7, 2, 8), "22", after).row(14).value == Decimal("45.4")
    real = live.look(False, datetime(2025, 7, 2, 8))
    assert not real.values and not real.shares  # a real dataset takes no simulated row


def test_without_a_version_in_force_the_library_stands_and_says_so(tmp_path, capsys, monkeypatch):
    plan_live.stage.build(tmp_path)
    board = of_command(tmp_path, "22", capsys, monkeypatch)
    assert "library" in board["figures"]["en"]
    monkeypatch.setattr(serve, "has_database", lambda _data: False)
    assert main(["plan", "scoreboard", "--data", str(tmp_path)]) == 0
    assert "no adopted version is in the store" in capsys.readouterr().out


def test_an_adopted_version_changes_the_figures_of_command_and_job(made, capsys, monkeypatch):
    data, folder, version, _people, _browser = made
    draft = keeping.amend(version, "改", SYSTEM, now())
    item = draft.items.get(kind="indicator", number="1")
    item.facts["target"] = 5.0
    item.save()
    adopting.adopt(draft, "决定", plan_live.date(2025, 1, 1), SYSTEM, now())
    row = of_command(data, "22", capsys, monkeypatch)["indicators"][0]
    assert (row["target"]["value"], row["state"]) == ("5.0", "bad")
    monkeypatch.setattr(job, "refresh_dataset", lambda *_given: {})
    assert main(["refresh", "--data", str(data)]) == 0
    kept = live.kept.stored(folder)
    assert kept["indicators"]["1"]["province"]["target"] == "5.0"
    values = {(row["no"], row["division"]): row for row in stored_values(folder)}
    assert (values[1, "22"]["target"], values[14, "22"]["rounded"]) == ("5.0", "45.4")
    assert kept["indicators"]["1"]["cities"][CITY]["target"] != "5.0"  # its own share


CHANGES = {
    "water results": lambda made: plan_live.classes(made[1], {"S1": 5, "S2": 5, "S3": 5, "S4": 5}),
    "a register": lambda made: plan_live.project(made[2], CITY, "1.2", number="XM2"),
    "a report": lambda made: plan_live.report(
        made[2], made[3]["forest"], FOREST, "45.9", datetime(2025, 10, 1, 9), reviewer=made[3]["reviewer"]
    ),
    "a target": lambda made: made_target(made),
}


def made_target(_made):
    from qingyuan.interfaces.jobs import demo_shares
    from qingyuan.plans import sharing

    before = sharing.in_force(1, "220000", facts.plan().last_day, simulated=True)
    asked = sharing.asked_of(before)
    asked = plan_live.plan_stage.with_hand(asked, CITY, Decimal("31.0"), "重新下达")
    planner = demo_shares.PLANNER
    sharing.issue(planner, SYSTEM, now(), sharing.save(planner, SYSTEM, now(), asked))


@pytest.mark.parametrize("what", CHANGES)
def test_a_kept_page_is_made_anew_when_a_source_changes(made, what, monkeypatch):
    *_, browser = made
    place = CITY if what == "a target" else "220000"
    count = []
    of = scoreboard.of
    monkeypatch.setattr(scoreboard, "of", lambda *args: count.append(1) or of(*args))
    first = of_page(browser, place)
    again = len(count)
    assert of_page(browser, place) == first and len(count) == again
    CHANGES[what](made)
    assert of_page(browser, place) != first and len(count) > again


PINNED = {"/plan/": 40, "/plan/14/": 30, "/plan/heat/?open=220100": 24, "/public/plan/": 35}
"""Most queries a page may make, whatever the number of places, reports and tasks."""


@pytest.mark.parametrize("address", PINNED)
def test_pages_ask_the_database_a_fixed_number_of_times(made, address):
    _data, _folder, version, people, browser = made
    browser.get(address)
    counts = []
    for more in range(2):
        if more:
            for key in ("i016", "i017", "i018"):
                for who in ("forest", "city", "county"):
                    plan_live.report(version, people[who], key, "12", reviewer=people["reviewer"])
        caches["default"].clear()
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(address).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= PINNED[address], counts


def test_rank_last_year_and_pieces_stand_on_the_page_of_an_indicator(made):
    *_, browser = made
    water = browser.get("/plan/4/?lang=en").content.decode()
    assert "断面S1" in water and "A year before" in water and "75.0" in water
    line = re.search(r"<tr><td><a[^>]*>Siping</a>.*?</tr>|<tr><td><a[^>]*>Siping.*?</tr>", water, re.S)
    assert line and cells(line[0])[1] == "1"
    forest = browser.get("/plan/14/?lang=en").content.decode()
    assert "/plan/reports/" in forest and "吉林省林草局" in forest
    trace = browser.get("/trace/?kind=indicator&indicator=14&lang=en&format=json")
    found = trace.json() if trace.status_code == 200 else {}
    assert "45.4" in json.dumps(found, ensure_ascii=False)


def test_a_place_outside_ones_duties_is_not_told(made):
    *_, browser = made
    city = Client(SERVER_NAME="localhost")
    city.force_login(seats.seated("shi", "planning", division=CITY, level="city"))
    assert city.get(f"/api/v1/plan/jilin-14th/indicators?division={COUNTY}").status_code == 200
    assert city.get("/api/v1/plan/jilin-14th/indicators").status_code == 200
    for place in ("220200", "220299", "nowhere"):
        assert city.get(f"/api/v1/plan/jilin-14th/indicators?division={place}").status_code == 404
    assert isinstance(live.of(made[1], plan_live.stage.LAST, "22", live.look(True, now())).row(1), Row)
    assert browser.get("/api/v1/plan/other/indicators").status_code == 404
