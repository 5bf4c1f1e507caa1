"""The findings of a dataset's last run of the quality tests, kept beside its lake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from qingyuan.observations.quality.flagging import FINDING


def keep(dataset: Path, findings: pa.Table) -> None:
    """Put the findings (schema FINDING) in place of those before, at once."""
    part = dataset / "findings.parquet.part"
    pq.write_table(findings.cast(FINDING), part)
    part.replace(dataset / "findings.parquet")


def findings(dataset: Path, point: str | None = None) -> list[dict[str, Any]]:
    """The findings kept, of one point or all, the latest first; none before the first run."""
    file = dataset / "findings.parquet"
    if not file.exists():
        return []
    rows = pq.read_table(file, filters=[("point", "=", point)] if point else None).to_pylist()
    return sorted(rows, key=lambda row: row["begin"], reverse=True)
