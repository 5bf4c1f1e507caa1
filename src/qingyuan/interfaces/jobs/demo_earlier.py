"""The demo's years before its observations: daily results of the simulated cities, the ground of its forecasts."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from qingyuan.assessments import engines, running
from qingyuan.assessments.declaration import Options
from qingyuan.assessments.refresh import Progress
from qingyuan.domains.air import DOMAIN, simulated
from qingyuan.observations.datasets import Dataset
from qingyuan.plans.forecast import earlier
from qingyuan.plans.indicators import ASSESSMENT, CityDay, city_day

FIRST, LAST = datetime(2020, 1, 1), datetime(2023, 12, 31, 23)


def fill(dataset: Dataset, progress: Progress | None = None, first: datetime = FIRST, last: datetime = LAST) -> int:
    """Keep the city-days of first..last, unless they are kept; returns how many there are."""
    kept = earlier.read(dataset.path)
    if kept:
        return len(kept)
    months = simulated.months(first, last)
    rows: list[CityDay] = []
    year: list[pa.Table] = []
    for done, (name, table) in enumerate(zip(months, simulated.simulate(first=first, last=last), strict=True)):
        if progress:
            progress(f"earlier years {name}", done, len(months))
        year.append(table)
        if name.endswith("-12") or name == months[-1]:
            rows += of_year(year)
            year = []
    return earlier.put(dataset.path, rows)


def of_year(year: Sequence[pa.Table]) -> list[CityDay]:
    """The law applied to a year of simulated hours, by city."""
    table = pa.concat_tables(year)
    good = table.filter(pc.is_null(table["flag"]))
    codes = {station.point: station.city for station in simulated.stations()}
    points = good["point"].combine_chunks().dictionary_encode()
    cities = pa.array([codes[point] for point in points.dictionary.to_pylist()]).take(points.indices)
    assessment = next(each for each in DOMAIN.assessments if each.name == ASSESSMENT)
    with tempfile.TemporaryDirectory(prefix="qingyuan-") as folder, engines.connect("duckdb") as backend:
        file = Path(folder) / "year.parquet"
        pq.write_table(good.append_column("city", cities), file)
        observations = backend.read_parquet(file)
        results = running.run(assessment, observations, Options(by="city"), stored=True).to_pyarrow()
    return [city_day(row) for row in results.to_pylist()]
