"""A thousand frames of real devices through gateway and ingest: none is lost, each is in the lake or in quarantine."""

import csv
import sqlite3

import pytest
from running_gateway import Talker, command, exported, gateway

from qingyuan.gateway.hj212.framing import Frame, Framer
from qingyuan.gateway.sites import AVERAGING
from qingyuan.observations import lake


@pytest.fixture
def real(shared):
    with (shared / "data/sources/hj212_frames.csv").open(encoding="utf-8", newline="") as stream:
        return [row["frame"].rstrip("\r\n").encode() + b"\r\n" for row in csv.DictReader(stream)]


@pytest.mark.shared_data
def test_real_frames_end_in_the_lake_or_in_quarantine(tmp_path, real):
    cut = [piece for frame in real for piece in Framer().feed(frame) if isinstance(piece, Frame)]
    good = {piece.raw for piece in cut if piece.status != "mismatch"}
    with gateway(tmp_path, "--accept-unknown") as started:
        talker = Talker(started.port, wait=5)
        for frame in real:
            talker.send(frame)
        talker.silent(3)
        talker.close()
    records = exported(tmp_path)
    kept = {record["raw"].encode() for record in records}
    aside = {record["raw"].encode() for record in exported(tmp_path, "--quarantine")}
    assert len(good - kept - aside) == 0
    assert len(kept) > 300
    command(tmp_path, "ingest", "--once")
    stored = set(lake.read_arrow(tmp_path / "datasets/sources", flagged=True)["source"].to_pylist())
    with sqlite3.connect(tmp_path / "platform.sqlite3") as opened:
        faulty = {row[0] for row in opened.execute("SELECT record FROM gateway_quarantined WHERE journal = 'journal'")}
    brings = [each for each in records if any(f"CN={cn};" in each["raw"] and "-" in each["raw"] for cn in AVERAGING)]
    lost = [each["raw"] for each in brings if f"journal:{each['id']}" not in stored and each["id"] not in faulty]
    assert not [raw for raw in lost if "-Rtd=" in raw or "-Avg=" in raw]
