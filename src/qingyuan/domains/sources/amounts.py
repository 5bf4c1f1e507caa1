"""Amounts of an outlet: what was measured, and what stands in where the monitor was not in order (HJ 75, HJ 356).

Only the amount is substituted, never the concentration, and by a maximum, never a mean. Amounts are whole micrograms.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from qingyuan.assessments.declaration import Extent, Options
from qingyuan.assessments.engines import shared
from qingyuan.domains.sources import methods
from qingyuan.domains.sources.hours import Hours
from qingyuan.domains.sources.items import GAS
from qingyuan.domains.sources.readings import beside, only_where, settled
from qingyuan.standards import law

SERIES = ("point", "property")
KG = 1e9
"""Micrograms of a kilogram."""


def clock(extent: Extent, step: timedelta) -> ibis.Table:
    """The hours, or days, of a series: column ``at``."""
    begin, end = (datetime.combine(day, time()) for day in (extent.first, extent.last + timedelta(days=1)))
    count = (end - begin) // step
    return ibis.memtable(pa.table({"at": pa.array([begin + step * n for n in range(count)], pa.timestamp("us"))}))


def on_grid(rows: ibis.Table, at: str, ticks: ibis.Table) -> ibis.Table:
    """One row for each tick between the first and the last of a series, null where there was none."""
    spans = rows.group_by(*SERIES).agg(begins=rows[at].min(), ends=rows[at].max())
    joined = spans.cross_join(ticks)
    grid = joined.filter(joined["at"] >= joined.begins, joined["at"] <= joined.ends)
    return beside(grid.select(*SERIES, grid["at"].cast("timestamp").name(at)), rows, *SERIES, at)


def gas_hours(hours: Hours, extent: Extent) -> ibis.Table:
    """Amounts of gas by the hour: point, property, hour, amount, substitute (both ug), stood_in, capture (percent)."""
    rows = hours.rows.filter(hours.rows.property.isin(GAS))
    known = rows.valid & rows.measured.notnull() & rows.dry_flow.notnull() & (rows.state != "corrected")
    rows = rows.select(
        *SERIES,
        "hour",
        "mark",
        "tag",
        "calibrated",
        amount=only_where(known.fill_null(False), methods.gas_amount(rows.measured, rows.dry_flow)),
        monitored=known.fill_null(False) | rows.dry_flow.notnull(),
    )
    grid = on_grid(rows, "hour", clock(extent, timedelta(hours=1)))
    flows = hours.stream.select("point", "hour", nought=hours.stream.flow == 0)
    grid = beside(grid, flows, "point", "hour")
    stopped = grid.nought.fill_null(False) | (grid.tag == "stopped").fill_null(False)
    grid = settled(
        grid,
        amount=only_where(~stopped, grid.amount),
        stopped=stopped,
        weighed=grid.monitored.fill_null(False).any().over(ibis.window(group_by=SERIES)),
    )
    return shared(_substituted(shared(_in_runs(grid), "runs"), extent), "gas_amounts")


def _in_runs(grid: ibis.Table) -> ibis.Table:
    """Add to each hour: known, missing, how many valid hours went before, length of the gap, capture of the quarter."""
    known = grid.amount.notnull()
    grid = settled(grid, known=known, missing=~known & ~grid.stopped & grid.weighed)
    so_far = ibis.cumulative_window(group_by=SERIES, order_by="hour")
    grid = settled(
        grid,
        before=grid.known.cast("int64").sum().over(so_far),
        run=(~grid.missing).cast("int64").sum().over(so_far),
        quarter=grid.hour.truncate("Q"),
    )
    in_quarter = ibis.window(group_by=(*SERIES, "quarter"))
    in_run = ibis.window(group_by=(*SERIES, "run"))
    return settled(
        grid,
        gap=grid.missing.cast("int64").sum().over(in_run),
        valid_hours=grid.known.cast("int64").sum().over(in_quarter),
        due_hours=(~grid.stopped).cast("int64").sum().over(in_quarter),
        checked=only_where(grid.calibrated.fill_null(False), grid.before).max().over(so_far),
    )


def _substituted(grid: ibis.Table, extent: Extent) -> ibis.Table:
    """Stand-ins by the capture rate of the quarter and the length of the gap (HJ 75 tables 5 and 6)."""
    on = extent.last

    def number(name: str) -> int:
        return int(law.number("HJ 75", name, on=on))

    spans = {name: number(f"substitute.{name}") for name in ("high_capture.short", "high_capture.long", "low_capture")}
    largest = _largest(grid, spans)
    # out of control: before the previous calibration; otherwise before the failure
    anchor = (grid.mark == "out_of_control").fill_null(False) & grid.checked.notnull()
    grid = settled(grid, anchor=anchor.ifelse(grid.checked, grid.before))
    joined = beside(grid, largest.rename(anchor="before"), *SERIES, "anchor")
    short = joined.gap <= number("substitute.short_gap")
    captured = joined.valid_hours * 100
    stand_in = ibis.cases(
        (~joined.missing, ibis.null("int64")),
        (captured < joined.due_hours * number("quarter.min_capture"), ibis.null("int64")),
        (captured < joined.due_hours * number("quarter.high_capture"), joined["low_capture"]),
        (short, joined["high_capture.short"]),
        else_=joined["high_capture.long"],
    )
    items = law.rule("HJ 75", "substitute.low_capture", on=on).items
    return joined.select(
        *SERIES,
        "hour",
        "missing",
        # nothing flowed, so nothing was emitted
        amount=ibis.coalesce(joined.amount, only_where(joined.nought.fill_null(False), ibis.literal(0, "int64"))),
        substitute=only_where(joined.property.isin(items), stand_in),
        capture=captured / joined.due_hours.nullif(0),
    )


def _largest(grid: ibis.Table, spans: dict[str, int]) -> ibis.Table:
    """For each valid hour, by its number in the series, the largest amount of the last so many valid hours."""
    known = grid.filter(grid.known)

    def within(hours: int) -> ir.IntegerValue:
        return known.amount.max().over(
            ibis.window(group_by=SERIES, order_by="before", preceding=hours - 1, following=0)
        )

    return known.select(*SERIES, "before", **{name: within(hours) for name, hours in spans.items()})


def water_days(days: ibis.Table, extent: Extent, options: Options) -> ibis.Table:
    """Add ``amount`` and ``substitute`` (ug) to days of water: the largest valid day since the last passed check.

    days: point, property, day, valid, value (micro), volume (micro of m3), null where the day was not observed.
    """
    grid = on_grid(days, "day", clock(extent, timedelta(days=1)))
    known = grid.valid.fill_null(False) & grid.volume.notnull() & grid.weighable.fill_null(False)
    grid = settled(
        grid,
        amount=only_where(known, methods.water_amount(grid.value, grid.volume)),
        since=_checks_passed(grid, options),
        dry=(grid.volume == 0).fill_null(False),
    )
    before = ibis.cumulative_window(group_by=(*SERIES, "since"), order_by="day")
    largest = grid.amount.max().over(before)
    lacking = grid.amount.isnull() & ~grid.dry
    nothing = only_where(grid.dry, ibis.literal(0, "int64"))
    return settled(
        grid, amount=ibis.coalesce(grid.amount, nothing), substitute=only_where(lacking, largest), missing=lacking
    )


def _checks_passed(grid: ibis.Table, options: Options) -> ir.IntegerValue:
    """How many comparisons the outlet has passed up to a day."""
    passed = ibis.literal(0, "int64")
    for outlet in options.outlets:
        for day in outlet.checks:
            after = (grid.point == outlet.point) & (grid.day >= ibis.timestamp(f"{day} 00:00:00"))
            passed = passed + after.cast("int64")
    return passed
