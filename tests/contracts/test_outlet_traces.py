"""Every number of an outlet leads down to its frames; its page speaks of its own dataset and its own standards."""

from datetime import datetime, timedelta

import field
import pyarrow as pa
import pytest
import seats
import stage
from django.test import Client
from django.utils import translation

from qingyuan.interfaces.web.sources import words
from qingyuan.observations import lake
from qingyuan.observations.datasets import create_dataset

pytestmark = pytest.mark.django_db(transaction=True)
DAY = datetime(2026, 3, 19)
OUTLET = "/sources/outlet/DA001/"


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    stage.build(tmp_path)
    field.fill(tmp_path)
    field.register(tmp_path)
    minutes(tmp_path / "datasets" / "sources", "nox")
    return tmp_path


def minutes(folder, item, unit="mg/m3", hour=5):
    """An hour of ten-minute records that came in frame 1, the third over the instrument's range."""
    times = [DAY + timedelta(hours=hour, minutes=10 * n) for n in range(6)]
    text = {"point": "DA001", "property": item, "averaging": "10min", "unit": unit, "source": "journal:1"}
    columns = {
        **{name: pa.repeat(word, 6) for name, word in text.items()},
        "phenomenon_time": pa.array(times, pa.timestamp("us")),
        "value": pa.array([40.0 + n for n in range(6)]),
        "flag": pa.array([None, None, "T", None, None, None], pa.string()),
        "result_time": pa.array(times, pa.timestamp("us")),
        "line": pa.array(range(6), pa.int64()),
    }
    lake.append(folder, pa.table(columns))


@pytest.fixture
def client(db, data):
    made = Client(SERVER_NAME="localhost")
    made.force_login(seats.seated("wang"))
    return made


def test_a_day_leads_to_its_hours_they_to_their_minutes_and_these_to_the_frame(client):
    day = client.get(f"{OUTLET}trace/nox/2026-03-19T00:00/day/?dataset=sources").content.decode()
    hours = [f"{OUTLET}trace/nox/2026-03-19T{hour:02}:00/" for hour in range(24)]
    assert all(hour in day for hour in hours) and "sources.daily" in day
    hour = client.get(f"{hours[5]}?dataset=sources").content.decode()
    steps = [f"{OUTLET}trace/nox/2026-03-19T05:{minute:02}/minute/" for minute in range(0, 60, 10)]
    assert all(step in hour for step in steps)
    assert f"{OUTLET}trace/nox/2026-03-19T00:00/day/" in hour, "the way back up"
    minute = client.get(f"{steps[2]}?dataset=sources").content.decode()
    assert "42" in minute and field.PLAIN in minute and field.PASSWORD not in minute
    assert hours[5] in minute


@pytest.mark.parametrize("address", ["nox/2026-03-19T05:05/minute/", "so2/2026-03-19T00:00/day/", "nox/soon/day/"])
def test_what_is_not_there_has_no_trace(client, address):
    assert client.get(f"{OUTLET}trace/{address}?dataset=sources").status_code == 404


@pytest.mark.parametrize(("step", "end"), [("minute", "/minute/"), ("hour", "/"), ("day", "/day/")])
def test_every_point_of_a_series_has_the_address_of_its_trace(client, step, end):
    found = client.get(f"{OUTLET}series.json?dataset=sources&step={step}&property=nox").json()
    path = found["trace"]["hour"].partition("?")[0]
    assert path == f"{OUTLET}trace/nox/{{time}}{end}"


def test_every_number_of_the_daily_table_is_followed(client):
    page = client.get(f"{OUTLET}?dataset=sources&step=day").content.decode()
    assert f"{OUTLET}trace/nox/2026-03-18T00:00/day/" in page


def test_the_series_has_one_unit_whatever_the_records_came_in(data, client):
    minutes(data / "datasets" / "sources", "nox", "ug/m3", hour=6)
    found = client.get(f"{OUTLET}series.json?dataset=sources&step=minute&property=nox").json()
    assert found["unit"] == "mg/m³"
    assert [value for value in found["hours"] if value] == [
        40.0,
        41.0,
        43.0,
        44.0,
        45.0,
        0.04,
        0.041,
        0.043,
        0.044,
        0.045,
    ]


def test_the_page_takes_the_dataset_looked_at_last_else_the_one_with_results(client, data):
    empty = create_dataset(data, "aaa", "空源", "Empty", False).path
    (empty / "outlets.csv").write_text("point,medium\nE1,gas\n", "utf-8")
    first = client.get("/sources/").content.decode()
    assert "DA001" in first and "dataset=aaa" in first, "the one with results, and a switch to the other"
    assert "E1" in client.get("/sources/?dataset=aaa").content.decode()
    assert "E1" in client.get("/sources/").content.decode()


def test_the_top_bar_names_the_outlets_standard_and_not_that_of_the_air(client):
    for address in ("/sources/?dataset=sources", f"{OUTLET}?dataset=sources"):
        bar = client.get(address).content.decode().partition("<main")[0].partition('class="top"')[2]
        assert "GB 13223" in bar and "GB 3095" not in bar
    assert "GB 3095" in client.get("/air/").content.decode().partition("<main")[0]


REASONS = [
    "no flow",
    "no reading",
    "monitor: calibration",
    "plant: start_up",
    "not corrected: missing_oxygen",
    "fewer than 45 valid minutes",
    "fewer than 75 % of the readings due",
    "the mean of samples taken by hand",
    "a day's mean is never corrected for oxygen: give the hours",
    "no limit of the 1h mean is known for this item",
    "the law library has no standard XX 1; XX 2 holds no emission limits",
    "XX 1 has no source type 'x'; it has y, z",
    "the outlet has the grade 'x', none of y",
    "the outlet has no grade said, which may be y",
    "the year of building is not said; the outlet has no grade said, which may be y",
    "no standard and no limit is said of the outlet",
    "the outlet is not in the site file: no standard and no limit is known",
    "the water temperature is not known, on which the limit depends",
]


@pytest.mark.parametrize("text", REASONS)
def test_every_reason_of_the_law_has_words_in_both_languages(text):
    with translation.override("zh-hans"):
        chinese = words.reason(text)
    with translation.override("en"):
        english = words.reason(text)
    plain = chinese.replace("XX", "").replace("pH", "")
    assert english and not any(len(word) > 2 and word.isascii() and word.isalpha() for word in plain.split()), chinese
    assert chinese != english
