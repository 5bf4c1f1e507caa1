"""Traffic lights of a version's tasks, each by rule and with its reason."""

from __future__ import annotations

from dataclasses import dataclass

from qingyuan.plans.facts import Words
from qingyuan.plans.models import Version


@dataclass(frozen=True)
class Light:
    """How a task stands. state: good, tight, bad, none (not reported), unknown; progress: as written, ``3/4``."""

    state: str
    reason: Words
    progress: str = ""


def of(version: Version) -> dict[str, Light]:
    """The light of each task by its key; a task that is missing was not reported on."""
    return {}
