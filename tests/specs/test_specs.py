"""The worked examples of the law, run on every engine."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from qingyuan.assessments import engines, running
from qingyuan.assessments.declaration import DustPeriod, Options
from qingyuan.domains import DOMAINS
from qingyuan.places.outlets import outlets_of
from qingyuan.standards import properties

ASSESSMENTS = {each.name: each for domain in DOMAINS for each in domain.assessments}
ITEMS = ("so2", "no2", "pm10", "co", "o3", "pm25")
SCHEMA = pa.schema(
    [
        ("point", pa.string()),
        ("property", pa.string()),
        ("averaging", pa.string()),
        ("phenomenon_time", pa.timestamp("us")),
        ("value", pa.float64()),
        ("unit", pa.string()),
        ("flag", pa.string()),
        ("city", pa.string()),
    ]
)
SPECS = [
    pytest.param(spec, id=f"{file.stem}: {spec['title']}")
    for file in sorted(Path(__file__).parent.rglob("*.yaml"))
    for spec in yaml.safe_load(file.read_text(encoding="utf-8"))
]


def row(point, item, averaging, at, value, city=None, flag=None, outlet=False):
    known = properties.get(item)
    return {
        "point": point,
        "property": item,
        "averaging": averaging,
        "phenomenon_time": at,
        "value": float(value),
        "unit": (known.at_outlet() if outlet else known).unit,
        "flag": flag,
        "city": city,
    }


def day_averaging(item):
    return "mda8" if item == "o3" else "24h"


def at_outlets(given):
    """Rows of outlets: `minutes` and `readings` of one value, or of `values`, from a time on, so many minutes apart."""
    for series in given.get("outlets", []):
        start, averaging = datetime.fromisoformat(series["from"]), series.get("averaging", "1h")
        step = series.get("every") or {"1min": 1, "1h": 60, "2h": 120, "24h": 1440}[averaging]
        values = series["values"] if "values" in series else [series["value"]] * series["count"]
        for number, value in enumerate(values):
            if value is not None:
                at = start + timedelta(minutes=step * number)
                yield row(
                    series["point"], series["property"], averaging, at, value, flag=series.get("flag"), outlet=True
                )


def observations(given):
    """Rows of the long table from the compact forms an example may use."""
    rows = list(at_outlets(given))
    for hour in given.get("hours", []):
        at = datetime.fromisoformat(hour["at"])
        rows += [row(hour["point"], i, "1h", at, hour[i], hour.get("city")) for i in ITEMS if i in hour]
    for day in given.get("days", []):
        at = datetime.fromisoformat(day["day"])
        rows += [row(day["point"], i, day_averaging(i), at, day[i], day.get("city")) for i in ITEMS if i in day]
    for series in given.get("series", []):
        start = datetime.fromisoformat(series["from"])
        for hours, value in enumerate(series["values"]):
            if value is not None:
                rows.append(row(series["point"], series["property"], "1h", start + timedelta(hours=hours), value))
    for run in given.get("runs", []):
        start = datetime.fromisoformat(run["day"])
        for days in range(run["days"]):
            at = start + timedelta(days=days)
            rows.append(row(run["point"], run["property"], day_averaging(run["property"]), at, run["value"]))
    return pa.Table.from_pylist(rows, SCHEMA)


def options(told):
    chosen = dict(told)
    for name in ("first", "last"):
        if name in chosen:
            chosen[name] = date.fromisoformat(chosen[name])
    chosen["dust"] = tuple(DustPeriod(**period) for period in chosen.get("dust", []))
    chosen["outlets"] = outlets_of(chosen.get("outlets", []), "the example")
    return Options(**chosen)


def comparable(value):
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    return round(value, 6) if isinstance(value, float) else value


@pytest.fixture(scope="session", params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def backend(request, tmp_path_factory):
    with engines.connect(request.param, threads=2, spill=tmp_path_factory.mktemp("spill")) as connected:
        if request.param == "spark":
            # a few rows each: compiling the plans would take longer than running them
            connected._session.conf.set("spark.sql.codegen.wholeStage", "false")
            connected._session.conf.set("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        yield connected


@pytest.mark.parametrize("spec", SPECS)
def test_worked_example(spec, backend, tmp_path):
    file = tmp_path / "observations.parquet"
    pq.write_table(observations(spec["given"]), file)
    table = engines.read_parquet(backend, [file])
    result = running.run(ASSESSMENTS[spec["assessment"]], table, options(spec.get("options", {})))
    rows = result.to_pyarrow().to_pylist()
    for expected in spec["expect"]:
        keys = [key for key in ("point", "phenomenon_time", "property", "statistic", "averaging") if key in expected]
        found = [each for each in rows if all(comparable(each[key]) == expected[key] for key in keys)]
        assert len(found) == 1, f"{len(found)} rows for {[expected[key] for key in keys]} among {rows}"
        given = {key: comparable(found[0][key]) for key in expected}
        assert given == expected
