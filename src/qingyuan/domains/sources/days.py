"""Hours → the days of an outlet: corrected hours of gas averaged, readings of water weighted by their flow.

Value and measured are in micro, amounts in ug, volume in micro of m3.
"""

from __future__ import annotations

import ibis

from qingyuan.assessments.declaration import Extent, Options
from qingyuan.assessments.exact import half_even, whole_sum
from qingyuan.domains.sources import amounts, methods
from qingyuan.domains.sources.hours import Hours, outlet_table
from qingyuan.domains.sources.items import GAS, UNWEIGHED, WATER
from qingyuan.domains.sources.readings import beside, only_where, readings, settled
from qingyuan.standards import law

DAY_COLUMNS = [
    "point", "property", "day", "value", "measured", "valid", "count", "due", "volume", "amount", "substitute",
    "stood_in", "tagged", "water_temperature", "trouble", "reason",
]  # fmt: skip
LARGEST_LOAD = 3e17
"""Concentration (micro) x litres an hour beyond which no outlet is: 300 t of a pollutant an hour."""


def outlet_days(
    observations: ibis.Table, hours: Hours, amounts_: ibis.Table, extent: Extent, options: Options
) -> ibis.Table:
    """Days of all pollutants but pH: DAY_COLUMNS. Days given as such stand in where the hours are not given."""
    parts = [gas_days(hours, amounts_, extent), water_days(hours, extent, options)]
    if "24h" in extent.averagings:
        made = ibis.union(*[part.select("point", "property", "day") for part in parts])
        parts.append(_given(observations, options).anti_join(made, ["point", "property", "day"]))
    return ibis.union(*[part.select(*DAY_COLUMNS) for part in parts])


def gas_days(hours: Hours, weighed: ibis.Table, extent: Extent) -> ibis.Table:
    """Mean of the corrected hours of a day, valid with 20 (HJ 75); hours without flow or tagged do not count."""
    rows = hours.rows.filter(hours.rows.gas)
    counts = rows.valid & rows.value.notnull() & rows.tag.isnull() & rows.running
    rows = settled(rows, day=rows.hour.truncate("D").cast("timestamp"), counts=counts.fill_null(False))
    days = rows.group_by("point", "property", "day").agg(
        total=whole_sum(only_where(rows.counts, rows.value)),
        measured_total=whole_sum(only_where(rows.counts, rows.measured)),
        count=rows.counts.cast("int64").sum(),
        tagged=rows.tag.notnull().cast("int64").sum(),
        standing=(~rows.running).all(),
        volume=whole_sum(rows.dry_flow),
        trouble=rows.trouble.max(),
        uncorrected=rows.correction.max(),
    )
    weighed = weighed.mutate(day=weighed.hour.truncate("D").cast("timestamp"))
    sums = weighed.group_by("point", "property", "day").agg(
        amount=weighed.amount.sum().cast("int64"),
        substitute=weighed.substitute.sum().cast("int64"),
        stood_in=weighed.substitute.notnull().cast("int64").sum(),
    )
    days = beside(sums, days, "point", "property", "day").view()
    enough = int(law.number("HJ 75", "24h.min_hours", on=extent.last))
    count = days["count"].fill_null(0)
    unknown = (days.uncorrected == "unknown_reference_oxygen").fill_null(False)
    return settled(
        days,
        value=half_even(days.total, count.nullif(0)),
        measured=half_even(days.measured_total, count.nullif(0)),
        valid=(count >= enough) & ~unknown,
        count=count,
        due=ibis.literal(24, "int64"),
        tagged=days.tagged.fill_null(0),
        water_temperature=ibis.null("int64"),
        reason=ibis.cases(
            (days.standing.fill_null(False), "no flow: no daily mean"),
            (unknown, "the reference oxygen of the outlet is not known"),
            (count < enough, "fewer than 20 valid hours"),
            else_=ibis.null("string"),
        ),
    )


def water_days(hours: Hours, extent: Extent, options: Options) -> ibis.Table:
    """Mean of a day's readings weighted by flow, valid with 75 % of those due (HJ 356).

    Due are 24 where readings come in even and odd hours, else the 12 of one every 2 hours (HJ 355), or what the
    outlet says.
    """
    rows = _weighted(hours)
    days = rows.group_by("point", "property", "day").agg(
        load=only_where(rows.weighted, rows.load).sum().cast("int64"),
        weight=only_where(rows.weighted, rows.weight).sum().cast("int64"),
        total=whole_sum(only_where(rows.good, rows.micro)),
        count=rows.good.cast("int64").sum(),
        weighted=rows.weighted.cast("int64").sum(),
        manual=rows.by_hand.cast("int64").sum(),
        manual_total=whole_sum(only_where(rows.by_hand, rows.micro)),
        due_said=rows.due.max(),
        each_hour=rows.parity.nunique() > 1,
        tagged=rows.tag.notnull().cast("int64").sum(),
        trouble=rows.trouble.max(),
    )
    volumes = _volumes(hours)
    days = _valid_water(beside(days, volumes, "point", "day").view(), extent)
    return _with_amounts(days, extent, options)


def _with_amounts(days: ibis.Table, extent: Extent, options: Options) -> ibis.Table:
    rows = amounts.water_days(days, extent, options)
    return rows.mutate(
        valid=rows.valid.fill_null(False),
        count=rows["count"].fill_null(0),
        tagged=rows.tagged.fill_null(0),
        stood_in=rows.substitute.notnull().cast("int64"),
        measured=rows.value,
        trouble=rows.trouble.fill_null(""),
        reason=ibis.coalesce(rows.reason, only_where(rows["count"].isnull(), ibis.literal("no reading"))),
    )


