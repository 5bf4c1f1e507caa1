"""Appends and amendments in any order read like a dictionary in which the latest revision of a key wins."""

import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.observations import lake
from qingyuan.observations.schema import OBSERVATION

BEGIN = datetime(2024, 12, 31, 22)
KEYS = [(point, item, hour) for point in "AB" for item in ("pm25", "co") for hour in range(4)]
VALUES = st.floats(0, 1000, allow_nan=False)
FLAGS = st.sampled_from([None, None, "invalid"])
REVISIONS = st.lists(st.tuples(st.sampled_from(KEYS), VALUES, FLAGS), min_size=1, max_size=12)


def table(revisions, first_received):
    rows = [
        {
            "point": point, "property": item, "averaging": "1h", "phenomenon_time": BEGIN + timedelta(hours=hour),
            "value": value, "unit": "ug/m3", "flag": flag, "source": "generated", "line": number,
            "result_time": BEGIN + timedelta(days=1, seconds=first_received + number),
        }
        for number, ((point, item, hour), value, flag) in enumerate(revisions)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=pa.schema([field for field in OBSERVATION if field.name != "month"]))


def read(folder, **asked):
    rows = lake.read_arrow(folder, **asked).to_pylist()
    found = {(row["point"], row["property"], row["phenomenon_time"]): (row["value"], row["flag"]) for row in rows}
    assert len(found) == len(rows)
    return found


def key(point, item, hour):
    return point, item, BEGIN + timedelta(hours=hour)


@settings(max_examples=25, deadline=None)
@given(
    base=st.dictionaries(st.sampled_from(KEYS), st.tuples(VALUES, FLAGS), max_size=16),
    batches=st.lists(REVISIONS, max_size=4),
    split=st.integers(1, 5),
    order=st.randoms(use_true_random=False),
    compacted=st.booleans(),
)
def test_the_lake_reads_like_a_dictionary(base, batches, split, order, compacted):
    model = {key(*each): revision for each, revision in base.items()}
    stored = [(each, *revision) for each, revision in base.items()]
    steps = [("append", stored[begin : begin + split], 0) for begin in range(0, len(stored), split)]
    for number, revisions in enumerate(batches, 1):
        steps.append(("amend", revisions, number * 100))
        model |= {key(*each): (value, flag) for each, value, flag in revisions}
    order.shuffle(steps)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for what, revisions, received in steps:
            rows = table(revisions, received)
            lake.append(folder, rows) if what == "append" else lake.amend(folder, rows, reason="generated", by="test")
        if compacted:
            lake.compact(folder)
        assert read(folder, flagged=True) == model
        assert read(folder) == {each: revision for each, revision in model.items() if revision[1] is None}
        some = {
            each: revision for each, revision in model.items() if each[0] == "A" and each[2] >= datetime(2025, 1, 1)
        }
        assert read(folder, flagged=True, points=["A"], first=datetime(2025, 1, 1)) == some
