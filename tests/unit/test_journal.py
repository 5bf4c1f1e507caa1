"""The journal's parts that need no store: window, anchors, retention, damage of the file."""

import sqlite3
import subprocess
import sys
from datetime import datetime, timedelta

import numpy as np
import pytest

from qingyuan.base.errors import QingyuanError, WrongUsage
from qingyuan.gateway.journal import Entry, journal, open_journal, verify
from qingyuan.gateway.journal.blocks import KEY
from qingyuan.gateway.journal.window import Window


def entries(count, start=0, mn="M1"):
    return [Entry(1_000_000 + n, "127.0.0.1:9", mn, b"##%08d" % n) for n in range(start, start + count)]


def keys(count, seed):
    drawn = np.random.default_rng(seed).integers(0, 256, (count, KEY), np.uint8)
    return [row.tobytes() for row in drawn]


def test_window_finds_every_key_it_holds_and_no_other():
    window = Window(400_000)
    given = keys(400_000, 1)
    for at in range(0, len(given), 1000):
        window.add(given[at : at + 1000])
    assert all(window.known(given))
    assert not any(window.known(keys(10_000, 2)))


def test_window_forgets_the_oldest_only():
    window = Window(1 << 20)
    given = keys(3 << 20, 3)
    for at in range(0, len(given), 1 << 16):
        window.add(given[at : at + (1 << 16)])
    assert all(window.known(given[-(1 << 20) :]))
    assert not any(window.known(given[: 1 << 16]))


def test_window_begins_with_stored_keys():
    window, given = Window(100_000), keys(100_000, 4)
    window.load([b"".join(given[50_000:]), b"".join(given[:50_000])])
    assert all(window.known(given))


@pytest.fixture
def kept(tmp_path):
    opened = open_journal(tmp_path)
    for at in range(0, 300, 10):
        opened.append(entries(10, at))
    opened.close()
    return tmp_path


def damage(data, *statements):
    with sqlite3.connect(data / "journal" / "journal.sqlite3") as opened:
        for statement in statements:
            assert opened.execute(statement).rowcount != 0


def fault(data):
    opened = open_journal(data)
    return verify(opened)


def test_an_untouched_journal_has_no_fault(kept):
    assert fault(kept) is None


@pytest.mark.parametrize(
    ("statement", "record"),
    [
        ("UPDATE block SET raw = replace(raw, '00000057', '00000058') WHERE first = 51", 58),
        (
            "UPDATE block SET raw = CAST(replace(CAST(raw AS TEXT), '00000057', '00000058') AS BLOB) WHERE first = 51",
            58,
        ),
        ("UPDATE block SET peers = replace(peers, '127', '128') WHERE first = 101", 101),
        ("UPDATE block SET received = zeroblob(80) WHERE first = 101", 101),
        ("UPDATE block SET mns = 'M2' WHERE first = 101", 101),
        ("UPDATE block SET day = '2020-01-01' WHERE first = 101", 101),
        ("DELETE FROM block WHERE first = 201", 201),
        ("DELETE FROM block WHERE first = 1", 1),
        ("DELETE FROM block WHERE first > 280", 281),
        ("DELETE FROM block", 1),
    ],
)
def test_any_change_is_found_and_the_first_bad_record_named(kept, statement, record):
    damage(kept, statement)
    assert fault(kept).record == record


def test_a_tail_forged_anew_contradicts_the_anchor(kept):
    copy = open_journal(kept / "forged")
    for at in range(0, 290, 10):
        copy.append(entries(10, at))
    copy.append(entries(10, 1000))
    copy.close()
    (kept / "forged/journal/journal.sqlite3").replace(kept / "journal/journal.sqlite3")
    assert "anchored" in fault(kept).reason or fault(kept).record <= 291


def test_a_changed_or_missing_anchor_is_a_fault(kept):
    (anchor,) = (kept / "journal/anchors").glob("*.json")
    whole = anchor.read_text()
    anchor.write_text(whole.replace('"last": 300', '"last": 290'))
    assert "not signed" in fault(kept).reason
    anchor.unlink()
    assert "no anchor" in fault(kept).reason


def test_bytes_of_the_file_changed(kept):
    file = kept / "journal" / "journal.sqlite3"
    content = file.read_bytes()
    file.write_bytes(content.replace(b"##00000123", b"##00000124", 1))
    assert fault(kept).record == 124


def test_a_torn_file_is_told_without_traceback(kept):
    file = kept / "journal" / "journal.sqlite3"
    content = bytearray(file.read_bytes())
    content[8192 * 4 : 8192 * 5] = b"\xff" * 8192
    file.write_bytes(content)
    assert fault(kept) is not None


def days_pass(monkeypatch, start, count):
    clock = [start]
    monkeypatch.setattr(journal, "now", lambda: clock[0])
    for _ in range(count):
        yield clock[0]
        clock[0] += timedelta(days=1)


def test_retention_removes_whole_ingested_days_and_keeps_their_anchors(tmp_path, monkeypatch):
    kept = open_journal(tmp_path)
    for number, _ in enumerate(days_pass(monkeypatch, datetime(2026, 3, 1, 12), 10)):
        kept.append(entries(10, number * 10))
    with pytest.raises(WrongUsage):
        kept.retain(0, 100)
    assert kept.retain(3, ingested=45) == 40
    assert verify(kept) is None
    assert kept.count() == 60
    assert next(kept.read()).id == 41
    assert len(kept.anchors.all()) == 10
    assert kept.retain(3, ingested=100) == 30
    kept.close()
    damage(tmp_path, "DELETE FROM block WHERE first = 71")
    assert fault(tmp_path).record == 71


def test_a_clock_set_back_keeps_the_days_in_order(tmp_path, monkeypatch):
    kept = open_journal(tmp_path)
    clock = [datetime(2026, 3, 2)]
    monkeypatch.setattr(journal, "now", lambda: clock[0])
    kept.append(entries(5))
    clock[0] = datetime(2026, 3, 1)
    kept.append(entries(5, 5))
    assert {block.day for block in kept.blocks()} == {"2026-03-02"}
    assert verify(kept) is None


def test_the_key_of_the_anchors_is_for_its_owner_only(kept):
    assert (kept / "journal.key").stat().st_mode & 0o077 == 0
    (kept / "journal.key").write_text("00" * 32)
    with pytest.raises(QingyuanError, match="not signed"):
        open_journal(kept).anchors.all()


_WRITER = """
import sys
from pathlib import Path
from qingyuan.gateway.journal import Entry, open_journal
kept = open_journal(Path(sys.argv[1]))
for n in range(200):
    kept.append([Entry(1, "p", "M", b"##%s %d" % (sys.argv[2].encode(), n)), Entry(1, "p", "M", b"##both %d" % n)])
kept.close()
"""


def test_two_processes_append_to_one_chain(tmp_path):
    running = [subprocess.Popen([sys.executable, "-c", _WRITER, str(tmp_path), name]) for name in ("a", "b")]
    assert [each.wait(60) for each in running] == [0, 0]
    kept = open_journal(tmp_path)
    assert verify(kept) is None
    assert kept.count() == 600
    assert len({record.raw for record in kept.read()}) == 600
