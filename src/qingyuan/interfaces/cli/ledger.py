"""``qingyuan ledger``: account for every value a device had to send: due, received, stored, set aside, valid."""

from __future__ import annotations

import argparse
from pathlib import Path


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    command = commands.add_parser("ledger", help="make the daily ledgers of the devices", description=__doc__)
    command.add_argument("--data", type=Path, metavar="DIR", help="data folder (else QINGYUAN_DATA, else ./var)")
    command.add_argument("--days", type=int, default=2, metavar="N", help="the last days, today among them (default 2)")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Make the ledgers; 1 when one does not come out even."""
    from qingyuan.base.settings import data_dir
    from qingyuan.interfaces.cli import serve

    serve.prepare(args.data)
    from qingyuan.interfaces.jobs import ledger

    uneven = 0
    for day in ledger.days_back(max(1, args.days)):
        for slug, (rows, wrong) in ledger.make(data_dir(), day).items():
            uneven += wrong
            told = f"{wrong} do not come out even" if wrong else "all come out even"
            print(f"{day} {slug}: {rows} rows, {told}")
    return 1 if uneven else 0
