"""Air quality index, hourly and daily (HJ 633), of points and of cities."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import add

import ibis
import ibis.expr.types as ir

from qingyuan import __version__
from qingyuan.assessments.declaration import Extent, Options
from qingyuan.assessments.exact import QUANTA, in_units, once, per_unit, steps
from qingyuan.domains.air import methods
from qingyuan.domains.air.days import DUST_ITEMS, cities_of, city_values, day_values, dusty_days, only_where, usable
from qingyuan.domains.air.law import ITEMS, IndexLaw, by_era, eras, index_law, step


def _concentration(steps_: ir.IntegerValue, item: str) -> ir.FloatingValue:
    return steps_ / float(per_unit(step(item)))


def _expected(rows: ibis.Table, item: str) -> ir.BooleanValue:
    """Whether a value of the item was due: not for particles on a day the dust rule set aside."""
    return ~rows.dust if "dust" in rows.columns and item in DUST_ITEMS else ibis.literal(True)


def _with_index(wide: ibis.Table, time: str, per: str, extent: Extent, options: Options) -> ibis.Table:
    """Add indices, AQI, level, primary pollutants, edition and clause to rows with ``<item>_steps`` columns."""
    spans = eras("HJ 633", options.edition, extent)

    def chosen(rows: ibis.Table, build: Callable[[IndexLaw], ir.Value]) -> ir.Value:
        return by_era(rows[time], spans, lambda era: build(index_law(era.edition, per)))

    def index_of(item: str) -> ir.Value:
        return chosen(wide, lambda law: methods.iaqi(wide[f"{item}_steps"], law.tables[item]))

    def overall(rows: ibis.Table, law: IndexLaw) -> ir.IntegerValue:
        return methods.aqi(
            [rows[f"iaqi_{item}"] for item in ITEMS],
            complete_only_up_to=law.complete_only_up_to,
            lacking=[rows[f"iaqi_{item}"].isnull() & _expected(rows, item) for item in ITEMS],
        )

    indexed = once(wide.mutate(**{f"iaqi_{item}": index_of(item) for item in ITEMS}))
    rows = once(indexed.mutate(aqi=chosen(indexed, lambda law: overall(indexed, law))))
    indices = {item: rows[f"iaqi_{item}"] for item in ITEMS}
    completeness = reduce(add, [index.notnull().cast("int64") for index in indices.values()])
    return rows.mutate(
        level=chosen(rows, lambda law: methods.level(rows.aqi, law.levels)),
        primary=chosen(rows, lambda law: methods.primary(rows.aqi, indices, above=law.primary_above)),
        valid=rows.aqi.notnull(),
        completeness=completeness,
        edition=chosen(rows, lambda law: ibis.literal(law.edition)),
        clause=chosen(rows, lambda law: ibis.literal(law.clause)),
        library_version=ibis.literal(__version__),
    )


def hourly_aqi(observations: ibis.Table, extent: Extent, options: Options) -> ibis.Table:
    """Hourly AQI: the six 1-hour items, particles read in the 24-hour column (the published practice).

    A city's hour (options.by = city) is the mean of its stations that have a value, with enough of them (HJ 663).
    """
    hours = usable(observations, "1h", ITEMS)
    values = hours.select(
        "point", "property", day=hours.phenomenon_time, quanta=hours.micro * QUANTA, valid=ibis.literal(True)
    )
    if options.by == "city":
        placed = city_values(values, cities_of(observations), extent)
        values = placed.filter(placed.valid)
    return _hourly(values.rename(time="day"), extent, options)


def _hourly(values: ibis.Table, extent: Extent, options: Options) -> ibis.Table:
    wide = values.group_by("point", "time").agg(
        **{f"{item}_q": only_where(values.property == item, values.quanta).max() for item in ITEMS}
    )
    wide = once(wide.mutate(**{f"{item}_steps": steps(wide[f"{item}_q"], step(item)) for item in ITEMS}))
    rows = _with_index(wide, "time", "hour", extent, options)
    return rows.select(
        "point",
        "aqi",
        "level",
        "primary",
        *[f"iaqi_{item}" for item in ITEMS],
        *["valid", "edition", "clause", "completeness", "library_version"],
        phenomenon_time=rows.time,
        **{item: _concentration(rows[f"{item}_steps"], item) for item in ITEMS},
    )


def daily_aqi(observations: ibis.Table, extent: Extent, options: Options) -> ibis.Table:
    """Daily AQI of points (options.by = point) or of cities (by = city), one row a place and day."""
    return aqi_of_days(*placed_days(observations, extent, options), extent, options)


def placed_days(observations: ibis.Table, extent: Extent, options: Options) -> tuple[ibis.Table, ibis.Table | None]:
    """Daily concentrations of the places asked for (options.by), and their days set aside by a dust period."""
    values, dusty = day_values(observations, extent, options), dusty_days(observations, options)
    if options.by == "point":
        return values, dusty
    cities = cities_of(observations)
    if dusty is not None:
        dusty = dusty.join(cities, "point").select("day", point="city").distinct()
    return city_values(values, cities, extent), dusty


def aqi_of_days(values: ibis.Table, dusty: ibis.Table | None, extent: Extent, options: Options) -> ibis.Table:
    """Daily AQI from the daily concentrations of `day_values` or `city_values`."""
    stations = values.stations.max() if "stations" in values.columns else ibis.literal(1, "int64")
    columns = {}
    for item in ITEMS:
        here = values.property == item
        columns[f"{item}_q"] = only_where(here & values.valid, values.quanta).max()
        columns[f"{item}_shown"] = only_where(here, values.quanta).max()
        columns[f"{item}_hours"] = only_where(here, values["count"]).max()
    wide = values.group_by("point", "day").agg(**columns, stations=stations)
    wide = once(wide.mutate(**{f"{item}_steps": steps(wide[f"{item}_q"], step(item)) for item in ITEMS}))
    if dusty is not None:
        marked = dusty.mutate(dust=True).rename(dust_point="point", dust_day="day")
        joined = wide.left_join(marked, [wide.point == marked.dust_point, wide.day == marked.dust_day])
        wide = joined.mutate(dust=joined.dust.fill_null(False)).drop("dust_point", "dust_day")
    rows = _with_index(wide, "day", "day", extent, options)
    return rows.select(
        "point",
        "aqi",
        "level",
        "primary",
        *[f"iaqi_{item}" for item in ITEMS],
        *["valid", "edition", "clause", "completeness", "library_version", "stations"],
        phenomenon_time=rows.day,
        **{item: _concentration(rows[f"{item}_steps"], item) for item in ITEMS},
        **{f"{item}_mean": in_units(rows[f"{item}_shown"]) for item in ITEMS},
        **{f"{item}_hours": rows[f"{item}_hours"] for item in ITEMS},
    )
