"""Fixed means measured: days of a monitor after the rectification, and whether they prove it.

A day agrees, is over, or is missing (no valid result). Only whole days after the day of the rectification count.
A missing day neither counts nor breaks; a day over the limit is a relapse: nothing before it counts any more, and
the case is opened again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Verdict = Literal["agrees", "over", "missing", "ahead"]
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Cell:
    """One day of proof. ahead: it has not been measured yet."""

    day: date
    verdict: Verdict


@dataclass(frozen=True)
class Proof:
    """What later data say. needed: agreeing days asked for; cells: from the day after rectification, in order."""

    needed: int
    cells: tuple[Cell, ...]

    @property
    def agreeing(self) -> int:
        """Days that agree since the last day over the limit."""
        count = 0
        for cell in self.cells:
            count = 0 if cell.verdict == "over" else count + (cell.verdict == "agrees")
        return count

    @property
    def relapse(self) -> date | None:
        """The last day over the limit, if any."""
        return next((cell.day for cell in reversed(self.cells) if cell.verdict == "over"), None)

    @property
    def proven(self) -> bool:
        """Whether enough days agree and none after the rectification was over the limit."""
        return self.relapse is None and self.agreeing >= self.needed

    @property
    def lacking(self) -> int:
        """How many agreeing days are still to come."""
        return max(0, self.needed - self.agreeing)

    @property
    def earliest(self) -> date | None:
        """The first day on which it may be proven; None when it is, or after a relapse."""
        if self.proven or self.relapse or not self.cells:
            return None
        return self.cells[-1].day + self.lacking * DAY


def judge(days: Mapping[date, bool | None], rectified: date, today: date, needed: int) -> Proof:
    """The proof by the days of a monitor. days: True agrees, False over, None or absent no valid result.

    The day of the rectification and the present day, which is not over, are left out.
    """
    span = range(1, (today - rectified).days)
    found = [rectified + number * DAY for number in span]
    return Proof(needed, tuple(Cell(day, _VERDICTS[days.get(day)]) for day in found))


_VERDICTS: dict[bool | None, Verdict] = {True: "agrees", False: "over", None: "missing"}


def shown(proof: Proof, today: date) -> list[Cell]:
    """The cells a page shows: the days of the present count, then those still to come, `needed` of them or more."""
    last = proof.relapse
    counted = [cell for cell in proof.cells if last is None or cell.day > last]
    first = counted[-1].day + DAY if counted else today
    return counted + [Cell(first + number * DAY, "ahead") for number in range(proof.lacking)]
