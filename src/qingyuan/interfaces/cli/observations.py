"""``qingyuan observations export``: what is stored, in long form, flagged rows and all."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from qingyuan.interfaces.cli.arguments import day

if TYPE_CHECKING:
    from qingyuan.observations.datasets import Dataset


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    command = commands.add_parser("observations", help="export what is stored", description=__doc__)
    verbs = command.add_subparsers(metavar="VERB", required=True)
    export = verbs.add_parser(
        "export", help="write the observations as a table, amendments in place of what they correct"
    )
    export.add_argument("--data", type=Path, metavar="DIR", help="data folder (else QINGYUAN_DATA, else ./var)")
    export.add_argument("--dataset", metavar="SLUG", help="dataset; may be left out where there is only one")
    export.add_argument("--output", type=Path, metavar="FILE", help=".csv, .parquet or .json; else the terminal")
    export.add_argument("--from", dest="first", type=day, metavar="DATE", help="first day")
    export.add_argument("--to", dest="last", type=day, metavar="DATE", help="last day, included")
    export.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write every row with flag, source and line."""
    from qingyuan.base.settings import data_dir
    from qingyuan.interfaces.cli import tables
    from qingyuan.observations import lake

    tables.check(args.output)
    dataset = _chosen((args.data or data_dir()).resolve(), args.dataset)
    stored = lake.read(dataset.path, first=args.first, last=args.last, flagged=True).drop("month")
    ordered = stored.order_by("point", "property", "averaging", "phenomenon_time")
    rows = tables.write(ordered.to_pyarrow_batches(chunk_size=100_000), ordered.schema().to_pyarrow(), args.output)
    if args.output:
        print(f"{rows} rows of {dataset.slug} written to {args.output}", file=sys.stderr)
    return 0


def _chosen(data: Path, slug: str | None) -> Dataset:
    from qingyuan.base.errors import WrongUsage
    from qingyuan.observations.datasets import list_datasets, open_dataset

    if slug:
        return open_dataset(data, slug)
    found = list_datasets(data)
    if len(found) == 1:
        return found[0]
    names = ", ".join(each.slug for each in found)
    raise WrongUsage(
        f"{data} has {len(found)} datasets", f"Choose one with --dataset: {names}" if names else "Import files"
    )
