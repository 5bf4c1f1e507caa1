"""The demo: a simulated province in a dataset of its own, filled once, taken up again where it was interrupted."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

from qingyuan.assessments.refresh import Progress
from qingyuan.base.errors import WrongUsage
from qingyuan.base.time import now
from qingyuan.domains.air import simulated
from qingyuan.interfaces.jobs.refresh import Refreshed, refresh
from qingyuan.observations import lake
from qingyuan.observations.datasets import Dataset, create_dataset, list_datasets
from qingyuan.observations.schema import SOURCE as SOURCE_COLUMNS
from qingyuan.places.points import write_points

SLUG = "simulated"
SOURCE = f"simulated:{simulated.SEED}"


def fill(data: Path, progress: Progress | None = None) -> Refreshed:
    """Fill the demo dataset of a data folder; a finished one is left as it is.

    WrongUsage when the slug holds real data.
    """
    dataset = _dataset(data)
    write_points(dataset.path, [*simulated.stations(), *simulated.cities()])
    _observe(dataset, progress)
    return refresh(dataset, progress)


def _dataset(data: Path) -> Dataset:
    found = next((each for each in list_datasets(data) if each.slug == SLUG), None)
    if found is None:
        return create_dataset(data, SLUG, "模拟省", "Simulated province", simulated=True, last_hour=simulated.LAST)
    if not found.simulated:
        raise WrongUsage(f"The dataset {SLUG!r} of {data} holds real data", "Choose another data folder")
    return found


def _observe(dataset: Dataset, progress: Progress | None) -> None:
    """Append the months that are not in the lake yet, each in one commit, then enter the source."""
    months = simulated.months()
    known = lake.committed_sources(dataset.path)
    if all(_commit(month) in known for month in months) and _entered(dataset.path):
        return
    rows = 0
    for done, (month, table) in enumerate(zip(months, simulated.simulate(), strict=True)):
        if progress:
            progress(f"observations {month}", done, len(months))
        if _commit(month) not in known:
            lake.append(dataset.path, table, source=_commit(month))
        rows += table.num_rows
    _enter(dataset.path, rows)


def _commit(month: str) -> str:
    return f"{SOURCE}:{month}"


def _entered(dataset: Path) -> bool:
    return DeltaTable.is_deltatable(str(dataset / "sources"))


def _enter(dataset: Path, rows: int) -> None:
    entry = {
        "source": SOURCE,
        "layout": "simulation",
        "rows_read": rows,
        "rows_stored": rows,
        "rows_known": 0,
        "rows_rejected": 0,
        "imported_at": now(),
        "imported_by": "qingyuan demo",
    }
    write_deltalake(dataset / "sources", pa.Table.from_pylist([entry], schema=SOURCE_COLUMNS), mode="overwrite")
