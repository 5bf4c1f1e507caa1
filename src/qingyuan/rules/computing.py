"""Results of a few points computed at once from the lake: the expressions of an assessment, compiled once and kept.

Building and compiling an assessment takes ten times as long as running it on some hundred rows; what it depends on
besides the rows (outlets, days of the series, averagings) changes once a day.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import duckdb
import ibis
import pyarrow as pa

from qingyuan.assessments.declaration import Assessment, Extent, Options
from qingyuan.assessments.running import extent_of
from qingyuan.observations.schema import OBSERVATION
from qingyuan.places.outlets import Outlet

ROWS = "rows_at_hand"
FEW = 200
"""Up to so many outlets of a dataset are all compiled in, whichever of them are asked for."""


@lru_cache(maxsize=1)
def _backend() -> Any:
    return ibis.duckdb.connect(threads=1)


def computed(assessment: Assessment, observations: pa.Table, outlets: tuple[Outlet, ...]) -> pa.Table | None:
    """Results of an assessment on observations (schema OBSERVATION); None when none of them can serve.

    outlets: all of the dataset, or those that are asked for where they are many.
    """
    backend = _backend()
    engine: duckdb.DuckDBPyConnection = backend.con
    engine.register(ROWS, observations.select(OBSERVATION.names).cast(OBSERVATION))
    serving = _serving(assessment, backend.table(ROWS))
    extent = extent_of(serving, assessment.averagings)
    if extent is None:
        return None
    return engine.execute(_compiled(assessment, extent, outlets)[0]).to_arrow_table()


def _serving(assessment: Assessment, rows: ibis.Table) -> ibis.Table:
    return rows.filter(rows.property.isin(assessment.inputs), rows.averaging.isin(assessment.averagings))


@lru_cache(maxsize=64)
def _compiled(assessment: Assessment, extent: Extent, outlets: tuple[Outlet, ...]) -> tuple[str, ibis.Table]:
    """The SQL, and the expression: the small tables it names (limits) live as long as it does."""
    backend = _backend()
    rows = _serving(assessment, backend.table(ROWS))
    result = assessment.compute(rows, extent, Options(outlets=outlets)).select(*assessment.gives)
    backend._run_pre_execute_hooks(result)
    return str(backend.compile(result)), result


def whose(outlets: tuple[Outlet, ...], points: list[str]) -> tuple[Outlet, ...]:
    """The outlets an assessment is compiled with."""
    return outlets if len(outlets) <= FEW else tuple(each for each in outlets if each.point in points)
