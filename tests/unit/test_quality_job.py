"""Quality tests on a dataset: flags enter the lake as amendments, findings stand beside it, a second run adds nothing."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from qingyuan.interfaces.jobs import quality
from qingyuan.interfaces.web.sources import findings
from qingyuan.observations import lake
from qingyuan.observations.datasets import create_dataset
from qingyuan.observations.quality import kept

LAST = datetime(2026, 3, 20, 23)
HOURS = 400


def series(point, values):
    begin = LAST - timedelta(hours=HOURS - 1)
    times = [begin + timedelta(hours=hour) for hour in range(HOURS)]
    text = {"point": point, "property": "so2", "averaging": "1h", "unit": "ug/m3", "source": "test"}
    return pa.table(
        {
            **{name: pa.repeat(word, HOURS) for name, word in text.items()},
            "phenomenon_time": pa.array(times, pa.timestamp("us")),
            "value": pa.array(values, pa.float64()),
            "flag": pa.nulls(HOURS, pa.string()),
            "result_time": pa.array([time + timedelta(hours=1) for time in times], pa.timestamp("us")),
            "line": pa.array(range(HOURS), pa.int64()),
        }
    )


@pytest.fixture
def dataset(tmp_path):
    made = create_dataset(tmp_path, "tested", "试", "Tested", simulated=True, last_hour=LAST)
    values = np.random.default_rng(7).lognormal(3, 0.4, HOURS).round(2)
    air, stack = values.copy(), values * 1000
    air[100], air[300:340] = -60.0, air[299]
    lake.append(made.path, series("A", air))
    lake.append(made.path, series("STACK", stack))
    (made.path / "outlets.csv").write_text("point,medium\nSTACK,gas\n")
    return made


def test_impossible_values_are_flagged_and_kept(dataset):
    done = quality.check(dataset)
    assert (done.rows, done.flagged) == (2 * HOURS, 1)
    flagged = [row for row in lake.read_arrow(dataset.path, flagged=True).to_pylist() if row["flag"]]
    assert [(row["point"], row["value"], row["source"]) for row in flagged] == [("A", -60.0, "test")]
    assert lake.read_arrow(dataset.path).num_rows == 2 * HOURS - 1


def test_a_stack_has_other_bounds_than_the_air(dataset):
    (dataset.path / "outlets.csv").unlink()
    assert quality.check(dataset).flagged > 100


def test_findings_stand_beside_the_lake_and_a_second_run_changes_nothing(dataset):
    assert kept.findings(dataset.path) == []
    quality.check(dataset)
    found = kept.findings(dataset.path, "A")
    assert "constant" in {row["code"] for row in found}
    versions = lake.versions(dataset.path)
    assert quality.check(dataset).flagged == 0
    assert lake.versions(dataset.path) == versions
    assert kept.findings(dataset.path, "A") == found


def test_an_outlets_page_tells_them_in_words(dataset):
    quality.check(dataset)
    told = findings.of_point(SimpleNamespace(dataset=dataset), "A")
    assert {"恒值", "负值"} <= {each.title for each in told}
    assert next(each.state for each in told if each.title == "恒值") == "tight"
    assert findings.of_point(SimpleNamespace(dataset=dataset), "NOWHERE") == []
