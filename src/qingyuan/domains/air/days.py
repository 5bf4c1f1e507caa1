"""Hourly records → the day's concentration of each item, with its validity.

Everything stays whole: ``quanta`` (see ``assessments.exact``), ``count`` of hours or windows, ``valid`` by the law.
"""

from __future__ import annotations

from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir

from qingyuan.assessments.declaration import DustPeriod, Extent, Options
from qingyuan.assessments.exact import QUANTA, half_even, in_steps, mean, micro, once, steps, whole_sum
from qingyuan.domains.air import methods
from qingyuan.domains.air.law import DAILY_AVERAGING, by_era, eras, grade2, step
from qingyuan.standards import law

MEAN_ITEMS = ("so2", "no2", "pm10", "co", "pm25")
DUST_ITEMS = ("pm10", "pm25")


def usable(observations: ibis.Table, averaging: str, items: tuple[str, ...]) -> ibis.Table:
    """Unflagged records of one averaging, with ``micro`` and ``day``."""
    rows = observations.filter(
        observations.averaging == averaging, observations.property.isin(items), observations.flag.isnull()
    )
    return rows.mutate(micro=micro(rows.value), day=rows.phenomenon_time.date())


def in_dust(rows: ibis.Table, periods: tuple[DustPeriod, ...], *, whole_day: bool = False) -> ir.BooleanValue:
    """Whether a particle record lies in a declared dust period of its place (supplementary rule of 2016)."""
    marks = []
    for period in periods:
        first, last = ibis.timestamp(period.first), ibis.timestamp(period.last)
        start = rows.phenomenon_time
        end = start + ibis.interval(days=1) if whole_day else start + ibis.interval(hours=1)
        hit = (start < last) & (end > first) & rows.property.isin(DUST_ITEMS)
        if period.place is not None:
            here = rows.point == period.place
            hit &= here | (rows.city == period.place).fill_null(False) if "city" in rows.columns else here
        marks.append(hit)
    return reduce(or_, marks)


def _day_sums(observations: ibis.Table, item: str, options: Options) -> ibis.Table:
    hours = usable(observations, "1h", (item,))
    if options.dust:
        hours = hours.filter(~in_dust(hours, options.dust))
    sums = hours.group_by("point", "day").agg(total=whole_sum(hours.micro), count=hours.micro.count())
    return sums.mutate(property=ibis.literal(item))


def _day_means(observations: ibis.Table, items: tuple[str, ...], extent: Extent, options: Options) -> ibis.Table:
    minimum = int(law.number("GB 3095", "24h.min_hours", on=extent.last))
    # an item at a time: engines find its rows by the file's statistics and group by one name less
    days = _together([_day_sums(observations, item, options) for item in items])
    return days.select(
        "point",
        "property",
        day=days.day.cast("timestamp"),
        quanta=mean(days.total, days["count"], minimum, 24),
        count=days["count"],
        valid=days["count"] >= minimum,
    )


def _ozone_days(observations: ibis.Table, extent: Extent, options: Options) -> ibis.Table:
    hours = usable(observations, "1h", ("o3",))
    clock = hours.mutate(hour=hours.phenomenon_time.hour().cast("int8"))
    columns = {f"h{hour:02d}": only_where(clock.hour == hour, clock.micro).max() for hour in range(24)}
    pivoted = clock.group_by("point", "day").agg(**columns)
    means = methods.window_means(
        [pivoted[name] for name in columns],
        minimum=int(law.number("GB 3095", "8h.min_hours", on=extent.last)),
        first_end=int(law.number("HJ 663", "mda8.first_window_end_hour", on=extent.last)),
    )
    windows = {f"w{number:02d}": mean for number, mean in enumerate(means)}
    meant = once(pivoted.select("point", "day", **windows))
    largest, count = methods.mda8([meant[name] for name in windows])
    day = meant.day.cast("timestamp")
    days = once(meant.select("point", property=ibis.literal("o3"), day=day, quanta=largest, count=count))
    return days.mutate(valid=_enough_windows(days, extent, options).fill_null(False))


def only_where(condition: ir.BooleanValue, column: ir.IntegerValue) -> ir.IntegerValue:
    """The column where the condition holds, else null: half the time of a filtered aggregate on DuckDB."""
    return condition.ifelse(column, ibis.null("int64"))


