"""Ingest when it breaks off anywhere: run again, everything is in each lake and in the counts exactly once."""

import contextlib
import json
import os
import time

import pytest
from running_gateway import upload

from qingyuan.gateway import accounts, decoding, ingest, positions, registering, settling
from qingyuan.gateway.journal import Entry, open_journal
from qingyuan.gateway.models import Counted, Deviation, DeviceDay, Quarantined, SplitMessage
from qingyuan.observations import lake
from qingyuan.observations.datasets import open_dataset

pytestmark = pytest.mark.django_db(transaction=True)


class Broken(Exception):
    """The process ends here."""


@pytest.fixture
def data(tmp_path, monkeypatch):
    """Two devices with a dataset each, an hour sent twice, a frame without time, back-fill."""
    accounts._mark = ()
    registering.register({"mn": "A", "dataset": "east"}, "wang")
    registering.register({"mn": "B", "dataset": "west", "minute_interval": "10"}, "wang")
    frames = [("A", upload(n, mn="A")) for n in range(20)] + [("B", upload(n, mn="B")) for n in range(20)]
    frames += [("A", upload(n, "2061", mn="A", moment="20260101010000", items="a21026-{f}=5")) for n in range(2)]
    frames += [("B", upload(1, "2051", mn="B", moment="20269901010000"))]
    frames += [("B", part(number, 3, "20260103000000")) for number in (3, 1, 2)] + [("B", part(2, 2, "20260103001000"))]
    late = [("A", upload(n, mn="A", flag="9", extra="RF=1;")) for n in range(100, 110)]
    journal, received = open_journal(tmp_path), time.time_ns() // 1000 - 3_600_000_000
    entries = [Entry(received, "p", mn, raw) for mn, raw in frames]
    entries += [Entry(received, "p", mn, raw, True) for mn, raw in late]
    for at in range(0, len(entries), 6):
        journal.append(entries[at : at + 6])
    journal.close()
    monkeypatch.setattr(ingest, "BATCH", 15)
    return tmp_path


def part(number, of, moment):
    """Part of a split message of ten-minute values of B."""
    numbers = f"PNUM={of};PNO={number};"
    return upload(number, "2051", mn="B", flag="7", extra=numbers, moment=moment, items=f"a2100{number}-Avg={number}")


def run(data):
    ingest.run(data, True, lambda done: None)


def stored(data):
    found = {}
    for slug in ("east", "west"):
        rows = lake.read_arrow(open_dataset(data, slug).path, flagged=True)
        found[slug] = sorted(zip(rows["source"].to_pylist(), rows["line"].to_pylist(), strict=True))
    days = sorted(DeviceDay.objects.values_list("mn", "frames", "quarantined", "rows"))
    deviations = sorted(Deviation.objects.values_list("mn", "name", "count"))
    return found, days, list(Quarantined.objects.values_list("record", "reason")), deviations


def check(data):
    lakes, days, aside, deviations = stored(data)
    east = [f"journal:{n}" for n in (*range(1, 21), 41, *range(48, 58))]
    assert [source for source, _ in lakes["east"]] == sorted(east)
    assert [source for source, _ in lakes["west"]] == sorted(f"journal:{n}" for n in (*range(21, 41), *range(44, 48)))
    assert days == [("A", 32, 0, 32), ("B", 25, 1, 24)]
    assert sorted(aside) == [(43, "no_time"), (47, "part_missing")]
    assert ("B", "part_missing", 1) in deviations
    assert all(count <= 32 for _, _, count in deviations)
    assert ingest.position(data) == 57
    split = list(SplitMessage.objects.order_by("data_time").values_list("state", "parts", "entry"))
    assert split == [("complete", {"1": 45, "2": 46, "3": 44}, None), ("incomplete", {"2": 47}, 47)]


def test_to_the_end(data):
    run(data)
    check(data)
    run(data)
    check(data)


BREAKS = [
    (lake, "append"),
    (lake, "amend"),
    (accounts, "settle"),
    (positions.Positions, "save"),
    (decoding, "decode"),
    (settling.Newest, "settle"),
]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("nth", [1, 2, 3, 4])
@pytest.mark.parametrize(("place", "name"), BREAKS, ids=[name for _, name in BREAKS])
def test_broken_off_anywhere(data, monkeypatch, place, name, nth, after):
    whole, calls = getattr(place, name), []

    def breaking(*given, **named):
        calls.append(1)
        if len(calls) == nth and not after:
            raise Broken
        done = whole(*given, **named)
        if len(calls) == nth:
            raise Broken
        return done

    monkeypatch.setattr(place, name, breaking)
    with contextlib.suppress(Broken):
        run(data)
    monkeypatch.setattr(place, name, whole)
    run(data)
    check(data)


def test_the_position_file_lost(data):
    run(data)
    positions.file_of(data).unlink()
    run(data)
    check(data)


def test_the_position_file_lost_when_the_log_was_shortened(data, monkeypatch):
    monkeypatch.setattr(lake, "FEW_FILES", 1)
    monkeypatch.setattr(ingest, "JOIN_EVERY", 1)
    with contextlib.closing(ingest.Ingest(data)) as begun:
        begun.round()
        begun.round()
    log = lake.table_of(open_dataset(data, "east").path, "observations").folder / "_delta_log"
    for file in log.iterdir():
        os.utime(file, (0, 0))
    run(data)
    assert lake.table_of(open_dataset(data, "east").path, "observations").notes_since(-1) is None
    positions.file_of(data).unlink()
    run(data)
    check(data)


def test_an_older_position_file_put_back(data):
    file = positions.file_of(data)
    file.parent.mkdir(exist_ok=True)
    kept = []
    ingest.run(data, True, lambda done: kept.append(file.read_text()))
    file.write_text(kept[1])
    assert json.loads(kept[1])["fresh"] < json.loads(kept[-1])["fresh"]
    run(data)
    check(data)
    assert Counted.objects.get().record == 57


def test_whatever_comes_again_is_stored_once_whatever_its_age(tmp_path):
    """Under another QN, as back-fill, and the same bytes when the journal no longer knows them: one row each."""
    accounts._mark = ()
    registering.register({"mn": "A", "dataset": "east"}, "wang")
    sent = [upload(n, mn="A") for n in range(5)] + [upload(7, "2061", mn="A", moment="20260101010000")]
    late = [upload(n, mn="A", flag="9", extra="RF=1;") for n in range(3)]
    other = [upload(n, mn="A", moment=f"2026010100000{n}", items="a21026-{f}=9.5") for n in (1, 2)]
    for frames, backfill in ((sent, False), (sent, False), (late, True), (other, False), (other[:1], False)):
        journal = open_journal(tmp_path, window=0)
        journal.append([Entry(1_790_000_000_000_000, "p", "A", frame, backfill) for frame in frames])
        journal.close()
        run(tmp_path)
    assert open_journal(tmp_path).count() == 18
    rows = lake.read_arrow(open_dataset(tmp_path, "east").path, flagged=True).to_pylist()
    found = sorted((row["averaging"], str(row["phenomenon_time"])[-8:], row["value"]) for row in rows)
    readings = [("rtd", f"00:00:0{n}", float(n)) for n in range(5)]
    assert found == sorted([*readings, ("rtd", "00:00:01", 9.5), ("rtd", "00:00:02", 9.5), ("1h", "01:00:00", 7.0)])
