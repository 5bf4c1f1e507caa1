"""A small province to show pages of: nine cities, twelve stations, two years of days, three days of hours."""

from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
from deltalake import write_deltalake

from qingyuan.assessments import store
from qingyuan.observations.datasets import create_dataset
from qingyuan.observations.schema import AMENDMENT, OBSERVATION
from qingyuan.places.divisions import children
from qingyuan.places.points import Point, write_points

LAST = datetime(2025, 10, 28, 14)
FIRST_DAY = datetime(2023, 11, 1)
ITEMS = ("so2", "no2", "pm10", "co", "o3", "pm25")
SILENT, LACKING = "T12", "T03"
"""The station that does not answer, and the one whose CO is missing."""
IMPORT = "import-1"


def build(data: Path, slug: str = "simulated", simulated: bool = True) -> Path:
    """Make the dataset below a data folder; returns its folder."""
    dataset = create_dataset(data, slug, "模拟省", "Simulated province", simulated)
    points = [*_cities(), *_stations()]
    write_points(dataset.path, points)
    _days(dataset.path, points)
    _hours(dataset.path, points)
    _imports(dataset.path)
    return dataset.path


def _cities() -> list[Point]:
    return [
        Point(each.code, "city", each.name_zh, each.name_en, each.code, None, *each.centroid, "national")
        for each in children("220000")
    ]


def _stations() -> list[Point]:
    codes = [each.code for each in children("220000")]
    return [
        Point(f"T{n:02}", "station", f"试站{n}", f"Trial {n}", codes[n % 9], None, 125 + n / 10, 43.5, "national")
        for n in range(1, 13)
    ]


def _result(point: Point, at: datetime, swing: int) -> dict:
    """One judged row; PM2.5 leads, its index told by the 2012 table between 35 and 75 and above."""
    pm25 = 30 + (int(point.point[-2:]) * 7 + swing) % 60
    aqi = _index(pm25)
    values = {"so2": 9.0, "no2": 22.0, "pm10": 48.0, "co": 0.6, "o3": 70.0, "pm25": float(pm25)}
    if point.point == LACKING:
        values["co"] = None
    return {
        "point": point.point,
        "kind": point.kind,
        "phenomenon_time": at,
        "aqi": aqi,
        "level": 1 if aqi <= 50 else 2 if aqi <= 100 else 3,
        "primary": "pm25" if aqi > 50 else "",
        **{f"iaqi_{item}": aqi if item == "pm25" else 20 for item in ITEMS},
        **values,
        "valid": True,
        "edition": "2012",
        "clause": "HJ 633—2012 table 1",
        "library_version": "test",
    }


def _index(pm25: int) -> int:
    low, high, below, above = (0, 35, 0, 50) if pm25 <= 35 else (35, 75, 50, 100) if pm25 <= 75 else (75, 115, 100, 150)
    return below - (-(pm25 - low) * (above - below) // (high - low))


def _days(dataset: Path, points: list[Point]) -> None:
    days = [FIRST_DAY + timedelta(days=n) for n in range((LAST - FIRST_DAY).days)]
    rows = [
        {
            **_result(point, day, n % 23),
            **{f"{item}_mean": 10.04 for item in ITEMS},
            **{f"{item}_hours": 17 if item == "o3" else 24 for item in ITEMS},
            "stations": 1,
            "period": f"{day:%Y}",
        }
        for point in points
        for n, day in enumerate(days)
    ]
    _store(dataset, "air.daily_aqi", rows)


def _hours(dataset: Path, points: list[Point]) -> None:
    hours = [LAST - timedelta(hours=n) for n in range(72)]
    told = [point for point in points if point.point != SILENT]
    rows = [{**_result(point, at, at.hour), "period": f"{at:%Y-%m}"} for point in told for at in hours]
    _store(dataset, "air.hourly_aqi", rows)
    observed = [
        {
            "point": row["point"],
            "property": item,
            "averaging": "1h",
            "phenomenon_time": row["phenomenon_time"],
            "value": row[item],
            "unit": "mg/m3" if item == "co" else "ug/m3",
            "flag": None,
            "result_time": row["phenomenon_time"] + timedelta(hours=1),
            "source": IMPORT,
            "line": line,
            "month": row["period"],
        }
        for line, row in enumerate(rows, 2)
        if row["kind"] == "station"
        for item in ITEMS
        if row[item] is not None
    ]
    write_deltalake(
        dataset / "observations", pa.Table.from_pylist(observed, schema=OBSERVATION), partition_by=["month"]
    )
    write_deltalake(dataset / "amendments", AMENDMENT.empty_table(), partition_by=["month"])


def _store(dataset: Path, name: str, rows: list[dict]) -> None:
    table = pa.Table.from_pylist(rows)
    store.replace(dataset, name, table, sorted({row["period"] for row in rows}), "v0")


def _imports(dataset: Path) -> None:
    source = {
        "source": IMPORT,
        "file": "jilin.csv",
        "sha256": "ab" * 32,
        "layout": "national-wide",
        "rows_read": 4800,
        "rows_stored": 4798,
        "rows_known": 0,
        "rows_rejected": 2,
        "imported_at": LAST,
        "imported_by": "admin",
    }
    write_deltalake(dataset / "sources", pa.Table.from_pylist([source]))
    rejects = [
        {"source": IMPORT, "file": "jilin.csv", "line": line, "reason": "value below zero", "row": "=2,-4"}
        for line in (17, 230)
    ]
    write_deltalake(dataset / "rejects", pa.Table.from_pylist(rejects))
