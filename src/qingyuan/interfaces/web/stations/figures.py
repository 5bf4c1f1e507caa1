"""The four key figures of a station or city: newest AQI, good days, PM2.5 of the year, valid data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from qingyuan.domains.air.law import ITEMS, most_values
from qingyuan.standards.grading import GOOD_UP_TO

Row = dict[str, Any]


@dataclass(frozen=True)
class Figures:
    """newest: result of the newest day or None; good and judged: days; share: valid values, in percent."""

    newest: Row | None
    good: int
    judged: int
    pm25: Row | None
    share: float | None


def figures_of(days: list[Row], last: date, evaluated: list[Row]) -> Figures:
    """Key figures of a year so far; days are its daily results, evaluated its statistics."""
    judged = [row for row in days if row["aqi"] is not None]
    pm25 = next((r for r in evaluated if (r["property"], r["statistic"]) == ("pm25", "mean")), None)
    return Figures(
        next((row for row in days if row["day"] == last), None),
        sum(row["aqi"] <= GOOD_UP_TO for row in judged),
        len(judged),
        pm25,
        valid_share(days),
    )


def valid_share(days: list[Row]) -> float | None:
    """Share of hours with a valid value in all hours due, in percent; for a city of the days with a value."""
    if not days:
        return None
    if days[0]["kind"] == "city":
        known = sum(row[item] is not None for row in days for item in ITEMS)
        return 100 * known / (len(days) * len(ITEMS))
    due = sum(most_values(item) for item in ITEMS) * len(days)
    return 100 * sum(row[f"{item}_hours"] or 0 for row in days for item in ITEMS) / due
