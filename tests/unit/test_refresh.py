"""Stored results follow what they are made of: appended hours, amendments, and the register of stations."""

from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from qingyuan.assessments import store
from qingyuan.assessments.refresh import refresh_dataset
from qingyuan.domains.air import DOMAIN
from qingyuan.domains.air.law import ITEMS
from qingyuan.interfaces.jobs import refresh as job
from qingyuan.observations import lake
from qingyuan.observations.datasets import create_dataset
from qingyuan.places.points import Point, write_points
from qingyuan.standards import properties

FIRST, LAST = date(2025, 1, 1), date(2026, 12, 31)
NAMES = [assessment.name for assessment in DOMAIN.assessments if assessment.partition]


def hours(start, days, seed, points=("A", "B"), items=ITEMS):
    random = np.random.default_rng(seed)
    rows = [
        {
            "point": point,
            "property": item,
            "averaging": "1h",
            "phenomenon_time": start + timedelta(hours=hour),
            "value": float(random.integers(0, 60) / 10 if item == "co" else random.integers(0, 200)),
            "unit": properties.get(item).unit,
            "flag": None,
            "result_time": start + timedelta(hours=hour, minutes=70),
            "source": f"test:{seed}",
            "line": hour,
        }
        for point in points
        for item in items
        for hour in range(24 * days)
    ]
    kinds = {"phenomenon_time": pa.timestamp("us"), "result_time": pa.timestamp("us"), "flag": pa.string()}
    return pa.table({name: pa.array([row[name] for row in rows], kinds.get(name)) for name in rows[0]})


def register(dataset, city_of):
    stations = [
        Point(code, "station", code, code, city, None, 125.3, 43.9, "national") for code, city in city_of.items()
    ]
    write_points(dataset, stations)


def refreshed(dataset):
    return refresh_dataset(dataset, DOMAIN.assessments)


def results(dataset):
    def rows(name):
        found = store.read(dataset, name, first=FIRST, last=LAST).to_pylist()
        return sorted(found, key=lambda row: (row["kind"], row["point"], row["phenomenon_time"]))

    return {name: rows(name) for name in NAMES}


@pytest.fixture
def dataset(tmp_path):
    folder = tmp_path / "grown"
    folder.mkdir()
    register(folder, {"A": "220100", "B": "220100"})
    return folder


def test_only_windows_with_news_are_computed(dataset):
    lake.append(dataset, hours(datetime(2025, 12, 30), 3, 1))
    first = refreshed(dataset)
    assert first == {"air.hourly_aqi": ["2025-12", "2026-01"], "air.daily_aqi": ["2025", "2026"]}
    assert refreshed(dataset) == {"air.hourly_aqi": [], "air.daily_aqi": []}
    lake.append(dataset, hours(datetime(2026, 1, 3), 1, 2))
    assert refreshed(dataset) == {"air.hourly_aqi": ["2026-01"], "air.daily_aqi": ["2026"]}


def test_amended_and_recomputed_is_computed_from_scratch(dataset, tmp_path):
    """In pieces, with amendments and refreshes between, or all at once: the same results."""
    before, after = hours(datetime(2026, 2, 26), 3, 1), hours(datetime(2026, 3, 1), 3, 2)
    change = hours(datetime(2026, 2, 28), 1, 3, points=("A",), items=("pm25", "o3"))
    lake.append(dataset, before)
    refreshed(dataset)
    lake.append(dataset, after)
    refreshed(dataset)
    untouched = results(dataset)
    lake.amend(dataset, change, reason="recalibrated", by="tester")
    refreshed(dataset)

    whole = tmp_path / "whole"
    whole.mkdir()
    register(whole, {"A": "220100", "B": "220100"})
    lake.append(whole, before)
    lake.append(whole, after)
    lake.amend(whole, change, reason="recalibrated", by="tester")
    refreshed(whole)
    assert results(dataset) == results(whole)
    assert results(dataset) != untouched


def test_a_station_placed_later_gives_its_city_results(dataset):
    register(dataset, {})
    lake.append(dataset, hours(datetime(2026, 1, 1), 2, 1))
    refreshed(dataset)
    assert {row["kind"] for row in results(dataset)["air.daily_aqi"]} == {"station"}
    register(dataset, {"A": "220100", "B": "220100"})
    refreshed(dataset)
    cities = [row for row in results(dataset)["air.daily_aqi"] if row["kind"] == "city"]
    assert [row["point"] for row in cities] == ["220100", "220100"]
    assert refreshed(dataset)["air.daily_aqi"] == []


def test_a_new_library_makes_everything_stale(dataset, monkeypatch):
    lake.append(dataset, hours(datetime(2025, 12, 30), 3, 1))
    first = refreshed(dataset)
    monkeypatch.setattr("qingyuan.assessments.refresh.__version__", "another")
    assert refreshed(dataset) == first
    assert not any(refreshed(dataset).values())


def test_a_watch_joins_small_files(tmp_path, monkeypatch):
    monkeypatch.setattr(lake, "FEW_FILES", 3)
    made = create_dataset(tmp_path, "grown", "生长", "Grown", simulated=False)
    for day in range(5):
        lake.append(made.path, hours(datetime(2026, 1, 1 + day), 1, day))
    before = lake.read_arrow(made.path)
    job.watch(tmp_path, None, 0, tell=lambda *_: None, rounds=1)
    assert len(lake.table_of(made.path, "observations").files()[1]) == 1
    assert lake.read_arrow(made.path).equals(before)
    assert not any(refreshed(made.path).values())


def test_what_leaves_an_outlet_is_no_ambient_air(dataset):
    lake.append(dataset, hours(datetime(2026, 1, 1), 2, 1, points=("A", "STACK")))
    (dataset / "outlets.csv").write_text("point,medium\nSTACK,gas\n")
    refreshed(dataset)
    assert {row["point"] for row in results(dataset)["air.hourly_aqi"]} == {"A", "220100"}
