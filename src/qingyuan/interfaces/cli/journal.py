"""``qingyuan journal``: the raw frames kept as evidence: how many, as a file, and proof that nothing was changed."""

from __future__ import annotations

import argparse
import base64
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qingyuan.base.errors import UnreadableInput

if TYPE_CHECKING:
    from qingyuan.gateway.journal import Journal, Record


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    command = commands.add_parser("journal", help="raw frames kept as evidence", description=__doc__)
    verbs = command.add_subparsers(metavar="VERB", required=True)
    _verb(verbs, "count", "how many records are kept", count)
    _verb(verbs, "verify", "exit status 1 and the first bad record when anything was changed", prove)
    export = _verb(verbs, "export", "JSON lines: id, received, peer, mn, raw (or raw_base64)", write)
    export.add_argument("--output", type=Path, metavar="FILE", help="else the standard output")
    export.add_argument("--after", type=int, default=0, metavar="ID", help="only records numbered above ID")
    retain = _verb(verbs, "retain", "remove whole days that are old and ingested; their anchors stay", shorten)
    retain.add_argument("--days", type=int, required=True, metavar="N", help="days to keep")
    retain.add_argument("--watch", type=float, metavar="SECONDS", help="do not stop: look again every so often")


def _verb(verbs: Any, name: str, what: str, run: Any) -> argparse.ArgumentParser:
    verb: argparse.ArgumentParser = verbs.add_parser(name, help=what)
    verb.add_argument("--data", type=Path, metavar="DIR", help="data folder (else QINGYUAN_DATA, else ./var)")
    verb.add_argument("--quarantine", action="store_true", help="the journal of frames set aside at the door")
    verb.set_defaults(run=run)
    return verb


@contextmanager
def _opened(args: argparse.Namespace) -> Iterator[Journal]:
    """The journal of the arguments. Raises UnreadableInput when the data folder has none."""
    from qingyuan.base.settings import data_dir
    from qingyuan.gateway import journal

    data = (args.data or data_dir()).resolve()
    name = journal.QUARANTINE if args.quarantine else journal.MAIN
    if not journal.exists(data, name):
        raise UnreadableInput(f"There is no {name} in {data}", "Name the folder the gateway was started with in --data")
    opened = journal.open_journal(data, name)
    try:
        yield opened
    finally:
        opened.store.close()


def count(args: argparse.Namespace) -> int:
    """Print the number of records."""
    with _opened(args) as journal:
        print(journal.count())
    return 0


def prove(args: argparse.Namespace) -> int:
    """Walk the chain; tell the first fault."""
    from qingyuan.gateway.journal import Damaged, verify

    try:
        with _opened(args) as journal:
            fault = verify(journal)
            told = "" if fault else f"{journal.count()} records, head {journal.head()}"
    except Damaged as wrong:
        print(f"record 1: {wrong.what}")
        return 1
    print(f"record {fault.record}: {fault.reason}" if fault else f"unchanged: {told}")
    return 1 if fault else 0


def write(args: argparse.Namespace) -> int:
    """Write the records as JSON lines."""
    with _opened(args) as journal:
        stream = args.output.open("w", encoding="utf-8") if args.output else sys.stdout
        for record in journal.read(args.after):
            stream.write(json.dumps(_told(record), ensure_ascii=False) + "\n")
        if args.output:
            stream.close()
    return 0


def _told(record: Record) -> dict[str, Any]:
    moment = datetime.fromtimestamp(record.received / 1e6, UTC)
    return {
        "id": record.id,
        "received": _clock(moment),
        "peer": record.peer,
        "mn": record.mn,
        **_raw(record.raw),
    }


def _clock(moment: datetime) -> str:
    from qingyuan.base.time import CST

    return moment.astimezone(CST).isoformat(timespec="microseconds")


def _raw(raw: bytes) -> dict[str, str]:
    try:
        return {"raw": raw.decode()}
    except UnicodeDecodeError:
        return {"raw_base64": base64.b64encode(raw).decode("ascii")}


def shorten(args: argparse.Namespace) -> int:
    """Remove old days that ingest is done with."""
    while args.watch:
        try:
            _shorten(args)
        except UnreadableInput as none:  # no device has called yet
            print(none, file=sys.stderr, flush=True)
        time.sleep(args.watch)
    return _shorten(args)


def _shorten(args: argparse.Namespace) -> int:
    from qingyuan.base.settings import data_dir
    from qingyuan.gateway.ingest import position

    with _opened(args) as journal:
        done = journal.last() if args.quarantine else position((args.data or data_dir()).resolve())
        print(f"{journal.retain(args.days, done)} records removed", flush=True)
    return 0
