"""The quality tests on what a dataset has received lately: flags into the lake, findings beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc

from qingyuan.base.time import now
from qingyuan.observations import lake
from qingyuan.observations.datasets import Dataset
from qingyuan.observations.quality import codes, flag, kept
from qingyuan.observations.quality.declared import Sites
from qingyuan.observations.schema import OBSERVATION
from qingyuan.places.outlets import registered
from qingyuan.standards import properties

LOOK_BACK = timedelta(days=35)
"""How far back a pattern is compared with: copies of an earlier stretch need one."""

AVERAGING = "1h"
BY = "qingyuan quality"


@dataclass(frozen=True)
class Tested:
    """What a run did: rows tested, rows newly flagged, findings."""

    rows: int
    flagged: int
    findings: int


def check(dataset: Dataset) -> Tested:
    """Test the hours of the last weeks; a value that must not be used is flagged by an amendment, its value untouched.

    The findings take the place of those of the run before.
    """
    ends = dataset.now or now()
    rows = lake.read_arrow(dataset.path, averaging=AVERAGING, first=ends - LOOK_BACK, last=ends, flagged=True)
    if not rows.num_rows:
        return Tested(0, 0, 0)
    checked = flag(_as_sent(rows), sites=_sites(dataset))
    fresh = checked.table.filter(pc.and_(pc.is_null(rows["flag"]), pc.is_valid(checked.table["flag"])))
    if fresh.num_rows:
        _put_flags(dataset, fresh)
    kept.keep(dataset.path, checked.findings)
    return Tested(rows.num_rows, fresh.num_rows, checked.findings.num_rows)


def _as_sent(rows: pa.Table) -> pa.Table:
    """The rows with the devices' marks only: what an earlier run of the tests flagged is tested again."""
    tests = pa.array([code for code, one in codes().items() if one.kind == "test"])
    marks = pc.if_else(pc.is_in(rows["flag"], tests), pa.scalar(None, pa.string()), rows["flag"])
    return rows.set_column(rows.schema.get_field_index("flag"), "flag", marks)


def _put_flags(dataset: Dataset, rows: pa.Table) -> None:
    """Amendments that say what the rows say, and why they must not be used; the source stays, for the trace."""
    moment = pa.array([now()] * rows.num_rows, pa.timestamp("us"))
    at = rows.schema.get_field_index("result_time")
    lake.amend(
        dataset.path,
        rows.set_column(at, "result_time", moment).select(OBSERVATION.names),
        reason="quality test",
        by=BY,
    )


def _sites(dataset: Dataset) -> Sites:
    """The bounds of outlets: those of stacks and drains, not of ambient air and rivers, in the unit of the lake."""
    wide = {each.slug: _bounds(each.at_outlet()) for each in properties.all_properties()}
    return {outlet.point: wide for outlet in registered(dataset.path)}


def _bounds(known: properties.ObservedProperty) -> dict[str, float]:
    told = (("low", known.plausible_min), ("high", known.plausible_max))
    return {name: float(bound) for name, bound in told if bound is not None}
