"""The lake: appends from many processes, amendments that win, snapshots, pruning, what has changed."""

import multiprocessing
import os
import threading
from datetime import date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from qingyuan.base.errors import QingyuanError
from qingyuan.observations import lake
from qingyuan.observations.schema import OBSERVATION
from qingyuan.observations.tables import LakeTable

BEGIN = datetime(2025, 1, 31, 20)


def observed(point="A", item="pm25", begin=BEGIN, hours=10, value=1.0, flag=None, received=BEGIN, source="test"):
    times = [begin + timedelta(hours=hour) for hour in range(hours)]
    rows = [
        {
            "point": point, "property": item, "averaging": "1h", "phenomenon_time": time, "value": value + hour,
            "unit": "ug/m3", "flag": flag, "result_time": received, "source": source, "line": hour,
        }
        for hour, time in enumerate(times)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=pa.schema([field for field in OBSERVATION if field.name != "month"]))


def test_what_is_appended_is_read_in_order(tmp_path):
    lake.append(tmp_path, observed("B"))
    lake.append(tmp_path, observed("A"))
    found = lake.read_arrow(tmp_path)
    assert found.schema.names == OBSERVATION.names
    assert found["point"].to_pylist() == ["A"] * 10 + ["B"] * 10
    assert sorted(set(found["month"].to_pylist())) == ["2025-01", "2025-02"]


def test_an_empty_lake_reads_as_no_rows(tmp_path):
    assert lake.read_arrow(tmp_path).num_rows == 0
    assert lake.read(tmp_path).count().execute() == 0
    assert lake.versions(tmp_path) == "-1.-1"
    assert lake.months(tmp_path) == []
    lake.compact(tmp_path)


def test_wrong_columns_are_told(tmp_path):
    with pytest.raises(QingyuanError, match="columns of the lake"):
        lake.append(tmp_path, observed().drop_columns("unit"))
    assert lake.versions(tmp_path) == "-1.-1"


SELECTED = [
    ({"points": ["A"]}, 20),
    ({"points": []}, 0),
    ({"properties": ["co"]}, 10),
    ({"averaging": "24h"}, 0),
    ({"first": date(2025, 2, 1)}, 18),
    ({"last": date(2025, 1, 31)}, 12),
    ({"first": datetime(2025, 1, 31, 22), "last": datetime(2025, 1, 31, 22)}, 3),
    ({"first": date(2026, 1, 1)}, 0),
]


@pytest.mark.parametrize(("asked", "count"), SELECTED)
def test_selections(tmp_path, asked, count):
    lake.append(tmp_path, pa.concat_tables([observed("A"), observed("B"), observed("A", "co")]))
    assert lake.read_arrow(tmp_path, **asked).num_rows == count
    assert lake.read(tmp_path, **asked).count().execute() == count


def test_only_files_that_matter_are_opened(tmp_path):
    lake.append(tmp_path, observed("A"))
    lake.append(tmp_path, observed("B"))
    _, files = lake.table_of(tmp_path, "observations").files()
    doomed = [file.path for file in files if file.month == "2025-01" or file.lowest["point"] == "B"]
    for path in doomed:
        Path(path).unlink()
    assert lake.read_arrow(tmp_path, points=["A"], first=date(2025, 2, 1)).num_rows == 6


def test_flagged_rows_are_left_out_unless_asked_for(tmp_path):
    lake.append(tmp_path, observed("A", flag="calibration"))
    lake.append(tmp_path, observed("B"))
    assert lake.read_arrow(tmp_path)["point"].unique().to_pylist() == ["B"]
    assert lake.read_arrow(tmp_path, flagged=True).num_rows == 20


def test_the_latest_amendment_wins_and_the_old_value_stays(tmp_path):
    lake.append(tmp_path, observed(hours=2))
    later, last = BEGIN + timedelta(days=2), BEGIN + timedelta(days=3)
    lake.amend(tmp_path, observed(hours=1, value=50, received=last), reason="recalibrated", by="a")
    lake.amend(tmp_path, observed(hours=1, value=40, received=later), reason="typed wrong", by="b")
    assert lake.read_arrow(tmp_path)["value"].to_pylist() == [50, 2]
    kept = [file.rows for file in lake.table_of(tmp_path, "observations").files()[1]]
    assert sum(kept) == 2


def test_an_amendment_can_flag_and_can_add(tmp_path):
    lake.append(tmp_path, observed(hours=1))
    lake.amend(tmp_path, observed(hours=1, flag="invalid"), reason="door was open", by="a")
    lake.amend(tmp_path, observed("B", hours=1), reason="sent by letter", by="a")
    assert lake.read_arrow(tmp_path)["point"].to_pylist() == ["B"]
    assert lake.read_arrow(tmp_path, flagged=True)["flag"].to_pylist() == ["invalid", None]


def test_changed_months(tmp_path):
    lake.append(tmp_path, observed())
    first = lake.versions(tmp_path)
    assert lake.changed_months(tmp_path, None) == {"2025-01", "2025-02"}
    assert lake.changed_months(tmp_path, first) == set()
    lake.append(tmp_path, observed("B", begin=datetime(2025, 4, 1)))
    second = lake.versions(tmp_path)
    lake.amend(tmp_path, observed(hours=1), reason="x", by="y")
    assert lake.changed_months(tmp_path, first) == {"2025-01", "2025-04"}
    assert lake.changed_months(tmp_path, second) == {"2025-01"}


