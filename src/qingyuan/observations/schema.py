"""The long table of observations: one row a point, property, averaging and interval."""

from __future__ import annotations

import pyarrow as pa

OBSERVATION = pa.schema(
    [
        ("point", pa.string()),  # station, outlet, section ...
        ("property", pa.string()),  # slug of the property library
        ("averaging", pa.string()),  # 1h, 24h, mda8 ...
        ("phenomenon_time", pa.timestamp("us")),  # start of the interval, +08:00 wall clock
        ("value", pa.float64()),  # in `unit`; the shortest decimal of the double is the value as sent
        ("unit", pa.string()),  # the unit of the property library, after conversion
        ("flag", pa.string()),  # null = valid; otherwise why it must not be used
        ("result_time", pa.timestamp("us")),  # when the value reached us
        ("source", pa.string()),  # id of the import or journal entry it came from
        ("line", pa.int64()),  # line of that source
        ("month", pa.string()),  # partition: month of phenomenon_time, YYYY-MM
    ]
)
"""Arrow schema of the lake's base table."""

AMENDMENT = pa.schema([*OBSERVATION, ("reason", pa.string()), ("amended_by", pa.string())])
"""An amendment: a new value beside the old one; of several the one with the latest result_time wins."""

KEY = ["point", "property", "averaging", "phenomenon_time"]
"""What may stand only once in the lake."""

SOURCE = pa.schema(
    [
        ("source", pa.string()),
        ("file", pa.string()),
        ("sha256", pa.string()),
        ("layout", pa.string()),
        ("rows_read", pa.int64()),
        ("rows_stored", pa.int64()),
        ("rows_known", pa.int64()),
        ("rows_rejected", pa.int64()),
        ("imported_at", pa.timestamp("us")),
        ("imported_by", pa.string()),
    ]
)
"""A dataset's list of imports; a simulation has no file and no checksum."""

REJECT = pa.schema(
    [
        ("source", pa.string()),
        ("file", pa.string()),
        ("line", pa.int64()),
        ("reason", pa.string()),
        ("row", pa.string()),
    ]
)
"""A row that could not be taken, as it was."""
