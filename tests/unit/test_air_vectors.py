"""Air results against the vectors of the fact base and against the published national hours."""

import csv
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from qingyuan.base.rounding import round_half_even
from qingyuan.domains.air.law import ITEMS
from qingyuan.domains.air.methods import individual_index
from qingyuan.interfaces.cli import main
from qingyuan.standards import law, properties

pytestmark = pytest.mark.shared_data

HEAD = ["point", "property", "averaging", "phenomenon_time", "value", "unit"]


def vectors(shared, name):
    with (shared / "reference/standards/test_vectors" / name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def edition(row):
    return row["standard"].split("-")[1]


def test_individual_indices(shared):
    rows = vectors(shared, "iaqi.csv")
    assert rows
    for row in rows:
        item = properties.find(row["pollutant"]).slug
        table = law.breakpoints("HJ 633", item, row["period"], edition=edition(row))
        expected = int(row["iaqi"]) if row["iaqi"] else None
        assert individual_index(Decimal(row["conc"]), table) == expected, row


def long_rows(row, point, day):
    daily = row["report"] == "daily"
    for item in ITEMS:
        symbol = properties.get(item).symbol
        if not row[symbol]:
            continue
        averaging = ("mda8" if item == "o3" else "24h") if daily else "1h"
        yield [point, symbol, averaging, day, row[symbol], properties.get(item).unit]


@pytest.mark.parametrize("report", ["daily", "hourly"])
def test_whole_indices(shared, tmp_path, report):
    """Every vector as a point of its own; particles a dust rule removed are declared, so nothing is missing."""
    rows = [row for row in vectors(shared, "aqi.csv") if row["report"] == report]
    source, result = tmp_path / "in.csv", tmp_path / "out.csv"
    with source.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEAD)
        for number, row in enumerate(rows):
            day = "2025-06-01T00:00:00+08:00" if edition(row) == "2012" else "2026-06-01T00:00:00+08:00"
            writer.writerows(long_rows(row, f"V{number}", day))
    assert main(["assess", f"air.{report}_aqi", "--input", str(source), "--output", str(result)]) == 0
    with result.open(encoding="utf-8") as stream:
        found = {row["point"]: row for row in csv.DictReader(stream)}
    for number, row in enumerate(rows):
        given = found[f"V{number}"]
        slugs = ";".join(properties.find(name).slug for name in row["primary"].split(";") if name)
        assert (given["aqi"], given["primary"], given["edition"]) == (row["aqi"], slugs, edition(row)), row
        for item in ITEMS:
            assert given[f"iaqi_{item}"] == row[f"iaqi_{properties.get(item).symbol}"], (row, item)


def test_published_hours(shared, tmp_path):
    """Hourly AQI equals the published one in every complete station-hour of the national file."""
    source = shared / "data/air/jilin_station_hourly_2020-03-26_04-04.parquet"
    result = tmp_path / "out.parquet"
    assert main(["assess", "air.hourly_aqi", "--input", str(source), "--output", str(result)]) == 0
    with duckdb.connect() as engine:
        complete, equal = engine.execute(
            """SELECT count(*), count(*) FILTER (h.aqi = p.value)
               FROM read_parquet($result) h JOIN read_parquet($source) p
                 ON h.point = p.code AND timezone('Etc/GMT-8', h.phenomenon_time) = p.time AND p.parameter = 'AQI'
               WHERE h.completeness = 6""",
            {"result": str(result), "source": str(source)},
        ).fetchone()
    assert complete > 3_000
    assert equal == complete


def test_percentiles(shared, tmp_path):
    """The percentile formula on the vectors, told to the evaluation as daily values of one item each."""
    wanted = {"90": "o3", "95": "pm25", "98": "so2"}
    for number, row in enumerate(vectors(shared, "percentile.csv")):
        if not row["data"].startswith("1.."):
            continue
        item, n = wanted[row["percentile"]], int(row["n"])
        source, result = tmp_path / f"{number}.csv", tmp_path / f"{number}.out.csv"
        write_days(source, item, n)
        run = ["assess", "air.evaluation", "--input", str(source), "--output", str(result)]
        assert main(run) == 0
        with result.open(encoding="utf-8") as stream:
            value = next(r["value"] for r in csv.DictReader(stream) if r["statistic"] == f"p{row['percentile']}")
        assert round_half_even(Decimal(value), 4) == Decimal(row["expected"]), row


def write_days(file: Path, item: str, n: int) -> None:
    with duckdb.connect() as engine:
        engine.execute(
            f"""COPY (SELECT 'A' AS point, '{item}' AS property, '{"mda8" if item == "o3" else "24h"}' AS averaging,
                      strftime(DATE '2024-01-01' + i::INT - 1, '%Y-%m-%d') AS phenomenon_time,
                      i::DOUBLE AS value, 'ug/m3' AS unit FROM range(1, {n + 1}) t(i)) TO '{file}' (HEADER)"""
        )
