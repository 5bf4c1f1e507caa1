"""Rates of a day: what was to come, what came, what of it is valid; from the ledgers kept beside the observations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from qingyuan.gateway.models import Device
from qingyuan.interfaces.web import context
from qingyuan.observations import ledgers

Row = dict[str, Any]
JUDGED = "1h"
"""The averaging whose values the rates of a device are made of."""


@dataclass(frozen=True)
class Rates:
    """In percent: of the values due those received, of the received those valid, of those due the valid."""

    transmission: float | None
    valid: float | None
    both: float | None


def of_row(row: Row) -> Rates | None:
    """Rates of a device's day; None when nothing was due."""
    shares = [row[name] for name in ("transmission_rate", "valid_rate", "effective_rate")]
    return Rates(*[None if share is None else 100 * share for share in shares]) if shares[0] is not None else None


def of_day(day: date) -> Mapping[str, Rates]:
    """Rates by MN; none where the ledger of that day was not made."""
    found = {point: of_row(row) for (point, _day), row in days(day, day).items()}
    devices = {each.mn: found.get((each.dataset, each.place)) for each in Device.objects.all()}
    return {mn: rates for mn, rates in devices.items() if rates}


def days(first: date, last: date) -> dict[tuple[tuple[str, str], date], Row]:
    """The ledgers of all datasets by (dataset, point) and day."""
    return {
        ((dataset.slug, row["point"]), row["day"]): row
        for dataset in context.datasets()
        for row in _kept(dataset.path, ledgers.standing(dataset.path), first, last)
    }


@lru_cache(maxsize=32)
def _kept(dataset: Path, _standing: int, first: date, last: date) -> list[Row]:
    return ledgers.days(dataset, first, last, JUDGED)
