"""Results computed from compiled expressions are those of a run, whoever was asked for before."""

from datetime import datetime, timedelta

import pyarrow as pa
import pytest

from qingyuan.assessments.declaration import Options
from qingyuan.assessments.running import run
from qingyuan.domains import DOMAINS
from qingyuan.observations import lake
from qingyuan.observations.datasets import create_dataset
from qingyuan.places.outlets import registered
from qingyuan.rules import computing, lines
from qingyuan.standards import properties

START = datetime(2026, 3, 1)
ASSESSMENTS = {each.name: each for domain in DOMAINS for each in domain.assessments}
SITES = "point,medium,standard,source_type,grade\nA,gas,GB 13223,coal boiler,new\nB,gas,GB 13223,coal boiler,in_use\n"


@pytest.fixture
def dataset(tmp_path):
    made = create_dataset(tmp_path, "sources", "污染源", "Sources", simulated=False).path
    (made / "outlets.csv").write_text(SITES, "utf-8")
    rows = [
        {
            "point": point, "property": item, "averaging": "1h", "phenomenon_time": START + timedelta(hours=hour),
            "value": value + 7.0 * (hour % 24), "unit": properties.get(item).at_outlet().unit,
            "flag": "D" if hour == 9 else None, "result_time": START, "source": "s", "line": hour,
        }
        for point in ("A", "B") for item, value in (("so2", 20.0), ("o2", 6.0)) for hour in range(48)
    ]  # fmt: skip
    lake.append(made, pa.Table.from_pylist(rows))
    return made


@pytest.mark.parametrize("name", ["sources.hourly", "sources.daily"])
@pytest.mark.parametrize("points", [["A"], ["B"], ["A", "B"], ["A"]])
def test_they_are_those_of_a_run(dataset, name, points):
    asked = lake.read(dataset, points=points, first=START.date(), flagged=True)
    whole = run(ASSESSMENTS[name], asked, Options(outlets=registered(dataset))).to_pyarrow()
    assert lines.of_assessment(dataset, ASSESSMENTS[name], points, START) == lines.by_line(whole)
    assert computing._compiled.cache_info().currsize <= 64
