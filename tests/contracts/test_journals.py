"""One journal, two stores: the same promises on SQLite and on NATS JetStream, the latter started here on loopback."""

import logging
import os
import shutil
import socket
import subprocess
import time

import pytest
from running_gateway import Talker, command, expected_reply, gateway, upload

from qingyuan.gateway.journal import KEY_SETTING, SETTING, Entry, open_journal, verify


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def nats(tmp_path_factory):
    server = shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin")
    if server is None and os.environ.get("CI"):
        pytest.fail("There is no nats-server on this machine: these tests must not be skipped in CI")
    if server is None:
        pytest.skip("no nats-server on this machine")
    port = _free_port()
    folder = tmp_path_factory.mktemp("nats")
    command = [server, "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", str(folder)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as running:
        _wait_for(port)
        yield f"nats://127.0.0.1:{port}"
        logging.getLogger("nats.aio.client").setLevel(logging.CRITICAL)
        running.terminate()


def _wait_for(port):
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(port)


@pytest.fixture(params=["sqlite", "nats"])
def again(request, tmp_path, monkeypatch):
    """Opens the journal of this test, again and again; each test has its own."""
    setting = request.getfixturevalue("nats") if request.param == "nats" else "sqlite"
    monkeypatch.setenv(SETTING, setting)
    monkeypatch.setenv(KEY_SETTING, str(tmp_path / "elsewhere" / "key"))
    return lambda: open_journal(tmp_path, tmp_path.name.strip("[]").replace("[", "-"))


def entry(number, late=False):
    raw = b"##0013QN=%d;\r\n&&\x00\xff" % number
    return Entry(1_700_000_000_000_000 + number, f"10.0.0.{number % 250}:80", f"M{number % 3}", raw, late)


def test_an_empty_journal(again):
    kept = again()
    assert (kept.count(), kept.last(), list(kept.read()), verify(kept)) == (0, 0, [], None)
    kept.close()


def test_what_was_appended_is_read_in_order_after_reopening(again):
    kept = again()
    given = [entry(number) for number in range(25)]
    assert kept.append(given[:10]).last == 10
    assert kept.append(given[10:]).stored == 15
    kept.close()
    kept = again()
    found = list(kept.read())
    assert [record.id for record in found] == list(range(1, 26))
    assert [Entry(*record[1:]) for record in found] == given
    assert [record.id for record in kept.read(after=7, limit=6)] == [8, 9, 10, 11, 12, 13]
    assert kept.record(11).raw == given[10].raw
    assert kept.record(26) is None
    assert (kept.count(), kept.last(), verify(kept)) == (25, 25, None)
    kept.close()


def test_the_same_frame_is_stored_once_also_within_a_batch_and_after_reopening(again):
    kept = again()
    done = kept.append([entry(1), entry(2), entry(1)])
    assert (done.last, list(done.numbers), done.stored, done.repeated) == (2, [1, 2, 0], 2, 1)
    assert kept.append([entry(2)]).stored == 0
    kept.close()
    kept = again()
    assert kept.append([entry(1), entry(3), entry(2)]).stored == 1
    assert kept.count() == 3
    kept.close()


def test_two_writers_do_not_tear_the_chain(again):
    one, two = again(), again()
    for number in range(0, 40, 2):
        one.append([entry(number)])
        two.append([entry(number + 1), entry(number)])
    assert one.count() == two.count() == 40
    assert verify(one) is None
    assert one.head() == two.head()
    one.close()
    two.close()


def test_a_batch_larger_than_a_block_is_cut(again):
    kept = again()
    kept.store.largest = 100
    assert kept.append([entry(number) for number in range(50)]).stored == 50
    assert len(list(kept.blocks())) > 5
    assert verify(kept) is None
    kept.close()


def test_the_newest_records_of_a_device(again):
    kept = again()
    for at in range(0, 30, 5):
        kept.append([entry(number) for number in range(at, at + 5)])
    assert [record.id for record in kept.newest("M1", 4)] == [29, 26, 23, 20]
    assert [record.id for record in kept.newest("M1", 4, within=1)] == [29, 26]
    assert kept.newest("M", 4) == []
    kept.close()


def test_blocks_with_back_fill_are_found(again):
    kept = again()
    for number in range(10):
        kept.append([entry(number, late=number in (3, 7))])
    assert [block.first for block in kept.blocks(late_only=True)] == [4, 8]
    assert [block.first for block in kept.blocks(4, late_only=True)] == [8]
    kept.close()


def test_retention_leaves_a_chain_that_holds(again, monkeypatch):
    from datetime import datetime

    from qingyuan.gateway.journal import journal

    kept = again()
    for day in range(1, 8):
        monkeypatch.setattr(journal, "now", lambda day=day: datetime(2026, 3, day))
        kept.append([entry(day)])
    assert kept.retain(2, ingested=3) == 3
    assert kept.retain(2, ingested=7) == 1
    assert (kept.count(), verify(kept)) == (3, None)
    kept.close()


def test_gateway_and_ingest_on_jetstream(nats, tmp_path):
    env = {SETTING: f"{nats}?replicas=1"}
    with gateway(tmp_path, "--accept-unknown", env=env) as started:
        talker = Talker(started.port)
        frames = [upload(serial) for serial in range(200)]
        talker.send(*frames)
        assert talker.hear(200) == [expected_reply(frame) for frame in frames]
        talker.send(frames[0])
        assert talker.hear() == [expected_reply(frames[0])]
        assert command(tmp_path, "journal", "count", env=env).strip() == "200"
        assert "200 frames read, 200 observations" in command(tmp_path, "ingest", "--once", env=env)
        assert started.terminate() == 0
    assert command(tmp_path, "journal", "verify", env=env).startswith("unchanged")
