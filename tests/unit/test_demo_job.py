"""The demo's filling and the refresh: labelled, complete, taken up after an interruption, done once."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from django.contrib.auth import authenticate

from qingyuan.assessments import store
from qingyuan.base.errors import QingyuanError
from qingyuan.domains.air import simulated
from qingyuan.gateway.journal import open_journal
from qingyuan.gateway.models import Device, Quarantined
from qingyuan.gateway.simulated import fleet
from qingyuan.interfaces.cli import main
from qingyuan.interfaces.cli.demo import PASSWORD_FILE, administrator
from qingyuan.interfaces.jobs import demo, demo_network
from qingyuan.interfaces.jobs import refresh as refreshing
from qingyuan.interfaces.jobs.progress import Bar
from qingyuan.observations import lake
from qingyuan.observations.datasets import create_dataset, list_datasets, open_dataset
from qingyuan.places.points import read_points
from qingyuan.plans.values import stored_values

FIRST, LAST = datetime(2025, 9, 29), datetime(2025, 10, 2, 14)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four days over the turn of a month instead of two years."""
    whole_months, whole = simulated.months, simulated.simulate
    monkeypatch.setattr(simulated, "LAST", LAST)
    monkeypatch.setattr(simulated, "months", lambda: whole_months(FIRST, LAST))
    monkeypatch.setattr(simulated, "simulate", lambda: whole(first=FIRST, last=LAST))


def rows_of(data: Path) -> int:
    return int(lake.read(data / "datasets" / "simulated", flagged=True).count().execute())


def test_fill_labels_stores_assesses_and_measures(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    demo.fill(tmp_path, lambda *each: told.append(each))
    dataset = open_dataset(tmp_path, "simulated")
    assert dataset.simulated
    assert dataset.now == LAST
    assert {point.kind for point in read_points(dataset.path)} == {"station", "city"}
    source = DeltaTable(dataset.path / "sources").to_pyarrow_table().to_pylist()
    assert [(row["source"], row["rows_stored"]) for row in source] == [("simulated:2025", rows_of(tmp_path))]
    assert {row["no"] for row in stored_values(dataset.path)} == {1, 2, 3}
    assert told[0] == ("observations 2025-09", 0, 2)
    assert any(what.startswith("air.daily_aqi") for what, _, _ in told)


def test_a_second_fill_changes_nothing(tmp_path: Path) -> None:
    demo.fill(tmp_path)
    versions = lake.versions(tmp_path / "datasets" / "simulated")
    assert demo.fill(tmp_path) == refreshing.Refreshed(0, 0)
    assert lake.versions(tmp_path / "datasets" / "simulated") == versions


def test_an_interrupted_fill_is_taken_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = simulated.simulate

    def torn() -> Iterator[pa.Table]:
        yield next(iter(whole()))
        raise KeyboardInterrupt

    with monkeypatch.context() as torn_off:
        torn_off.setattr(simulated, "simulate", torn)
        with pytest.raises(KeyboardInterrupt):
            demo.fill(tmp_path)
    assert 0 < rows_of(tmp_path) < sum(table.num_rows for table in whole())
    demo.fill(tmp_path)
    assert rows_of(tmp_path) == sum(table.num_rows for table in whole())


def test_real_data_are_never_mixed_with_simulated(tmp_path: Path) -> None:
    create_dataset(tmp_path, "simulated", "真", "Real", simulated=False)
    with pytest.raises(QingyuanError, match="real data"):
        demo.fill(tmp_path)


@pytest.mark.django_db(transaction=True)
def test_commands_fill_and_refresh(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "fill", "--data", str(tmp_path), "--devices", "0", "--history", "0"]) == 0
    assert "complete" in capsys.readouterr().err
    assert main(["refresh", "--data", str(tmp_path)]) == 0
    assert "0 windows assessed, 0 new" in capsys.readouterr().err
    assert main(["refresh", "--data", str(tmp_path), "--dataset", "none"]) == 2


@pytest.mark.django_db
def test_the_administrator_is_made_once_and_the_password_kept_for_the_owner_only(tmp_path: Path) -> None:
    password = administrator(tmp_path)
    file = tmp_path / PASSWORD_FILE
    assert file.stat().st_mode & 0o077 == 0
    assert authenticate(username="admin", password=password) is not None
    assert administrator(tmp_path) == password
    assert authenticate(username="admin", password="admin") is None


def test_watching_tells_only_what_was_done(tmp_path: Path) -> None:
    demo.fill(tmp_path)
    dataset = list_datasets(tmp_path)[0]
    told: list[refreshing.Refreshed] = []
    slept: list[float] = []

    def arrive(seconds: float) -> None:
        slept.append(seconds)
        late = next(iter(simulated.simulate())).slice(0, 1)
        lake.append(dataset.path, late.set_column(0, "point", pa.array(["S220199"])))

    refreshing.watch(tmp_path, None, 30, lambda _, result: told.append(result), sleep=arrive, rounds=2)
    assert slept == [30]
    assert [result.windows for result in told] == [2]


def test_the_bar_draws_over_itself_on_a_terminal_and_writes_lines_elsewhere() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    log, screen = io.StringIO(), Terminal()
    for stream in (log, screen):
        bar = Bar("fill", stream)
        for done in range(100):
            bar("rows", done, 100)
        bar.done("complete")
    assert len(log.getvalue().splitlines()) == 5
    assert screen.getvalue().count("\n") == 1
    assert "#" in screen.getvalue()


@pytest.mark.django_db
def test_the_network_is_registered_and_its_hours_go_the_whole_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_network, "HISTORY", timedelta(days=1))
    for _ in range(2):
        demo_network.fill(tmp_path, 6, lambda *_: None)
    dataset = open_dataset(tmp_path, demo_network.SLUG)
    assert dataset.simulated
    assert Device.objects.filter(dataset=demo_network.SLUG).count() == 6
    hours = lake.read_arrow(dataset.path, averaging="1h", flagged=True)
    assert set(hours["point"].to_pylist()) == {device.outlet for device in fleet(6)}
    assert open_journal(tmp_path).count() >= 6 * 20
    judged = store.read(dataset.path, "sources.hourly", first=datetime(2020, 1, 1), last=datetime(2100, 1, 1))
    assert any(row["limit"] and row["over"] is not None for row in judged.to_pylist())
    assert not Quarantined.objects.exists()
