"""``qingyuan refresh``: compute again what new or amended observations have changed, once or for ever."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qingyuan.interfaces.jobs.refresh import Refreshed
    from qingyuan.observations.datasets import Dataset


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    command = commands.add_parser("refresh", help="bring results up to the observations", description=__doc__)
    command.add_argument("--data", type=Path, metavar="DIR", help="data folder (else QINGYUAN_DATA, else ./var)")
    command.add_argument("--dataset", metavar="SLUG", help="this dataset only")
    command.add_argument("--watch", type=float, metavar="SECONDS", help="do not stop: look again every so often")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Refresh the datasets and say what was computed."""
    from qingyuan.base.settings import data_dir
    from qingyuan.interfaces.cli import serve
    from qingyuan.interfaces.jobs import refresh as job
    from qingyuan.interfaces.jobs.progress import Bar

    data = args.data or data_dir()
    values = job.of_library
    if serve.has_database(data):
        serve.prepare(data)
        from qingyuan.plans.live import refreshed as values
    if args.watch:
        job.watch(data, args.dataset, args.watch, tell=_tell, values=values)
        return 0
    for dataset in job.chosen(data, args.dataset):
        bar = Bar(dataset.slug)
        result = job.refresh(dataset, bar, values)
        bar.done(f"{result.windows} windows assessed, {result.values} new indicator values")
    return 0


def _tell(dataset: Dataset, result: Refreshed) -> None:
    done = f"{result.windows} windows assessed, {result.values} new indicator values"
    print(f"{dataset.slug}: {done}", file=sys.stderr, flush=True)
