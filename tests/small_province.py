"""A small dataset made of two imported files: three stations of one city, October 2025, with known gaps and flags."""

import csv
import json
import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from qingyuan.interfaces.cli import main

FIRST, LAST = datetime(2025, 10, 1), datetime(2025, 10, 28, 14)
STATIONS = {"A1": "北塔", "A2": "客车厂", "A3": "食品厂"}
CITY = "220100"
USUAL = {"so2": 8, "no2": 30, "pm10": 60, "co": 0.6, "o3": 50, "pm25": 40}
LONG = ["point", "property", "averaging", "phenomenon_time", "value", "unit", "flag"]
BUILD = Path(__file__).parent.parent / "src/qingyuan/interfaces/web/static/build/.vite/manifest.json"


def value_of(point: str, item: str, at: datetime) -> float | None:
    """What a station measured: PM2.5 of 127 at A1 on the 27th, eight hours without values on the 23rd."""
    if point == "A1" and at.date() == datetime(2025, 10, 23).date() and at.hour < 8:
        return None
    if point == "A1" and item == "pm25" and at.date() == datetime(2025, 10, 27).date():
        return 999 if at.hour in (5, 6) else 171 if at.hour == 18 else 125
    return USUAL[item]


def flag_of(point: str, item: str, at: datetime) -> str:
    return "C" if value_of(point, item, at) == 999 else ""


def hours() -> list[datetime]:
    return [FIRST + timedelta(hours=number) for number in range(int((LAST - FIRST) / timedelta(hours=1)) + 1)]


def write_long(file: Path) -> None:
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(LONG)
        for point in ("A1", "A2"):
            for at in hours():
                for item in USUAL:
                    value = value_of(point, item, at)
                    if value is not None:
                        unit = "mg/m3" if item == "co" else "ug/m3"
                        writer.writerow(
                            [point, item, "1h", f"{at.isoformat()}+08:00", value, unit, flag_of(point, item, at)]
                        )


def write_wide(file: Path) -> None:
    """The national layout: a column a station, rows of hour and type."""
    types = {"SO2": "so2", "NO2": "no2", "PM10": "pm10", "CO": "co", "O3": "o3", "PM2.5": "pm25"}
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["date", "hour", "type", "A3"])
        for at in hours():
            for name, item in types.items():
                writer.writerow([f"{at:%Y%m%d}", at.hour, name, USUAL[item]])


def make(folder: Path) -> Path:
    """The data folder, with observations, results and indicators."""
    write_long(folder / "long.csv")
    write_wide(folder / "wide.csv")
    register = folder / "stations.csv"
    rows = [f"{code},{name},长春市,{CITY},43.9,125.3" for code, name in STATIONS.items()]
    register.write_text("\n".join(["code,station,city,city_code,lat,lon", *rows, ""]), encoding="utf-8")
    data = folder / "data"
    told = ["import", str(folder / "long.csv"), str(folder / "wide.csv"), "--data", str(data), "--dataset", "real"]
    assert main([*told, "--title", "实测", "--stations", str(register)]) == 0
    assert main(["refresh", "--data", str(data)]) == 0
    assert json.loads((data / "datasets/real/dataset.json").read_text("utf-8"))["simulated"] is False
    return data


@pytest.fixture(scope="session")
def small_province(tmp_path_factory):
    """The data folder, named in the environment for the session's pages."""
    folder = make(tmp_path_factory.mktemp("province"))
    before = os.environ.get("QINGYUAN_DATA")
    os.environ["QINGYUAN_DATA"] = str(folder)
    yield folder
    if before is None:
        del os.environ["QINGYUAN_DATA"]
    else:
        os.environ["QINGYUAN_DATA"] = before


@pytest.fixture(scope="session")
def built():
    """The built front end, which every page links."""
    if not BUILD.exists():
        told = "the front end is not built: npm ci && npm run build in frontend/"
        pytest.fail(told) if os.environ.get("CI") else pytest.skip(told)
