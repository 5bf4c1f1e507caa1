"""``qingyuan plan seed``: the plan of the library as the version in force."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qingyuan.plans.models import Version


def add(parts: argparse._SubParsersAction) -> None:
    """Register the parts of ``qingyuan plan`` that keep the plan's book."""
    seed = parts.add_parser("seed", help="enter the plan of the library: chapters, tasks, projects, indicators")
    seed.add_argument("--data", type=Path, metavar="DIR", help="data folder (else QINGYUAN_DATA, else ./var)")
    seed.set_defaults(run=_seed)


def _seed(args: argparse.Namespace) -> int:
    from qingyuan.base.settings import data_dir

    version = seeded((args.data or data_dir()).resolve())
    print(f"{version.plan.title}: version {version.number}, {version.items.count()} items, {version.state}")
    return 0


def seeded(data: Path, simulated: bool = False) -> Version:
    """The plan of the library in the database of a data folder; what is there stays. simulated: in a demo."""
    from qingyuan.interfaces.cli import serve

    data.mkdir(parents=True, exist_ok=True)
    serve.prepare(data)
    from qingyuan.base.time import now
    from qingyuan.people.audit import SYSTEM
    from qingyuan.plans.book import seeding

    return seeding.seed(SYSTEM, now(), simulated)
