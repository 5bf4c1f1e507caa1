"""The four first moments 四个第一时间: when it was known, analysed, acted upon and punished, against the rule.

Each is measured from its own beginning, and both are names of times of a case (``occurred``, ``opened``, or the
first time a step was left). The rules are in a case kind's declaration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

NAMES = ("known", "analysed", "acted", "punished")


@dataclass(frozen=True)
class Rule:
    """From which time to which, and within how many hours."""

    since: str
    until: str
    hours: float

    @property
    def within(self) -> timedelta:
        """The time allowed."""
        return timedelta(hours=self.hours)


@dataclass(frozen=True)
class Moment:
    """One of the four: how long it took (None: not yet), the rule, how late it is (None: in time, or still may be)."""

    name: str
    took: timedelta | None
    within: timedelta
    late: timedelta | None


def stamped(rules: Mapping[str, Rule], times: Mapping[str, datetime], at: datetime, over: bool = False) -> list[Moment]:
    """The four moments of a case, in their order; those without a rule, or whose beginning is not yet, are left out.

    over: the case has ended, so that what did not come (a penalty that was not needed) is not late any more.
    """
    found = [_moment(name, rules[name], times, at) for name in NAMES if name in rules and rules[name].since in times]
    return [replace(each, late=None) if over and each.took is None else each for each in found]


def _moment(name: str, rule: Rule, times: Mapping[str, datetime], at: datetime) -> Moment:
    since, done = times[rule.since], times.get(rule.until)
    late = (done or at) - since - rule.within
    return Moment(name, done - since if done else None, rule.within, late if late > timedelta(0) else None)
