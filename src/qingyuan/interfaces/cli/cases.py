"""``qingyuan cases``: open cases from findings, reports, registers; prove by data, escalate, answer and notify."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    command = commands.add_parser("cases", help="what cases do by themselves", description=__doc__)
    command.add_argument("--data", type=Path, metavar="DIR", help="data folder (else QINGYUAN_DATA, else ./var)")
    command.add_argument("--watch", type=float, metavar="SECONDS", help="do not stop: look again every so often")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Look once, or for ever."""
    from qingyuan.interfaces.cli import serve

    serve.prepare(args.data)
    while args.watch:
        _look(quiet=True)
        time.sleep(args.watch)
    _look(quiet=False)
    return 0


def _look(quiet: bool) -> None:
    from qingyuan.base.settings import data_dir
    from qingyuan.base.time import now
    from qingyuan.interfaces.jobs import cases

    done = cases.look(data_dir(), now())
    if not quiet or any(vars(done).values()):
        told = f"{done.taken} findings taken, {done.proven} proofs changed, {done.escalated} deadlines escalated"
        told += f", {done.reported} reports taken up, {done.answered} answered"
        told += f", {done.carried} steps of registers carried out, {done.imported} records imported"
        told += f", {done.sent} notices sent, {done.unsent} not, {done.asked} reports of plans asked for"
        print("\n".join((f"cases: {told}", *done.faults)), file=sys.stderr, flush=True)
