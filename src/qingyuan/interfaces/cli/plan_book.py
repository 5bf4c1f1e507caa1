"""``qingyuan plan seed`` and ``plan import --store``: plans entered into the platform's book."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from qingyuan.base.errors import WrongUsage

if TYPE_CHECKING:
    from qingyuan.plans.models import Version


def add(parts: argparse._SubParsersAction) -> None:
    """Register the parts of ``qingyuan plan`` that keep the plan's book."""
    seed = parts.add_parser("seed", help="enter the plan of the library: chapters, tasks, projects, indicators")
    seed.add_argument("--data", type=Path, metavar="DIR", help="data folder (else QINGYUAN_DATA, else ./var)")
    seed.set_defaults(run=_seed)


def add_storing(taken: argparse.ArgumentParser) -> None:
    """The options of ``plan import`` that enter the draft."""
    taken.add_argument("--store", action="store_true", help="enter the draft as a version to review; needs --plan")
    taken.add_argument("--data", type=Path, metavar="DIR", help="data folder (else QINGYUAN_DATA, else ./var)")
    taken.add_argument("--plan", metavar="CODE", help="the plan it is a version of, or the code of a new one")
    taken.add_argument("--division", metavar="CODE", help="place of a new plan, e.g. 220000")
    taken.add_argument("--label", metavar="TEXT", help="what the version is called; else the file's name")


def check_storing(args: argparse.Namespace) -> None:
    """WrongUsage when --store lacks its plan, or its options are given without it."""
    if args.store and not args.plan:
        raise WrongUsage("--store does not say of which plan the draft is", "Add --plan CODE, e.g. --plan jilin-15th")
    if not args.store and (args.plan or args.division or args.label):
        raise WrongUsage("--plan, --division and --label only say where a draft is stored", "Add --store")


def stored(args: argparse.Namespace) -> str:
    """The file's draft as a new version, as the import page makes it; returns the address of its review.

    WrongUsage for a code or place that cannot be used; UnreadableInput as the page.
    """
    from qingyuan.interfaces.cli import serve

    serve.prepare(args.data)
    from django.urls import reverse

    from qingyuan.base.time import now
    from qingyuan.interfaces.web.plans import importing
    from qingyuan.people.audit import SYSTEM

    told = importing.Told(args.plan, _place(args.plan, args.division), args.label or args.file.stem, args.file.name)
    digest = importing.take(args.file.read_bytes(), told)
    version = importing.open_draft(digest, told, importing.read_upload(digest, told), SYSTEM, now())
    return reverse("plan_version", args=[version.pk])


def _place(plan: str, division: str | None) -> str:
    """The place of a known plan, or of a new one as given."""
    from qingyuan.places.divisions import division as known_division
    from qingyuan.plans.models import Plan

    known = Plan.objects.filter(code=plan).first()
    if known is None and division is None:
        raise WrongUsage(f"There is no plan {plan} yet", "Add --division CODE to begin it, or name a known plan")
    if known is not None and division not in (None, known.division):
        raise WrongUsage(f"The plan {plan} is of {known.division}, not of {division}", "Leave out --division")
    return known.division if known else known_division(division or "").code


def _seed(args: argparse.Namespace) -> int:
    from qingyuan.base.settings import data_dir

    version = seeded((args.data or data_dir()).resolve())
    print(f"{version.plan.title}: version {version.number}, {version.items.count()} items, {version.state}")
    return 0


def seeded(data: Path, simulated: bool = False) -> Version:
    """The plan of the library in the database of a data folder; what is there stays. simulated: in a demo."""
    from qingyuan.interfaces.cli import serve

    data.mkdir(parents=True, exist_ok=True)
    serve.prepare(data)
    from qingyuan.base.time import now
    from qingyuan.people.audit import SYSTEM
    from qingyuan.plans.book import seeding

    return seeding.seed(SYSTEM, now(), simulated)
