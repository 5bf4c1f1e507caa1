"""Divisions as the plan speaks of them: the province, or one prefecture-level city."""

from __future__ import annotations

from qingyuan.base.errors import WrongUsage


def normal(division: str) -> str:
    """``22``, ``220000`` → ``22`` (a province); ``2201``, ``220100`` → ``220100`` (a city).

    WrongUsage for what is neither.
    """
    digits = division[:-4] if len(division) == 6 and division.endswith("0000") else division
    if digits.isdigit() and len(digits) == 2:
        return digits
    if digits.isdigit() and len(digits) in (4, 6):
        return f"{digits[:4]}00"
    raise WrongUsage(f"{division!r} is no province or city", "Give a code such as 22 or 220100")


def covers(division: str, city: str) -> bool:
    """Whether a city belongs to the (normal) division."""
    return city == division if len(division) == 6 else city.startswith(division)


def exact(division: str) -> str:
    """As `normal`, but a county (``220122``), township or grid stays its county. WrongUsage for what is none."""
    digits = division[:6]
    if digits.isdigit() and len(digits) == 6 and not digits.endswith("00"):
        return digits
    return normal(division)


def six(division: str) -> str:
    """The six digits of a province (``22``), a city or a county."""
    return division.ljust(6, "0")


def is_county(division: str) -> bool:
    """Whether an exact division is a county."""
    return len(division) == 6 and not division.endswith("00")
