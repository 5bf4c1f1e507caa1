"""``python -m benchmarks.report DIR``: a round's report of a demo's data folder: pages, seconds, and their ratio.

The yardstick is LibreOffice converting the same Word file alone, which the making includes twice: once for the pages
of the contents, once for the file that is kept.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from qingyuan.observations.datasets import Dataset
    from qingyuan.plans.models import Evaluation
    from qingyuan.plans.reporting.material import Material

Found = TypeVar("Found")
WANTED_PAGES, WANTED_SECONDS = 60, 30


def main(data: Path) -> None:
    """Gather, write, print; say whether a report of 60 pages stays below 30 s."""
    from qingyuan.interfaces.cli import serve

    serve.prepare(data)
    from qingyuan.interfaces.cli.plan import dataset_of
    from qingyuan.plans.models import Evaluation
    from qingyuan.plans.reporting import making

    round_ = Evaluation.objects.order_by("pk").first()
    if round_ is None or not making.office():
        print("report: not measured, it needs a demo with a round of evaluation, and LibreOffice")
        return
    material, gathering = _timed(lambda: _material(round_, dataset_of(data, "simulated")))
    made, making_ = _timed(lambda: making.make(material, lambda *_told: None))
    _pdf, alone = _timed(lambda: making.printed(made.word))
    took, pages = gathering + making_, made.pages or 0
    fits = pages >= WANTED_PAGES and took < WANTED_SECONDS
    print(
        f"report: {pages} pages with charts in {took:.1f} s (gathered {gathering:.1f}, made {making_:.1f}), "
        f"{1000 * took / max(pages, 1):.0f} ms a page; LibreOffice alone {alone:.1f} s, {took / alone:.1f} times that; "
        f"wanted at least {WANTED_PAGES} pages below {WANTED_SECONDS} s: {'kept' if fits else 'NOT KEPT'}"
    )


def _material(round_: Evaluation, dataset: Dataset) -> Material:
    from qingyuan.plans.evaluating.rules import sealed_rules
    from qingyuan.plans.reporting.material import gather
    from qingyuan.plans.reporting.settled import settled
    from qingyuan.plans.reporting.sourcing import source

    rules, as_of = sealed_rules(round_.rules["text"]), round_.as_of
    found = gather(source(dataset, as_of.date()), round_.kind, rules, as_of, lambda *_told: None)
    return settled(found, round_, rules)


def _timed(what: Callable[[], Found]) -> tuple[Found, float]:
    begun = time.perf_counter()
    found = what()
    return found, time.perf_counter() - begun


if __name__ == "__main__":
    main(Path(sys.argv[1]))
