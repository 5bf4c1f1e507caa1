"""The processes of one machine: started again when they end, ended together."""

import argparse
import sys
import threading
import time

from qingyuan.interfaces.cli import serve
from qingyuan.interfaces.jobs.supervise import Process, supervise

WAITS = "import time; time.sleep(60)"


def until(true, seconds=15):
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_one_that_ends_is_started_again_and_all_end_together(tmp_path):
    counted = tmp_path / "starts"
    brief = Process("brief", [sys.executable, "-c", f"open({str(counted)!r}, 'a').write('x')"])
    long = Process("long", [sys.executable, "-c", WAITS])
    stop, told = threading.Event(), []
    keeper = threading.Thread(target=supervise, args=([brief, long], told.append, stop))
    keeper.start()
    until(lambda: counted.exists() and len(counted.read_text()) >= 2)
    child = long.running
    stop.set()
    keeper.join(15)
    assert not keeper.is_alive()
    assert told[0].startswith("brief ended with 0")
    assert child.poll() is not None


def test_one_that_does_not_listen_is_killed(monkeypatch):
    monkeypatch.setattr("qingyuan.interfaces.jobs.supervise.PATIENCE", 0.2)
    deaf = Process(
        "deaf",
        [sys.executable, "-c", f"import signal; signal.signal(15, signal.SIG_IGN); print('up', flush=True); {WAITS}"],
    )
    deaf.start()
    time.sleep(1)
    deaf.end()
    assert deaf.running.returncode in (-9, -15)


def test_old_raw_frames_are_kept_unless_days_are_set():
    parser = argparse.ArgumentParser()
    serve.add(parser.add_subparsers())
    commands = [each.command for each in serve.processes(parser.parse_args(["serve", "--keep-days", "400"]))]
    (keeper,) = [command for command in commands if "journal" in command]
    assert keeper[keeper.index("journal") :][:2] == ["journal", "retain"]
    assert keeper[-4:] == ["--days", "400", "--watch", "3600"]
    assert not any("journal" in each.command for each in serve.processes(parser.parse_args(["serve"])))
