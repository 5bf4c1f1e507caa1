"""``qingyuan explain``: why a finding was made: inputs, flags, method, clause, judgement, result."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from qingyuan.base.errors import QingyuanError


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    command = commands.add_parser("explain", help="why a finding was made", description=__doc__)
    command.add_argument("finding", type=int, metavar="FINDING", help="its number")
    command.add_argument("--data", type=Path, metavar="DIR", help="data folder (else QINGYUAN_DATA, else ./var)")
    command.add_argument("--json", action="store_true", help="as JSON, in both languages")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the explanation: in Chinese where the locale is, else in English."""
    from qingyuan.interfaces.cli import serve

    serve.prepare(args.data)
    from qingyuan.domains import DOMAINS, declared
    from qingyuan.rules.catalogue import catalogue
    from qingyuan.rules.explaining import explain
    from qingyuan.rules.models import Finding

    finding = Finding.objects.filter(pk=args.finding).first()
    if finding is None:
        raise QingyuanError(f"There is no finding {args.finding}", "`qingyuan rules` tells the numbers")
    assessments = {each.name: each for domain in DOMAINS for each in domain.assessments}
    parts = explain(finding, catalogue(declared("rules.yaml")).rules.get(finding.rule), assessments)
    if args.json:
        told = [
            {"part": each.name, "zh": [line[0] for line in each.lines], "en": [line[1] for line in each.lines]}
            for each in parts
        ]
        print(json.dumps({"finding": finding.pk, "rule": finding.rule, "parts": told}, ensure_ascii=False, indent=1))
        return 0
    language = 0 if os.environ.get("LANG", "").startswith("zh") else 1
    print(f"{finding.pk} {finding.rule} {finding.point} {finding.property}".rstrip())
    for number, each in enumerate(parts, 1):
        print(f"{number}. {each.title[language]}")
        print("\n".join(f"   {line[language]}" for line in each.lines))
    return 0
