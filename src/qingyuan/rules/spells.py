"""When a line of rows is bad: a small machine with hysteresis that gives the stretches, and never flaps.

Pure: the same rows give the same stretches, whenever they are looked at. Silence ends nothing: a stretch is over only
when good rows were measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any

from qingyuan.registers.flow.expressions import Expression
from qingyuan.rules.declared import SEVERITIES, Rule, Severity, Threshold

REMEMBERED = 100_000
"""Different rows a rule remembers its judgement of: two days of 1,600 stations."""

Row = Mapping[str, Any]
"""One interval of one line: ``at`` (its start, +08:00 wall clock) and columns."""


class Judged(Enum):
    """What a row says. BETWEEN: beyond one threshold of the two only; UNKNOWN: it says nothing."""

    ON = "on"
    OFF = "off"
    BETWEEN = "between"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Stretch:
    """begin <= t < end; worst: the row that speaks loudest; rows: how many were bad; open: not yet good again.

    closed: start of the good row that ended it.
    """

    begin: datetime
    end: datetime
    severity: Severity
    worst: Row
    rows: int
    closed: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether it is not yet good again."""
        return self.closed is None


def judge(rule: Rule, row: Row) -> Judged:
    """What one row says, by the rule's expressions and the thresholds of its day; worked out once for equal values."""
    values = tuple(map(row.get, rule.columns))
    key = (values, *map(type, values), (row["at"].date(), row["at"].hour) if rule.dated else None)
    try:
        found: Judged | None = rule.judged.get(key)
    except TypeError:  # a list among the values
        return _judged(rule, row)
    if found is None:
        if len(rule.judged) >= REMEMBERED:
            rule.judged.clear()
        found = rule.judged[key] = _judged(rule, row)
    return found


def _judged(rule: Rule, row: Row) -> Judged:
    when, values = rule.when, plain(rule, row)
    if (when.valid and when.valid.value(values) is not True) or when.on is None:
        return Judged.UNKNOWN
    bad = when.on.value(values)
    good = None if bad is None and when.off is None else (not bad if when.off is None else when.off.value(values))
    if bad is True:
        return Judged.ON
    if good is True:
        return Judged.OFF
    return Judged.UNKNOWN if bad is None else Judged.BETWEEN


def plain(rule: Rule, row: Row) -> dict[str, Any]:
    """The values the expressions read, numbers exact."""
    at: datetime = row["at"]
    known = {"hour": Decimal(at.hour), "month": Decimal(at.month), **_numbers(rule.thresholds, at.date())}
    return {name: known[name] if name in known else exact(row.get(name)) for name in rule.names}


@lru_cache(maxsize=4096)
def _numbers(thresholds: tuple[Threshold, ...], day: date) -> dict[str, Decimal]:
    return {each.name: each.value(day) for each in thresholds}


def exact(value: Any) -> Any:
    """A number as the decimal it prints as; NaN is nothing."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        number = Decimal(str(value))
        return number if number.is_finite() else None
    return value


def stretches(rule: Rule, rows: Sequence[Row]) -> list[Stretch]:
    """The bad stretches of one line, in order. rows: in time, of one point, property and averaging."""
    when = rule.when
    kept = [row for row in rows if when.where is None or when.where.value(_where(rule, when.where, row)) is True]
    return list(_Machine(rule).through(kept))


def _where(rule: Rule, where: Expression, row: Row) -> dict[str, Any]:
    values = plain(rule, row)
    return {name: values[name] for name in where.names}


class _Machine:
    """One walk along a line: off with bad rows pending, or on with good rows counted."""

    def __init__(self, rule: Rule) -> None:
        self.rule, self.when = rule, rule.when
        self.bad: list[Row] = []
        self.on = False
        self.good = 0

    def through(self, rows: Sequence[Row]) -> Iterator[Stretch]:
        steps: dict[Judged, Callable[[Row], None]] = {
            Judged.ON: self._bad, Judged.OFF: self._good, Judged.BETWEEN: self._between, Judged.UNKNOWN: _nothing,
        }  # fmt: skip
        for row in rows:
            judged = judge(self.rule, row)
            if judged is not Judged.ON and not self.bad:
                continue
            steps[judged](row)
            if self.on and self.good >= self.when.ends_after:
                yield self._stretch(row["at"])
                self.on, self.bad, self.good = False, [], 0
        if self.on:
            yield self._stretch(None)

    def _bad(self, row: Row) -> None:
        if not self.on and self.bad and row["at"] - self.bad[-1]["at"] > self.when.gap + self.when.step:
            self.bad = []
        self.bad.append(row)
        self.good = 0
        self.on = self.on or len(self.bad) >= self.when.hold

    def _good(self, row: Row) -> None:
        if self.on:
            self.good += 1
        else:
            self.bad = []

    def _between(self, row: Row) -> None:
        self.good = 0
        if not self.on:
            self.bad = []

    def _stretch(self, closed: datetime | None) -> Stretch:
        return stretch(self.rule, self.bad, self.bad[-1]["at"] + self.when.step, closed)


def _nothing(_row: Row) -> None:
    """An unknown row neither counts nor breaks."""


def stretch(rule: Rule, bad: Sequence[Row], end: datetime, closed: datetime | None) -> Stretch:
    """A stretch of bad rows: its severity is the highest any of them had when it came."""
    told = [severity(rule, row, count) for count, row in enumerate(bad, 1)]
    most = max(told, key=SEVERITIES.index)
    return Stretch(bad[0]["at"], end, most, max(bad, key=lambda row: _rank(rule, row)), len(bad), closed)


def severity(rule: Rule, row: Row, count: int) -> Severity:
    """The first severity whose condition holds. count: bad rows of the stretch so far, as ``rows``."""
    if rule.severity[0][0] is None:
        return rule.severity[0][1]
    values = {**plain(rule, row), "rows": Decimal(count)}
    return next(word for condition, word in rule.severity if condition is None or condition.value(values) is True)


def _rank(rule: Rule, row: Row) -> Decimal:
    found = exact(row.get(rule.rank_column or rule.value_column))
    return found if isinstance(found, Decimal) else Decimal("-Infinity")
