"""``qingyuan register``: check the declaration of a ledger and draw its steps, make a new one, verify the records."""

from __future__ import annotations

import argparse
from importlib.resources import files
from pathlib import Path

from qingyuan.base.errors import WrongUsage


def add(commands: argparse._SubParsersAction) -> None:
    """Register the command."""
    command = commands.add_parser("register", help="ledgers: check, draw, make, verify", description=__doc__)
    verbs = command.add_subparsers(metavar="VERB", required=True)
    check = verbs.add_parser("check", help="check a registers.yaml and tell its steps")
    check.add_argument("file", type=Path, metavar="FILE")
    check.add_argument("--svg", type=Path, metavar="FILE", help="draw the steps (of several kinds: FILE-<kind>.svg)")
    check.add_argument("--language", choices=("zh", "en"), default="zh")
    check.set_defaults(run=checked)
    new = verbs.add_parser("new", help="declare a new kind of record in a domain's registers.yaml")
    new.add_argument("name", metavar="NAME", help="slug of the kind: lower-case letters, digits and _")
    new.add_argument("--domain", required=True, metavar="DOMAIN", help="slug of the domain; a new one gets its folder")
    new.add_argument("--folder", type=Path, metavar="DIR", help="folder of the domains (else that of the installation)")
    new.set_defaults(run=made)
    whole = verbs.add_parser("verify", help="every record's chain, its fold, the kept counts: 0 or 1")
    whole.add_argument("--data", type=Path, metavar="DIR", help="data folder (else QINGYUAN_DATA, else ./var)")
    whole.set_defaults(run=verified)


def checked(args: argparse.Namespace) -> int:
    """Print the steps of every kind of a file; a fault is an error naming file and key."""
    from qingyuan.interfaces import loading
    from qingyuan.registers import drawing
    from qingyuan.registers.flow import soundness
    from qingyuan.registers.flow.reading import kinds
    from qingyuan.standards.schema import FaultyLibrary

    there = loading.registers().kinds
    found = kinds(args.file, args.file.resolve().parent.name)
    for kind in found.values():
        for place, what in soundness.referred(kind, {**there, **found}):
            raise FaultyLibrary(f"{args.file}: {kind.name}.{place}: {what}", "Name a field it has")
        print(drawing.text(kind, args.language))
        if args.svg:
            to = args.svg if len(found) == 1 else args.svg.with_stem(f"{args.svg.stem}-{kind.name}")
            to.write_text(drawing.svg(kind, args.language), encoding="utf-8")
            print(f"  drawn: {to}")
    return 0


def made(args: argparse.Namespace) -> int:
    """Add a kind to a domain's declarations, and check the file."""
    from qingyuan.interfaces import loading
    from qingyuan.registers.flow.reading import kinds

    name, domain = args.name, args.domain
    for word in (name, domain):
        if not (word.isascii() and word.isidentifier() and word == word.lower()):
            raise WrongUsage(f"{word!r} is no slug", "Use lower-case letters, digits and _")
    if name in loading.registers().kinds:
        raise WrongUsage(f"There is a register {name!r} already", "Choose another name")
    folder = (args.folder or loading.FOLDER) / domain
    file = folder / "registers.yaml"
    template = files("qingyuan.registers").joinpath("scaffold.yaml").read_text("utf-8").replace("KIND", name)
    if file.exists():
        text = file.read_text(encoding="utf-8").rstrip("\n") + "\n" + template.partition("kinds:\n")[2]
    else:
        _new_domain(folder, domain)
        text = template
    file.write_text(text, encoding="utf-8")
    kinds(file, domain)
    print(f"{file}: {name}. Change its words, fields and steps, then: qingyuan register check {file}")
    return 0


def _new_domain(folder: Path, domain: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    init = folder / "__init__.py"
    if init.exists():
        return
    init.write_text(
        f'"""{domain.capitalize()}: so far its ledgers."""\n\n'
        "from qingyuan.assessments.declaration import Domain\n\n"
        f'DOMAIN = Domain("{domain}", title_zh="{domain}", title_en="{domain.capitalize()}", properties=())\n\n'
        '__all__ = ["DOMAIN"]\n'
    )
    (folder / "README.md").write_text(f"# {domain.capitalize()}\n\nWhat it is for, for whom, three commands.\n")
    print(f"{folder}: a new domain. Name it in domains/__init__.py and in pyproject.toml (independence of domains).")


def verified(args: argparse.Namespace) -> int:
    """Fold every record anew, follow its chain, count everything again; name what is wrong."""
    from qingyuan.interfaces.cli import serve

    serve.prepare(args.data)
    from qingyuan.interfaces import loading
    from qingyuan.registers import checks

    kinds = loading.registers().kinds
    wrong = list(checks.faults(kinds))
    for each in wrong[:50]:
        print(each)
    print(f"{checks.records(kinds)} records, {len(wrong)} faults")
    return 1 if wrong else 0
