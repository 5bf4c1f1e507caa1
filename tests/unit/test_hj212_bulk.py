"""HJ 212 in columns: what the table holds, what fails and why, what is counted."""

import numpy as np
import pytest

from qingyuan.gateway.hj212 import bulk, checksum, columns, replies, sm4
from qingyuan.gateway.hj212.encode import Sender

MN = "010000A8900016F000169DC0"
QN = "20261126100000123"
PARAMS = {"DataTime": "20261126100000"}


def read(*raws: bytes, keys: tuple[bytes, ...] = ()) -> bulk.Decoded:
    return bulk.decode([(number, 0, "", raw) for number, raw in enumerate(raws)], lambda mn: keys)


def test_nothing_gives_an_empty_table() -> None:
    found = read()
    assert found.observations.schema.equals(bulk.SCHEMA) and found.observations.num_rows == 0
    assert found.failures == [] and not found.deviations


def test_a_row_a_value_with_the_factors_mark() -> None:
    factors = {
        "a21026": {"Avg": "1.5", "Max": "--", "Flag": "D", "SampleTime": "20261126095500"},
        "w01018": {"Avg": "2"},
    }
    (frame,) = Sender("2025", "31", "123456", MN).frames("2061", QN, PARAMS, factors, resent=True)
    rows = read(frame).observations.to_pylist()
    told = [(row["factor"], row["field"], row["value"], row["value_text"], row["mark"]) for row in rows]
    assert told == [
        ("a21026", "Avg", 1.5, None, "D"),
        ("a21026", "Max", None, "--", "D"),
        ("w01018", "Avg", 2.0, None, None),
    ]
    assert {(row["mn"], row["st"], row["cn"], row["edition"], row["rf"]) for row in rows} == {
        (MN, "31", "2061", "2025", True)
    }
    assert [str(row["data_time"]) for row in rows] == ["2026-11-26 10:00:00"] * 3
    assert [str(row["sample_time"]) for row in rows] == ["2026-11-26 09:55:00"] * 2 + ["None"]


def test_what_cannot_be_read_is_told_with_its_reason() -> None:
    good = replies.frame(b"QN=20261126100000123;ST=31;CN=2011;PW=1;MN=1;Flag=5;CP=&&a-Rtd=1&&")
    wrong = good[:-6] + b"0041\r\n" if good[-6:-2] != b"0041" else good[:-6] + b"0001\r\n"
    nameless = replies.frame(b"QN=20261126100000123;ST=31;CN=2011;PW=1;Flag=5;CP=&&a-Rtd=1&&")
    (sealed,) = Sender("2025", "31", "123456", MN, sm4.TEST_KEY).frames("2011", QN, PARAMS, {"a": {"Rtd": "1"}})
    found = read(good, wrong, nameless, sealed, b"##no frame", b"", keys=(b"another key 1234",))
    assert sorted(found.failures) == [
        (1, "sum_wrong"),
        (2, "mn_missing"),
        (3, "no_key"),
        (4, "not_a_frame"),
        (5, "not_a_frame"),
    ]
    assert found.observations["record"].to_pylist() == [0]
    assert read(sealed, keys=(b"another key 1234", sm4.TEST_KEY)).observations["value"].to_pylist() == [1.0]


def test_deviations_are_counted_by_device_and_kind() -> None:
    odd = b"QN=123;ST=31;CN=2011;PW=1;MN=4201003;Flag=5;CP=&&DataTime=20261126100000000;a-Rtd=1;Flag=N;&&"
    raw = b"##%04d%b%b\r\n" % (len(odd), odd, checksum.modbus_text(odd))
    found = read(raw, raw)
    kinds = ("sum_modbus", "qn_form", "mn_form", "time_form", "flag_bare", "separator_end")
    assert found.deviations == {("4201003", kind): 2 for kind in kinds}
    assert found.observations["mark"].to_pylist() == [None, None]


def test_many_factors_are_matched_without_a_dense_table(monkeypatch: pytest.MonkeyPatch) -> None:
    raws = [
        replies.frame(
            b"QN=20261126100000123;ST=31;CN=2011;PW=1;MN=1;Flag=5;CP=&&a%d-Rtd=1,a%d-Flag=%c;b-Rtd=2&&"
            % (number, number, b"NDT"[number % 3])
        )
        for number in range(50)
    ]
    dense = read(*raws).observations
    monkeypatch.setattr(columns, "_DENSE", 0)
    assert read(*raws).observations.equals(dense)
    assert dense["mark"].to_pylist()[:4] == ["N", None, "D", None]


def test_sums_of_many_are_the_sums_of_each() -> None:
    chance = np.random.default_rng(212)
    segments = [chance.bytes(size) for size in (1, 2, 7, 8, 9, 15, 16, 17, 513, 1024, 5000)]
    assert columns.registers(segments).tolist() == [checksum.register(segment) for segment in segments]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20240229235959", "2024-02-29 23:59:59"),
        ("20230229000000", None),
        ("20261301000000", None),
        ("20261126240000", None),
        ("20261126100060", None),
        ("00000101000000", None),
        ("2026112610000", None),
        ("20261126100000999", "2026-11-26 10:00:00"),
    ],
)
def test_times_that_cannot_be_are_null(text: str, expected: str | None) -> None:
    segment = f"QN={QN};ST=31;CN=2011;PW=1;MN=1;Flag=5;CP=&&DataTime={text};a-Rtd=1&&"
    (row,) = read(replies.frame(segment.encode())).observations.to_pylist()
    assert row["data_time"] is None if expected is None else str(row["data_time"]) == expected
