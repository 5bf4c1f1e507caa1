"""Files of outlets into a dataset: the point's kind decides unit and bounds, and the lake gives what the file gives."""

import csv
import gzip
from datetime import date, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qingyuan.assessments import store
from qingyuan.assessments.refresh import refresh_dataset
from qingyuan.base.errors import WrongUsage
from qingyuan.domains import DOMAINS
from qingyuan.interfaces.cli import main
from qingyuan.observations import datasets, lake
from qingyuan.observations.importing import Wish, import_file
from qingyuan.places.outlets import enter, registered_points

HEAD = "point,property,averaging,phenomenon_time,value,unit,flag"
SITE = "point,medium,standard,source_type,grade\nDA1,gas,GB 13223,coal boiler,special\n"
SOURCES = [each for domain in DOMAINS if domain.name == "sources" for each in domain.assessments]
MIXED = [
    ("DA1", "so2", 30.0, "mg/m3"),
    ("DA1", "nox", 35.0, "ppm"),
    ("DA1", "temperature", 135.0, "degC"),
    ("STATION", "so2", 35.0, "ppb"),
    ("STATION", "so2", 30.0, "mg/m3"),
    ("STATION", "temperature", 135.0, "degC"),
]


@pytest.fixture
def dataset(tmp_path):
    return datasets.create_dataset(tmp_path / "data", "real", "实", "Real", simulated=False)


def as_csv(rows, file):
    lines = [f"{row[0]},{row[1]},1h,{datetime(2025, 3, 1, n):%Y-%m-%dT%H:00},{row[2]},{row[3]}," for n, row in rows]
    file.write_text("\n".join([HEAD, *lines, ""]), encoding="utf-8")
    return file


def as_parquet(rows, file):
    columns = {
        name: [row[place] for _, row in rows] for place, name in enumerate(("point", "property", "value", "unit"))
    }
    times = pa.array([datetime(2025, 3, 1, n) for n, _ in rows], pa.timestamp("us"))
    pq.write_table(pa.table({**columns, "averaging": ["1h"] * len(rows), "phenomenon_time": times}), file)
    return file


@pytest.mark.parametrize(("write", "name"), [(as_csv, "in.csv"), (as_parquet, "in.parquet")])
def test_of_a_file_of_both_kinds_each_row_has_the_units_and_bounds_of_its_point(dataset, tmp_path, write, name):
    (dataset.path / "outlets.csv").write_text(SITE, "utf-8")
    report = import_file(dataset, write(list(enumerate(MIXED)), tmp_path / name), Wish(), by="tester")
    rows = {(row["point"], row["property"]): row for row in lake.read_arrow(dataset.path).to_pylist()}
    assert {key: row["unit"] for key, row in rows.items()} == {
        ("DA1", "so2"): "mg/m3",
        ("DA1", "nox"): "mg/m3",
        ("DA1", "temperature"): "degC",
        ("STATION", "so2"): "ug/m3",
    }
    assert rows["DA1", "so2"]["value"] == 30
    assert rows["DA1", "nox"]["value"] == pytest.approx(35 * 46 / 22.4)  # HJ 75
    assert rows["STATION", "so2"]["value"] == pytest.approx(35 * 64.066 / 24.4654, rel=1e-5)  # 25 degC
    assert report.rows_rejected == 2
    told = report.rejects.read_text("utf-8")
    assert "value 30000.0 ug/m3 is impossible: above 10000" in told and "above 60" in told


def test_parquet_of_one_kind_is_taken_as_it_lies_whatever_the_kind(dataset, tmp_path):
    (dataset.path / "outlets.csv").write_text(SITE, "utf-8")
    file = as_parquet(list(enumerate(MIXED[:3])), tmp_path / "in.parquet")
    assert import_file(dataset, file, Wish(), by="tester").rows_stored == 3
    file = as_parquet(list(enumerate(MIXED[3:4])), tmp_path / "b.parquet")
    assert import_file(dataset, file, Wish(), by="tester").rows_stored == 1


