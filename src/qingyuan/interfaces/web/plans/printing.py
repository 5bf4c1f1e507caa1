"""A round's report as work behind its page."""

from __future__ import annotations

from pathlib import Path

from qingyuan.base.settings import data_dir
from qingyuan.interfaces.web.behind import Make, Product, Progress, Standing
from qingyuan.observations.datasets import Dataset
from qingyuan.plans.evaluating.rules import sealed_rules
from qingyuan.plans.models import Evaluation, SheetStep
from qingyuan.plans.reporting.making import make
from qingyuan.plans.reporting.material import gather
from qingyuan.plans.reporting.settled import settled
from qingyuan.plans.reporting.sourcing import source

GATHERING = 25
"""Per cent of the work that is gathering, before the writing."""


def folder(number: int, language: str) -> Path:
    """Where the files of a round's report are kept."""
    return data_dir() / "plans" / "reports" / f"{number}-{language}"


def stale(round_: Evaluation, made: Standing) -> bool:
    """Whether something was done on a sheet after the report was made."""
    return made.state == "done" and SheetStep.objects.filter(sheet__evaluation=round_, at__gt=made.when).exists()


def making(round_: Evaluation, dataset: Dataset, language: str) -> Make:
    """The work: the report as Word and, where LibreOffice is installed, as PDF. language: zh or en."""

    def work(told: Progress) -> Product:
        def gathering(what: str, done: int, total: int) -> None:
            told(what, GATHERING * done // total, 100)

        def writing(what: str, done: int, total: int) -> None:
            told(what, GATHERING + (100 - GATHERING) * done // total, 100)

        rules = sealed_rules(round_.rules["text"])
        material = gather(source(dataset, round_.as_of.date()), round_.kind, rules, round_.as_of, gathering)
        made = make(settled(material, round_, rules), writing, language)
        files = {"docx": made.word, **({"pdf": made.pdf} if made.pdf else {})}
        return Product(f"qingyuan-report-{round_.pk}.docx", files, made.pages)

    return work
