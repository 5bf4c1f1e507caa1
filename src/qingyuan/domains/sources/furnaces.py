"""Furnaces of domestic-waste incinerators: how often the five-minute mean of the temperature was too low."""

from __future__ import annotations

import ibis

from qingyuan import __version__
from qingyuan.assessments.declaration import Extent, Options
from qingyuan.assessments.exact import MICRO
from qingyuan.domains.sources.judged import concentration
from qingyuan.domains.sources.readings import only_where, readings
from qingyuan.standards import law

CODE = "GB 18485"


def furnace(observations: ibis.Table, extent: Extent, options: Options) -> ibis.Table:
    """``sources.furnace``: one row a furnace and day: how many 5-minute means lay below 850 degrees, untagged.

    More than five of them in a day are a violation (order 10 of 2019). lowest_c: the lowest mean of the day.
    """
    edition = law.editions(CODE)[-1].name
    cited = law.rule(CODE, "furnace.max_low_means", edition=edition)
    coldest, allowed = (
        int(law.number(CODE, f"furnace.{name}", edition=edition)) for name in ("min_temperature", "max_low_means")
    )
    rows = readings(observations, ("5min",), options)
    rows = rows.mutate(
        day=rows.phenomenon_time.truncate("D").cast("timestamp"),
        counts=rows.good & rows.tag.isnull(),
        low=rows.good & rows.tag.isnull() & (rows.micro < coldest * MICRO),
    )
    days = rows.group_by("point", "day").agg(
        low_means=rows.low.cast("int64").sum(),
        means=rows.counts.cast("int64").sum(),
        tagged_means=rows.tag.notnull().cast("int64").sum(),
        coldest=only_where(rows.counts, rows.micro).min(),
    )
    return days.select(
        "point",
        "low_means",
        "tagged_means",
        phenomenon_time=days.day,
        lowest_c=concentration(days.coldest),
        limit=ibis.literal(allowed),
        over=days.low_means > allowed,
        completeness=days.means,
        clause=ibis.literal(cited.citation),
        edition=ibis.literal(cited.edition),
        confidence=ibis.literal(cited.confidence),
        library_version=ibis.literal(__version__),
    )
