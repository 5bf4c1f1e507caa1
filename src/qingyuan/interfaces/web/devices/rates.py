"""Rates of a day: what was to come, what came, what of it is valid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Rates:
    """In percent: of the values due those received, of the received those valid, of those due the valid."""

    transmission: float | None
    valid: float | None
    both: float | None


def of_day(day: date) -> Mapping[str, Rates]:
    """Rates by MN; none where the ledger of that day was not made."""
    return {}
