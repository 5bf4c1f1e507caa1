"""The gateway as a device and an operator see it: replies, quarantine, limits, the end, ingest and export."""

import csv
import json
import os
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest
from running_gateway import MN, QINGYUAN, Talker, command, expected_reply, exported, gateway, upload, wait_for

from qingyuan.gateway.hj212 import checksum, replies

UNKNOWN = "--accept-unknown"


@pytest.fixture
def running(tmp_path):
    with gateway(tmp_path, UNKNOWN) as started:
        yield started


def observations(data):
    file = data / "out.csv"
    command(data, "observations", "export", "--output", str(file))
    with file.open() as stream:
        return list(csv.DictReader(stream))


def table(data, query):
    with sqlite3.connect(data / "platform.sqlite3") as opened:
        return opened.execute(query).fetchall()


def test_every_upload_is_answered_when_it_is_in_the_journal(running):
    talker = Talker(running.port)
    frames = [upload(serial) for serial in range(200)]
    talker.send(*frames)
    assert talker.hear(200) == [expected_reply(frame) for frame in frames]
    assert [record["raw"].encode() for record in exported(running.data)] == frames
    assert {record["mn"] for record in exported(running.data)} == {MN}
    assert command(running.data, "journal", "count").strip() == "200"
    assert command(running.data, "journal", "verify").startswith("unchanged")


def test_a_frame_split_over_packets_and_cut_from_noise(running):
    talker, frame, other = Talker(running.port), upload(1), upload(2)
    for at in range(0, len(frame), 7):
        talker.send(frame[at : at + 7])
        time.sleep(0.002)
    assert talker.hear() == [expected_reply(frame)]
    talker.send(b"\xff##12garbage\r\n" * 70, other)
    assert talker.hear() == [expected_reply(other)]


def test_no_answer_to_a_wrong_sum_and_the_frame_is_in_quarantine(running):
    talker, frame = Talker(running.port), upload(1)
    talker.send(frame[:-6] + b"FFFF\r\n")
    assert talker.silent()
    talker.send(upload(2))
    assert talker.hear() == [expected_reply(upload(2))]
    (aside, *_) = exported(running.data, "--quarantine")
    assert aside["peer"].endswith(" sum")
    assert "sum" in command(running.data, "quarantine", "list")
    talker.send(upload(3).replace(MN.encode(), b"X" * 24))
    wait_for(lambda: table(running.data, "SELECT mn FROM gateway_quarantined WHERE mn LIKE 'X%'"))
    assert table(running.data, "SELECT mn FROM gateway_devicestate") == [(MN,)]
    assert command(running.data, "journal", "count").strip() == "1"


def test_a_modbus_sum_is_answered_and_stands_in_the_profile(running):
    talker, frame = Talker(running.port), upload(1)
    talker.send(frame[:-6] + checksum.modbus_text(frame[6:-6]) + b"\r\n")
    assert talker.hear() == [expected_reply(frame)]
    query = "SELECT name, count, record FROM gateway_deviation"
    assert wait_for(lambda: table(running.data, query)) == [("sum_modbus", 1, 1)]


def test_the_same_frame_again_is_answered_again_and_stored_once_also_after_a_restart(tmp_path):
    frame = upload(7)
    for _ in range(2):
        with gateway(tmp_path, UNKNOWN) as started:
            talker = Talker(started.port)
            talker.send(frame, frame)
            assert talker.hear(2) == [expected_reply(frame)] * 2
            assert started.terminate() == 0
    assert len(exported(tmp_path)) == 1


def test_replies_go_only_to_who_wants_one(running):
    talker = Talker(running.port)
    talker.send(upload(1, flag="4"), replies.frame(b"QN=20260101000000000;ST=91;CN=9014;PW=1;MN=M;Flag=5;CP=&&&&"))
    assert talker.silent()
    assert len(exported(running.data)) == 2


def test_an_unknown_device_is_set_aside_shown_and_replayed_once_registered(tmp_path):
    frame = upload(3)
    with gateway(tmp_path) as started:
        talker = Talker(started.port)
        talker.send(frame)
        assert talker.silent()
        assert exported(tmp_path) == []
        assert "unknown" in command(tmp_path, "quarantine", "list")
        command(tmp_path, "quarantine", "replay")
        assert exported(tmp_path) == []
        command(tmp_path, "device", "add", MN, "--name-zh", "一号排口", "--point", "DA001")
        wait_for(lambda: (talker.send(upload(4)), not talker.silent(0.3))[1])
        assert command(tmp_path, "quarantine", "replay").strip().endswith("taken")
        assert frame.decode() in [record["raw"] for record in exported(tmp_path)]
        assert "0 entries" in command(tmp_path, "quarantine", "list", "--mn", MN, "--reason", "nothing")
        command(tmp_path, "ingest", "--once")
    assert {row["point"] for row in observations(tmp_path)} == {"DA001"}


