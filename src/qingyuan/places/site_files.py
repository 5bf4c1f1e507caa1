"""The outlets of a dataset for who asks often: its site file, read once for as long as it stands."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from qingyuan.places.outlets import REGISTERS, Outlet, read_outlets


def site_file(dataset: Path) -> Path | None:
    """The site file of a dataset folder; None when it has none."""
    return next((dataset / name for name in REGISTERS if (dataset / name).exists()), None)


def outlets_of_dataset(dataset: Path) -> tuple[Outlet, ...]:
    """The outlets of a dataset; none without a site file. UnreadableInput where the file is faulty."""
    file = site_file(dataset)
    return _read(file, file.stat().st_mtime_ns) if file else ()


@lru_cache(maxsize=16)
def _read(file: Path, _written: int) -> tuple[Outlet, ...]:
    return read_outlets(file)
