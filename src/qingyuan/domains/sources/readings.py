"""Readings → the hours of each item: valid minutes, mean, marks and tags.

One row a point, item and hour. Concentrations and all else are whole millionths (see ``assessments.exact``).
"""

from __future__ import annotations

from fractions import Fraction

import ibis
import ibis.expr.types as ir

from qingyuan.assessments.declaration import Extent, Options
from qingyuan.assessments.exact import MICRO, half_even, whole_sum
from qingyuan.domains.sources.items import HOURS, ITEMS, MINUTES, SIGNED
from qingyuan.domains.sources.marks import with_marks
from qingyuan.standards import law, properties

SHIFT = 1000 * MICRO
"""Added to every value while a mean is made, so that the mean of negative ones is rounded like any other."""

OWN_UNITS = sorted({properties.get(item).at_outlet().unit for item in ITEMS})
SCALES = {"ug/m3": Fraction(1, 1000), "ug/L": Fraction(1, 1000), "m3/s": Fraction(3600), "m3/min": Fraction(60),
          "m3/d": Fraction(1, 24), "L/s": Fraction(18, 5)}  # fmt: skip
"""Units the lake may hold beside those of the outlet's properties, and what one is of these."""

HOUR_COLUMNS = ["point", "property", "hour", "micro", "minutes", "valid", "tag", "mark", "calibrated"]


def readings(observations: ibis.Table, averagings: tuple[str, ...], options: Options) -> ibis.Table:
    """Records of some averagings with ``micro``, ``good`` (may be used), ``mark`` and ``tag``."""
    rows = with_marks(observations.filter(observations.averaging.isin(averagings)), options.outlets)
    known = [(rows.unit == unit, float(MICRO * scale)) for unit, scale in SCALES.items()]
    scaled = rows.value * ibis.cases(*known, else_=float(MICRO))
    possible = ((rows.value >= 0) | rows.property.isin(SIGNED)) & rows.unit.isin((*SCALES, *OWN_UNITS))
    return rows.mutate(
        micro=(scaled + 0.5).floor().cast("int64"), good=(rows.mark.isnull() & possible).fill_null(False)
    )


def only_where(condition: ir.BooleanValue, column: ir.Value) -> ir.Value:
    """The column where the condition holds, else null: faster in aggregates than a filter."""
    return condition.ifelse(column, ibis.null(column.type()))


def settled(rows: ibis.Table, **columns: ir.Value) -> ibis.Table:
    """The rows with columns added, written out once: Ibis would repeat a formula wherever its column is used."""
    return rows.mutate(**columns).view()


def beside(left: ibis.Table, right: ibis.Table, *keys: str) -> ibis.Table:
    """Every row of the left table with what the right one has for its keys; null where it has nothing."""
    return left.left_join(right, list(keys)).drop(*[f"{key}_right" for key in keys])


def _of_minutes(observations: ibis.Table, extent: Extent, options: Options) -> ibis.Table:
    """Hours made of shorter records: valid with 45 valid minutes inside the clock hour (HJ 75)."""
    rows = readings(observations, tuple(MINUTES), options)
    length = ibis.cases(*[(rows.averaging == name, minutes) for name, minutes in MINUTES.items()]).cast("int64")
    rows = rows.mutate(length=length, hour=rows.phenomenon_time.truncate("h").cast("timestamp"))
    groups = rows.group_by("point", "property", "hour").agg(
        total=whole_sum(only_where(rows.good, (rows.micro + SHIFT) * rows.length)),
        minutes=only_where(rows.good, rows.length).sum(),
        tagged=only_where(rows.tag.notnull(), rows.length).sum().fill_null(0),
        tag=rows.tag.max(),
        mark=rows.mark.max(),
        calibrated=(rows.mark == "calibration").fill_null(False).any(),
    )
    enough = int(law.number("HJ 75", "1h.min_minutes", on=extent.last))
    kept = int(law.number("生态环境部公告 2022年第21号", "min_minutes", edition="2022"))
    groups = groups.view()
    minutes = groups.minutes.fill_null(0).cast("int64")
    return groups.select(
        "point",
        "property",
        "hour",
        micro=half_even(groups.total, minutes.nullif(0)) - SHIFT,
        minutes=minutes,
        valid=minutes >= enough,
        tag=only_where(groups.tagged >= kept, groups.tag),
        mark=groups.mark,
        calibrated=groups.calibrated,
    )


def _given(observations: ibis.Table, options: Options) -> ibis.Table:
    """Hours given as such."""
    rows = readings(observations, HOURS, options)
    return rows.select(
        "point",
        "property",
        hour=rows.phenomenon_time.cast("timestamp"),
        micro=only_where(rows.good | (rows.mark == "manual").fill_null(False), rows.micro),
        minutes=ibis.null("int64"),
        valid=rows.good,
        tag=rows.tag,
        mark=rows.mark,
        calibrated=(rows.mark == "calibration").fill_null(False),
    )


def item_hours(observations: ibis.Table, extent: Extent, options: Options) -> ibis.Table:
    """All hours of all items: HOUR_COLUMNS. Where minutes are there the hour is made of them."""
    parts = []
    if extent.averagings & set(MINUTES):
        parts.append(_of_minutes(observations, extent, options))
    if extent.averagings & set(HOURS) or not parts:
        given = _given(observations, options)
        parts.append(given.anti_join(parts[0], ["point", "property", "hour"]) if parts else given)
    return ibis.union(*[part.select(*HOUR_COLUMNS) for part in parts]) if len(parts) > 1 else parts[0]
