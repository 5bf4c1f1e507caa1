"""Tags beside exceedances: whether a plant is tagged out of normal running just when it exceeds.

No clause sets these figures: they show where to look, and decide nothing.
"""

from __future__ import annotations

import ibis

from qingyuan import __version__
from qingyuan.assessments.declaration import Extent, Options
from qingyuan.domains.sources.amounts import gas_hours
from qingyuan.domains.sources.hours import outlet_hours
from qingyuan.domains.sources.judged import judged_hours
from qingyuan.domains.sources.readings import settled

LEAST, SHARE, LIFT = 3, 0.5, 3.0
"""Suspect: at least so many tagged hours over the limit, that share of all of them, so many times what chance gives."""


def tags(observations: ibis.Table, extent: Extent, options: Options) -> ibis.Table:
    """``sources.tags``: one row a point and pollutant: tagged hours, hours over the limit, and how they coincide.

    lift: share of tags among the hours over the limit, divided by their share among all hours; 1 = as by chance.
    """
    hours = outlet_hours(observations, extent, options)
    rows = judged_hours(hours, gas_hours(hours, extent), extent, options)
    seen = rows.valid & rows.value.notnull() & rows.lax.notnull()
    above = (seen & (rows.value > rows.lax)).fill_null(False)
    tagged = rows.tag.notnull()
    points = rows.group_by("point", "property").agg(
        hours=seen.fill_null(False).cast("int64").sum(),
        tagged_hours=(seen & tagged).fill_null(False).cast("int64").sum(),
        over_hours=above.cast("int64").sum(),
        over_tagged_hours=(above & tagged).cast("int64").sum(),
        phenomenon_time=rows["at"].min(),
        tags=rows.tag.nunique(),
    )
    share = points.over_tagged_hours / points.over_hours.nullif(0)
    points = settled(points, share=share, expected=points.tagged_hours / points["hours"].nullif(0))
    points = settled(points, lift=points.share / points.expected.nullif(0.0))
    suspect = (points.over_tagged_hours >= LEAST) & (points.share >= SHARE) & (points.lift >= LIFT)
    return points.mutate(suspect=suspect.fill_null(False), library_version=ibis.literal(__version__))
