"""``qingyuan ingest``: decode the journal's frames and put their values into the lake, each exactly once."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qingyuan.gateway.ingest import Round


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    command = commands.add_parser("ingest", help="put the journal's frames into the lake", description=__doc__)
    command.add_argument("--data", type=Path, metavar="DIR", help="data folder (else QINGYUAN_DATA, else ./var)")
    command.add_argument("--once", action="store_true", help="end when the journal is exhausted")
    command.add_argument("--drop", type=Path, metavar="DIR", help="also take files put into this folder")
    command.add_argument("--quiet", action="store_true", help="do not tell every round")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Round after round, until the journal is exhausted (--once) or SIGTERM."""
    from qingyuan.base.settings import data_dir
    from qingyuan.interfaces.cli import serve

    serve.prepare(args.data)
    from qingyuan.gateway import ingest

    stopping: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda given, _frame: stopping.append(given))
    total = [0, 0, 0]

    def tell(done: Round) -> None:
        for place, count in enumerate((done.frames, done.rows, done.faults)):
            total[place] += count
        if not args.quiet and not args.once:
            print(_told(done.frames, done.rows, done.faults), file=sys.stderr, flush=True)

    def stopped() -> bool:
        if args.drop:
            _take_files(args.drop)
        return bool(stopping)

    ingest.run(data_dir(), args.once, tell, stopped)
    print(_told(*total))
    return 0


def _take_files(folder: Path) -> None:
    from qingyuan.base.settings import data_dir
    from qingyuan.gateway import drop

    done = drop.take(data_dir(), folder)
    for name, reason in done.failed.items():
        print(f"{name}: {reason}", file=sys.stderr, flush=True)
    if done.files:
        told = f"{done.frames} records taken, {done.aside} into quarantine"
        print(f"{done.files} files: {told}", file=sys.stderr, flush=True)


def _told(frames: int, rows: int, faults: int) -> str:
    return f"{frames} frames read, {rows} observations stored, {faults} records into quarantine"
