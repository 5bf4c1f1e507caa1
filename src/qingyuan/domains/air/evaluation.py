"""Evaluation of a period: means, percentiles, attainment, good days (HJ 663) and the ranking of cities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

import ibis
import pyarrow as pa

from qingyuan import __version__
from qingyuan.assessments.declaration import Extent, Options
from qingyuan.assessments.exact import UNIT, half_even, in_steps, once, per_unit
from qingyuan.base.errors import WrongUsage
from qingyuan.domains.air import methods
from qingyuan.domains.air.indices import aqi_of_days, placed_days
from qingyuan.domains.air.law import ITEMS, eras, step
from qingyuan.standards import law
from qingyuan.standards.grading import GOOD_UP_TO, HEAVY_ABOVE
from qingyuan.standards.law import Limit

Period = tuple[date, date]
"""First and last day, both included."""


class Statistic(NamedTuple):
    """One statistic of an item over a period, and the averaging of the limit it is judged by."""

    item: str
    name: str
    percent: int | None
    judged_by: str


STATISTICS = (
    Statistic("so2", "mean", None, "annual"),
    Statistic("so2", "p98", 98, "24h"),
    Statistic("no2", "mean", None, "annual"),
    Statistic("no2", "p98", 98, "24h"),
    Statistic("pm10", "mean", None, "annual"),
    Statistic("pm10", "p95", 95, "24h"),
    Statistic("co", "p95", 95, "24h"),
    Statistic("o3", "p90", 90, "mda8"),
    Statistic("pm25", "mean", None, "annual"),
    Statistic("pm25", "p95", 95, "24h"),
)
"""Annual statistics of the six basic items (HJ 663 table 1)."""


def period(extent: Extent, options: Options) -> Period:
    """First and last day of the period to evaluate: what was asked for, else all days of the series."""
    first, last = options.first or extent.first, options.last or extent.last
    if first > last:
        raise WrongUsage(f"The period begins on {first} but ends on {last}", "Exchange --from and --to")
    return first, last


def whole_months(first: date, last: date) -> int:
    """Number of calendar months that lie wholly in first..last."""
    begins = first.year * 12 + first.month + (first.day > 1)
    after = last + timedelta(days=1)
    return max(0, after.year * 12 + after.month - begins)


def whole_years(first: date, last: date) -> int:
    """Number of calendar years that lie wholly in first..last."""
    return sum(date(y, 1, 1) >= first and date(y, 12, 31) <= last for y in range(first.year, last.year + 1))


def _limit(statistic: Statistic, edition: str, last: date) -> Limit:
    era = eras("GB 3095", edition, Extent(last, last))[-1]
    return law.limit("GB 3095", statistic.item, statistic.judged_by, on=last, edition=era.edition)


def periods_table(periods: Sequence[Period]) -> pa.Table:
    """Periods as rows, each with what the law asks of it: days a month, in February and a year (GB 3095 table 4)."""
    rows = []
    for number, (first, last) in enumerate(periods):
        needed = {
            name: int(law.number("GB 3095", f"annual.{name}", on=last))
            for name in ("min_days", "min_days_per_month", "min_days_february")
        }
        whole = {"months": whole_months(first, last), "years": whole_years(first, last)}
        rows.append(
            {"period": number, "first": midnight(first), "end": midnight(last + timedelta(days=1)), **whole, **needed}
        )
    return pa.Table.from_pylist(rows)


def midnight(day: date) -> datetime:
    """The first moment of a day."""
    return datetime.combine(day, datetime.min.time())


def limits_table(periods: Sequence[Period], edition: str) -> pa.Table:
    """Limits that judge each period's statistics, by the law of its last day: whole steps of each item's last digit."""
    rows = []
    for number, (_, last) in enumerate(periods):
        for each in STATISTICS:
            limit = _limit(each, edition, last)
            rows.append(
                {
                    "period": number,
                    "property": each.item,
                    "statistic": each.name,
                    "limit_steps": in_steps(limit.value, step(each.item)),
                    "quanta_per_step": int(step(each.item) * UNIT),
                    "per_unit": per_unit(step(each.item)),
                    "edition": limit.edition,
                    "clause": limit.citation,
                }
            )
    return pa.Table.from_pylist(rows)


PLACE = ("period", "point")
SERIES = ("period", "point", "property")


def _days_in(values: ibis.Table, periods: ibis.Table) -> ibis.Table:
    valid = values.filter(values.valid)
    return valid.join(periods, [valid.day >= periods["first"], valid.day < periods.end])


def _completeness(days: ibis.Table) -> ibis.Table:
    """Valid days by series, and whether they suffice: in every whole month and every whole year (GB 3095 table 4).

    For less than a month the law has no rule, so nothing is called valid.
    """
    month = days.day.truncate("M")
    told = days.mutate(month=month, whole=(month >= days["first"]) & (month + ibis.interval(months=1) <= days.end))
    told = told.mutate(needed=(month.month() == 2).ifelse(told.min_days_february, told.min_days_per_month))
    monthly = told.group_by(*SERIES, "month", "whole", "needed", "months", "years", "min_days").agg(
        days=told.day.count()
    )
    met = (monthly.whole & (monthly.days >= monthly.needed)).cast("int64")
    totals = monthly.group_by(*SERIES, "months", "years", "min_days").agg(days_valid=monthly.days.sum(), met=met.sum())
    return totals.select(
        *SERIES,
        "days_valid",
        sufficient=(totals.months > 0)
        & (totals.met == totals.months)
        & (totals.days_valid >= totals.min_days * totals.years),
    )


def _means(days: ibis.Table) -> ibis.Table:
    items = [each.item for each in STATISTICS if each.percent is None]
    rows = days.filter(days.property.isin(items))
    sums = rows.group_by(*SERIES).agg(numerator=rows.quanta.sum(), divisor=rows.quanta.count())
    return sums.select(*SERIES, "numerator", "divisor", statistic=ibis.literal("mean"))


def _percentiles(days: ibis.Table) -> ibis.Table:
    wanted = [each for each in STATISTICS if each.percent is not None]
    rows = days.filter(days.property.isin([each.item for each in wanted]))
    ranked = rows.group_by(*SERIES).agg(sorted=rows.quanta.collect().sort(), n=rows.quanta.count())
    share = ibis.cases(*[(ranked.property == each.item, each.percent) for each in wanted])
    whole, hundredths = methods.percentile(ranked, share)
    # Spark takes a position in an array as 32 bits only
    places = {"at": (whole - 1).cast("int32"), "next": ibis.least(whole, ranked.n - 1).cast("int32")}
    ranked = once(ranked.mutate(**places, hundredths=hundredths))
    lower, upper = ranked.sorted[ranked["at"]], ranked.sorted[ranked["next"]]
    picked = once(ranked.select(*SERIES, "hundredths", lower=lower, upper=upper))
    between = (picked.upper - picked.lower) * picked.hundredths
    name = ibis.cases(*[(picked.property == each.item, each.name) for each in wanted])
    return picked.select(
        *SERIES, numerator=picked.lower * 100 + between, divisor=ibis.literal(100, "int64"), statistic=name
    )


def statistics(values: ibis.Table, periods: ibis.Table, limits: ibis.Table) -> ibis.Table:
    """Statistics of daily concentrations over periods, judged: one row a period, point, item and statistic.

    values: rows of `days.day_values`; periods, limits: see `periods_table` and `limits_table`. The value is made of
    unrounded daily values; ``rounded`` to the law's last digit is what is judged.
    """
    days = _days_in(values, periods)
    made = ibis.union(_means(days), _percentiles(days))
    rows = made.join(_completeness(days), SERIES).join(limits, ["period", "property", "statistic"])
    rows = rows.mutate(divided=rows.divisor * rows.quanta_per_step)
    rows = rows.mutate(steps=half_even(rows.numerator, rows.divided))
    return rows.select(
        *SERIES,
        "statistic",
        value=rows.numerator / rows.divisor / float(UNIT),
        valid=rows.sufficient,
        limit=rows.limit_steps / rows.per_unit,
        attains=rows.steps <= rows.limit_steps,
        exceed_multiple=methods.exceed_multiple(rows.steps, rows.limit_steps),
        days_valid=rows.days_valid,
        rounded=rows.steps / rows.per_unit,
        edition=rows.edition,
        clause=rows.clause,
    )


def _good_days(index: ibis.Table, periods: ibis.Table) -> ibis.Table:
    valid = index.filter(index.valid).select("point", "phenomenon_time", "aqi")
    days = valid.join(periods, [valid.phenomenon_time >= periods["first"], valid.phenomenon_time < periods.end])
    return days.group_by(*PLACE).agg(
        days_aqi=days.aqi.count(), days_good=(days.aqi <= GOOD_UP_TO).sum(), days_heavy=(days.aqi > HEAVY_ABOVE).sum()
    )


def evaluated(values: ibis.Table, index: ibis.Table, periods: ibis.Table, limits: ibis.Table) -> ibis.Table:
    """`statistics` with the days of AQI, good and heavy days of the same place and period."""
    rows = statistics(values, periods, limits)
    joined = rows.left_join(_good_days(index, periods), list(PLACE), rname="{name}_counted")
    return joined.mutate(
        days_aqi=joined.days_aqi.fill_null(0),
        days_good=joined.days_good.fill_null(0),
        days_heavy=joined.days_heavy.fill_null(0),
        library_version=ibis.literal(__version__),
    ).drop("period_counted", "point_counted")


def _judging(extent: Extent, options: Options) -> tuple[ibis.Table, ibis.Table]:
    asked = [period(extent, options)]
    return ibis.memtable(periods_table(asked)), ibis.memtable(limits_table(asked, options.edition))


def evaluation(observations: ibis.Table, extent: Extent, options: Options) -> ibis.Table:
    """Evaluation of points or cities over a period (HJ 663): one row a place, item and statistic."""
    values, dusty = placed_days(observations, extent, options)
    return evaluated(values, aqi_of_days(values, dusty, extent, options), *_judging(extent, options))


def ranking(observations: ibis.Table, extent: Extent, options: Options) -> ibis.Table:
    """Composite index and rank of cities: by the ranking rule, or by HJ 663-2013 annex C (options.rule).

    The two definitions differ for the four items with an annual limit: the ranking rule takes the mean over its
    limit; annex C the larger of the mean's and the percentile's share of their limits. A point without city is its own.
    """
    values, _ = placed_days(observations, extent, replace(options, by="city" if extent.cities else "point"))
    return composite(statistics(values, *_judging(extent, options)), options.rule)


def composite(rows: ibis.Table, rule: str) -> ibis.Table:
    """Composite index from the rows of `statistics` (rule: ranking | hj663_2013)."""
    if rule not in ("ranking", "hj663_2013"):
        raise WrongUsage(f"There is no composite index {rule!r}", "Use ranking or hj663_2013")
    share = rows.value / rows["limit"]
    singles = {}
    for item in ITEMS:
        here = rows.property == item
        counted = here if rule == "hj663_2013" or item in ("co", "o3") else here & (rows.statistic == "mean")
        singles[f"index_{item}"] = share.max(where=counted).round(4)
    cities = rows.group_by("point").agg(**singles, edition=rows.edition.max(), valid=rows.valid.all())
    parts = [cities[name] for name in singles]
    total = sum(parts[1:], parts[0])
    cities = cities.mutate(index=total.round(4), largest=ibis.greatest(*parts))
    main = methods.primary(cities.largest, {item: cities[f"index_{item}"] for item in ITEMS}, above=0)
    ordered = ibis.window(order_by=cities["index"].asc(nulls_first=False))
    rank = cities["index"].notnull().ifelse(ibis.rank().over(ordered) + 1, ibis.null("int64"))
    return cities.select(
        "point", "index", *singles, "valid", "edition", rank=rank, main=main, rule=ibis.literal(rule)
    ).order_by(ibis.asc("rank", nulls_first=False), "point")
