"""Hours and days against their limits: the rows of the assessments of sources.

Values are compared as they are, not rounded first (GB/T 8170, judging by the full value). Where something is not
known, over is null and ``reason`` says why; a tag of the plant exempts.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime, time, timedelta

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from qingyuan import __version__
from qingyuan.assessments.declaration import Extent, Options
from qingyuan.assessments.engines import small_table
from qingyuan.assessments.exact import MICRO
from qingyuan.domains.sources import methods
from qingyuan.domains.sources.amounts import KG, gas_hours
from qingyuan.domains.sources.days import outlet_days
from qingyuan.domains.sources.hours import Hours, outlet_hours
from qingyuan.domains.sources.items import GAS, UNWEIGHED, WATER
from qingyuan.domains.sources.law import LimitRow, limit_rows
from qingyuan.domains.sources.readings import beside, only_where, settled
from qingyuan.standards import law, properties

TWELVE = 12 * MICRO
"""Water temperature up to which the bracketed limits of ammonia nitrogen hold (GB 18918)."""

_KINDS = {"str": pa.string(), "bool": pa.bool_(), "date": pa.timestamp("us")}
LIMIT = pa.schema([(field.name, _KINDS.get(str(field.type), pa.int64())) for field in dataclasses.fields(LimitRow)])
UNITS = {item: properties.get(item).at_outlet().unit for item in (*GAS, *WATER)}


def limit_table(extent: Extent, options: Options) -> ibis.Table:
    """All limits of the outlets over the days of a series: columns of LimitRow, days as times (last: the day after)."""
    rows = [dataclasses.asdict(row) for outlet in options.outlets for row in limit_rows(outlet, extent)]
    for row in rows:
        row["first"] = datetime.combine(row["first"], time())
        row["last"] = datetime.combine(row["last"] + timedelta(days=1), time())
    return small_table(rows, LIMIT)


def judge(rows: ibis.Table, averaging: str, extent: Extent, options: Options) -> ibis.Table:
    """Add bound (the limit), lowest, over, over_limit, reason, judging, programme and what is cited to rows.

    rows: point, property, at, value (micro), usable, water_temperature (micro), trouble, obstacle (why not usable).
    """
    table = limit_table(extent, options)
    limits = table.filter(table.averaging == averaging).drop("averaging").rename(limit_point="point", item="property")
    joined = rows.left_join(
        limits,
        [
            rows.point == limits.limit_point,
            rows.property == limits.item,
            rows["at"] >= limits.first,
            rows["at"] < limits.last,
        ],
    )
    warm = only_where(joined.warm.fill_null(False), joined.water_temperature)
    limit = ibis.cases(
        (joined.strict == joined.lax, joined.lax),
        (warm > TWELVE, joined.strict),
        (warm <= TWELVE, joined.lax),
        else_=ibis.null("int64"),
    )
    joined = settled(joined, bound=limit)
    below = (joined.value < joined.lowest).fill_null(False)
    over = ibis.cases(
        (~joined.usable | joined.value.isnull(), ibis.null("boolean")),
        (below, True),
        (joined.bound.notnull(), joined.value > joined.bound),
        (joined.value > joined.lax, True),
        (joined.value <= joined.strict, False),
        else_=ibis.null("boolean"),
    )
    joined = settled(joined, over=over)
    return settled(
        joined,
        over_limit=only_where(
            joined.over & joined.lowest.isnull(),
            methods.over_limit(joined.value, ibis.coalesce(joined.bound, joined.lax)),
        ),
        reason=_reason(joined, averaging),
        **_cited(joined, averaging, extent),
        beyond_programme=only_where(joined.usable, joined.value > joined.programme),
    )


def _cited(rows: ibis.Table, averaging: str, extent: Extent) -> dict[str, ir.Value]:
    """Clause, edition and confidence of the limit; of the rule of the mean where no limit is known."""
    gas = rows.property.isin(GAS)
    names = ("HJ 75", "1h.min_minutes" if averaging == "1h" else "24h.min_hours"), ("HJ 356", "24h.min_share")
    air, water = (law.rule(code, name, on=extent.last) for code, name in names)
    none = rows.limit_point.isnull()
    return {
        "clause": none.ifelse(gas.ifelse(air.citation, water.citation), rows.clause),
        "edition": none.ifelse(gas.ifelse(air.edition, water.edition), rows.edition),
        "confidence": none.ifelse(gas.ifelse(air.confidence, water.confidence), rows.confidence),
    }


def _reason(rows: ibis.Table, averaging: str) -> ir.StringValue:
    cold = "the water temperature is not known, on which the limit depends"
    return ibis.cases(
        (rows.over.notnull(), ibis.null("string")),
        (~rows.usable & rows.obstacle.notnull(), rows.obstacle),
        (rows.strict.isnull() & (rows.trouble != ""), rows.trouble),
        (rows.strict.isnull(), f"no limit of the {averaging} mean is known for this item"),
        (rows.why != "", rows.why),
        (rows.warm.fill_null(False), cold),
        else_=rows.obstacle,
    )


def concentration(micro: ir.IntegerValue) -> ir.FloatingValue:
    """Micro as a plain number of the unit."""
    return micro / float(MICRO)


def unit_of(item: ir.StringValue) -> ir.StringValue:
    """Unit of the concentrations of an item at an outlet."""
    return ibis.cases(*[(item == slug, unit) for slug, unit in UNITS.items()])


def told(rows: ibis.Table) -> dict[str, ir.Value]:
    """The columns every result carries about its limit."""
    return {
        "unit": unit_of(rows.property),
        "limit": concentration(rows.bound),
        "lowest": concentration(rows.lowest),
        "over": rows.over,
        "over_limit": rows.over_limit,
        "reason": rows.reason,
        "programme_limit": concentration(rows.programme),
        "beyond_programme": rows.beyond_programme,
        "clause": rows.clause,
        "edition": rows.edition,
        "confidence": rows.confidence,
        "library_version": ibis.literal(__version__),
    }


def judged_hours(hours: Hours, amounts: ibis.Table, extent: Extent, options: Options) -> ibis.Table:
    """Hours of the pollutants judged by the limits of hourly means, with their amounts."""
    rows = hours.rows
    unknown = rows.correction.isin(("unknown_reference_oxygen", "missing_oxygen", "missing_state"))
    usable = rows.valid & rows.tag.isnull() & rows.running & ~unknown & rows.value.notnull()
    obstacle = ibis.cases(
        (rows.mark.notnull() & ~rows.valid, ibis.literal("monitor: ") + rows.mark),
        (~rows.valid, "fewer than 45 valid minutes"),
        (rows.tag.notnull(), ibis.literal("plant: ") + rows.tag),
        (~rows.running, "no flow"),
        (unknown, ibis.literal("not corrected: ") + rows.correction),
        else_=ibis.null("string"),
    )
    rows = rows.mutate(at=rows.hour, usable=usable.fill_null(False), obstacle=obstacle)
    weighed = amounts.select("point", "property", "hour", "amount", "capture")
    rows = beside(rows, weighed, "point", "property", "hour")
    water = ~rows.gas & ~rows.property.isin(UNWEIGHED) & rows.valid
    rows = settled(
        rows, amount=ibis.coalesce(rows.amount, only_where(water, methods.water_amount(rows.micro, rows.flow)))
    )
    return judge(rows, "1h", extent, options)


def hourly(observations: ibis.Table, extent: Extent, options: Options) -> ibis.Table:
    """``sources.hourly``: one row a point, pollutant and hour."""
    hours = outlet_hours(observations, extent, options)
    rows = judged_hours(hours, gas_hours(hours, extent), extent, options)
    return rows.select(
        "point",
        "property",
        "valid",
        "correction",
        "tag",
        "mark",
        phenomenon_time=rows["at"].cast("timestamp"),
        value=concentration(rows.value),
        measured=concentration(rows.measured),
        oxygen=concentration(rows.oxygen),
        reference_oxygen=concentration(rows.reference),
        flow=concentration(rows.dry_flow),
        amount_kg=rows.amount / KG,
        completeness=rows.minutes,
        **told(rows),
    )


def judged_days(
    observations: ibis.Table, hours: Hours, amounts: ibis.Table, extent: Extent, options: Options
) -> ibis.Table:
    """Days of the pollutants judged by the limits of daily means, with their amounts."""
    days = outlet_days(observations, hours, amounts, extent, options)
    exempt = days["count"].isnull() & (days.tagged > 0)
    usable = days.valid & ~exempt.fill_null(False)
    return judge(days.rename(at="day", obstacle="reason").mutate(usable=usable), "24h", extent, options)


def daily(observations: ibis.Table, extent: Extent, options: Options) -> ibis.Table:
    """``sources.daily``: one row a point, pollutant and day; pH has no daily mean."""
    hours = outlet_hours(observations, extent, options)
    rows = judged_days(observations, hours, gas_hours(hours, extent), extent, options)
    return rows.select(
        "point",
        "property",
        "valid",
        "due",
        phenomenon_time=rows["at"].cast("timestamp"),
        value=concentration(rows.value),
        measured=concentration(rows.measured),
        flow_m3=concentration(rows.volume),
        amount_kg=rows.amount / KG,
        substituted_kg=rows.substitute / KG,
        substituted_hours=rows.stood_in,
        tagged_hours=rows.tagged,
        completeness=rows["count"],
        **told(rows),
    )


def exceedance(observations: ibis.Table, extent: Extent, options: Options) -> ibis.Table:
    """``sources.exceedance``: every interval by which an outlet is judged, whether over or not, or why not judged.

    Hours for gas and pH, days for water and where the standard judges by its daily mean (GB 18485, GB 18484).
    """
    hours = outlet_hours(observations, extent, options)
    amounts = gas_hours(hours, extent)
    by_hour = judged_hours(hours, amounts, extent, options)
    by_day = judged_days(observations, hours, amounts, extent, options)
    by_hour = by_hour.filter(by_hour.judging.fill_null(by_hour.gas | (by_hour.property == "ph")))
    by_day = by_day.filter(by_day.judging.fill_null(~by_day.property.isin(GAS)))
    return ibis.union(_interval(by_hour, "1h"), _interval(by_day, "24h"))


def _interval(rows: ibis.Table, averaging: str) -> ibis.Table:
    count = rows.minutes if averaging == "1h" else rows["count"]
    tag = rows.tag if averaging == "1h" else ibis.null("string")
    return rows.select(
        "point",
        "property",
        "valid",
        averaging=ibis.literal(averaging),
        tag=tag,
        phenomenon_time=rows["at"].cast("timestamp"),
        value=concentration(rows.value),
        completeness=count.cast("int64"),
        **told(rows),
    )
