"""Evaluation of stored daily results, for pages and plans: the same expressions, compiled once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from qingyuan.assessments.exact import UNIT
from qingyuan.base.small_reads import small_read
from qingyuan.domains.air.evaluation import Period, evaluated, limits_table, periods_table
from qingyuan.domains.air.law import ITEMS

DAYS = {"point": "string", "phenomenon_time": "timestamp(6)", "aqi": "int64", "valid": "boolean"}


def _values(days: ir.Table) -> ir.Table:
    """Stored rows in the long form of `days.day_values`; the stored mean gives its quanta back."""
    parts = []
    for item in ITEMS:
        mean = days[f"{item}_mean"]
        parts.append(
            days.select(
                "point",
                property=ibis.literal(item),
                day=days.phenomenon_time,
                quanta=(mean * float(UNIT)).round().cast("int64"),
                valid=days[item].notnull(),
            )
        )
    return ibis.union(*parts)


@cache
def _compiled() -> str:
    numbers = {name: "float64" for item in ITEMS for name in (item, f"{item}_mean")}
    days = ibis.table({**DAYS, **numbers}, name="days")
    some = [(date(2025, 1, 1), date(2025, 12, 31))]
    periods = ibis.table(ibis.Schema.from_pyarrow(periods_table(some).schema), name="periods")
    limits = ibis.table(ibis.Schema.from_pyarrow(limits_table(some, "by-date").schema), name="limits")
    return str(ibis.to_sql(evaluated(_values(days), days, periods, limits), dialect="duckdb"))


def compile_ahead() -> None:
    """Compile the expressions now, so that the first evaluation of this process does not wait for it."""
    _compiled()


def evaluate_periods(days: pa.Table, periods: Sequence[Period], edition: str = "by-date") -> list[dict[str, Any]]:
    """Evaluate stored rows of ``air.daily_aqi`` over several periods at once (HJ 663).

    Rows as of ``air.evaluation``, with ``first`` and ``last`` of the period, ordered by period, point and item.
    """
    if not periods or not days.num_rows:
        return []
    with small_read() as engine:
        engine.register("days", days)
        engine.register("periods", periods_table(periods))
        engine.register("limits", limits_table(periods, edition))
        # DuckDB sums whole numbers in 128 bits, which Python would see as decimals
        found = engine.execute(
            f"""SELECT * REPLACE (days_valid::BIGINT AS days_valid, days_good::BIGINT AS days_good,
                                  days_heavy::BIGINT AS days_heavy)
                FROM ({_compiled()}) ORDER BY period, point, property, statistic"""
        )
        rows = found.to_arrow_table().to_pylist()
    return [{**row, "first": periods[row["period"]][0], "last": periods[row["period"]][1]} for row in rows]


def evaluate_days(days: pa.Table, first: date, last: date, edition: str = "by-date") -> list[dict[str, Any]]:
    """Evaluate stored rows of ``air.daily_aqi`` over one period."""
    return evaluate_periods(days, [(first, last)], edition)
