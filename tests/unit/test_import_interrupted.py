"""Imports that break off, meet themselves, or cannot write beside the file: nothing lost, nothing twice."""

import csv
import threading
from datetime import datetime

import pytest
from deltalake import DeltaTable

from qingyuan.base.errors import WrongUsage
from qingyuan.interfaces.cli import main
from qingyuan.observations import datasets, importing, lake
from qingyuan.observations.importing import Wish, import_file

HEAD = "point,property,averaging,phenomenon_time,value,unit"


@pytest.fixture
def dataset(tmp_path):
    return datasets.create_dataset(tmp_path / "data", "real", "实", "Real", simulated=False)


def line(value="35", hour=0, point="A", month=1):
    return f"{point},PM2.5,1h,2025-{month:02d}-01T{hour:02d}:00:00+08:00,{value},ug/m3"


def write(tmp_path, lines, name="in.csv"):
    file = tmp_path / name
    file.write_text("\n".join([HEAD, *lines, ""]), encoding="utf-8")
    return file


def table(dataset, name):
    return DeltaTable(dataset.path / name).to_pyarrow_table().to_pylist()


MIXED = [line("35"), line("-1", 1), line("", 2), line("35"), line("7", 3), line("8", 3), line("9", 4, month=2)]
STEPS = ["_keep", "_store", "_put_rejects", "_register"]


def accounted(report):
    parts = (report.rows_stored, report.rows_known, report.rows_amended, report.rows_rejected, report.rows_blank)
    return report.rows_read == sum(parts) + report.rows_doubled


def test_every_row_is_accounted_for(dataset, tmp_path):
    report = import_file(dataset, write(tmp_path, MIXED), Wish(), by="tester")
    assert accounted(report)
    assert (report.rows_stored, report.rows_rejected, report.rows_blank, report.rows_doubled) == (2, 3, 1, 1)


class BrokenOffError(Exception):
    pass


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_an_import_that_broke_off_is_finished_by_the_next(dataset, tmp_path, monkeypatch, step, after):
    file, work = write(tmp_path, MIXED), getattr(importing, step)

    def break_off(*args):
        if after:
            work(*args)
        raise BrokenOffError

    monkeypatch.setattr(importing, step, break_off)
    with pytest.raises(BrokenOffError):
        import_file(dataset, file, Wish(), by="tester")
    monkeypatch.undo()
    report = import_file(dataset, file, Wish(), by="tester")
    assert report.repeated or (report.rows_stored, report.rows_known, report.rows_rejected) == (2, 0, 3)
    assert lake.read_arrow(dataset.path)["value"].to_pylist() == [35, 9]
    assert [row["rows_stored"] for row in table(dataset, "sources")] == [2]
    assert len(table(dataset, "rejects")) == 3


def test_half_of_the_months_stored(dataset, tmp_path, monkeypatch):
    file, append = write(tmp_path, [line(month=month) for month in (1, 2, 3)]), lake.append

    def once(*args, **options):
        if lake.months(dataset.path):
            raise BrokenOffError
        return append(*args, **options)

    monkeypatch.setattr(lake, "append", once)
    with pytest.raises(BrokenOffError):
        import_file(dataset, file, Wish(), by="tester")
    monkeypatch.undo()
    assert import_file(dataset, file, Wish(), by="tester").rows_stored == 3
    assert lake.read_arrow(dataset.path).num_rows == 3


