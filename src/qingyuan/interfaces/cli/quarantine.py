"""``qingyuan quarantine``: records that could not be taken, and their replay after a fix."""

from __future__ import annotations

import argparse
from pathlib import Path


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    command = commands.add_parser("quarantine", help="records that could not be taken", description=__doc__)
    verbs = command.add_subparsers(metavar="VERB", required=True)
    show = verbs.add_parser("list", help="the newest entries")
    show.add_argument("--all", action="store_true", help="settled ones as well")
    show.set_defaults(run=listed)
    again = verbs.add_parser("replay", help="take open entries again; what still cannot be taken stays open")
    again.set_defaults(run=replayed)
    away = verbs.add_parser("dismiss", help="settle open entries without using them")
    away.set_defaults(run=dismissed)
    for verb in (again, away):
        verb.add_argument("ids", nargs="*", type=int, metavar="ID", help="entries; none: all that the options choose")
    for verb in (show, again, away):
        verb.add_argument("--reason", metavar="WORD", help="only those of this reason")
        verb.add_argument("--mn", metavar="MN", help="only those of this device")
        verb.add_argument("--data", type=Path, metavar="DIR", help="data folder (else QINGYUAN_DATA, else ./var)")


def _chosen(args: argparse.Namespace, every: bool):  # type: ignore[no-untyped-def]
    from qingyuan.base.settings import data_dir
    from qingyuan.interfaces.cli import serve

    serve.prepare(args.data)
    from qingyuan.gateway import quarantine
    from qingyuan.gateway.models import Quarantined

    quarantine.enter_all(data_dir())
    found = Quarantined.objects.all() if every else Quarantined.objects.filter(state=Quarantined.State.OPEN)
    if args.reason:
        found = found.filter(reason=args.reason)
    if args.mn:
        found = found.filter(mn=args.mn)
    return found.filter(id__in=args.ids) if getattr(args, "ids", None) else found


def listed(args: argparse.Namespace) -> int:
    """Print entries, newest first."""
    from qingyuan.interfaces.cli import tables

    found = _chosen(args, args.all)
    rows = [
        [str(each.pk), each.journal, str(each.record), each.mn, each.reason, tables.cell(each.received), each.state]
        for each in found[: tables.SHOWN]
    ]
    if rows:
        tables.print_table(["id", "journal", "record", "MN", "reason", "received", "state"], rows)
    print(f"{found.count()} entries")
    return 0


def replayed(args: argparse.Namespace) -> int:
    """Take entries again."""
    from qingyuan.base.settings import data_dir

    found = _chosen(args, False)
    from qingyuan.gateway import replay
    from qingyuan.interfaces.cli.device import _user

    done = replay.replay(data_dir(), list(found), by=_user())
    print(f"{done.taken} taken, {done.left} still not: {done.reasons}" if done.left else f"{done.taken} taken")
    return 0


def dismissed(args: argparse.Namespace) -> int:
    """Settle entries."""
    found = _chosen(args, False)
    from qingyuan.gateway import quarantine
    from qingyuan.interfaces.cli.device import _user

    print(f"{quarantine.dismiss(list(found.values_list('pk', flat=True)), _user())} settled")
    return 0
