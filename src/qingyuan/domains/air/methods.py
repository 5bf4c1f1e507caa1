"""Formulas of ambient air quality, named after their clauses: columns in, columns out.

Concentrations come as whole steps of the law's last digit or as quanta (see ``assessments.exact``); limits and
breakpoints are passed in, so that a formula never knows which edition it serves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from math import ceil
from operator import add, or_

import ibis
import ibis.expr.types as ir

from qingyuan.assessments.exact import QUANTA, half_even, in_steps
from qingyuan.standards.law import Breakpoints, Level

MDA8_WINDOW = 8


def iaqi(steps: ir.IntegerValue, table: Breakpoints) -> ir.IntegerValue:
    """Individual air quality index: linear between breakpoints, rounded up (HJ 633, formula 1).

    steps: concentration in whole steps of the law's last digit (1 ug/m3; 0.1 mg/m3 for CO); null stays null.
    Above the last breakpoint the table's own rule holds: its index, or null where the edition computes none.
    """
    marks = [in_steps(value, table.step) for value in table.values]
    branches: list[tuple[ir.BooleanValue, ir.IntegerValue | int]] = [(steps <= marks[0], table.index[0])]
    for low, high, below, above in zip(marks, marks[1:], table.index, table.index[1:], strict=False):
        rise = (steps - low) * (above - below)
        branches.append((steps <= high, (rise + (high - low - 1)) // (high - low) + below))
    top = ibis.null("int64") if table.above is None else ibis.literal(table.above)
    branches.append((steps > marks[-1], top))
    return ibis.cases(*branches).cast("int64")


def individual_index(value: Decimal, table: Breakpoints) -> int | None:
    """The same index for a single rounded concentration, in exact decimals (HJ 633, formula 1)."""
    if value > table.values[-1]:
        return table.above
    for low, high, below, above in zip(table.values, table.values[1:], table.index, table.index[1:], strict=False):
        if value <= high:
            rise = (value - low) * (above - below)
            return below + ceil(Fraction(rise) / Fraction(high - low))
    return None


def aqi(
    indices: Sequence[ir.IntegerValue], *, lacking: Sequence[ir.BooleanValue], complete_only_up_to: int | None
) -> ir.IntegerValue:
    """Air quality index: the largest individual index (HJ 633, formula 2); null when there is none.

    lacking: for each item, whether it is due and missing. complete_only_up_to: with one lacking, an index not above
    this is withheld (100 in HJ 633-2026, none in 2012).
    """
    largest = ibis.greatest(*indices)
    if complete_only_up_to is None:
        return largest
    incomplete = reduce(or_, lacking)
    return (incomplete & (largest <= complete_only_up_to)).ifelse(ibis.null("int64"), largest)


def level(index: ir.IntegerValue, levels: Sequence[Level]) -> ir.IntegerValue:
    """Level 1–6 of an index (HJ 633, table of levels); null stays null."""
    ranked = sorted(levels, key=lambda each: each.level)
    return ibis.cases(*[(index <= each.high, each.level) for each in ranked]).cast("int64")


def primary(index: ir.IntegerValue, items: Mapping[str, ir.IntegerValue], *, above: int) -> ir.StringValue:
    """Primary pollutants: the items whose index equals an AQI over 50, joined by ``;`` (HJ 633, 3.x); else empty."""
    marks = [(value == index).fill_null(False).ifelse(f";{slug}", "") for slug, value in items.items()]
    joined = reduce(add, marks)
    return (index > above).fill_null(False).ifelse(joined.substr(1), "")


def window_means(hours: Sequence[ir.IntegerValue], *, minimum: int, first_end: int) -> list[ir.IntegerValue]:
    """Means in quanta of the 8-hour windows ending `first_end`:00 … 24:00 of one day; null with too few hours.

    hours: the 24 hourly values in micro, hour 0 first, null where missing (HJ 663; GB 3095 table 4: >= 6 of 8).
    """
    means = []
    for end in range(first_end, 25):
        window = hours[end - MDA8_WINDOW : end]
        count = reduce(add, [hour.notnull().cast("int64") for hour in window])
        total = reduce(add, [hour.fill_null(0) for hour in window])
        admitted = [(count == n, total * (QUANTA // n)) for n in range(minimum, MDA8_WINDOW + 1)]
        means.append(ibis.cases(*admitted).cast("int64"))
    return means


def mda8(windows: Sequence[ir.IntegerValue]) -> tuple[ir.IntegerValue, ir.IntegerValue]:
    """Largest valid 8-hour mean of the day in quanta (null without any), and the number of valid windows."""
    count = reduce(add, [window.notnull().cast("int64") for window in windows])
    return ibis.greatest(*windows), count


def percentile(ranked: ir.Table, share: ir.IntegerValue) -> tuple[ir.IntegerValue, ir.IntegerValue]:
    """Position of a percentile in n ranked values: k = 1 + (n-1)·p; whole part and hundredths (HJ 663 annex A).

    ranked: has column ``n``; share: p in percent. The value is x[s] + (x[s+1]-x[s])·hundredths/100.
    """
    span = (ranked.n - 1) * share
    return span // 100 + 1, span % 100


def exceed_multiple(steps: ir.IntegerValue, limit: ir.IntegerValue) -> ir.FloatingValue:
    """Over-limit multiple (C - S)/S to two decimals; null where the limit holds (HJ 663)."""
    hundredths = half_even((steps - limit) * 100, limit)
    return (steps > limit).ifelse(hundredths / 100.0, ibis.null("float64"))
