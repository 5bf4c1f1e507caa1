"""What the gateway asks of devices by itself: the set-up at first contact, the number of a new logger, new keys."""

import re
import sqlite3

import pytest
from running_gateway import MN, Talker, command, exported, gateway, upload, wait_for

from qingyuan.gateway.hj212 import replies

HARDWARE = "CpuId=BFEBFBFF000906EA;Mac=00-1A-2B-3C-4D-5E"


def commands(data):
    with sqlite3.connect(data / "platform.sqlite3") as opened:
        return opened.execute("SELECT cn, state, asked_by FROM gateway_remotecommand ORDER BY id").fetchall()


def done(request, mn=None):
    """9011 and 9012 to a request, under an MN."""
    qn, own = re.search(rb"QN=(\d{17})", request)[1], re.search(rb"MN=([^;]*);Flag", request)[1]
    flag = int(re.search(rb"Flag=(\d+)", request)[1]) & 0xFC
    front = b"QN=%b;ST=91;CN=%%b;PW=123456;MN=%b;Flag=%d;CP=&&%%b&&" % (qn, mn or own, flag)
    return replies.frame(front % (b"9011", b"QnRtn=1")), replies.frame(front % (b"9012", b"ExeRtn=1"))


def test_a_device_that_first_speaks_is_set_up_once(tmp_path):
    command(tmp_path, "device", "add", MN, "--real-time-seconds", "60", "--minute-interval", "10")
    with gateway(tmp_path, "--set-up") as started:
        talker = Talker(started.port, wait=8)
        talker.send(upload(1))
        assert b"CN=9014" in talker.hear()[0]
        asked = []
        for _ in range(4):
            (request,) = talker.hear()
            asked.append((re.search(rb"CN=(\d+)", request)[1], re.search(rb"&&(.*)&&", request)[1]))
            talker.send(*done(request))
        assert [cn for cn, _ in asked] == [b"1012", b"1000", b"1062", b"1064"]
        assert [cp for _, cp in asked[1:]] == [b"OverTime=10;ReCount=3", b"RtdInterval=60", b"MinInterval=10"]
        wait_for(lambda: {state for _, state, _ in commands(tmp_path)} == {"done"})
        assert {by for *_, by in commands(tmp_path)} == {"gateway"}
        talker.close()
        again = Talker(started.port)
        again.send(upload(2))
        again.hear()
        assert again.silent(2.5)
    with gateway(tmp_path, "--set-up") as started:
        again = Talker(started.port)
        again.send(upload(3))
        again.hear()
        assert again.silent(2.5)


@pytest.mark.parametrize("edition", ["2005", "2025"])
def test_other_editions_and_strangers_are_not_set_up(tmp_path, edition):
    command(tmp_path, "device", "add", MN, "--edition", edition)
    with gateway(tmp_path, "--set-up", "--accept-unknown") as started:
        talker, stranger = Talker(started.port), Talker(started.port)
        talker.send(upload(1))
        stranger.send(upload(2, mn="B" * 24))
        assert len(talker.hear()) == len(stranger.hear()) == 1
        assert talker.silent(2.5) and stranger.silent(0.1)
    assert commands(tmp_path) == []


def knocking(mn, items, serial=1, flag=9):
    head = f"QN=2026010100000000{serial};ST=31;CN=1001;PW=000000;MN={mn};Flag={flag};"
    return replies.frame(f"{head}CP=&&{items}&&".encode())


def test_a_logger_known_by_its_hardware_is_given_its_number(tmp_path):
    command(tmp_path, "device", "add", MN, "--edition", "2025", "--hardware", HARDWARE)
    with gateway(tmp_path) as started:
        talker = Talker(started.port, wait=8)
        talker.send(knocking("0" * 24, f"DataTime=20260101000000;{HARDWARE}"))
        assert b"CN=9014" in talker.hear()[0]
        (request,) = talker.hear()
        assert b"CN=1002;PW=000000;MN=" + b"0" * 24 in request and b"CP=&&MN=" + MN.encode() in request
        first, second = done(request)
        talker.send(first, done(request, MN.encode())[1])
        wait_for(lambda: commands(tmp_path) == [("1002", "done", "gateway")])
        talker.send(upload(1, flag="9"))
        assert b"CN=9014" in talker.hear()[0]
        talker.send(second)  # after the talk its old number counts for nothing but answers
        talker.send(upload(2, mn="0" * 24))
        assert talker.silent()
    assert [record["mn"] for record in exported(tmp_path)] == [MN] * 5


def test_who_is_not_awaited_is_given_none(tmp_path):
    command(tmp_path, "device", "add", MN, "--edition", "2025", "--hardware", HARDWARE)
    command(tmp_path, "device", "add", "C" * 24, "--edition", "2025", "--hardware", "CpuId=9", "--active", "false")
    with gateway(tmp_path) as started:
        talker = Talker(started.port)
        talker.send(
            knocking("0" * 24, "CpuId=BFEBFBFF000906EA"), knocking("0" * 24, "CpuId=9", 2), upload(1, mn="0" * 24)
        )
        talker.send(knocking("0" * 24, HARDWARE, 3, flag=5))
        assert talker.silent(2.5)
    assert commands(tmp_path) == []


def test_a_key_is_renewed_when_the_device_asks(tmp_path):
    old = "30" * 16
    command(tmp_path, "device", "add", MN, "--edition", "2025", "--key", old)
    with gateway(tmp_path) as started:
        talker = Talker(started.port, wait=8)
        talker.send(replies.frame(f"QN=20260101000000001;ST=31;CN=1014;PW=123456;MN={MN};Flag=9;CP=&&&&".encode()))
        assert b"CN=9014" in talker.hear()[0]
        (request,) = talker.hear()
        assert b"CN=1014" in request and b"NewSK" not in request  # enciphered with the old key
        talker.send(*done(request))
        wait_for(lambda: commands(tmp_path) == [("1014", "done", "gateway")])
        talker.send(replies.frame(f"QN=20260101000000002;ST=31;CN=1014;PW=123456;MN={MN};Flag=9;CP=&&&&".encode()))
        assert len(talker.hear()) == 1 and talker.silent(2.5)
    with sqlite3.connect(tmp_path / "platform.sqlite3") as opened:
        keys = opened.execute("SELECT key, valid_until IS NULL FROM gateway_devicekey ORDER BY id").fetchall()
    assert keys[0] == (old, 0) and keys[1][1] == 1 and keys[1][0] != old
