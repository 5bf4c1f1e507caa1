"""``qingyuan evidence``: verify a sealed evidence file, offline; give one out; show the key to publish."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from qingyuan.base.errors import QingyuanError, UnreadableInput


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    command = commands.add_parser("evidence", help="sealed evidence of findings", description=__doc__)
    what = command.add_subparsers(required=True, metavar="ACTION")
    verify = what.add_parser("verify", help="whether a file is as it was sealed; exit status 1 when not")
    verify.add_argument("file", type=Path, metavar="FILE")
    verify.add_argument("--key", default="", metavar="HEX", help="the key it must be signed with")
    verify.set_defaults(run=verify_file)
    export = what.add_parser("export", help="the newest evidence of a finding")
    export.add_argument("finding", type=int, metavar="FINDING")
    export.add_argument("--data", type=Path, metavar="DIR")
    export.add_argument("--output", type=Path, required=True, metavar="FILE")
    export.set_defaults(run=export_file)
    key = what.add_parser("key", help="the public key evidence is signed with")
    key.add_argument("--data", type=Path, metavar="DIR")
    key.set_defaults(run=show_key)


def verify_file(args: argparse.Namespace) -> int:
    """Verify one file; needs neither data folder nor network."""
    from qingyuan.rules.evidence.verifying import main

    if not args.file.is_file():
        raise UnreadableInput(f"{args.file} is no file", "Name an evidence file (.zip)")
    return main([str(args.file), *(["--key", args.key] if args.key else [])])


def export_file(args: argparse.Namespace) -> int:
    """Copy the evidence of a finding out of the data folder."""
    from qingyuan.base.settings import data_dir
    from qingyuan.interfaces.cli import serve

    serve.prepare(args.data)
    from qingyuan.rules.models import Finding

    finding = Finding.objects.filter(pk=args.finding).first()
    if finding is None or not finding.evidence_path:
        raise QingyuanError(f"Finding {args.finding} has no sealed evidence", "Run `qingyuan rules` first")
    shutil.copyfile(data_dir() / finding.evidence_path, args.output)
    print(f"{args.output}: {finding.evidence_sha256}")
    return 0


def show_key(args: argparse.Namespace) -> int:
    """Print the public key."""
    from qingyuan.base.settings import data_dir
    from qingyuan.rules.evidence.sealing import public_key

    print(public_key(args.data or data_dir()))
    return 0
