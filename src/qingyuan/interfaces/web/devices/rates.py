"""Rates of a day: what was to come, what came, what of it is valid; from the ledgers kept beside the observations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
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


def of_rows(rows: Iterable[Row]) -> Rates | None:
    """Rates of a device's hourly values over its properties; None when nothing was due."""
    due = [row for row in rows if row["averaging"] == JUDGED and row["expected"]]
    if not due:
        return None
    return Rates(*[_mean([row[name] for row in due]) for name in ("transmission_rate", "valid_rate", "effective_rate")])


def _mean(shares: list[float | None]) -> float | None:
    known = [share for share in shares if share is not None]
    return 100 * sum(known) / len(known) if known else None


def of_day(day: date) -> Mapping[str, Rates]:
    """Rates by MN; none where the ledger of that day was not made."""
    by_point: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for dataset in context.datasets():
        for row in _kept(dataset.path, _written(dataset.path), day):
            by_point[dataset.slug, row["point"]].append(row)
    found = {each.mn: of_rows(by_point[each.dataset, each.place]) for each in Device.objects.all()}
    return {mn: rates for mn, rates in found.items() if rates}


def _written(dataset: Path) -> int:
    log = dataset / "ledger" / "_delta_log"
    return log.stat().st_mtime_ns if log.exists() else 0


@lru_cache(maxsize=16)
def _kept(dataset: Path, _at: int, day: date) -> list[Row]:
    return ledgers.kept(dataset, day, day)