@pytest.mark.parametrize(
    ("given", "sent", "reason"),
    [
        (["--password", "654321"], {}, "password"),
        (["--active", "false"], {}, "inactive"),
        (["--addresses", "10.0.0.0/8"], {}, "address"),
    ],
)
def test_a_registered_device_that_may_not_come_in(tmp_path, given, sent, reason):
    command(tmp_path, "device", "add", MN, *given)
    with gateway(tmp_path, UNKNOWN) as started:
        talker = Talker(started.port)
        talker.send(upload(1, **sent))
        assert talker.silent()
    assert exported(tmp_path, "--quarantine")[0]["peer"].endswith(reason)


def test_a_flood_of_noise_and_a_frame_that_never_ends_are_cut_off(tmp_path):
    limits = {"QINGYUAN_GATEWAY_NOISE_BYTES": "2000", "QINGYUAN_GATEWAY_FRAME_SECONDS": "2"}
    with gateway(tmp_path, UNKNOWN, env=limits) as started:
        noisy, slow = Talker(started.port), Talker(started.port)
        noisy.send(b"x" * 3000)
        assert noisy.closed()
        frame = upload(1)
        end = time.monotonic() + 8
        with pytest.raises(OSError):
            for byte in frame:
                slow.send(bytes([byte]))
                time.sleep(0.1)
        assert time.monotonic() < end


def test_a_limit_that_is_no_number_is_refused(tmp_path):
    told = {"QINGYUAN_GATEWAY_IDLE_SECONDS": "soon"}
    command(tmp_path, "gateway", "--listen", "127.0.0.1:0", status=2, env=told)
    command(tmp_path, "gateway", "--listen", "nowhere", status=2)


def test_values_of_a_device_without_record_are_stored_as_sent(running):
    talker = Talker(running.port)
    talker.send(
        upload(5, items="w01018-{f}=31.5,w01018-Flag=N;w01001-{f}=99,w01001-Flag=N"),
        upload(6, items="w01018-{f}=-80,w01018-Flag=D;w21003-{f}=--"),
        upload(3600, "2061", items="w01018-Min=1,w01018-{f}=2,w01018-Max=3,w01018-Flag=N", moment="20260101010000"),
        upload(60, "2051", items="w01018-{f}=2", moment="20260101000100"),
        upload(0, "2031", items="w01018-{f}=4", moment="20260101000000"),
        upload(9, "1062"),
    )
    assert len(talker.hear(6)) == 6
    command(running.data, "ingest", "--once")
    found = {
        (row["property"], row["averaging"], row["phenomenon_time"]): (row["value"], row["flag"], row["source"])
        for row in observations(running.data)
    }
    assert {row["point"] for row in observations(running.data)} == {MN}
    assert found == {
        ("w01018", "rtd", "2026-01-01T00:00:05+08:00"): ("31.5", "", "journal:1"),
        ("w01001", "rtd", "2026-01-01T00:00:05+08:00"): ("99", "range", "journal:1"),
        ("w01018", "rtd", "2026-01-01T00:00:06+08:00"): ("-80", "D", "journal:2"),
        ("w21003", "rtd", "2026-01-01T00:00:06+08:00"): ("", "not_a_number", "journal:2"),
        ("w01018-Min", "1h", "2026-01-01T01:00:00+08:00"): ("1", "", "journal:3"),
        ("w01018", "1h", "2026-01-01T01:00:00+08:00"): ("2", "", "journal:3"),
        ("w01018-Max", "1h", "2026-01-01T01:00:00+08:00"): ("3", "", "journal:3"),
        ("w01018", "min", "2026-01-01T00:01:00+08:00"): ("2", "", "journal:4"),
        ("w01018", "24h", "2026-01-01T00:00:00+08:00"): ("4", "", "journal:5"),
    }


def test_values_of_a_registered_device_stand_under_its_outlet_in_the_unit_of_the_library(tmp_path):
    command(tmp_path, "device", "add", MN, "--point", "DA001", "--minute-interval", "10", "--dataset", "jilin",
            "--factor", "a21026=so2:mg/m3:0:500", "--factor", "a01012=gas_heat:degC")  # fmt: skip
    with gateway(tmp_path) as started:
        talker = Talker(started.port)
        talker.send(upload(0, "2051", items="a21026-{f}=0.57,a21026-Flag=N;a01012-{f}=120;a99999-{f}=7"))
        talker.send(upload(600, "2051", items="a21026-{f}=501"))
        talker.hear(2)
        command(tmp_path, "ingest", "--once")
    found = {(row["property"], row["averaging"]): row for row in observations(tmp_path)[:3]}
    assert {row["point"] for row in observations(tmp_path)} == {"DA001"}
    assert found["so2", "10min"]["value"] == "570"
    assert found["so2", "10min"]["unit"] == "ug/m3"
    assert found["gas_heat", "10min"]["unit"] == "degC"
    assert found["a99999", "10min"]["unit"] == ""
    assert [row["flag"] for row in observations(tmp_path) if row["value"] == "501000"] == ["range"]
    assert (tmp_path / "datasets" / "jilin").is_dir()


