"""Rounding of measured values by GB/T 8170: half to even, on exact decimals.

Binary floats are refused: 2.675 as a double is less than 2.675, so its tie is lost before rounding begins.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction


def round_half_even(value: Decimal | int | str | Fraction, digits: int) -> Decimal:
    """The value with `digits` decimals, a tie going to the even last digit (GB/T 8170).

    value: exact; a text is read as a decimal number. digits: decimals kept, negative for tens, hundreds ...
    TypeError for a float (and bool), ValueError for what is no finite number.
    """
    steps = round(exact(value) * Fraction(10) ** digits)
    return Decimal((int(steps < 0), tuple(map(int, str(abs(steps)))), -digits))


def exact(value: Decimal | int | str | Fraction) -> Fraction:
    """The value as a fraction, without loss.

    TypeError for a float (and bool), ValueError for what is no finite number.
    """
    if isinstance(value, bool) or not isinstance(value, (Decimal, int, str, Fraction)):
        raise TypeError(f"exact decimals only, not {type(value).__name__} {value!r}: pass Decimal, int or str")
    try:
        return Fraction(value)
    except (ValueError, OverflowError, ZeroDivisionError) as problem:
        raise ValueError(f"{value!r} is no finite decimal number") from problem
