"""``qingyuan rules``: check a declaration, list the rules, find what they say about the datasets, once or for ever."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from qingyuan.base.errors import WrongUsage

if TYPE_CHECKING:
    from qingyuan.rules.declared import Rule
    from qingyuan.rules.models import Finding


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    command = commands.add_parser("rules", help="findings: check rules, run them", description=__doc__)
    command.add_argument("--data", type=Path, metavar="DIR", help="data folder (else QINGYUAN_DATA, else ./var)")
    command.add_argument("--watch", action="store_true", help="do not stop: look whenever something new arrives")
    what = command.add_subparsers(metavar="ACTION")
    check = what.add_parser("check", help="whether a rules.yaml is right; runs its worked examples")
    check.add_argument("file", type=Path, metavar="FILE")
    check.add_argument("--domain", metavar="SLUG", help="the domain it is of (default: the name of its folder)")
    check.set_defaults(run=check_file)
    listing = what.add_parser("list", help="the rules of all domains")
    listing.set_defaults(run=list_rules)
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Look once, or for ever, and say what was found."""
    from qingyuan.base.settings import data_dir
    from qingyuan.interfaces.cli import serve

    serve.prepare(args.data)
    from qingyuan.interfaces.jobs import rules as job

    if args.watch:
        job.watch(data_dir(), _tell)
        return 0
    found = job.Round(data_dir()).run()
    for finding in found:
        _tell(finding)
    print(f"{len(found)} findings new or changed", file=sys.stderr)
    return 0


def _tell(finding: Finding) -> None:
    where = " ".join(part for part in (finding.point, finding.property) if part)
    window = f"{finding.window_from:%Y-%m-%d %H:%M} to {finding.window_to:%Y-%m-%d %H:%M}"
    print(f"finding {finding.pk} {finding.state} {finding.severity}: {finding.rule} {where} {window}", flush=True)


def check_file(args: argparse.Namespace) -> int:
    """Read the file, run its examples; WrongUsage with the first example that gives something else."""
    from qingyuan.domains import DOMAINS
    from qingyuan.rules import reading, specs
    from qingyuan.rules.checking import against

    found = reading.rules(args.file, args.domain or args.file.resolve().parent.name)
    assessments = {each.name: each.gives + each.stored for domain in DOMAINS for each in domain.assessments}
    wrong = [fault for rule in found.values() for fault in (*against(rule, assessments), *specs.faults(rule))]
    for fault in wrong:
        print(fault, file=sys.stderr)
    if wrong:
        raise WrongUsage(f"{args.file} has {len(wrong)} faults", "Correct the rules, or their examples")
    for rule in found.values():
        print(f"{rule.code}: {rule.title.zh} / {rule.title.en}: {len(rule.specs)} examples agree")
    return 0


def list_rules(_args: argparse.Namespace) -> int:
    """A line a rule: what it watches, on what basis."""
    from qingyuan.domains import declared
    from qingyuan.rules.catalogue import catalogue

    for rule in catalogue(declared("rules.yaml")).rules.values():
        print(_line(rule))
    return 0


def _line(rule: Rule) -> str:
    watched = rule.when.name or ", ".join(rule.when.items)
    basis = "; ".join(each.standard or f"{each.kind}: {each.words.en if each.words else ''}" for each in rule.basis)
    return f"{rule.code}  {rule.title.zh}  {rule.when.source} {watched}  [{basis}]"