def test_without_a_site_file_the_option_says_that_the_points_are_outlets(dataset, tmp_path):
    file = as_csv(list(enumerate(MIXED[:3])), tmp_path / "in.csv")
    assert import_file(dataset, file, Wish(), by="tester").rows_rejected == 3
    other = as_csv(list(enumerate([*MIXED[:3], ("DA2", "so2", 800.0, "mg/m3")])), tmp_path / "b.csv")
    report = import_file(dataset, other, Wish(outlets=True, amend=True, reason="outlets"), by="tester")
    assert report.rows_rejected == 0
    assert registered_points(dataset.path) == {"DA1", "DA2"}
    third = as_csv([(9, ("DA2", "so2", 900.0, "mg/m3"))], tmp_path / "c.csv")
    assert import_file(dataset, third, Wish(), by="tester").rows_stored == 1


def test_what_a_site_file_says_stays_when_points_are_entered(tmp_path):
    (tmp_path / "outlets.csv").write_text(SITE, "utf-8")
    assert enter(tmp_path, ["DA2", "DA1", "DA2"]) == ["DA2"]
    assert (tmp_path / "outlets.csv").read_text("utf-8") == SITE + "DA2,,,,\n"
    (tmp_path / "outlets.csv").rename(tmp_path / "kept.csv")
    (tmp_path / "outlets.yaml").write_text("outlets:\n - {point: DA1}\n", "utf-8")
    with pytest.raises(WrongUsage, match="DA2"):
        enter(tmp_path, ["DA2"])


def turbine(shared, folder, hours=24 * 40):
    """The real hours of a gas turbine as a file of an outlet, in ppm and mg/m3, with faults, and its site file."""
    with gzip.open(next(iter((shared / "data" / "sources").glob("gas_turbine*.csv.gz"))), "rt") as stream:
        rows = list(csv.DictReader(stream))[:hours]
    lines = [HEAD]
    for number, row in enumerate(rows):
        at = f"{datetime(2025, 3, 1) + timedelta(hours=number):%Y-%m-%dT%H:00}"
        lines += [
            f"DA1,nox,1h,{at},{row['Nitrogen oxides']},mg/m3,{'C' if number % 50 == 0 else 'N'}",
            f"DA1,co,1h,{at},{row['Carbon monoxide']},ppm,",
            f"DA1,o2,1h,{at},15,%,",
            f"DA1,flow,1h,{at},60,m3/s,",
        ]
    file, site = folder / "turbine.csv", folder / "site.csv"
    file.write_text("\n".join([*lines, ""]), "utf-8")
    site.write_text("point,medium,reference_oxygen,limit_co,limit_nox\nDA1,gas,15,100,80\n", "utf-8")
    return file, site


def plain(table, columns):
    """Rows of some columns in the order of their keys, times as the wall clock."""
    rows = [{name: row[name] for name in columns} for row in table.to_pylist()]
    for row in rows:
        row["phenomenon_time"] = row["phenomenon_time"].replace(tzinfo=None)
    return sorted(rows, key=lambda row: (row["property"], row.get("averaging", ""), row["phenomenon_time"]))


def test_the_lake_gives_the_results_the_file_gives(shared, tmp_path):
    file, site = turbine(shared, tmp_path)
    data, output = tmp_path / "data", tmp_path / "out.parquet"
    imported = ["import", str(file), "--data", str(data), "--dataset", "plant", "--site", str(site), "--strict"]
    assert main(imported) == 0
    folder = data / "datasets" / "plant"
    refresh_dataset(folder, SOURCES)
    for name in ("sources.hourly", "sources.daily", "sources.exceedance"):
        assert main(["assess", name, "--input", str(file), "--site", str(site), "--output", str(output)]) == 0
        stateless = pq.read_table(output)
        kept = store.read(folder, name, first=date(2025, 1, 1), last=date(2025, 12, 31))
        columns = [column for column in stateless.column_names if column in kept.column_names]
        assert {"value", "over", "limit", "unit", "valid"} <= set(columns)
        one, two = plain(stateless, columns), plain(kept, columns)
        assert len(one) > 30 and one == two
        assert name == "sources.daily" or any(row["over"] for row in one)
