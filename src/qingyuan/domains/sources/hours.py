"""Readings → the hours of an outlet: valid minutes, mean, marks, dry standard state, reference oxygen.

One row a point, item and hour. Concentrations and all else are whole millionths (see ``assessments.exact``).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from qingyuan.assessments.declaration import Extent, Options
from qingyuan.assessments.engines import shared, small_table
from qingyuan.assessments.exact import MICRO, half_even, whole_sum
from qingyuan.domains.sources import law as rules
from qingyuan.domains.sources import methods
from qingyuan.domains.sources.items import GAS, HOURS, ITEMS, MINUTES, SIGNED, WATER
from qingyuan.domains.sources.marks import with_marks
from qingyuan.places.outlets import Outlet
from qingyuan.standards import law, properties

SHIFT = 1000 * MICRO
"""Added to every value while a mean is made, so that the mean of negative ones is rounded like any other."""

OWN_UNITS = sorted({properties.get(item).at_outlet().unit for item in ITEMS})
SCALES = {"ug/m3": Fraction(1, 1000), "ug/L": Fraction(1, 1000), "m3/s": Fraction(3600), "m3/min": Fraction(60),
          "m3/d": Fraction(1, 24), "L/s": Fraction(18, 5)}  # fmt: skip
"""Units the lake may hold beside those of the outlet's properties, and what one is of these."""

HOUR_COLUMNS = ["point", "property", "hour", "micro", "minutes", "valid", "tag", "mark", "calibrated"]

OUTLET = pa.schema(
    [
        ("point", pa.string()),
        ("medium", pa.string()),
        ("state", pa.string()),
        ("oxygen_rule", pa.string()),
        ("reference", pa.int64()),
        ("air_pressure", pa.int64()),
        ("due", pa.int64()),
        ("trouble", pa.string()),
    ]
)


def outlet_table(outlets: tuple[Outlet, ...]) -> ibis.Table:
    """What the formulas need of each outlet: state of its gas, reference oxygen, pressure, readings due, troubles."""
    rows = []
    for each in outlets:
        rule, reference = rules.reference_oxygen(each)
        rows.append(
            {
                "point": each.point,
                "medium": rules.medium_of(each),
                "state": each.state,
                "oxygen_rule": rule,
                "reference": rules.in_micro(reference),
                "air_pressure": rules.in_micro(each.barometric_pressure),
                "due": each.readings_per_day,
                "trouble": rules.troubles(each),
            }
        )
    return small_table(rows, OUTLET)


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


def _first(*columns: ir.Value) -> ir.Value:
    return ibis.coalesce(*columns)


def stream(hours: ibis.Table) -> ibis.Table:
    """The state of the stream in each hour, one row a point and hour; null where no valid value is known.

    oxygen, flow, temperature, pressure (static), air_pressure (kPa), moisture, water_temperature; flow_next of the
    hour that follows; tagged: how the plant ran, from whatever item says it.
    """

    def of(*items: str) -> ir.IntegerValue:
        found = [only_where((hours.property == item) & hours.valid, hours.micro).max() for item in items]
        return _first(*found) if len(found) > 1 else found[0]

    known = hours.group_by("point", "hour").agg(
        oxygen=of("o2"),
        flow=of("flow"),
        temperature=of("gas_temperature", "temperature"),
        static=of("gas_pressure"),
        hectopascal=of("pressure"),
        moisture=of("gas_humidity", "humidity"),
        water_temperature=of("water_temperature", "temperature"),
        plant=hours.tag.max(),
        no=of("no"),
        no2=of("no2"),
    )
    known = known.view()
    return settled(known, air=half_even(known.hectopascal, 10))


def with_nox(hours: ibis.Table, around: ibis.Table) -> ibis.Table:
    """The hours with NOx made of NO and NO2 where it is not reported itself and both are valid (HJ 75)."""
    both = around.filter(around.no.notnull() & around.no2.notnull())
    made = both.select(
        "point",
        "hour",
        property=ibis.literal("nox"),
        micro=methods.nox(both.no, both.no2),
        minutes=ibis.null("int64"),
        valid=ibis.literal(True),
        tag=both.plant,
        mark=ibis.null("string"),
        calibrated=ibis.literal(False),
    )
    own = hours.filter(hours.property == "nox")
    return ibis.union(hours, made.anti_join(own, ["point", "hour"]).select(*HOUR_COLUMNS))


