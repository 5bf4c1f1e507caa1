"""A remote command from the database to a device and back: on its connection, every step kept, its effects taken over."""

import re
import sqlite3
import subprocess
import sys

import pytest
from running_gateway import MN, Talker, command, exported, gateway, upload, wait_for

from qingyuan.gateway.hj212 import replies

_ASK = """
import json, sys
from pathlib import Path
from qingyuan.interfaces.cli import serve
serve.prepare(Path(sys.argv[1]))
from qingyuan.gateway import remote
from qingyuan.gateway.models import Device
remote.ask(Device.objects.get(mn=sys.argv[2]), sys.argv[3], json.loads(sys.argv[4]), by="wang")
"""


def ask(data, cn, params="{}", mn=MN):
    subprocess.run([sys.executable, "-c", _ASK, str(data), mn, cn, params], check=True)


def answer(request, cn, cp):
    qn = re.search(rb"QN=(\d{17})", request)[1]
    return replies.frame(b"QN=%b;ST=91;CN=%b;PW=123456;MN=%b;Flag=4;CP=&&%b&&" % (qn, cn, MN.encode(), cp))


def state(data):
    with sqlite3.connect(data / "platform.sqlite3") as opened:
        row = opened.execute("SELECT state, result FROM gateway_remotecommand ORDER BY id DESC").fetchone()
        return row if row and row[0] not in ("queued", "running") else None


def steps(data):
    with sqlite3.connect(data / "platform.sqlite3") as opened:
        return [row[0] for row in opened.execute("SELECT what FROM gateway_dialoguestep ORDER BY id")]


@pytest.fixture
def talking(tmp_path):
    command(tmp_path, "device", "add", MN)
    with gateway(tmp_path) as started:
        talker = Talker(started.port, wait=8)
        talker.send(upload(1))
        talker.hear()
        yield tmp_path, talker


def test_a_password_is_changed_and_the_register_with_it(talking):
    data, talker = talking
    ask(data, "1072", '{"NewPW": "654321"}')
    (request,) = talker.hear()
    assert b"CN=1072;PW=123456;" in request
    assert b"CP=&&NewPW=654321&&" in request
    talker.send(answer(request, b"9011", b"QnRtn=1"), answer(request, b"9012", b"ExeRtn=1"))
    assert wait_for(lambda: state(data)) == ("done", "")
    assert steps(data) == ["sent", "received", "received", "done"]
    talker.send(upload(2, pw="654321"))
    assert len(talker.hear()) == 1
    talker.send(upload(3))
    assert talker.silent()
    assert len([record for record in exported(data) if "CN=901" in record["raw"]]) == 2


def test_a_refused_command_says_why(talking):
    data, talker = talking
    ask(data, "1062", '{"RtdInterval": "30"}')
    (request,) = talker.hear()
    talker.send(answer(request, b"9011", b"QnRtn=3"))
    assert wait_for(lambda: state(data))[0] == "refused"


def test_a_device_that_is_away_or_goes_is_offline(talking):
    data, talker = talking
    command(data, "device", "add", "AWAY")
    ask(data, "1011", mn="AWAY")
    assert wait_for(lambda: state(data)) == ("offline", "the device is not connected")
    ask(data, "1011")
    talker.hear()
    talker.close()
    assert wait_for(lambda: state(data)) == ("offline", "the connection was lost")
