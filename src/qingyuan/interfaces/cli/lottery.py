"""``qingyuan lottery``: draw who is inspected 双随机, so that anyone can recompute the draw."""

from __future__ import annotations

import argparse
import json
import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import Any

from qingyuan.base.errors import UnreadableInput, WrongUsage

HELP = {
    "commit": "fix and publish the roll and the digest of a new seed",
    "draw": "tell the seed and draw",
    "verify": "recompute a published draw; 0 when everything holds, else 1",
    "fairness": "who was expected to be drawn, and who was",
}


def add(commands: argparse._SubParsersAction) -> None:
    """Register the commands."""
    command = commands.add_parser("lottery", help="draw who is inspected, verifiably", description=__doc__)
    what = command.add_subparsers(required=True, metavar="ACTION")
    actions = {name: what.add_parser(name, help=told, description=told) for name, told in HELP.items()}
    actions["commit"].add_argument(
        "roll", type=Path, metavar="ROLL", help="JSON: entries, inspectors, quota, conflicts"
    )
    actions["draw"].add_argument("committed", type=Path, metavar="COMMITTED", help="file made by commit")
    for name in ("commit", "draw"):
        actions[name].add_argument("--seed", type=Path, required=True, metavar="FILE", help="secret file of the seed")
        actions[name].add_argument("--output", type=Path, required=True, metavar="FILE")
    actions["draw"].add_argument("--value", default="", help="the public value the roll promises, exactly as published")
    for name in ("verify", "fairness"):
        actions[name].add_argument("file", type=Path, metavar="FILE")
    actions["verify"].add_argument("--commitment", type=Path, metavar="FILE", help="what was published before the draw")
    for name, run in (("commit", commit), ("draw", draw), ("verify", verify), ("fairness", fairness)):
        actions[name].set_defaults(run=run)


def commit(args: argparse.Namespace) -> int:
    """Make a seed, keep it in its file, write what is to be published."""
    from qingyuan.cases.lottery import record, roll

    made = record.commit(roll.read(_read(args.roll)), seed := secrets.token_hex(record.SEED_BYTES), _now())
    _keep_secret(args.seed, seed)
    _write(args.output, made)
    print(f"{args.output}: publish this file now. seed sha256 {made['commitment']['seed']}")
    print(f"{args.seed}: keep this file secret until the draw")
    return 0


def draw(args: argparse.Namespace) -> int:
    """Draw from a committed roll and write the whole file."""
    from qingyuan.cases.lottery import record

    committed = _read(args.committed)
    if "commitment" not in committed:
        raise WrongUsage(f"{args.committed} is no commitment", "Make it with: qingyuan lottery commit.")
    made = record.draw(committed, _text(args.seed).strip(), args.value, _now())
    _write(args.output, made)
    print(f"{args.output}: {len(made['draw']['targeted'])} by risk, {len(made['draw']['random'])} by lottery")
    return 0


def verify(args: argparse.Namespace) -> int:
    """Say of each check whether it holds."""
    from qingyuan.cases.lottery import record

    published = _read(args.commitment) if args.commitment else None
    checks = record.verify(_read(args.file), published)
    for check in checks:
        told = record.WORDS[check.code](check.good)
        print(f"{'ok ' if check.good else 'BAD'}  {told}" + (f" ({check.found})" if not check.good else ""))
    if published is None:
        print("--   not compared with what was published before the draw: give it with --commitment")
    good = all(check.good for check in checks)
    print("The draw holds." if good else "The draw does NOT hold.")
    return 0 if good else 1


def fairness(args: argparse.Namespace) -> int:
    """The fairness sheet of a file."""
    from qingyuan.cases.lottery import fairness as fair
    from qingyuan.cases.lottery import record, roll

    file = _read(args.file)
    if any(not check.good for check in record.verify(file)):
        raise UnreadableInput(f"The draw of {args.file} does not hold", "See: qingyuan lottery verify FILE.")
    for part in fair.sheet(roll.read(file["roll"]), file["draw"]["random"], file["draw"]["targeted"]):
        print(f"{part.by}: {part.p:.0%} of other draws stray as far")
        for line in part.lines:
            told = f"listed {line.listed:5}  expected {line.expected:7.2f}  drawn {line.drawn:4}"
            mark = "" if line.usual else "  outside"
            print(f"  {line.group:20} {told}  usual {line.low}–{line.high}{mark}")
    return 0


def _now() -> datetime:
    from qingyuan.base.time import now

    return now()


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise UnreadableInput(f"{path} cannot be read ({fault})", "Check the name of the file.") from None


def _read(path: Path) -> dict[str, Any]:
    try:
        given = json.loads(_text(path))
    except json.JSONDecodeError as fault:
        raise UnreadableInput(f"{path} is no JSON ({fault})", "Give the file as it was published.") from None
    if not isinstance(given, dict):
        raise UnreadableInput(f"{path} holds no roll or lottery", "Give the file as it was published.")
    return given


def _write(path: Path, made: dict[str, Any]) -> None:
    path.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _keep_secret(path: Path, seed: str) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as fault:
        raise WrongUsage(f"The seed cannot be kept in {path} ({fault.strerror})", "Name a new file.") from None
    with os.fdopen(handle, "w") as file:
        file.write(seed + "\n")
