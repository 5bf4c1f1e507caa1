"""``qingyuan audit``: the chain of what was done: whether it is whole, its lines as a file, its notes."""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import date, datetime
from pathlib import Path
from typing import Any

from qingyuan.base.errors import WrongUsage


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    command = commands.add_parser("audit", help="the audit chain", description=__doc__)
    verbs = command.add_subparsers(metavar="VERB", required=True)
    whole = verbs.add_parser("verify", help="whether nothing was changed, removed or cut off; 1 and the line if it was")
    whole.set_defaults(run=verify)
    out = verbs.add_parser("export", help="the lines as JSON, one a line")
    for name, what in (("since", "first day"), ("until", "last day")):
        out.add_argument(f"--{name}", metavar="YYYY-MM-DD", help=what)
    out.add_argument("--output", type=Path, metavar="FILE", help="write here, not to the screen")
    out.set_defaults(run=export)
    note = verbs.add_parser("anchor", help="note the head of the chain outside the database, signed")
    note.add_argument("--watch", type=float, metavar="SECONDS", help="do not stop: note it again every so often")
    note.set_defaults(run=anchor)
    shown = verbs.add_parser("as-of", help="the fields of a record at a moment, by the chain, as JSON")
    shown.add_argument("kind")
    shown.add_argument("record")
    shown.add_argument("moment", help="such as 2026-03-01T12:00")
    shown.set_defaults(run=as_of)
    for verb in (whole, out, note, shown):
        verb.add_argument("--data", type=Path, metavar="DIR", help="data folder (else QINGYUAN_DATA, else ./var)")


def _prepare(args: argparse.Namespace) -> Path:
    from qingyuan.base.settings import data_dir
    from qingyuan.interfaces.cli import serve

    serve.prepare(args.data)
    return data_dir()


def verify(args: argparse.Namespace) -> int:
    """Look through the chain."""
    data = _prepare(args)
    from qingyuan.people import audit

    found = audit.verify(data)
    if found.whole:
        print(f"{found.lines} lines, whole; {found.notes} signed notes agree")
        return 0
    print(f"The audit chain is broken: {found.why}")
    return 1


def export(args: argparse.Namespace) -> int:
    """Write lines as JSON."""
    since, until = _day("since", args.since), _day("until", args.until)
    _prepare(args)
    from qingyuan.people import audit

    if args.output is None:
        _write(sys.stdout, audit.exported(since, until))
        return 0
    with args.output.open("w", encoding="utf-8") as file:
        count = _write(file, audit.exported(since, until))
    print(f"{count} lines written to {args.output}", file=sys.stderr)
    return 0


def _write(file: Any, lines: Any) -> int:
    count = 0
    for count, line in enumerate(lines, 1):  # noqa: B007 - the last one is the count
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return count


def _day(name: str, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise WrongUsage(f"--{name} {text!r} is no day", "Write it as 2026-03-01") from None


def anchor(args: argparse.Namespace) -> int:
    """Note the head, once or for ever."""
    data = _prepare(args)
    from django.db import close_old_connections

    from qingyuan.people import audit

    while True:
        audit.anchor(data, _now())
        if not args.watch:
            return 0
        close_old_connections()
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


def _now() -> datetime:
    from qingyuan.base.time import now

    return now()