@dataclass(frozen=True)
class Hours:
    """The hours of a series: `rows` of the pollutants (see `outlet_hours`), and the `stream` around them."""

    rows: ibis.Table
    stream: ibis.Table


def outlet_hours(observations: ibis.Table, extent: Extent, options: Options) -> Hours:
    """The hours of the pollutants, with their stream and outlet, ``measured`` and ``value`` in micro.

    measured: dry standard, as the amounts use it; value: at the reference oxygen, as the limits use it; correction:
    how value was made. tag: how the plant ran; running: whether the flow was not nought.
    """
    hours = shared(item_hours(observations, extent, options), "item_hours")
    around = shared(stream(hours), "stream")
    rows = with_nox(hours, around)
    rows = rows.filter(rows.property.isin((*GAS, *WATER)))
    rows = beside(rows, around, "point", "hour")
    rows = beside(rows, outlet_table(options.outlets), "point")
    gas = rows.property.isin(GAS)
    rows = rows.mutate(
        gas=gas,
        # an operating tag told on any item holds for the whole outlet in that hour
        tag=_first(rows.tag, rows.plant),
        running=(rows.flow != 0).fill_null(True),
        pressure=_first(rows.air, rows.air_pressure) + _first(rows.static, ibis.literal(0, "int64")),
        state=rows.state.fill_null("dry"),
        oxygen_rule=rows.oxygen_rule.fill_null("no"),
        trouble=rows.trouble.fill_null("the outlet is not in the site file: no standard and no limit is known"),
    )
    return Hours(shared(_corrected(_dry(rows.view()), extent), "outlet_hours"), around)


def _dry(rows: ibis.Table) -> ibis.Table:
    """Add the concentration and the flow of dry gas at the standard state; null where what that needs is not known."""
    given = ~rows.gas | rows.state.isin(("dry", "corrected"))
    pressure = rows.pressure.nullif(0)
    rows = settled(
        rows,
        given=given,
        cooled=methods.to_standard(rows.micro, rows.temperature, pressure),
        cooled_flow=methods.flow_to_standard(rows.flow, rows.temperature, pressure),
    )
    wet = rows.state == "wet"
    rows = settled(rows, moist=wet.ifelse(rows.micro, rows.cooled), moist_flow=wet.ifelse(rows.flow, rows.cooled_flow))
    return settled(
        rows,
        measured=rows.given.ifelse(rows.micro, methods.to_dry(rows.moist, rows.moisture)),
        dry_flow=rows.given.ifelse(rows.flow, methods.flow_to_dry(rows.moist_flow, rows.moisture)),
    )


def _corrected(rows: ibis.Table, extent: Extent) -> ibis.Table:
    air = int(law.number("HJ 75", "oxygen_of_air", on=extent.last)) * MICRO
    standing = rows.tag.isin(("start_up", "shutdown", "stopped")).fill_null(False)
    correction = ibis.cases(
        (rows.measured.isnull(), "missing_state"),
        (~rows.gas | (rows.oxygen_rule == "no"), "none"),
        (rows.state == "corrected", "as_given"),
        (standing, "measured_value_plant_" + rows.tag),
        (rows.oxygen_rule == "unknown", "unknown_reference_oxygen"),
        (rows.oxygen.isnull(), "missing_oxygen"),
        (rows.oxygen >= air, "measured_value_oxygen_of_air"),
        else_="corrected",
    )
    rows = settled(rows, correction=correction)
    value = ibis.cases(
        (rows.correction == "corrected", methods.at_reference_oxygen(rows.measured, rows.oxygen, rows.reference, air)),
        (rows.correction.isin(("missing_oxygen", "missing_state")), ibis.null("int64")),
        else_=rows.measured,
    )
    return settled(rows, value=value)
