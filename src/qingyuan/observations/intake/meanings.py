"""What the words of a row mean: property, averaging and unit, by the property library."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from functools import lru_cache

from qingyuan.base import units
from qingyuan.standards import properties
from qingyuan.standards.properties import ObservedProperty

STEP_US = {
    "1min": 60_000_000,
    "1h": 3_600_000_000,
    "2h": 3_600_000_000,
    "8h": 3_600_000_000,
    "24h": 86_400_000_000,
    "mda8": 86_400_000_000,
}
"""Intervals begin on whole steps of the clock: microseconds by averaging; other averagings begin anywhere."""

_AVERAGINGS = {
    "1min": "1min minute min pt1m 分钟 1分钟 分钟值 分钟均值",
    "1h": "1h 1hour 1hr 60min hour hourly h pt1h 小时 1小时 小时值 小时均值 1小时平均 时均值",
    "8h": "8h 8hour pt8h 8小时 8小时滑动 8小时平均 8小时滑动平均",
    "24h": "24h 1d 24hour day daily pt24h p1d 日 日均 日均值 24小时 24小时平均 日平均",
    "mda8": "mda8 8h_max max8h 日最大8小时 日最大8小时平均 8小时滑动日最大",
}
_AVERAGING = {word: name for name, words in _AVERAGINGS.items() for word in words.split()}
_BEFORE = units.AMENDED_FROM - timedelta(days=1)
_OTHER = re.compile(r"\d+(s|min|h|d)|month|quarter|year|1h_max|instant")


@dataclass(frozen=True)
class Meaning:
    """What (property word, averaging word, unit word) mean, or the trouble with them.

    before, after: factor to `unit` for data before and since the amended reference state.
    serves: whether the row is wanted; otherwise `because` tells why it is passed over.
    """

    slug: str | None = None
    averaging: str | None = None
    unit: str | None = None
    low: float | None = None
    high: float | None = None
    before: Fraction = Fraction(1)
    after: Fraction = Fraction(1)
    serves: bool = True
    because: str | None = None
    trouble: str | None = None

    @property
    def exact(self) -> bool:
        """Whether values are taken as they stand."""
        return self.before == self.after == 1


@dataclass(frozen=True)
class Reading:
    """How a file is read: what it lacks, and what is wanted of it.

    averaging: that of rows which name none. running: its daily words (``PM2.5_24h``) are running means of each hour.
    bare_unit: rows without unit have the unit of the property. needed: slugs wanted, all when None.
    outlets: the points are outlets of sources, where units and bounds are others; or which of the points are.
    """

    averaging: str
    running: bool = False
    bare_unit: bool = False
    needed: frozenset[str] | None = None
    outlets: bool | frozenset[str] = False

    def at(self, outlet: bool) -> Reading:
        """The same for points that all are outlets, or none of them."""
        return self if self.outlets is outlet else replace(self, outlets=outlet)

    def of(self, points: Iterable[str]) -> Reading | None:
        """The same for these points; None when outlets and others are among them."""
        if isinstance(self.outlets, bool):
            return self
        kinds = {point in self.outlets for point in points}
        return None if len(kinds) > 1 else self.at(kinds == {True})


def averaging_of(word: str) -> str | None:
    """The averaging a word means (``小时`` -> ``1h``); None for an unknown word."""
    text = word.strip().casefold()
    return _AVERAGING.get(text) or (text if _OTHER.fullmatch(text) else None)


@lru_cache(maxsize=65536)
def meaning(word: str, averaging: str, unit: str, reading: Reading) -> Meaning:
    """The meaning of a row's words (empty: not given); the points of the reading are of one kind."""
    if not word.strip():
        return Meaning(trouble="no property")
    found = properties.find_with_averaging(word)
    if found is None:
        return Meaning(trouble=f"property {word!r} is unknown")
    known, implied = found
    if reading.needed is not None and known.slug not in reading.needed:
        return Meaning(slug=known.slug, serves=False, because=f"{known.slug}: not needed")
    if reading.running and implied in ("24h", "mda8", "1h_max"):
        return Meaning(slug=known.slug, serves=False, because=f"{word}: a running mean published each hour")
    return _averaged(known, word, averaging, implied, unit, reading)


def _averaged(
    known: ObservedProperty, word: str, averaging: str, implied: str | None, unit: str, reading: Reading
) -> Meaning:
    named = averaging_of(averaging) if averaging.strip() else None
    if averaging.strip() and named is None:
        return Meaning(trouble=f"averaging {averaging!r} is unknown: use 1h, 24h, mda8 ...")
    if named and implied and named != implied:
        return Meaning(trouble=f"property {word!r} says {implied}, averaging says {averaging!r}")
    return _converted(known, named or implied or reading.averaging, unit, reading)


def _converted(known: ObservedProperty, averaging: str, unit: str, reading: Reading) -> Meaning:
    known = known.at_outlet() if reading.outlets else known
    written = known.unit if reading.bare_unit and not unit.strip() else unit.strip()
    if not written and known.unit != "1":
        return Meaning(trouble=f"no unit: {known.slug} needs one, such as {known.unit}")
    before, after = (known.factor(written, day) for day in (_BEFORE, units.AMENDED_FROM))
    if before is None or after is None:
        kind = "impossible for" if units.canonical(written) else "unknown: give one for"
        return Meaning(trouble=f"unit {unit!r} is {kind} {known.slug} ({known.unit})")
    low, high = (None if bound is None else float(bound) for bound in (known.plausible_min, known.plausible_max))
    return Meaning(known.slug, averaging, known.unit, low, high, before, after)
