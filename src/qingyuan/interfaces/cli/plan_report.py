"""``qingyuan plan report``: an evaluation report of the plan as Word or PDF."""

from __future__ import annotations

import argparse
from pathlib import Path

from qingyuan.base.errors import WrongUsage

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
    from qingyuan.interfaces.cli import serve
    from qingyuan.interfaces.cli.plan import _latest, _moment, dataset_of
    from qingyuan.interfaces.jobs.progress import Bar
    from qingyuan.plans.evaluating.rules import rules
    from qingyuan.plans.reporting.making import CannotPrint, make, office
    from qingyuan.plans.reporting.material import gather

    _check(args.output)
    wanted = args.output.suffix.lower() == ".pdf"
    if wanted and not office():
        raise CannotPrint("There is no LibreOffice to make a PDF with", "Ask for .docx, or install libreoffice-writer",
                          "没有 LibreOffice，不能生成 PDF；请改要 .docx，或安装 libreoffice-writer")  # fmt: skip
    data = args.data or data_dir()
    dataset = dataset_of(data, args.dataset)
    as_of = _moment(args.on) if args.on else _latest(dataset)
    bar = Bar("report")
    serve.prepare(data)
    from qingyuan.plans.reporting.sourcing import source

    material = gather(source(dataset, as_of.date()), args.kind, rules(args.kind, as_of.date()), as_of, bar)
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