def _enough_windows(days: ibis.Table, extent: Extent, options: Options) -> ir.BooleanValue:
    minimum = int(law.number("HJ 663", "mda8.min_windows", on=extent.last))
    reached = steps(days.quanta, step("o3"))
    limit = by_era(
        days.day,
        eras("GB 3095", options.edition, extent),
        lambda era: ibis.literal(in_steps(grade2("o3", "mda8", era, era.first or extent.first), step("o3"))),
    )
    return days.quanta.notnull() & ((days["count"] >= minimum) | (reached > limit))


def _given_days(observations: ibis.Table, items: tuple[str, ...], options: Options) -> ibis.Table:
    tables = []
    for averaging in sorted({DAILY_AVERAGING[item] for item in items}):
        rows = usable(observations, averaging, tuple(i for i in items if DAILY_AVERAGING[i] == averaging))
        if options.dust:
            rows = rows.filter(~in_dust(rows, options.dust, whole_day=True))
        given = rows.select("point", "property", day=rows.day.cast("timestamp"), quanta=rows.micro * QUANTA, valid=True)
        tables.append(given.mutate(count=ibis.null("int64"))[["point", "property", "day", "quanta", "count", "valid"]])
    return _together(tables)


def _together(tables: list[ibis.Table]) -> ibis.Table:
    return ibis.union(*tables) if len(tables) > 1 else tables[0]


def day_values(
    observations: ibis.Table, extent: Extent, options: Options, items: tuple[str, ...] = tuple(DAILY_AVERAGING)
) -> ibis.Table:
    """Daily concentrations: point, property, day, quanta, count, valid (GB 3095 table 4; HJ 663).

    24-hour means need 20 hours; the ozone day needs 14 windows of 6 hours, or a maximum above the limit. Daily
    records in the input stand in where the hours are not given.
    """
    parts = []
    means = tuple(item for item in items if item != "o3")
    if "1h" in extent.averagings:
        parts += [_day_means(observations, means, extent, options)] if means else []
        parts += [_ozone_days(observations, extent, options)] if "o3" in items else []
    if extent.averagings & {"24h", "mda8"}:
        given = _given_days(observations, items, options)
        parts.append(_not_computed(given, parts))
    return _together(parts)


def _not_computed(given: ibis.Table, parts: list[ibis.Table]) -> ibis.Table:
    if not parts:
        return given
    return given.anti_join(_together(parts), ["point", "property", "day"])


def dusty_days(observations: ibis.Table, options: Options) -> ibis.Table | None:
    """Point-days touched by a declared dust period: particles set aside, not missing; None without periods."""
    if not options.dust:
        return None
    rows = observations.filter(observations.property.isin(DUST_ITEMS))
    whole = rows.averaging != "1h"
    touched = rows.filter(whole.ifelse(in_dust(rows, options.dust, whole_day=True), in_dust(rows, options.dust)))
    return touched.select("point", day=touched.phenomenon_time.truncate("D")).distinct()


def cities_of(observations: ibis.Table) -> ibis.Table:
    """The city of each point: point, city (points without a city are left out)."""
    placed = observations.filter(observations.city.notnull())
    return placed.group_by("point").agg(city=placed.city.max())


def _station_share(stations: ir.IntegerValue, extent: Extent) -> ir.IntegerValue:
    """Percent of a city's stations that must be valid (HJ 663): lower for a city of fewer than four."""
    usual, small = (
        int(law.number("HJ 663", name, on=extent.last) * 100)
        for name in ("city.min_station_share", "city.min_station_share_small")
    )
    few = int(law.number("HJ 663", "city.few_stations_below", on=extent.last))
    return (stations < few).ifelse(small, usual)


def city_values(days: ibis.Table, cities: ibis.Table, extent: Extent) -> ibis.Table:
    """City concentration of a day: mean of the valid stations' values, with enough stations (HJ 663).

    Columns as `day_values`; ``count`` is the number of valid stations, ``stations`` how many the city has.
    """
    size = cities.group_by("city").agg(stations=cities.point.count())
    placed = days.join(cities, "point")
    valid = placed.valid
    groups = placed.group_by("city", "property", "day").agg(
        total=placed.quanta.sum(where=valid), count=placed.quanta.count(where=valid)
    )
    sized = groups.join(size, "city")
    needed = sized.stations * _station_share(sized.stations, extent)
    return sized.select(
        "property",
        "day",
        point=sized.city,
        quanta=(sized["count"] > 0).ifelse(half_even(sized.total, sized["count"].nullif(0)), ibis.null("int64")),
        count=sized["count"],
        valid=(sized["count"] > 0) & (sized["count"] * 100 >= needed),
        stations=sized.stations,
    )