def test_the_same_file_at_the_same_time(dataset, tmp_path):
    file = write(tmp_path, [line(hour=hour) for hour in range(20)])
    reports = []
    threads = [
        threading.Thread(target=lambda: reports.append(import_file(dataset, file, Wish(), by="t"))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(report.repeated for report in reports) == [False, True, True]
    assert lake.read_arrow(dataset.path).num_rows == 20


def test_a_contradiction_shows_the_row_as_it_was_and_what_is_stored(dataset, tmp_path):
    first = import_file(dataset, write(tmp_path, [line("35")]), Wish(), by="tester")
    report = import_file(dataset, write(tmp_path, [line("4", 1), line("36")], "b.csv"), Wish(), by="tester")
    with report.rejects.open(encoding="utf-8") as stream:
        (told,) = csv.DictReader(stream)
    assert (told["line"], told["row"]) == ("3", line("36"))
    assert f"35.0 (line 2 of {first.source})" in told["reason"]


def test_amendments_win_in_the_order_they_came(dataset, tmp_path):
    for number, value in enumerate(["35", "36", "37", "38"]):
        file = write(tmp_path, [line(value)], f"{number}.csv")
        import_file(dataset, file, Wish(amend=True, reason="corrected"), by="tester")
    assert lake.read_arrow(dataset.path)["value"].to_pylist() == [38]
    assert sorted(row["value"] for row in table(dataset, "amendments")) == [36, 37, 38]
    assert {row["amended_by"] for row in table(dataset, "amendments")} == {"tester"}


def test_rejects_find_a_place_where_the_folder_refuses_them(dataset, tmp_path):
    file = write(tmp_path, MIXED)
    (tmp_path / "in.csv.rejects.csv").mkdir()
    report = import_file(dataset, file, Wish(), by="tester")
    assert report.rejects == dataset.path / f"{report.source}.rejects.csv"
    assert len(report.rejects.read_text("utf-8").splitlines()) == 4


@pytest.mark.parametrize("slug", ["", "../up", "With Space", "中文"])
def test_slugs_that_are_none(tmp_path, slug):
    with pytest.raises(WrongUsage, match="no slug"):
        datasets.create_dataset(tmp_path, slug, "x", "x", simulated=False)


def test_export_gives_what_came_in(dataset, tmp_path, capsys):
    import_file(dataset, write(tmp_path, [line("35"), line("36", 1)]), Wish(), by="tester")
    output = tmp_path / "out.csv"
    assert main(["observations", "export", "--data", str(tmp_path / "data"), "--output", str(output)]) == 0
    with output.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["phenomenon_time"] for row in rows] == ["2025-01-01T00:00:00+08:00", "2025-01-01T01:00:00+08:00"]
    assert [(row["property"], row["value"], row["unit"], row["line"]) for row in rows] == [
        ("pm25", "35", "ug/m3", "2"), ("pm25", "36", "ug/m3", "3")
    ]  # fmt: skip
    assert rows[0]["source"].startswith("import-")
    assert "2 rows" in capsys.readouterr().err


def test_export_comes_in_again_unchanged(dataset, tmp_path):
    import_file(dataset, write(tmp_path, [line("35"), line("36.25", 1)]), Wish(), by="tester")
    output = tmp_path / "out.parquet"
    assert main(["observations", "export", "--data", str(tmp_path / "data"), "--output", str(output)]) == 0
    assert import_file(dataset, output, Wish(), by="tester").rows_known == 2


def test_export_needs_one_dataset(tmp_path, capsys):
    assert main(["observations", "export", "--data", str(tmp_path)]) == 2
    for slug in ("one", "two"):
        datasets.create_dataset(tmp_path, slug, slug, slug, simulated=False)
    assert main(["observations", "export", "--data", str(tmp_path)]) == 2
    assert "one, two" in capsys.readouterr().err


@pytest.mark.shared_data
def test_the_real_jilin_files(shared, tmp_path, capsys):
    air, data = shared / "data/air", tmp_path / "data"
    hourly = air / "jilin_station_hourly_2020-03-26_04-04.parquet"
    run = ["import", str(hourly), "--data", str(data), "--dataset", "jilin", "--strict"]
    assert main([*run, "--stations", str(air / "cnemc_stations_jilin.csv")]) == 0
    assert "31482 rows read, 31482 stored" in capsys.readouterr().out
    stored = lake.read_arrow(data / "datasets/jilin", points=["1119A"], properties=["pm25"])
    assert stored["phenomenon_time"][0].as_py() == datetime(2020, 3, 26, 18)
    assert main(run) == 0
    assert "imported before" in capsys.readouterr().err
