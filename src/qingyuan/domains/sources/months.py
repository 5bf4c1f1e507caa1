"""Days → months: the monthly mean, the amounts of the month and of the year so far against what is permitted."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from qingyuan import __version__
from qingyuan.assessments.declaration import Extent, Options
from qingyuan.assessments.engines import small_table
from qingyuan.assessments.exact import half_even, whole_sum
from qingyuan.domains.sources import methods
from qingyuan.domains.sources.amounts import KG, gas_hours
from qingyuan.domains.sources.days import LARGEST_LOAD, outlet_days
from qingyuan.domains.sources.hours import outlet_hours
from qingyuan.domains.sources.items import GAS
from qingyuan.domains.sources.judged import concentration, unit_of
from qingyuan.domains.sources.readings import beside, only_where, settled
from qingyuan.standards import law

PERMITTED = pa.schema([("point", pa.string()), ("property", pa.string()), ("permitted", pa.float64())])
SERIES = ("point", "property")


def monthly(observations: ibis.Table, extent: Extent, options: Options) -> ibis.Table:
    """``sources.monthly``: one row a point, pollutant and month.

    Gas: mean of the valid days, with 25 of them (February 23; HJ 75). Water: weighted by the flow of the days, with
    75 % of the days of the month (HJ 356). Amounts are the measured and the substituted ones; year_kg is what the
    year has emitted up to the month, as far as the series goes.
    """
    hours = outlet_hours(observations, extent, options)
    days = outlet_days(observations, hours, gas_hours(hours, extent), extent, options)
    months = _with_means(_grouped(days), extent)
    permitted = small_table(
        [
            {"point": outlet.point, "property": item, "permitted": float(tons) * 1000}
            for outlet in options.outlets
            for item, tons in outlet.permitted
        ],
        PERMITTED,
    )
    months = beside(months, permitted, *SERIES).mutate(year=months.month.truncate("Y"))
    so_far = ibis.cumulative_window(group_by=(*SERIES, "year"), order_by="month")
    total = months.amount.fill_null(0) + months.substitute.fill_null(0)
    months = settled(months, year_kg=total.sum().over(so_far) / KG)
    return months.select(
        *SERIES,
        "valid",
        "permitted",
        "year_kg",
        phenomenon_time=months.month,
        value=concentration(months.value),
        unit=unit_of(months.property),
        amount_kg=months.amount / KG,
        substituted_kg=months.substitute / KG,
        permitted_kg=months.permitted,
        permitted_share=months.year_kg / months.permitted.nullif(0.0),
        over=months.year_kg > months.permitted,
        completeness=months.days_valid,
        due=months.due,
        **_cited(months, extent),
        library_version=ibis.literal(__version__),
    )


def _grouped(days: ibis.Table) -> ibis.Table:
    weight = (days.volume // 10_000).fill_null(0)
    fits = days.value.cast("float64") * weight.cast("float64") < LARGEST_LOAD / 31
    days = settled(
        days,
        month=days.day.truncate("M").cast("timestamp"),
        weight=weight,
        counts=(days.valid & days.value.notnull()).fill_null(False),
        fits=fits.fill_null(False),
    )
    return days.group_by(*SERIES, "month").agg(
        total=whole_sum(only_where(days.counts, days.value)),
        load=only_where(days.counts & days.fits, days.value * days.weight).sum().cast("int64"),
        weight=only_where(days.counts & days.fits, days.weight).sum().cast("int64"),
        days_valid=days.counts.cast("int64").sum(),
        amount=days.amount.sum().cast("int64"),
        substitute=days.substitute.sum().cast("int64"),
    )


def _with_means(months: ibis.Table, extent: Extent) -> ibis.Table:
    gas = months.property.isin(GAS)
    usual, february = (
        int(law.number("HJ 75", name, on=extent.last)) for name in ("month.min_days", "month.min_days_february")
    )
    share = int(law.number("HJ 356", "month.min_share", on=extent.last))
    length = (months.month + ibis.interval(months=1) - ibis.interval(days=1)).day().cast("int64")
    enough = gas.ifelse(
        months.days_valid >= (months.month.month() == 2).ifelse(february, usual),
        months.days_valid * 100 >= length * share,
    )
    plain = half_even(months.total, months.days_valid.nullif(0))
    value = gas.ifelse(plain, methods.flow_weighted(months.load, months.weight))
    months = settled(months, enough=enough, value=value, due=length)
    return settled(months, valid=(months.enough & months.value.notnull()).fill_null(False))


def _cited(months: ibis.Table, extent: Extent) -> dict[str, ir.Value]:
    gas = months.property.isin(GAS)
    air, water = (
        law.rule(*name, on=extent.last) for name in (("HJ 75", "month.min_days"), ("HJ 356", "month.min_share"))
    )
    return {
        "clause": gas.ifelse(air.citation, water.citation),
        "edition": gas.ifelse(air.edition, water.edition),
        "confidence": gas.ifelse(air.confidence, water.confidence),
    }
