"""``qingyuan plan report``: an evaluation report of the plan as Word or PDF."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from qingyuan.base.errors import WrongUsage

if TYPE_CHECKING:
    from qingyuan.observations.datasets import Dataset
    from qingyuan.plans.reporting.material import Source

SUFFIXES = (".docx", ".pdf")


def add(parts: argparse._SubParsersAction) -> None:
    """Register the part."""
    report = parts.add_parser("report", help="an evaluation report as Word or PDF", description=_run.__doc__)
    report.add_argument("--kind", required=True, choices=["midterm", "final", "yearly"])
    report.add_argument("--output", type=Path, required=True, metavar="FILE", help=".docx, or .pdf (needs LibreOffice)")
    report.add_argument("--data", type=Path, metavar="DIR", help="data folder (else QINGYUAN_DATA, else ./var)")
    report.add_argument("--dataset", metavar="SLUG", help="dataset; needed when there are several")
    report.add_argument("--on", metavar="TIME", help="newest hour, or a day with its last hour; else the latest")
    report.add_argument("--language", default="zh", choices=["zh", "en"])
    report.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    """Write chapters, indicators with charts, tasks and score sheets; each number has its line in the appendix."""
    from qingyuan.base.settings import data_dir
    from qingyuan.interfaces.cli.plan import _dataset, _latest, _moment
    from qingyuan.interfaces.jobs.progress import Bar
    from qingyuan.plans.evaluating.rules import rules
    from qingyuan.plans.reporting.making import CannotPrint, make, office
    from qingyuan.plans.reporting.material import gather

    _check(args.output)
    wanted = args.output.suffix.lower() == ".pdf"
    if wanted and not office():
        raise CannotPrint("There is no LibreOffice to make a PDF with", "Ask for .docx, or install libreoffice-writer")
    data = args.data or data_dir()
    dataset = _dataset(data, args.dataset)
    as_of = _moment(args.on) if args.on else _latest(dataset)
    bar = Bar("report")
    material = gather(source(data, dataset), args.kind, rules(args.kind, as_of.date()), as_of, bar)
    made = make(material, bar, args.language, pdf=wanted)
    args.output.write_bytes((made.pdf or b"") if wanted else made.word)
    pages = f"{made.pages} pages" if made.pages else "pages of the contents are filled in when Word opens it"
    bar.done(f"{args.output}, {pages}, sha256 {made.digest[:16]}")
    return 0


def _check(output: Path) -> None:
    if output.suffix.lower() not in SUFFIXES:
        raise WrongUsage(f"The report {output} has no known suffix", "End it with .docx or .pdf")
    if not output.parent.is_dir():
        raise WrongUsage(f"The folder of the report {output} does not exist", "Create it first")


def source(data: Path, dataset: Dataset) -> Source:
    """The version in force of a data folder with a database; else the plan of the library, told as such."""
    from qingyuan.interfaces.cli import serve
    from qingyuan.plans import facts
    from qingyuan.plans.reporting.material import Source

    told = facts.plan()
    serve.prepare(data)
    from qingyuan.plans import lights
    from qingyuan.plans.book import keeping, seeding
    from qingyuan.plans.models import Plan

    plan = Plan.objects.filter(code=told.code).first()
    version = plan and keeping.newest(plan)
    if not version:
        name = "规划事实库（未审定版本）"
        return Source(told, dataset.path, dataset.title_zh, dataset.simulated, name, seeding.library(), {})
    name = f"第 {version.number} 版 {version.digest[:8]}"
    return Source(told, dataset.path, dataset.title_zh, dataset.simulated, name, keeping.entries(version),
                  lights.of(version))  # fmt: skip
