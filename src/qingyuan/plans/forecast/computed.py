"""The forecast of the plan's computed indicators: their daily values as histories, their targets as aims."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from qingyuan.base.rounding import round_half_even
from qingyuan.plans.budget import half_digit
from qingyuan.plans.facts import Indicator, Target
from qingyuan.plans.forecast.rest import Kind
from qingyuan.plans.forecast.yearend import Aim, TooShort, YearEnd, forecast
from qingyuan.plans.indicators import CityDay
from qingyuan.plans.measures import MEASURES

if TYPE_CHECKING:
    from qingyuan.plans.forecast.history import History


def kind_of(indicator: Indicator) -> Kind:
    """Whether the indicator is a mean of cities' means, or a share of city-days."""
    return "mean" if _bad_above(indicator) is None else "share"


def _bad_above(indicator: Indicator) -> int | None:
    if indicator.method is None:
        raise ValueError(f"indicator {indicator.no} is not computed")
    return MEASURES[indicator.method.by].bad_above


def history_of(indicator: Indicator, rows: Sequence[CityDay]) -> History | None:
    """The indicator's daily values of each city; None when no row has a valid one."""
    from qingyuan.plans.forecast.history import of_records

    bound = _bad_above(indicator)
    if bound is None:
        records = [(row.city, row.day, float(row.pm25)) for row in rows if row.pm25 is not None]
    else:
        records = [(row.city, row.day, float(row.aqi > bound)) for row in rows if row.aqi is not None]
    return of_records(records) if records else None


def aim_of(indicator: Indicator, target: Target) -> Aim | None:
    """The bound of the value before rounding: within half a digit of the target it is published as the target."""
    if target.value is None or indicator.direction not in ("down", "up"):
        return None
    half = float(half_digit(indicator.decimals))
    outwards = half if (indicator.direction == "down") != (target.bound == "above") else -half
    return Aim(float(target.value) + outwards, "up" if indicator.direction == "up" else "down")


def published(indicator: Indicator, value: float) -> Decimal:
    """A forecast as it is published: with the indicator's decimals, rounded by GB/T 8170."""
    return round_half_even(Fraction(value), indicator.decimals)


def year_end(
    indicator: Indicator, target: Target, history: History | None, origin: date, end: date | None = None
) -> YearEnd | TooShort:
    """The indicator at the year's end (or another day of the year), as seen at the end of `origin`."""
    if history is None:
        return TooShort("nothing_this_year")
    aim = aim_of(indicator, target)
    return forecast(history, origin, kind_of(indicator), aim, indicator.direction, end)
