"""Results of outlets are kept fresh like those of stations: by the lake, and by what is known of the outlets."""

from datetime import date, datetime, timedelta

import pyarrow as pa
import pytest

from qingyuan.assessments import store
from qingyuan.assessments.refresh import refresh_dataset
from qingyuan.domains import DOMAINS
from qingyuan.observations import lake

ASSESSMENTS = [each for domain in DOMAINS for each in domain.assessments]
SITE = "outlets:\n - {point: DA1, standard: GB 13223, source_type: coal boiler, grade: special}\n"


def append(dataset, item, values, unit, start, flag=None):
    rows = [
        {
            "point": point,
            "property": item,
            "averaging": "1h",
            "phenomenon_time": start + timedelta(hours=hour),
            "value": value,
            "unit": unit,
            "flag": flag,
            "result_time": start + timedelta(hours=hour, minutes=65),
            "source": "journal:1",
            "line": hour,
        }
        for point in ("DA1", "STATION")
        for hour, value in enumerate(values)
    ]
    kinds = {"phenomenon_time": pa.timestamp("us"), "result_time": pa.timestamp("us"), "flag": pa.string()}
    lake.append(dataset, pa.table({name: pa.array([row[name] for row in rows], kinds.get(name)) for name in rows[0]}))


def kept(dataset, name="sources.hourly"):
    return store.read(dataset, name, first=date(2025, 1, 1), last=date(2025, 12, 31)).to_pylist()


@pytest.fixture
def dataset(tmp_path):
    append(tmp_path, "so2", [30.0e3, 60.0e3], "ug/m3", datetime(2025, 3, 1))
    append(tmp_path, "o2", [6.0, 6.0, 6.0], "%", datetime(2025, 3, 1))
    append(tmp_path, "so2", [90.0e3], "ug/m3", datetime(2025, 3, 1, 2), flag="start_up")
    return tmp_path


def test_without_outlets_nothing_of_sources_is_computed(dataset):
    done = refresh_dataset(dataset, ASSESSMENTS)
    assert not any(name.startswith("sources.") for name in done)
    assert kept(dataset) == []


def test_outlets_are_judged_and_kept_and_only_the_outlets(dataset):
    (dataset / "outlets.yaml").write_text(SITE, "utf-8")
    done = refresh_dataset(dataset, ASSESSMENTS)
    assert done["sources.hourly"] == ["2025-03"] and done["sources.daily"] == ["2025"]
    rows = [row for row in kept(dataset) if row["property"] == "so2"]
    assert [(row["point"], row["kind"], row["value"], row["over"], row["tag"]) for row in rows] == [
        ("DA1", "outlet", 30.0, False, None),
        ("DA1", "outlet", 60.0, True, None),
        ("DA1", "outlet", 90.0, None, "start_up"),
    ]
    assert {row["point"] for row in kept(dataset, "air.hourly_aqi")} == {"STATION"}
    assert refresh_dataset(dataset, ASSESSMENTS)["sources.hourly"] == []


def test_a_point_that_turns_out_an_outlet_loses_its_results_of_air(dataset):
    refresh_dataset(dataset, ASSESSMENTS)
    assert {row["point"] for row in kept(dataset, "air.hourly_aqi")} == {"DA1", "STATION"}
    (dataset / "outlets.yaml").write_text(SITE, "utf-8")
    assert refresh_dataset(dataset, ASSESSMENTS)["air.hourly_aqi"] == ["2025-03"]
    assert {row["point"] for row in kept(dataset, "air.hourly_aqi")} == {"STATION"}


def test_another_permit_makes_the_results_of_outlets_stale_and_of_nothing_else(dataset):
    (dataset / "outlets.yaml").write_text(SITE, "utf-8")
    refresh_dataset(dataset, ASSESSMENTS)
    (dataset / "outlets.yaml").write_text(SITE.replace("grade", "limits: {so2: 25}, grade"), "utf-8")
    done = refresh_dataset(dataset, ASSESSMENTS)
    assert done["sources.exceedance"] == ["2025-03"] and done["air.hourly_aqi"] == []
    assert [row["over"] for row in kept(dataset, "sources.exceedance")] == [True, True, None]
