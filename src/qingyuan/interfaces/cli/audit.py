"""``qingyuan audit``: verify the audit chain, note its head outside the database, show a record as of a moment."""

from __future__ import annotations

import argparse
import json
import time
from datetime import datetime
from pathlib import Path

from qingyuan.base.errors import WrongUsage


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    command = commands.add_parser("audit", help="the audit chain", description=__doc__)
    what = command.add_subparsers(required=True, metavar="ACTION")
    verify_it = what.add_parser("verify", help="0 when the chain is whole, else 1 and the first bad line")
    anchor_it = what.add_parser("anchor", help="note the head of the chain outside the database, signed")
    anchor_it.add_argument("--watch", type=int, metavar="SECONDS", help="again and again")
    shown = what.add_parser("as-of", help="the fields of a record at a moment, by the chain, as JSON")
    shown.add_argument("kind")
    shown.add_argument("record")
    shown.add_argument("moment", help="such as 2026-03-01T12:00")
    for each, run in ((verify_it, verify), (anchor_it, anchor), (shown, as_of)):
        each.add_argument("--data", type=Path, metavar="DIR", help="data folder (default QINGYUAN_DATA or ./var)")
        each.set_defaults(run=run)


def verify(args: argparse.Namespace) -> int:
    """Look through the chain; exit status 0 or 1."""
    _prepare(args)
    from qingyuan.base.settings import data_dir
    from qingyuan.people import audit

    verdict = audit.verify(data_dir())
    print(f"{verdict.lines} lines, whole" if verdict.whole else verdict.why)
    return 0 if verdict.whole else 1


def anchor(args: argparse.Namespace) -> int:
    """Note the head, once or again and again."""
    _prepare(args)
    from qingyuan.base.settings import data_dir
    from qingyuan.base.time import now
    from qingyuan.people import audit

    while True:
        audit.anchor(data_dir(), now())
        if not args.watch:
            return 0
        time.sleep(args.watch)


def as_of(args: argparse.Namespace) -> int:
    """Print a record's fields at a moment."""
    try:
        moment = datetime.fromisoformat(args.moment).replace(tzinfo=None)
    except ValueError as wrong:
        raise WrongUsage(f"The moment {args.moment!r} cannot be read", "Write it as 2026-03-01T12:00") from wrong
    _prepare(args)
    from qingyuan.people import audit

    print(json.dumps(audit.as_of(args.kind, args.record, moment), ensure_ascii=False, indent=1))
    return 0


def _prepare(args: argparse.Namespace) -> None:
    from qingyuan.interfaces.cli import serve

    serve.prepare(args.data)
