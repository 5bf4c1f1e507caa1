"""The hours of an outlet: every pollutant beside its stream, in dry standard state, at the reference oxygen.

One row a point, item and hour. Concentrations and all else are whole millionths (see ``assessments.exact``).
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from qingyuan.assessments.declaration import Extent, Options
from qingyuan.assessments.engines import shared, small_table
from qingyuan.assessments.exact import MICRO, half_even
from qingyuan.domains.sources import law as rules
from qingyuan.domains.sources import methods
from qingyuan.domains.sources.items import GAS, WATER
from qingyuan.domains.sources.readings import HOUR_COLUMNS, beside, item_hours, only_where, settled
from qingyuan.places.outlets import Outlet
from qingyuan.standards import law

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
