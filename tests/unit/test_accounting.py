"""Frames through journal, ingest and ledger: every value accounted for, and looked at in its place in the chain."""

import sqlite3
from datetime import datetime, timedelta

import pytest

from qingyuan.base.time import now
from qingyuan.gateway import ingest, looking, registering, tally
from qingyuan.gateway.hj212.encode import encode
from qingyuan.gateway.journal import MAIN, Entry, open_journal
from qingyuan.interfaces.jobs import ledger
from qingyuan.observations import lake, ledgers

pytestmark = pytest.mark.django_db(transaction=True)
MN, OTHER = "22010000010001", "22010000010002"
DAY = now().date()


def hour(number: int, value: str = "31.5", mn: str = MN, mark: str = "N") -> Entry:
    """An hourly frame of the day, received now."""
    begin = datetime.combine(DAY, datetime.min.time()) + timedelta(hours=number)
    header = {
        "QN": f"{begin:%Y%m%d%H%M%S}{len(value):03d}",
        "ST": "31",
        "CN": "2061",
        "PW": "123456",
        "MN": mn,
        "Flag": "5",
    }
    raw = encode(header, {"DataTime": f"{begin:%Y%m%d%H%M%S}"}, {"a21026": {"Avg": value, "Flag": mark}})
    return Entry(int(datetime.now().timestamp() * 1e6), "10.0.0.1:5", mn, raw)


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A data folder with two registered devices and what they sent: five hours, one again with another QN, one marked."""
    monkeypatch.setenv("QINGYUAN_DATA", str(tmp_path))
    for mn, point in ((MN, "DA001"), (OTHER, "DA002")):
        device, _ = registering.register({"mn": mn, "point": point}, "test")
        registering.set_factor(device, {"code": "a21026", "property": "so2", "unit": "mg/m3"})
    entries = [hour(0), hour(1), hour(2), hour(3, mark="D"), hour(4), hour(4, "31.50"), hour(0, mn=OTHER)]
    journal = open_journal(tmp_path)
    journal.append(entries)
    journal.close()
    ingest.run(tmp_path, True, lambda done: None)
    return tmp_path


def rows(data, point="DA001"):
    found = ledgers.kept(data / "datasets" / "sources", DAY, DAY, point)
    return {(row["property"], row["averaging"]): row for row in found}


def test_every_value_is_accounted_for(data):
    assert ledger.make(data, [DAY]) == {("sources", DAY): (len(rows(data)) + len(rows(data, "DA002")), 0)}
    row = rows(data)["so2", "1h"]
    assert (row["expected"], row["received"], row["stored"], row["repeated"], row["difference"]) == (24, 6, 5, 1, 0)
    assert row["valid"] == 4 and row["transmission_rate"] == pytest.approx(5 / 24)


def test_a_value_that_is_lost_makes_a_difference(data):
    """What the lake does not hold although its frame is in the journal is seen."""
    folder = data / "datasets" / "sources"
    kept = lake.read_arrow(folder, flagged=True)
    ledger.make(data, [DAY])
    assert rows(data)["so2", "1h"]["difference"] == 0
    import shutil

    shutil.rmtree(folder / "observations")
    lake.append(folder, kept.slice(0, kept.num_rows - 1).select([*lake.OBSERVATION.names]), source="again")
    assert sum(wrong for _rows, wrong in ledger.make(data, [DAY]).values()) == 1


def test_what_ingest_has_not_taken_yet_is_no_difference(data):
    journal = open_journal(data)
    journal.append([hour(5)])
    journal.close()
    assert ledger.make(data, [DAY])["sources", DAY][1] == 0
    assert rows(data)["so2", "1h"]["received"] == 6


def test_a_frame_that_cannot_be_decoded_counts_as_set_aside(data):
    broken = hour(6)
    journal = open_journal(data)
    journal.append([broken._replace(raw=broken.raw[:-6] + b"0000\r\n")])
    journal.close()
    ingest.run(data, True, lambda done: None)
    ledger.make(data, [DAY])
    aside = rows(data)[None, None]
    assert (aside["received"], aside["quarantined"], aside["difference"]) == (1, 1, 0)


def test_a_day_without_frames_expects_all_the_same(data):
    before = DAY - timedelta(days=2)
    ledger.make(data, [before, DAY])
    found = ledgers.kept(data / "datasets" / "sources", before, before, "DA001")
    assert [(row["expected"], row["received"], row["effective_rate"]) for row in found] == [(24, 0, 0.0)]


def test_a_ledger_made_again_takes_the_place_of_the_first(data):
    ledger.make(data, [DAY])
    before = ledgers.kept(data / "datasets" / "sources", DAY, DAY)
    ledger.make(data, [DAY])
    assert ledgers.kept(data / "datasets" / "sources", DAY, DAY) == before


def test_without_a_journal_nothing_is_tallied(tmp_path):
    assert tally.tallied(tmp_path, "sources", DAY, DAY).num_rows == 0


def test_the_newest_frames_of_a_device_come_first(data):
    found = looking.newest(data, MN, 3)
    assert [record.id for record in found] == [6, 5, 4] and {record.mn for record in found} == {MN}
    assert looking.newest(data, "nobody", 3) == []
    assert looking.newest(data / "nowhere", MN, 3) == []


def test_a_record_stands_in_the_chain_until_it_is_changed(data):
    record, place = looking.placed(data, MAIN, 2)
    assert record.mn == MN and place.fits and place.chained and place.first <= 2 <= place.last
    assert looking.placed(data, MAIN, 99) is None and looking.placed(data, MAIN, 0) is None
    with sqlite3.connect(data / "journal" / "journal.sqlite3") as file:
        (raw,) = file.execute("SELECT raw FROM block WHERE first = 1").fetchone()
        file.execute("UPDATE block SET raw = ? WHERE first = 1", [raw.replace(b"31.5", b"11.5")])
    _, place = looking.placed(data, MAIN, 2)
    assert not place.fits and place.chained is False