def test_compacting_changes_nothing_that_is_read(tmp_path):
    for number in range(5):
        lake.append(tmp_path, observed(f"P{number}", value=number))
    before, token = lake.read_arrow(tmp_path), lake.versions(tmp_path)
    _, old = lake.table_of(tmp_path, "observations").files()
    lake.compact(tmp_path)
    assert lake.read_arrow(tmp_path).equals(before)
    assert lake.changed_months(tmp_path, token) == set()
    assert len(lake.table_of(tmp_path, "observations").files()[1]) == 2
    assert all(Path(file.path).exists() for file in old)


def test_sources_are_remembered(tmp_path):
    lake.append(tmp_path, observed(), source="import-1")
    assert lake.committed_sources(tmp_path) == {"import-1"}


def test_a_dataset_made_anew_is_seen(tmp_path):
    import shutil

    for folder in ("one", "one"):
        shutil.rmtree(tmp_path / folder, ignore_errors=True)
        lake.append(tmp_path / folder, observed())
        assert lake.read_arrow(tmp_path / folder).num_rows == 10


def write(folder, writer, commits):
    for number in range(commits):
        lake.append(folder, observed(f"W{writer}", begin=datetime(2025, 3, 1) + timedelta(hours=10 * number)))


def test_four_processes_append_at_once(tmp_path):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        pool.starmap(write, [(tmp_path, writer, 10) for writer in range(4)])
    found = lake.read_arrow(tmp_path)
    keys = list(zip(found["point"].to_pylist(), found["phenomenon_time"].to_pylist(), strict=True))
    assert (len(keys), len(set(keys))) == (400, 400)
    assert lake.version(tmp_path) == 40


def test_compacting_beside_appends_loses_nothing(tmp_path):
    lake.append(tmp_path, observed("first", begin=datetime(2025, 3, 1)))
    writer = threading.Thread(target=write, args=(tmp_path, 1, 30))
    writer.start()
    while writer.is_alive():
        lake.compact(tmp_path)
    writer.join()
    assert lake.read_arrow(tmp_path).num_rows == 310


def test_a_reader_keeps_its_snapshot(tmp_path):
    lake.append(tmp_path, observed("A"))
    opened = lake.read(tmp_path)
    lake.append(tmp_path, observed("B"))
    lake.compact(tmp_path)
    assert opened.count().execute() == 10
    assert lake.read(tmp_path).count().execute() == 20


def test_small_files_are_joined_and_nothing_else_changes(tmp_path):
    for number in range(30):
        lake.append(tmp_path, observed(f"P{number:02}", hours=3))
    lake.append(tmp_path, observed("later", begin=datetime(2025, 3, 1)))
    before = lake.read_arrow(tmp_path, flagged=True)
    lake.join_small_files(tmp_path)
    assert len(lake.table_of(tmp_path, "observations").files()[1]) == 2
    assert lake.read_arrow(tmp_path, flagged=True).equals(before)
    version = lake.version(tmp_path)
    lake.join_small_files(tmp_path)
    assert lake.version(tmp_path) == version


def aged(folder, days):
    """The log of a table as if it had been written some days ago."""
    for file in (folder / "_delta_log").iterdir():
        moment = file.stat().st_mtime - days * 86_400
        os.utime(file, (moment, moment))


def test_old_log_entries_go_and_whoever_reads_goes_on(tmp_path):
    table = lake.table_of(tmp_path, "observations")
    for number in range(25):
        lake.append(tmp_path, observed(f"P{number:02}", hours=3), source=f"first {number}")
    lake.join_small_files(tmp_path)
    summed_up, opened = table.version(), LakeTable(table.folder, OBSERVATION, by_month=True)
    token, reading = lake.versions(tmp_path), opened.files()
    aged(table.folder, 3)
    for number in range(25):
        lake.append(tmp_path, observed(f"Q{number:02}", hours=3), source=f"then {number}")
    before = lake.read_arrow(tmp_path, flagged=True)
    lake.join_small_files(tmp_path)
    entries = sorted(file.name for file in (table.folder / "_delta_log").glob("*.json"))
    assert entries[0] == f"{summed_up:020d}.json" and len(entries) == 27
    assert lake.read_arrow(tmp_path, flagged=True).equals(before)
    for version in range(summed_up, table.version() + 1):
        assert DeltaTable(table.folder, version=version).version() == version
    assert all(Path(file.path).exists() for file in reading[1])
    assert opened.version() == table.version() and opened.files()[1] == table.files()[1]
    assert LakeTable(table.folder, OBSERVATION, by_month=True).append(observed("R").append_column(
        "month", pa.array(["2025-01"] * 10)), {}) == table.version()  # fmt: skip
    assert lake.changed_months(tmp_path, token) == lake.changed_months(tmp_path, "3.-1") == {"2025-01"}
    assert table.notes_since(3) is None
    assert {note["source"] for note in table.notes() if "source" in note} == {f"then {number}" for number in range(25)}
    aged(table.folder, 1)
    lake.compact(tmp_path)
    assert (table.folder / "_delta_log" / entries[0]).exists()
