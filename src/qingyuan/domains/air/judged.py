"""Daily concentrations judged by the limits of GB 3095: the rows of ``air.daily`` and ``air.mda8``."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from qingyuan import __version__
from qingyuan.assessments.declaration import Extent, Options
from qingyuan.assessments.exact import in_steps, in_units, per_unit, steps
from qingyuan.domains.air.days import MEAN_ITEMS, day_values
from qingyuan.domains.air.law import DAILY_AVERAGING, Era, by_era, eras, step
from qingyuan.standards import law, properties


@dataclass(frozen=True)
class _Grades:
    """Grade 1 and grade 2 of GB 3095 for one item, in steps of the law's last digit."""

    first: int
    second: int
    clause: str


def _grades(item: str, era: Era, extent: Extent) -> _Grades:
    on = era.first or extent.first
    first, second = (
        law.limit("GB 3095", item, DAILY_AVERAGING[item], on=on, grade=grade, edition=era.edition) for grade in (1, 2)
    )
    return _Grades(
        in_steps(first.value, step(item)),
        in_steps(second.value, step(item)),
        second.citation,
    )


def by_item(column: ir.StringValue, values: dict[str, object]) -> ir.Value:
    """A value chosen by the row's item."""
    return ibis.cases(*[(column == item, value) for item, value in values.items()])


def _judged(observations: ibis.Table, extent: Extent, options: Options, items: tuple[str, ...]) -> ibis.Table:
    days = day_values(observations, extent, options, items)
    spans = eras("GB 3095", options.edition, extent)
    grades = {era: {item: _grades(item, era, extent) for item in items} for era in spans}

    def of_law(pick: str) -> ir.Value:
        def of_era(era: Era) -> ir.Value:
            return by_item(days.property, {item: getattr(grades[era][item], pick) for item in items})

        return by_era(days.day, spans, of_era)

    rows = days.mutate(
        steps=by_item(days.property, {item: steps(days.quanta, step(item)) for item in items}),
        per_unit=by_item(days.property, {item: per_unit(step(item)) for item in items}),
        first=of_law("first"),
        second=of_law("second"),
        clause=of_law("clause"),
        edition=by_era(days.day, spans, lambda era: ibis.literal(era.edition)),
    )
    classified = ibis.cases(
        (~rows.valid, ibis.null("string")),
        (rows.steps <= rows.first, ibis.literal("I")),
        (rows.steps <= rows.second, ibis.literal("II")),
        else_=ibis.literal("over"),
    )
    return rows.select(
        "point",
        "property",
        "valid",
        "edition",
        "clause",
        phenomenon_time=rows.day,
        value=in_units(rows.quanta),
        unit=by_item(rows.property, {item: properties.get(item).unit for item in items}),
        rounded=rows.steps / rows.per_unit,
        limit=rows.second / rows.per_unit,
        completeness=rows["count"],
        library_version=ibis.literal(__version__),
        **{"class": classified},
    )


def daily(observations: ibis.Table, extent: Extent, options: Options) -> ibis.Table:
    """24-hour means of SO2, NO2, CO, PM10 and PM2.5: valid with 20 hours (GB 3095 table 4)."""
    return _judged(observations, extent, options, MEAN_ITEMS)


def mda8(observations: ibis.Table, extent: Extent, options: Options) -> ibis.Table:
    """Largest 8-hour mean of ozone of each day (HJ 663 6.1.2)."""
    return _judged(observations, extent, options, ("o3",))
