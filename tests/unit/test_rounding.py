"""GB/T 8170 on exact decimals."""

import csv
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.base.rounding import exact, round_half_even

DECIMALS = st.decimals(min_value=-(10**9), max_value=10**9, allow_nan=False, allow_infinity=False, places=6)
DIGITS = st.integers(min_value=-3, max_value=6)


@pytest.mark.shared_data
def test_all_vectors(shared: Path) -> None:
    path = shared / "reference/standards/test_vectors/rounding_gbt8170.csv"
    with path.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) >= 14
    wrong = [row for row in rows if str(round_half_even(row["value"], int(row["decimals"]))) != row["expected"]]
    assert wrong == []


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        ("60.5", 0, "60"),
        ("61.5", 0, "62"),
        ("60.500000000000000000000000000000000001", 0, "61"),
        ("-36.5", 0, "-36"),
        ("4.05", 1, "4.0"),
        (5, 2, "5.00"),
        (Decimal("0.00250"), 4, "0.0025"),
        (Fraction(1, 3), 3, "0.333"),
        (Fraction(2, 3), 0, "1"),
        ("1250", -2, "1.2E+3"),
    ],
)
def test_known_values(value: object, digits: int, expected: str) -> None:
    assert str(round_half_even(value, digits)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [2.675, 1.0, float("nan"), True, None])
def test_floats_are_refused(value: object) -> None:
    with pytest.raises(TypeError, match="exact"):
        round_half_even(value, 1)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["abc", "", "nan", "inf", Decimal("NaN"), Decimal("Infinity"), "1/0"])
def test_no_number_is_refused(value: str | Decimal) -> None:
    with pytest.raises(ValueError, match="no finite"):
        round_half_even(value, 1)


@given(DECIMALS, DIGITS)
def test_error_is_at_most_half_a_step(value: Decimal, digits: int) -> None:
    error = abs(exact(round_half_even(value, digits)) - exact(value))
    assert error <= Fraction(1, 2) / Fraction(10) ** digits


@given(DECIMALS, DIGITS)
def test_idempotent(value: Decimal, digits: int) -> None:
    once = round_half_even(value, digits)
    assert str(round_half_even(once, digits)) == str(once)


@given(st.integers(min_value=-(10**6), max_value=10**6), DIGITS)
def test_ties_go_to_even(steps: int, digits: int) -> None:
    tie = (Fraction(steps) + Fraction(1, 2)) / Fraction(10) ** digits
    rounded = exact(round_half_even(tie, digits)) * Fraction(10) ** digits
    assert rounded % 2 == 0


@given(DECIMALS, DECIMALS, DIGITS)
def test_order_is_kept(one: Decimal, other: Decimal, digits: int) -> None:
    low, high = sorted((one, other))
    assert round_half_even(low, digits) <= round_half_even(high, digits)


@given(DECIMALS, DIGITS)
def test_symmetric_about_zero(value: Decimal, digits: int) -> None:
    assert round_half_even(-value, digits) == -round_half_even(value, digits)
