"""The envelope of a run: declared inputs only, the extent of the series, the columns promised, the order told."""

from __future__ import annotations

import ibis

from qingyuan.assessments.declaration import Assessment, Extent, Options
from qingyuan.base.errors import NothingToAssess, WrongUsage


def extent_of(observations: ibis.Table, averagings: tuple[str, ...]) -> Extent | None:
    """Days, averagings (of those named) and presence of cities in observations, in one pass; None when empty."""
    marks = {f"has_{name}": (observations.averaging == name).any() for name in averagings}
    placed = observations.city.notnull().any() if "city" in observations.columns else ibis.literal(False)
    time = observations.phenomenon_time
    row = observations.aggregate(first=time.min(), last=time.max(), cities=placed, **marks).to_pyarrow().to_pylist()[0]
    if row["first"] is None:
        return None
    present = frozenset(name for name in averagings if row[f"has_{name}"])
    return Extent(row["first"].date(), row["last"].date(), present, bool(row["cities"]))


def run(assessment: Assessment, observations: ibis.Table, options: Options, *, stored: bool = False) -> ibis.Table:
    """The result of an assessment on observations, as an expression with the declared columns, in declared order.

    observations: point, property, averaging, phenomenon_time (+08:00 wall clock), value, unit, flag, city.
    stored: with the further columns the platform keeps. NothingToAssess when no observation can serve; WrongUsage
    when cities are asked of points without city.
    """
    serving = observations.filter(
        observations.property.isin(assessment.inputs), observations.averaging.isin(assessment.averagings)
    )
    extent = extent_of(serving, assessment.averagings)
    if extent is None:
        raise NothingToAssess(
            f"{assessment.name} found no usable observation of {', '.join(assessment.inputs)}"
            f" with averaging {', '.join(assessment.averagings)}",
            "Look at the rejects and notes, or name columns with --map",
        )
    if options.by == "city" and not extent.cities:
        raise WrongUsage("Cities were asked for, but no point names its city", "Add a column city, or use --by point")
    result = assessment.compute(serving, extent, options)
    columns = assessment.gives + (assessment.stored if stored else ())
    order = [ibis.asc(column, nulls_first=False) for column in assessment.sorted_by]
    return result.select(*columns).order_by(*order)
