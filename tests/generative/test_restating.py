"""What if: a stored day judged by the other edition in plain numbers is what the expressions give for that edition."""

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qingyuan.assessments import engines, running
from qingyuan.assessments.declaration import Options
from qingyuan.domains.air.assessments import DAILY_AQI, HOURLY_AQI
from qingyuan.domains.air.law import DAILY_AVERAGING, ITEMS
from qingyuan.domains.air.restating import restate

JUDGED = [*[f"iaqi_{item}" for item in ITEMS], "aqi", "level", "primary", "valid", "edition", "clause"]


def observations(averaging_of, step):
    """Random concentrations up to far beyond the last breakpoint, a third of them missing, over the change of the law."""
    random = np.random.default_rng(7)
    start, rows = datetime(2026, 1, 1), []
    for number in range(400):
        for item in ITEMS:
            if random.random() < 0.3:
                continue
            value = random.integers(0, 700) / 10 if item == "co" else random.integers(0, 1000)
            at = start + number * step
            rows.append(("A", item, averaging_of(item), at, float(value), None, None))
    names = ["point", "property", "averaging", "phenomenon_time", "value", "flag", "city"]
    types = [pa.string(), pa.string(), pa.string(), pa.timestamp("us"), pa.float64(), pa.string(), pa.string()]
    columns = [pa.array(list(column), kind) for column, kind in zip(zip(*rows, strict=True), types, strict=True)]
    return pa.table(dict(zip(names, columns, strict=True)))


@pytest.mark.parametrize("edition", ["2012", "2026"])
@pytest.mark.parametrize(
    ("assessment", "per", "averaging_of", "step"),
    [
        pytest.param(DAILY_AQI, "day", DAILY_AVERAGING.__getitem__, timedelta(days=1), id="day"),
        pytest.param(HOURLY_AQI, "hour", lambda item: "1h", timedelta(hours=1), id="hour"),
    ],
)
def test_restated_rows_are_the_assessment_of_that_edition(tmp_path, edition, assessment, per, averaging_of, step):
    file = tmp_path / "observations.parquet"
    pq.write_table(observations(averaging_of, step), file)
    with engines.connect("duckdb", spill=tmp_path) as backend:
        table = engines.read_parquet(backend, [file])
        stored = running.run(assessment, table, Options()).to_pyarrow().to_pylist()
        asked = running.run(assessment, table, Options(edition=edition)).to_pyarrow().to_pylist()
    restated = restate(stored, edition, per)
    assert len(restated) > 300
    assert [{name: row[name] for name in JUDGED} for row in restated] == [
        {name: row[name] for name in JUDGED} for row in asked
    ]
