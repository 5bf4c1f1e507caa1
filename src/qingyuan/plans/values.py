"""Values of indicators kept append-only in ``<dataset>/indicators/`` (Delta), a row whenever one changes."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import write_deltalake

from qingyuan import __version__
from qingyuan.base.time import now
from qingyuan.observations.tables import rows_of
from qingyuan.plans.facts import plan
from qingyuan.plans.forecast import kept
from qingyuan.plans.indicators import city_days, year_so_far
from qingyuan.plans.scoreboard import Row, Scoreboard, scoreboard
from qingyuan.plans.told import Known

INDICATOR_VALUE = pa.schema(
    [
        ("plan", pa.string()),
        ("no", pa.int32()),
        ("division", pa.string()),
        ("as_of", pa.timestamp("us")),  # start of the newest hour when computed
        ("value", pa.float64()),  # before rounding
        ("rounded", pa.string()),  # as published, exact decimal
        ("same_period_last_year", pa.string()),
        ("target", pa.string()),
        ("left_json", pa.string()),
        ("verdict", pa.string()),
        ("made_of", pa.string()),  # JSON: assessment, version, first, last, rows
        ("library_version", pa.string()),
        ("computed_at", pa.timestamp("us")),
    ]
)
"""Arrow schema of an indicator's value; decimals are text so that no digit is lost."""

WATCHED = ("value", "rounded", "same_period_last_year", "target", "left_json", "verdict", "library_version")
"""A new row is written when one of these differs from the last one of the same indicator and division."""


def folder(dataset: Path) -> Path:
    """Where a dataset keeps its indicator values."""
    return dataset / "indicators"


def refresh_indicators(dataset: Path, as_of: datetime, known: Known | None = None) -> int:
    """Compute the indicators for the province and each city with results; returns the number of new rows.

    known: what the store knows beside the dataset (`live.look`); without it the library's figures stand.
    """
    province = plan().division
    cities = sorted({row.city for row in city_days(dataset, province, year_so_far(as_of))})
    latest = _latest(dataset)
    fresh = [
        row
        for division in (province, *cities)
        for row in _values(
            kept.judged(scoreboard(dataset, as_of, division, known.figures if known else (), known), dataset)
        )
        if _differs(row, latest.get((row["plan"], row["no"], row["division"])))
    ]
    if fresh:
        write_deltalake(folder(dataset), pa.Table.from_pylist(fresh, schema=INDICATOR_VALUE), mode="append")
    return len(fresh)


def stored_values(dataset: Path) -> list[dict[str, Any]]:
    """Every stored value, oldest first; empty when none was computed yet."""
    return sorted(rows_of(folder(dataset)), key=lambda row: (row["computed_at"], row["division"], row["no"]))


def _latest(dataset: Path) -> dict[tuple[str, int, str], dict[str, Any]]:
    return {(row["plan"], row["no"], row["division"]): row for row in stored_values(dataset)}


def _differs(row: dict[str, Any], stored: dict[str, Any] | None) -> bool:
    return stored is None or any(row[name] != stored[name] for name in WATCHED)


def _values(board: Scoreboard) -> list[dict[str, Any]]:
    return [_value(board, row) for row in board.rows if row.value is not None and row.exact is not None]


def _value(board: Scoreboard, row: Row) -> dict[str, Any]:
    came = row.came
    source = {
        "by": came.by if came else None,
        "assessment": came.record if came and came.by == "assessment" else None,
        "record": came.record if came else None,
        "version": board.version,
        "first": board.so_far.first.isoformat(),
        "last": board.so_far.last.isoformat(),
        "rows": row.city_days,
    }
    return {
        "plan": board.plan.code,
        "no": row.no,
        "division": board.division,
        "as_of": board.as_of,
        "value": float(row.exact or 0),
        "rounded": str(row.value),
        "same_period_last_year": None if row.last_year is None else str(row.last_year),
        "target": None if not row.issued or row.target.value is None else str(row.target.value),
        "left_json": json.dumps(left_of(row), ensure_ascii=False),
        "verdict": row.state,
        "made_of": json.dumps(source),
        "library_version": __version__,
        "computed_at": now(),
    }


def left_of(row: Row) -> dict[str, Any] | None:
    """What is left, as plain words and numbers for JSON."""
    left = row.left
    if left is None:
        return None
    return {
        "kind": left.kind,
        "allowed": left.allowed if isinstance(left.allowed, int) else _text(left.allowed),
        "compared": left.compared if isinstance(left.compared, int) else _text(left.compared),
        "basis": left.basis,
        "first": left.span.first.isoformat(),
        "last": left.span.last.isoformat(),
        "days": left.days,
        "city_days": left.city_days,
        "year_end": _text(left.year_end),
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)
