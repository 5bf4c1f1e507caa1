"""The daily ledger: it comes out even, and rates follow the live rule of effective transmission."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pyarrow as pa
import pytest

from qingyuan.observations.ledger import DUE, RECORD, STOPPED, effective_transmission, ledger, out_of_balance

DAY = date(2026, 3, 1)
START = datetime(2026, 3, 1)


def observed(hours: list[int], flags: dict[int, str] | None = None, point: str = "W1") -> pa.Table:
    flags = flags or {}
    return pa.table(
        {
            "point": [point] * len(hours),
            "property": ["w01018"] * len(hours),
            "averaging": ["1h"] * len(hours),
            "phenomenon_time": pa.array([START + timedelta(hours=hour) for hour in hours], pa.timestamp("us")),
            "flag": pa.array([flags.get(hour) for hour in hours], pa.string()),
        }
    )


def due(medium: str | None = "water", point: str = "W1") -> pa.Table:
    return pa.Table.from_pylist(
        [{"point": point, "property": "w01018", "averaging": "1h", "medium": medium}], schema=DUE
    )


def record(received: int, quarantined: int = 0, repeated: int = 0, **other: object) -> pa.Table:
    row = {"point": "W1", "property": "w01018", "averaging": "1h", "day": DAY, "received": received}
    return pa.Table.from_pylist([row | {"quarantined": quarantined, "repeated": repeated} | other], schema=RECORD)


@pytest.mark.shared_data
def test_effective_transmission_as_published(shared: Path) -> None:
    vectors = shared / "reference" / "standards" / "test_vectors" / "effective_transmission.csv"
    with vectors.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 5
    for row in rows:
        found = effective_transmission(int(row["due_hours"]), int(row["received"]), int(row["valid"]), allowed=1)
        percent = "" if found.effective is None else f"{float(found.effective) * 100:.2f}"
        met = {None: "excluded", True: "true", False: "false"}[found.met]
        assert (percent, met) == (row["rate_pct"], row["met"]), row["case"]


def test_rates_are_exact_and_never_above_one() -> None:
    found = effective_transmission(24, 26, 25)
    assert (found.transmission, found.valid, found.effective, found.met) == (1, 1, 1, True)
    assert effective_transmission(24, 20, 18).effective == Fraction(3, 4)
    assert effective_transmission(24, 0, 0).valid is None
    assert effective_transmission(24, 0, 0).effective == 0


def test_no_rule_known_means_no_verdict() -> None:
    assert effective_transmission(24, 23, 23, allowed=None).met is None
    assert effective_transmission(24, 24, 24, allowed=None).met is True


def test_a_day_comes_out_even() -> None:
    table = ledger([DAY], due(), observed(list(range(23)), {3: "C"}), record(26, quarantined=1, repeated=2))
    (row,) = table.to_pylist()
    counts = ("expected", "received", "stored", "quarantined", "repeated", "difference", "valid")
    assert [row[name] for name in counts] == [24, 26, 23, 1, 2, 0, 22]
    assert row["transmission_rate"] == 1
    assert row["valid_rate"] == pytest.approx(22 / 24)
    assert (row["effective_rate"], row["met"]) == (pytest.approx(22 / 24), False)
    assert out_of_balance(table).num_rows == 0


def test_a_value_that_got_lost_is_shown() -> None:
    table = ledger([DAY], due(), observed(list(range(22))), record(24))
    assert out_of_balance(table).to_pylist()[0]["difference"] == 2


def test_one_lost_hour_is_met_at_a_water_outlet_and_open_elsewhere() -> None:
    hours = observed(list(range(23)))
    assert ledger([DAY], due("water"), hours, record(23)).to_pylist()[0]["met"] is True
    assert ledger([DAY], due("gas"), hours, record(23)).to_pylist()[0]["met"] is None


def test_stopped_hours_leave_the_denominator() -> None:
    stop = {"point": "W1", "begin": START + timedelta(hours=6), "end": START + timedelta(hours=18)}
    table = ledger([DAY], due(), observed(list(range(12))), record(12), pa.Table.from_pylist([stop], schema=STOPPED))
    (row,) = table.to_pylist()
    assert (row["expected"], row["stored"], row["difference"]) == (12, 12, 0)
    assert row["effective_rate"] == 0.5


def test_stopped_all_day_has_no_rate() -> None:
    stop = {"point": "W1", "begin": START, "end": START + timedelta(days=1)}
    (row,) = ledger([DAY], due(), observed([]), record(0), pa.Table.from_pylist([stop], schema=STOPPED)).to_pylist()
    assert (row["expected"], row["effective_rate"], row["met"]) == (0, None, None)


def test_a_silent_device_and_an_unexpected_one_are_both_shown() -> None:
    table = ledger([DAY], due(), observed([0, 1], point="X9"), record(2, point="X9"))
    silent, unexpected = table.to_pylist()
    assert (silent["point"], silent["expected"], silent["received"], silent["effective_rate"]) == ("W1", 24, 0, 0)
    assert (unexpected["point"], unexpected["expected"], unexpected["stored"], unexpected["met"]) == (
        "X9",
        None,
        2,
        None,
    )


def test_frames_that_could_not_be_read_have_a_row_of_their_own() -> None:
    lost = record(3, quarantined=3, property=None, averaging=None)
    rows = ledger([DAY], due(), observed([]), lost).to_pylist()
    assert [(row["property"], row["quarantined"], row["difference"]) for row in rows] == [
        ("w01018", 0, 0),
        (None, 3, 0),
    ]
