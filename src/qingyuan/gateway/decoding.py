"""Records of the journal into observations: frames in columns, documents of the other doors row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qingyuan.gateway import documents, rows, sites
from qingyuan.gateway.hj212 import bulk
from qingyuan.gateway.journal import Record
from qingyuan.gateway.sites import SiteOf
from qingyuan.observations import datasets, lake

KeysOf = Callable[[str], Sequence[bytes]]


@dataclass(frozen=True)
class Decoded:
    """tables: observations by dataset, with `record`; faults: (record, reason); deviations: frames by (MN, code)."""

    tables: dict[str, pa.Table]
    faults: list[tuple[int, str]]
    deviations: Mapping[tuple[str, str], int]

    def by_record(self) -> Counter[int]:
        """How many observations each record gave."""
        counts: Counter[int] = Counter()
        for table in self.tables.values():
            numbers, times = np.unique(table["record"].to_numpy(), return_counts=True)
            counts.update(dict(zip(numbers.tolist(), times.tolist(), strict=True)))
        return counts


def decode(records: Sequence[Record], site_of: SiteOf, keys_of: KeysOf) -> Decoded:
    """Read records, ordered by number."""
    framed = [(each.id, each.received, each.peer, each.raw) for each in records if each.raw.startswith(b"##")]
    decoded = bulk.decode(framed, keys_of)
    tables = rows.observations(decoded.observations, _received(records), site_of)
    faults = [*decoded.failures, *_timeless(decoded.observations)]
    if len(framed) < len(records):
        others = [each for each in records if not each.raw.startswith(b"##")]
        faults += documents.add(tables, others, site_of)
    return Decoded(tables, faults, decoded.deviations)


def _received(records: Sequence[Record]) -> Callable[[npt.NDArray[np.int64]], npt.NDArray[np.int64]]:
    numbers = np.array([record.id for record in records], np.int64)
    moments = np.array([record.received for record in records], np.int64)
    return lambda wanted: moments[np.searchsorted(numbers, wanted)]


def _timeless(decoded: pa.Table) -> list[tuple[int, str]]:
    """Records that bring data without a time: they cannot be placed."""
    brings = pc.is_in(decoded["cn"], pa.array(list(sites.AVERAGING)))
    lost = decoded.filter(pc.and_(brings, pc.is_null(decoded["data_time"])))
    return [(number, "no_time") for number in pc.unique(lost["record"]).to_pylist()]


def folder_of(data: Path, slug: str) -> Path:
    """The folder of a dataset, made when it is new."""
    folder = data / "datasets" / slug
    if not (folder / "dataset.json").exists():
        zh, en = ("污染源", "Pollution sources") if slug == sites.DATASET else (slug, slug)
        datasets.create_dataset(data, slug, zh, en, simulated=False)
    return folder


def store_again(data: Path, decoded: Decoded, note: str) -> int:
    """Append the rows of single records to their lakes, but of records that have rows there already; gives how many."""
    stored = 0
    for slug, table in decoded.tables.items():
        folder = folder_of(data, slug)
        span = pc.min_max(table["phenomenon_time"]).as_py()
        points = pc.unique(table["point"].cast(pa.string())).to_pylist()
        there = lake.read_arrow(folder, points=points, first=span["min"], last=span["max"], flagged=True)
        fresh = table.filter(pc.invert(pc.is_in(table["source"].cast(pa.string()), pc.unique(there["source"]))))
        lake.append(folder, fresh.drop_columns("record"), source=note)
        stored += fresh.num_rows
    return stored
