"""Findings kept up with what arrives: every dataset looked at again and again, evidence sealed after each look."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from math import inf
from pathlib import Path

from qingyuan.base.locking import alone
from qingyuan.base.time import now
from qingyuan.domains import DOMAINS, declared
from qingyuan.observations.datasets import list_datasets
from qingyuan.rules.catalogue import Catalogue, catalogue
from qingyuan.rules.evidence import sealing
from qingyuan.rules.models import Finding
from qingyuan.rules.watching import Watch

PAUSE = 0.2
"""Seconds between looks; one that finds nothing new costs a few reads of versions."""
REGISTERS_EVERY = 60.0
"""Seconds between looks at the registers, whose deadlines are counted in days."""
SEALING = 1.0
"""Seconds of sealing after a look: many findings at once do not keep the next frame waiting for its own."""


def rules() -> Catalogue:
    """The rules of all domains. FaultyLibrary for a wrong declaration."""
    return catalogue(declared("rules.yaml"))


def ready() -> Watch:
    """What watches, with the rules and the assessments they name."""
    return Watch(rules(), {each.name: each for domain in DOMAINS for each in domain.assessments})


class Round:
    """One look at everything, by one process at a time."""

    def __init__(self, data: Path) -> None:
        self.data, self.watch = data, ready()
        self.registers_at = float("-inf")

    def run(self, at: datetime | None = None, sealing_for: float = inf) -> list[Finding]:
        """The findings that are new or have changed; evidence is sealed for so many seconds, the rest next time."""
        with alone(self.data / "rules" / "lock"):
            moment = at or now()
            changed = [each for dataset in list_datasets(self.data) for each in self.watch.look(dataset, moment)]
            if time.monotonic() - self.registers_at >= REGISTERS_EVERY:
                self.registers_at = time.monotonic()
                changed += self.watch.registers(moment)
            sealing.seal_waiting(self.data, moment, sealing_for)
        return changed


def watch(data: Path, tell: Callable[[Finding], None], stopped: Callable[[], bool] = lambda: False) -> None:
    """Round after round until stopped; tell: told of each finding that is new or has changed."""
    each_round = Round(data)
    while not stopped():
        for finding in each_round.run(sealing_for=SEALING):
            tell(finding)
        time.sleep(PAUSE)
