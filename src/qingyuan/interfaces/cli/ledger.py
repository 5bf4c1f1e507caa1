"""``qingyuan ledger``: account for every value a device had to send: due, received, stored, set aside, valid."""

from __future__ import annotations

import argparse
import time
from pathlib import Path


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    command = commands.add_parser("ledger", help="make the daily ledgers of the devices", description=__doc__)
    command.add_argument("--data", type=Path, metavar="DIR", help="data folder (else QINGYUAN_DATA, else ./var)")
    command.add_argument("--days", type=int, default=2, metavar="N", help="the last days, today among them (default 2)")
    command.add_argument("--watch", type=float, metavar="SECONDS", help="do not stop: make them again every so often")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Make the ledgers; 1 when one does not come out even."""
    from qingyuan.interfaces.cli import serve

    serve.prepare(args.data)
    while args.watch:
        _make(args)
        time.sleep(args.watch)
    return 1 if _make(args) else 0


def _make(args: argparse.Namespace) -> int:
    """Make them once and say how they came out; gives how many rows do not."""
    from qingyuan.base.settings import data_dir
    from qingyuan.interfaces.jobs import ledger

    made = ledger.make(data_dir(), ledger.days_back(max(1, args.days)))
    for (slug, day), (rows, wrong) in made.items():
        told = f"{wrong} do not come out even" if wrong else "all come out even"
        print(f"{day} {slug}: {rows} rows, {told}", flush=True)
    return sum(wrong for _rows, wrong in made.values())