def _weighted(hours: Hours) -> ibis.Table:
    """Readings of water with the flow they stand for: of their hour, and of the next where that has no reading."""
    rows = hours.rows.filter(hours.rows.property.isin([item for item in WATER if item != "ph"]))
    own = ibis.window(group_by=("point", "property"), order_by="hour")
    following = rows.hour.lead().over(own)
    flows = hours.stream
    later = flows.select("point", hour=flows.hour - ibis.interval(hours=1), flow_next=flows.flow)
    rows = settled(rows, alone=(following != rows.hour + ibis.interval(hours=1)).fill_null(True))
    rows = beside(rows, later, "point", "hour")
    weight = half_even(rows.flow + rows.alone.ifelse(rows.flow_next.fill_null(0), 0), 1000)
    rows = settled(
        rows,
        day=rows.hour.truncate("D").cast("timestamp"),
        parity=rows.hour.hour() % 2,
        good=rows.valid & rows.micro.notnull() & rows.tag.isnull(),
        by_hand=((rows.mark == "manual") & rows.micro.notnull()).fill_null(False),
        weight=weight,
    )
    fits = rows.micro.cast("float64") * rows.weight.cast("float64") < LARGEST_LOAD
    return settled(
        rows,
        weighted=(rows.good & fits).fill_null(False),
        load=only_where(fits.fill_null(False), rows.micro * rows.weight),
    )


def _volumes(hours: Hours) -> ibis.Table:
    """Water of a day: the sum of its hourly flows, each standing for two hours where they come every two."""
    flows = hours.stream.mutate(
        day=hours.stream.hour.truncate("D").cast("timestamp"), parity=hours.stream.hour.hour() % 2
    )
    days = flows.group_by("point", "day").agg(
        total=whole_sum(flows.flow),
        parities=only_where(flows.flow.notnull(), flows.parity).nunique(),
        warmth=whole_sum(flows.water_temperature),
        warm=flows.water_temperature.count(),
    )
    return days.select(
        "point",
        "day",
        volume=days.total * (days.parities == 1).ifelse(2, 1),
        water_temperature=half_even(days.warmth, days.warm.nullif(0)),
    )


def _valid_water(days: ibis.Table, extent: Extent) -> ibis.Table:
    share = int(law.number("HJ 356", "24h.min_share", on=extent.last))
    interval = int(law.number("HJ 355", "readings.interval", on=extent.last))
    due = ibis.coalesce(days.due_said, days.each_hour.ifelse(24, 24 // interval)).cast("int64")
    days = settled(days, due=due)
    enough = days["count"] * 100 >= days.due * share
    unweighed = days.weighted * 100 < days["count"] * share
    days = settled(days, enough=enough, unweighed=unweighed, nought=(days.volume == 0).fill_null(False))
    plain, weighted = half_even(days.total, days["count"].nullif(0)), methods.flow_weighted(days.load, days.weight)
    # a period out of order, sampled by hand often enough: the mean of the samples (HJ 356, 8)
    samples = int(law.number("HJ 356", "manual.min_samples", on=extent.last))
    sampled = ~days.enough & (days.manual >= samples)
    by_hand = half_even(days.manual_total, days.manual.nullif(0))
    automatic = days.unweighed.ifelse(plain, weighted)
    days = settled(days, value=only_where(~days.nought, sampled.ifelse(by_hand, automatic)), sampled=sampled)
    valid = (days.sampled | (days.enough & ~days.unweighed)) & ~days.nought & days.value.notnull()
    return settled(
        days,
        valid=valid.fill_null(False),
        weighable=~days.property.isin(UNWEIGHED),
        reason=ibis.cases(
            (days.nought, "no flow: no daily mean"),
            (days.sampled, "the mean of samples taken by hand"),
            (~days.enough, "fewer than 75 % of the readings due"),
            (days.unweighed, "no flow given: the mean is not weighted by flow, so it is not judged"),
            else_=ibis.null("string"),
        ),
    )


def _given(observations: ibis.Table, options: Options) -> ibis.Table:
    """Days given as such. A day's mean of gas is never corrected for oxygen: where it should be, it is not judged."""
    rows = readings(observations, ("24h",), options)
    rows = rows.filter(rows.property.isin([item for item in (*GAS, *WATER) if item != "ph"]))
    rows = beside(rows, outlet_table(options.outlets), "point")
    rule = rows.oxygen_rule.fill_null("no")
    correctable = rows.property.isin(GAS) & (rule != "no") & (rows.state != "corrected")
    micro = only_where(rows.good, rows.micro)
    empty = {name: ibis.null("int64") for name in ("count", "due", "volume", "amount", "substitute", "stood_in")}
    return rows.mutate(
        day=rows.phenomenon_time.cast("timestamp"),
        value=only_where(~correctable, micro),
        measured=micro,
        valid=rows.good & ~correctable,
        tagged=rows.tag.notnull().cast("int64"),
        water_temperature=ibis.null("int64"),
        trouble=rows.trouble.fill_null("the outlet is not in the site file: no standard and no limit is known"),
        reason=ibis.cases(
            (correctable, "a day's mean is never corrected for oxygen: give the hours"),
            (~rows.good, "the value is marked as not usable"),
            (rows.tag.notnull(), "the plant was not in normal running"),
            else_=ibis.null("string"),
        ),
        **empty,
    )
