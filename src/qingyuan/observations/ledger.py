"""The daily ledger of what a device had to send, what came, and what became of it. It must come out even.

    ledger(days, due, observations, records, stopped)    # a row a point, property, averaging and day

Counts are values of one property over one interval, not frames. Rates after the live rule of the platforms
(07_source_monitoring, "Effective transmission in live use", one source): effective transmission is the
transmission rate times the valid rate; intervals of a point that is tagged as stopped are not due; a waste-water
outlet may lose one hour a day to the check with a standard sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import duckdb
import pyarrow as pa

from qingyuan.observations.quality.grid import step_of

DUE = pa.schema(
    [("point", pa.string()), ("property", pa.string()), ("averaging", pa.string()), ("medium", pa.string())]
)
"""What the register expects. medium: water, gas, air ... or null."""

RECORD = pa.schema(
    [
        ("point", pa.string()),
        ("property", pa.string()),  # null: frames that could not be told apart into properties
        ("averaging", pa.string()),
        ("day", pa.date32()),
        ("received", pa.int64()),  # values in the frames of the journal
        ("quarantined", pa.int64()),  # of them set aside
        ("repeated", pa.int64()),  # of them already in the lake
    ]
)
"""What the journal and the quarantine counted."""

STOPPED = pa.schema([("point", pa.string()), ("begin", pa.timestamp("us")), ("end", pa.timestamp("us"))])
"""Stretches tagged as stopped, begin ≤ t < end: intervals that start in them are not due."""

LEDGER = pa.schema(
    [
        ("point", pa.string()),
        ("property", pa.string()),
        ("averaging", pa.string()),
        ("day", pa.date32()),
        ("expected", pa.int64()),  # null: nobody expects it
        ("received", pa.int64()),
        ("stored", pa.int64()),
        ("quarantined", pa.int64()),
        ("repeated", pa.int64()),
        ("difference", pa.int64()),  # received - stored - quarantined - repeated: must be 0
        ("valid", pa.int64()),
        ("transmission_rate", pa.float64()),
        ("valid_rate", pa.float64()),
        ("effective_rate", pa.float64()),  # transmission-valid rate; null: the point leaves the denominator
        ("met", pa.bool_()),  # null: not due, or no rule is known for the medium
    ]
)
"""One row a point, property, averaging and day."""

ALLOWED_HOURS = {"water": 1}
"""Hours a day a medium may lose and still has met the demand; no rule is known for the others."""

_HOURS = 24


@dataclass(frozen=True)
class Effective:
    """Rates of one day, exact; None where nothing was due (or, for valid, nothing came)."""

    transmission: Fraction | None
    valid: Fraction | None
    effective: Fraction | None
    met: bool | None


def effective_transmission(due: int, received: int, valid: int, allowed: int | None = 0) -> Effective:
    """Transmission rate, valid rate and their product.

    due, received, valid: intervals of the day; more received than due counts as all. allowed: intervals that may
    be lost, None when no rule is known (then only a complete day is surely met).
    """
    if due <= 0:
        return Effective(None, None, None, None)
    counted = min(received, due)
    share = Fraction(min(valid, counted), counted) if counted else None
    effective = Fraction(counted, due) * (share or 0)
    met = effective == 1 or (None if allowed is None else effective >= Fraction(due - allowed, due))
    return Effective(Fraction(counted, due), share, effective, met)


def ledger(
    days: Sequence[date], due: pa.Table, observations: pa.Table, records: pa.Table, stopped: pa.Table | None = None
) -> pa.Table:
    """The ledger of some days (schema LEDGER), by point, property, averaging and day.

    due: DUE; observations: point, property, averaging, phenomenon_time, flag (a null flag is valid), as they
    stand in the lake; records: RECORD; stopped: STOPPED. What came without being due has no expectation.
    """
    with duckdb.connect() as engine:
        engine.register("days", pa.table({"day": pa.array(days, pa.date32())}))
        engine.register("due", due.select(DUE.names).cast(DUE))
        engine.register("observations", observations)
        engine.register("records", records.select(RECORD.names).cast(RECORD))
        engine.register("stopped", STOPPED.empty_table() if stopped is None else stopped.cast(STOPPED))
        engine.register("steps", _steps(due, observations, records))
        counted = engine.execute(_COUNTED).to_arrow_table()
    rows = [_row(row) for row in counted.to_pylist()]
    return pa.Table.from_pylist(rows, schema=LEDGER)


def out_of_balance(table: pa.Table) -> pa.Table:
    """Rows of a ledger whose difference is not zero: values that came and of which nobody knows where they are."""
    return table.filter(pa.compute.not_equal(table.column("difference"), 0))


def _steps(*tables: pa.Table) -> pa.Table:
    """Seconds of every averaging; of a word without a length nothing is expected."""
    words = sorted(
        {word for table in tables for word in pa.compute.unique(table.column("averaging")).to_pylist() if word}
    )
    known = [word for word in words if word[:1].isdigit() or word == "mda8"]
    seconds = [int(step_of(word, _NO_TIMES).astype(int)) for word in known]
    return pa.table({"averaging": pa.array(known, pa.string()), "seconds": pa.array(seconds, pa.int64())})


def _row(row: dict[str, object]) -> dict[str, object]:
    """Rates of a counted row."""
    counts = {name: row[name] for name in LEDGER.names if name in row}
    expected, stored, quarantined = (int(str(row[name] or 0)) for name in ("expected", "due_stored", "due_quarantined"))
    medium = str(row["medium"] or "")
    hours = ALLOWED_HOURS.get(medium)
    allowed = None if hours is None else max(1, hours * int(str(row["per_day"] or _HOURS)) // _HOURS)
    rates = effective_transmission(expected, stored + quarantined, int(str(row["due_valid"])), allowed)
    told = {"transmission_rate": rates.transmission, "valid_rate": rates.valid, "effective_rate": rates.effective}
    return counts | {name: None if rate is None else float(rate) for name, rate in told.items()} | {"met": rates.met}


_NO_TIMES = pa.array([], pa.timestamp("us")).to_numpy()

_COUNTED = """
WITH slots AS (
  SELECT due.*, day, 86400 // seconds AS per_day, seconds
  FROM due JOIN steps USING (averaging) CROSS JOIN days
), idle AS (
  SELECT point, averaging, day, count(*) AS idle
  FROM (SELECT DISTINCT point, averaging, day, day + to_seconds(unnest(range(per_day)) * seconds) AS starts
        FROM slots WHERE point IN (SELECT point FROM stopped)) AS starting
  WHERE EXISTS (SELECT 1 FROM stopped WHERE stopped.point = starting.point AND starts >= stopped.begin
                AND starts < stopped."end")
  GROUP BY ALL
), expected AS (
  SELECT point, property, averaging, any_value(medium) AS medium, day,
         any_value(per_day) - coalesce(any_value(idle), 0) AS expected, any_value(per_day) AS per_day
  FROM slots LEFT JOIN idle USING (point, averaging, day) GROUP BY point, property, averaging, day
), placed AS (
  SELECT point, property, averaging, CAST(phenomenon_time AS DATE) AS day, phenomenon_time, flag IS NULL AS good,
         EXISTS (SELECT 1 FROM stopped WHERE stopped.point = observations.point
                 AND phenomenon_time >= stopped.begin AND phenomenon_time < stopped."end") AS idle
  FROM observations
), stored AS (
  SELECT point, property, averaging, day, count(*) AS stored, count(*) FILTER (good) AS valid,
         count(DISTINCT phenomenon_time) FILTER (NOT idle) AS due_stored,
         count(DISTINCT phenomenon_time) FILTER (good AND NOT idle) AS due_valid
  FROM placed WHERE day IN (SELECT day FROM days) GROUP BY ALL
), counted AS (
  SELECT point, coalesce(property, '') AS property, coalesce(averaging, '') AS averaging, day,
         sum(received) AS received, sum(quarantined) AS quarantined, sum(repeated) AS repeated
  FROM records WHERE day IN (SELECT day FROM days) GROUP BY ALL
), keys AS (
  SELECT point, property, averaging, day FROM expected
  UNION SELECT point, property, averaging, day FROM stored
  UNION SELECT point, property, averaging, day FROM counted
)
SELECT point, nullif(property, '') AS property, nullif(averaging, '') AS averaging, day,
       expected.medium, expected.per_day, expected.expected,
       coalesce(received, 0) AS received, coalesce(stored, 0) AS stored, coalesce(quarantined, 0) AS quarantined,
       coalesce(repeated, 0) AS repeated, coalesce(valid, 0) AS valid,
       coalesce(received, 0) - coalesce(stored, 0) - coalesce(quarantined, 0) - coalesce(repeated, 0) AS difference,
       coalesce(due_stored, 0) AS due_stored, coalesce(due_valid, 0) AS due_valid,
       CASE WHEN expected.expected > 0 THEN coalesce(quarantined, 0) ELSE 0 END AS due_quarantined
FROM keys
LEFT JOIN expected USING (point, property, averaging, day)
LEFT JOIN stored USING (point, property, averaging, day)
LEFT JOIN counted USING (point, property, averaging, day)
ORDER BY point, property NULLS LAST, averaging, day
"""
