"""An individual index written out with the numbers in it (HJ 633, formula 1)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from qingyuan.base.rounding import round_half_even
from qingyuan.domains.air.methods import individual_index
from qingyuan.standards.records import Breakpoints


@dataclass(frozen=True)
class Formula:
    """The interval used (index of its upper end in the table), the sum in words, and the whole index.

    interval: None where the concentration lies beyond the table. index: None where the edition computes none.
    """

    interval: int | None
    text: str
    index: int | None


def formula_of(value: Decimal, table: Breakpoints) -> Formula:
    """The formula of a rounded concentration in a column of the index table."""
    value = value.quantize(table.step)
    index = individual_index(value, table)
    if value > table.values[-1]:
        return Formula(None, f"{value:f} > {table.values[-1]:f} → {'—' if index is None else index}", index)
    upper = next(i for i, mark in enumerate(table.values) if i and value <= mark)
    low, high = table.values[upper - 1], table.values[upper]
    below, above = table.index[upper - 1], table.index[upper]
    exact = Fraction(above - below) / Fraction(high - low) * Fraction(value - low) + below
    shown = _shown(exact)
    sum_of = f"({above}−{below})/({high:f}−{low:f})×({value:f}−{low:f})+{below}"
    return Formula(upper, f"{sum_of} = {shown} → {index}", index)


def _shown(exact: Fraction) -> str:
    """Two decimals at most; more digits than that exist where the sign says about."""
    rounded = round_half_even(exact, 2)
    text = f"{rounded:f}".rstrip("0").rstrip(".")
    return text if Fraction(rounded) == exact else f"{rounded:f}…"
