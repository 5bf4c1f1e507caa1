"""Exact arithmetic on columns: every number is a whole number of a small unit, so no engine can differ.

A recorded value is counted in millionths of its unit (``micro``). A mean of n of them is a fraction; counted in
``QUANTA`` parts of a millionth it is whole again for every n the law admits (20–24 hours of a day, 6–8 hours of an
ozone window), since QUANTA is a common multiple of these. GB/T 8170 then compares twice the remainder with the
divisor. 64-bit integers hold a value of 10 000 in these parts, and the sum of four years of such days.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import ibis
import ibis.expr.types as ir

MICRO = 1_000_000
QUANTA = 212_520
"""Least common multiple of 6, 7, 8, 20, 21, 22, 23 and 24."""

UNIT = MICRO * QUANTA
"""Quanta in one unit of concentration."""


def micro(value: ir.NumericValue) -> ir.IntegerValue:
    """A recorded decimal as whole millionths of its unit (a double holds up to 15 digits faithfully)."""
    return (value * float(MICRO) + 0.5).floor().cast("int64")


def whole_sum(column: ir.IntegerValue) -> ir.IntegerValue:
    """Sum of whole numbers whose total stays below 2**53: a double holds it exactly, and faster than 128 bits."""
    return column.cast("float64").sum().cast("int64")


def quotient(dividend: ir.IntegerValue, divisor: ir.IntegerValue | int) -> ir.IntegerValue:
    """Whole part of dividend / divisor for dividend >= 0, exact over the whole of int64.

    The remainder is taken away first, so that the division comes out even and a double cannot mislead.
    """
    return ((dividend - dividend % divisor) / divisor + 0.25).floor().cast("int64")


def half_even(dividend: ir.IntegerValue, divisor: ir.IntegerValue | int) -> ir.IntegerValue:
    """dividend / divisor rounded to a whole number, ties to the even one (GB/T 8170-2008, 3.2)."""
    remainder = dividend % divisor
    whole = quotient(dividend, divisor)
    up = ibis.cases(
        (remainder * 2 > divisor, 1),
        (remainder * 2 < divisor, 0),
        else_=whole % 2,
    )
    return whole + up.cast("int64")


def mean(total: ir.IntegerValue, count: ir.IntegerValue, smallest: int, largest: int) -> ir.IntegerValue:
    """Mean in quanta of `count` numbers in micro with sum `total`; exact for smallest <= count <= largest.

    Other counts give the nearest part below: such means are shown as incomplete, never judged.
    """
    exact = ibis.cases(
        *[(count == n, total * (QUANTA // n)) for n in range(smallest, largest + 1) if QUANTA % n == 0],
        else_=quotient(total * QUANTA, count),
    )
    return exact.cast("int64")


def steps(quanta: ir.IntegerValue, step: Decimal) -> ir.IntegerValue:
    """Quanta rounded by GB/T 8170 to whole steps of the law's last digit (1 or 0.1 ...)."""
    return half_even(quanta, int(step * UNIT))


def once(table: ir.Table) -> ir.Table:
    """The table as a step of its own: its columns are computed once, not again at each place that uses them.

    Ibis writes neighbouring projections into one another, and engines do not share what stands inside a CASE.
    """
    return table.view()


def per_unit(step: Decimal) -> int:
    """How many steps of the law's last digit make one unit: 1, or 10 for CO."""
    return int(1 / step)


def in_units(quanta: ir.IntegerValue) -> ir.FloatingValue:
    """Quanta as a plain number in the unit of concentration, for showing and storing."""
    return quanta / float(UNIT)


def in_steps(value: Decimal | Fraction, step: Decimal) -> int:
    """A value of the law as whole steps of its last digit; ValueError when it is not a whole number of them."""
    count = Fraction(value) / Fraction(step)
    if count.denominator != 1:
        raise ValueError(f"{value} is not a whole number of steps of {step}")
    return int(count)
