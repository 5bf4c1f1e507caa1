"""What happens as a deadline nears and passes: warning 预警, overdue, supervision 督办, accountability 问责."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from qingyuan.base.errors import QingyuanError
from qingyuan.base.working_days import add_working_days

WorkingDays = Callable[[datetime, int], datetime]
"""A moment so many working days later."""


class BadStage(QingyuanError):
    """A stage that cannot be read."""


@dataclass(frozen=True)
class Stage:
    """One stage. amount, unit: from the deadline, negative before it; tells: handler, leader, above, above_two."""

    name: str
    zh: str
    en: str
    amount: int
    unit: str
    tells: tuple[str, ...]
    letter: str = ""

    def begins(self, due: datetime, working_days: WorkingDays) -> datetime:
        """When the stage is reached for a deadline."""
        if self.unit == "working_days":
            return working_days(due, self.amount)
        return due + timedelta(**{self.unit: self.amount})


@lru_cache(maxsize=4)
def stages(of: str = "stages") -> tuple[Stage, ...]:
    """The stages in their order: of the deadlines of steps, or of regular dispatch (``dispatch``)."""
    text = files("qingyuan.cases").joinpath("escalation.yaml").read_text("utf-8")
    return tuple(read(name, row) for name, row in yaml.safe_load(text)[of].items())


def read(name: str, row: Mapping[str, Any]) -> Stage:
    """A stage as YAML holds it. Raises BadStage."""
    try:
        sign, told = (-1, row["before"]) if "before" in row else (1, row["after"])
        amount, unit = str(told).split()
        if unit not in ("hours", "days", "working_days"):
            raise ValueError(unit)
        return Stage(name, row["zh"], row["en"], sign * int(amount), unit, tuple(row["tells"]), row.get("letter", ""))
    except (KeyError, ValueError) as fault:
        raise BadStage(f"Stage {name} cannot be read: {fault}", "Write it as: after: 3 working_days.") from None


def reached(due: datetime | None, at: datetime, working_days: WorkingDays, of: str = "stages") -> tuple[Stage, ...]:
    """The stages a deadline has come to by `at`, earliest first; none without a deadline."""
    if due is None:
        return ()
    return tuple(stage for stage in stages(of) if stage.begins(due, working_days) <= at)


def working_days(moment: datetime, days: int) -> datetime:
    """So many working days later, at the same time of the day."""
    return datetime.combine(add_working_days(moment.date(), days), moment.time())