def test_an_hour_sent_again_counts_once_and_a_changed_one_is_an_amendment(running):
    talker, data = Talker(running.port), running.data
    first = upload(1, "2061", items="a21026-{f}=10", moment="20260101010000")
    again = first.replace(b"QN=20260101010000001", b"QN=20260101010000555")
    again = replies.frame(again[6:-6])
    talker.send(first, again)
    talker.hear(2)
    command(data, "ingest", "--once")
    assert [row["value"] for row in observations(data)] == ["10"]
    talker.send(replies.frame(again[6:-6].replace(b"=10&&", b"=12&&")))
    talker.hear(1)
    command(data, "ingest", "--once")
    assert [(row["value"], row["source"]) for row in observations(data)] == [("12", "journal:3")]


def test_ingest_runs_beside_the_gateway_and_rows_are_there_within_five_seconds(running):
    beside = subprocess.Popen([*QINGYUAN, "ingest", "--data", str(running.data), "--quiet"], stdout=subprocess.DEVNULL)
    try:
        talker = Talker(running.port)
        talker.send(upload(1))
        talker.hear()
        wait_for(lambda: (running.data / "datasets").is_dir(), 20)
        begun = time.monotonic()
        talker.send(upload(2))
        talker.hear()
        log = running.data / "datasets/sources/observations/_delta_log"
        wait_for(lambda: any('"source":"journal 2' in file.read_text() for file in log.glob("*.json")), 10)
        assert time.monotonic() - begun < 5
        command(running.data, "ingest", "--once")
    finally:
        beside.terminate()
        assert beside.wait(20) == 0


def test_back_fill_waits_for_fresh_data(tmp_path):
    """Whatever backlog is in the journal before them, fresh frames are in the first round."""
    with gateway(tmp_path, UNKNOWN) as started:
        talker = Talker(started.port)
        talker.send(*(upload(serial, flag="9", extra="RF=1;") for serial in range(100)), upload(5000, flag="9"))
        assert len(talker.hear(101)) == 101
    told = command(tmp_path, "ingest", "--once")
    assert "101 frames read, 101 observations" in told
    log = sorted((tmp_path / "datasets/sources/observations/_delta_log").glob("*.json"))
    notes = [json.loads(file.read_text().splitlines()[0])["commitInfo"].get("source") for file in log]
    assert [note for note in notes if note] == ["journal 101 late 0", "journal 101 late 101"]


def test_the_days_are_counted(running):
    talker = Talker(running.port)
    talker.send(upload(1), upload(2, items="a21026-{f}=1;a34013-{f}=2"), upload(3, moment="20269901000000"))
    talker.hear(3)
    command(running.data, "ingest", "--once")
    query = "SELECT mn, frames, quarantined, rows FROM gateway_deviceday"
    assert table(running.data, query) == [(MN, 3, 1, 3)]
    assert "no_time" in command(running.data, "quarantine", "list")


def test_sigterm_stores_and_answers_what_has_come(running):
    talker = Talker(running.port)
    frames = [upload(serial) for serial in range(5000)]
    talker.send(*frames[:2000])
    talker.hear(1)
    assert running.terminate() == 0
    heard = 1 + len(talker.hear(1999))
    stored = {record["raw"] for record in exported(running.data)}
    assert all(frame.decode() in stored for frame in frames[:heard])
    assert command(running.data, "journal", "verify").startswith("unchanged")


def test_a_journal_that_dies_is_begun_again_and_nothing_unanswered_is_lost(running):
    talker = Talker(running.port)
    talker.send(upload(1))
    talker.hear()
    (child,) = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children").read_text().split()
    os.kill(int(child), signal.SIGKILL)
    talker.send(upload(2))
    assert talker.closed()
    again = Talker(running.port)
    again.send(upload(2))
    again.line.settimeout(10)
    assert again.hear() == [expected_reply(upload(2))]
    assert len(exported(running.data)) == 2
    assert running.terminate() == 0
    assert command(running.data, "journal", "verify").startswith("unchanged")


def test_a_damaged_journal_is_told_without_traceback(running):
    talker = Talker(running.port)
    talker.send(upload(1))
    talker.hear()
    running.terminate()
    (running.data / "journal/journal.sqlite3").write_bytes(b"no database" * 1000)
    assert command(running.data, "journal", "verify", status=1).startswith("record 1")
    command(running.data, "journal", "count", status=2)
    command(running.data, "gateway", "--listen", "127.0.0.1:0", status=2)


def test_cutting_off_the_end_of_the_journal_is_found(running):
    talker = Talker(running.port)
    for serial in range(3):
        talker.send(upload(serial))
        talker.hear()
    running.terminate()
    with sqlite3.connect(running.data / "journal/journal.sqlite3") as opened:
        opened.execute("DELETE FROM block WHERE first = (SELECT max(first) FROM block)")
    assert command(running.data, "journal", "verify", status=1).startswith("record 3")
    command(running.data / "nowhere", "journal", "count", status=2)
