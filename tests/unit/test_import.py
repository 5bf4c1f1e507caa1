"""Files into a dataset: bad input is told and kept, a second import changes nothing, corrections enter as amendments."""

import csv
import subprocess
import sys
from datetime import date

import pytest

from qingyuan.base.errors import UnreadableInput, WrongUsage
from qingyuan.interfaces.cli import main
from qingyuan.observations import datasets, lake
from qingyuan.observations.importing import Wish, import_file

HEAD = "point,property,averaging,phenomenon_time,value,unit"


@pytest.fixture
def dataset(tmp_path):
    return datasets.create_dataset(tmp_path / "data", "real", "实", "Real", simulated=False)


def write(tmp_path, rows, name="in.csv", encoding="utf-8"):
    file = tmp_path / name
    file.write_bytes("\n".join([HEAD, *rows, ""]).encode(encoding))
    return file


def good(value="35", time="2025-01-01T00:00:00+08:00", point="A", item="PM2.5", unit="ug/m3"):
    return f"{point},{item},1h,{time},{value},{unit}"


def stored(dataset):
    return lake.read_arrow(dataset.path, flagged=True).to_pylist()


def test_a_file_comes_in_once(dataset, tmp_path):
    file = write(tmp_path, [good(), good(time="2025-01-01T01:00:00+08:00")])
    first = import_file(dataset, file, Wish(), by="tester")
    again = import_file(dataset, file, Wish(), by="tester")
    assert (first.rows_stored, first.rows_rejected, again.repeated) == (2, 0, True)
    rows = stored(dataset)
    assert [row["line"] for row in rows] == [2, 3]
    assert {row["source"] for row in rows} == {first.source}
    assert len(list((dataset.path / "files").iterdir())) == 1


def test_same_rows_of_another_file_are_known(dataset, tmp_path):
    import_file(dataset, write(tmp_path, [good()]), Wish(), by="tester")
    report = import_file(dataset, write(tmp_path, [good(), good(point="B")], "b.csv"), Wish(), by="tester")
    assert (report.rows_known, report.rows_stored) == (1, 1)
    assert len(stored(dataset)) == 2


def test_other_value_is_rejected_until_it_amends(dataset, tmp_path):
    import_file(dataset, write(tmp_path, [good("35")]), Wish(), by="tester")
    file = write(tmp_path, [good("36")], "b.csv")
    report = import_file(dataset, file, Wish(), by="tester")
    assert (report.rows_stored, report.rows_rejected) == (0, 1)
    with report.rejects.open(encoding="utf-8") as stream:
        assert "35" in next(csv.DictReader(stream))["reason"]
    assert stored(dataset)[0]["value"] == 35
    amended = import_file(dataset, file, Wish(amend=True, reason="recalibrated"), by="tester")
    assert amended.rows_amended == 1
    assert [row["value"] for row in stored(dataset)] == [36]


BAD = [
    ("a column too many", good() + ",x,y,z", "column"),
    ("a wrong unit", good(unit="kg"), "unit"),
    ("a negative value", good("-3"), "negative"),
    ("an impossible value", good("123456789"), "impossible"),
    ("no number", good("abc"), "number"),
    ("hour 24", good(time="2025-01-01 24:00"), "24:00"),
    ("a day that is none", good(time="2025-02-30T00:00"), ""),
    ("an unknown property", good(item="unobtainium"), "property"),
    ("a truncated line", "A,PM2.5,1h", ""),
]


@pytest.mark.parametrize(("row", "reason"), [pytest.param(row, why, id=name) for name, row, why in BAD])
def test_bad_row_is_told_and_nothing_else_lost(dataset, tmp_path, row, reason):
    file = write(tmp_path, [good(), row, good(time="2025-01-01T01:00:00+08:00")])
    report = import_file(dataset, file, Wish(), by="tester")
    assert (report.rows_read, report.rows_stored, report.rows_rejected) == (3, 2, 1)
    with report.rejects.open(encoding="utf-8") as stream:
        told = next(csv.DictReader(stream))
    assert told["line"] == "3"
    assert reason in told["reason"].lower()


def test_duplicate_key_with_other_value_is_not_used_at_all(dataset, tmp_path):
    report = import_file(dataset, write(tmp_path, [good("35"), good("36"), good("40", point="B")]), Wish(), by="t")
    assert (report.rows_stored, report.rows_rejected) == (1, 2)
    assert [row["point"] for row in stored(dataset)] == ["B"]


def test_gbk_and_times_without_zone(dataset, tmp_path):
    file = write(tmp_path, [good(time="2025-01-01 08:00", point="食品厂")], encoding="gbk")
    report = import_file(dataset, file, Wish(), by="tester")
    assert report.rows_stored == 1
    assert stored(dataset)[0]["point"] == "食品厂"
    assert any("zone" in note for note in report.notes)


def test_what_cannot_be_read_is_an_error_and_leaves_nothing(dataset, tmp_path):
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 and no more")
    with pytest.raises(UnreadableInput):
        import_file(dataset, broken, Wish(), by="tester")
    with pytest.raises(UnreadableInput):
        import_file(dataset, tmp_path / "absent.csv", Wish(), by="tester")
    assert stored(dataset) == []


def test_simulated_and_real_never_mix(tmp_path):
    simulated = datasets.create_dataset(tmp_path, "simulated", "模拟", "Simulated", simulated=True)
    with pytest.raises(WrongUsage):
        import_file(simulated, write(tmp_path, [good()]), Wish(), by="tester")


def test_national_file_by_the_command(tmp_path, capsys):
    file = tmp_path / "china_sites_20250101.csv"
    lines = ["date,hour,type,1119A,1120A", "20250101,0,PM2.5,35,", "20250101,0,CO,0.5,0.6", "20250101,0,AQI,50,60"]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    data = tmp_path / "data"
    assert main(["import", str(file), "--data", str(data), "--dataset", "jilin", "--strict"]) == 0
    found = lake.read_arrow(data / "datasets/jilin", first=date(2025, 1, 1), last=date(2025, 1, 1), properties=["co"])
    assert found["value"].to_pylist() == [0.5, 0.6]
    assert "stored" in capsys.readouterr().out


def test_a_register_without_city_is_told(tmp_path, capsys):
    stations = tmp_path / "stations.csv"
    stations.write_text("code,station,city_code,lon,lat\n1119A,N,220100,125.3,43.9\n", encoding="utf-8")
    file, data = write(tmp_path, [good()]), tmp_path / "data"
    run = ["import", str(file), "--data", str(data), "--dataset", "real", "--stations", str(stations)]
    assert main(run) == 2
    assert "city" in capsys.readouterr().err


def test_a_second_import_ends_its_process_cleanly(tmp_path):
    """In a process of its own, since threads left behind abort only when the interpreter ends."""
    file = write(tmp_path, [good()])
    command = [sys.executable, "-m", "qingyuan.interfaces.cli", "import", str(file)]
    for expected in ("1 stored", "imported before"):
        run = [*command, "--data", str(tmp_path / "data"), "--dataset", "real"]
        done = subprocess.run(run, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert expected in done.stdout + done.stderr
