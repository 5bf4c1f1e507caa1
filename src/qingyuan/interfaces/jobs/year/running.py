"""The clock of the year: stories woken one after the other in the order of their moments, and what they share."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import lru_cache
from importlib.resources import files
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import yaml

from qingyuan.gateway.simulated import Device
from qingyuan.interfaces.jobs.year.staff import Staff

Story = Generator[datetime, None, None]
Progress = Callable[[str, int, int], None]
MORNING, EVENING = time(8, 30), time(17, 30)


@lru_cache(maxsize=1)
def texts() -> dict[str, Any]:
    """What is said in the year."""
    return yaml.safe_load(files("qingyuan.interfaces.jobs.year").joinpath("texts.yaml").read_text("utf-8"))


@dataclass
class Year:
    """The world of the stories. begins, ends: wall clock; driven: cases somebody is at work on."""

    data: Path
    begins: datetime
    ends: datetime
    seed: int
    staff: Staff
    devices: list[Device]
    driven: set[int] = field(default_factory=set)
    _waiting: list[tuple[datetime, int, Story]] = field(default_factory=list)
    _order: Any = field(default_factory=count)

    def chance(self, *name: object) -> Random:
        """Chance of a story's own: one more story does not change the others."""
        return Random(f"{self.seed} {name}")  # noqa: S311 - a simulation, no secret

    def tell(self, story: Story) -> None:
        """Begin a story."""
        self._on(story)

    def _on(self, story: Story) -> None:
        when = next(story, None)
        if when is not None and when <= self.ends:
            heapq.heappush(self._waiting, (when, next(self._order), story))

    def run(self, progress: Progress) -> None:
        """Wake the stories until the year ends."""
        days, shown = (self.ends - self.begins).days, -1
        while self._waiting:
            when, _order, story = heapq.heappop(self._waiting)
            if (day := (when - self.begins).days) > shown:
                shown = day
                progress(f"{when:%Y-%m-%d}", day, days)
            self._on(story)


def working(moment: datetime, chance: Random) -> datetime:
    """A moment brought into the hours of an office, the next ones when it is past."""
    if MORNING <= moment.time() <= EVENING:
        return moment
    day = moment.date() if moment.time() < MORNING else moment.date() + timedelta(days=1)
    return datetime.combine(day, MORNING) + timedelta(minutes=chance.randrange(5, 480))


def some_day(year: Year, chance: Random, lately: float = 0.13, months: tuple[int, ...] = ()) -> datetime:
    """A moment of the year, with a share `lately` in its last thirty days; in some months only, if said."""
    span = timedelta(days=30) if chance.random() < lately else year.ends - year.begins
    for _try in range(60):
        found = year.ends - span * chance.random()
        if not months or found.month in months:
            break
    return found.replace(microsecond=0, second=0)
