"""The points 点位 of a dataset: stations and cities that have observations or assessments.

Kept as ``points.parquet`` in the dataset's folder, in the order in which they were written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from qingyuan.base.errors import UnreadableInput

Kind = Literal["station", "city", "section"]
Rank = Literal["national", "local", "micro"]

POINT = pa.schema(
    [
        ("point", pa.string()),
        ("kind", pa.string()),
        ("name_zh", pa.string()),
        ("name_en", pa.string()),
        ("city", pa.string()),
        ("county", pa.string()),
        ("lon", pa.float64()),
        ("lat", pa.float64()),
        ("rank", pa.string()),
        ("domain", pa.string()),
    ]
)
"""Arrow schema of the register of points."""


@dataclass(frozen=True)
class Point:
    """A station, a section of a river or lake, or a city as one point (then `point` is its division code).

    city: code of the prefecture; county: code or None when not known; lon, lat: degrees (CGCS2000);
    rank: who runs it (national 国控, local 地方, micro 微站); domain: air or water.
    """

    point: str
    kind: Kind
    name_zh: str
    name_en: str
    city: str
    county: str | None
    lon: float
    lat: float
    rank: Rank
    domain: str = "air"

    def lies_in(self, division: str) -> bool:
        """Whether the point belongs to a division (a prefix of its city's or county's code)."""
        stem = division.rstrip("0") if division.endswith("0000") else division.removesuffix("00")
        return self.city.startswith(stem) or (self.county or "").startswith(stem)


def read_points(dataset: Path) -> list[Point]:
    """The points of a dataset folder; none when no register was written. Raises UnreadableInput."""
    file = dataset / "points.parquet"
    return list(_read(file, file.stat().st_mtime_ns)) if file.exists() else []


def write_points(dataset: Path, points: Iterable[Point]) -> None:
    """Write the register of a dataset anew, replacing the one before at once."""
    dataset.mkdir(parents=True, exist_ok=True)
    rows = [asdict(point) for point in points]
    partial = dataset / "points.parquet.part"
    pq.write_table(pa.Table.from_pylist(rows, schema=POINT), partial)
    partial.replace(dataset / "points.parquet")


@lru_cache(maxsize=32)
def _read(file: Path, _written: int) -> tuple[Point, ...]:
    try:
        rows = pq.read_table(file, columns=POINT.names).to_pylist()
    except (pa.ArrowInvalid, pa.ArrowKeyError) as problem:
        raise UnreadableInput(f"The register of points {file} cannot be read: {problem}", "Write it anew.") from None
    return tuple(Point(**row) for row in rows)
