"""kill -9 of gateway and ingest under load: nothing acknowledged is lost, nothing is in the lake twice.

A few rounds here; ``python -m benchmarks.kill`` runs a hundred.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from benchmarks.kill import Rounds


def test_killed_at_random_moments(tmp_path):
    killing = Rounds(tmp_path, senders=2, seed=3)
    killing.run(3, longest=3)
    assert sum(len(each.acknowledged) for each in killing.senders) > 1000
    assert killing.faults() == []


def test_the_proof_sees_a_loss_and_a_double(tmp_path):
    killing = Rounds(tmp_path, senders=1)
    killing.run(0)
    assert killing.faults() == []
    killing.senders[0].acknowledged.add(b"20990101000000000")
    assert "not in the journal" in killing.faults()[0]
    parts = sorted((tmp_path / "datasets/sources/observations").rglob("part-*.parquet"))
    from qingyuan.observations import lake

    again = lake.read_arrow(tmp_path / "datasets/sources", flagged=True).slice(0, 1)
    lake.append(tmp_path / "datasets/sources", again)
    assert parts
    assert any("have not 13 rows" in fault for fault in killing.faults())
