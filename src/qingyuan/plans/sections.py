"""Shares of river and lake sections by class, from the stored results of the water domain.

``water.sections`` holds a row a section and month: phenomenon_time its first day, level 1 to 5 or 6 (worse than V),
the class of the mean of the year up to the end of that month (means first, class second), valid, edition. Where a
section lies is told by the register of points (kind ``section``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from qingyuan.assessments import store
from qingyuan.places.divisions import within
from qingyuan.places.points import Point, read_points
from qingyuan.plans.facts import Words
from qingyuan.plans.indicators import points_written
from qingyuan.plans.told import Came, Piece, Told

ASSESSMENT = "water.sections"
COLUMNS = "point, phenomenon_time, level, valid, edition"
GOOD_UP_TO, WORST = 3, 6
CLASSES = ("", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ", "劣Ⅴ")


@dataclass(frozen=True)
class Section:
    """A section's class over the year up to the end of a month; month: its first day."""

    point: str
    name: str
    division: str
    month: date
    level: int
    edition: str


def told(dataset: Path, division: str, on: date, measure: str) -> Told | None:
    """The share of sections of a (six-digit) division that count, as of the months that are over by a day."""
    now = sections(dataset, division, on)
    if not now:
        return None
    last = max(each.month for each in now)
    # the same months of the year before
    before = _share(sections(dataset, division, _month_end(last.replace(year=last.year - 1))), measure)
    came = Came(
        "assessment", _words(now, measure), f"{ASSESSMENT} v{store.version(dataset, ASSESSMENT)}", _month_end(last),
        tuple(map(_piece, now)),
    )  # fmt: skip
    years = _years(dataset, division, last.year, measure)
    return Told(_required(_share(now, measure)), came, before, years)


def _piece(each: Section) -> Piece:
    return Piece(each.name, CLASSES[each.level], _month_end(each.month), ("section", each.point), each.edition)


def _words(now: list[Section], measure: str) -> Words:
    counted = sum(_counts(each.level, measure) for each in now)
    return Words(
        f"断面评价：{len(now)} 个断面中 {counted} 个", f"assessment of sections: {counted} of {len(now)} sections"
    )


def _required(value: Fraction | None) -> Fraction:
    if value is None:
        raise ValueError("a share of no sections")
    return value


def sections(dataset: Path, division: str, on: date) -> list[Section]:
    """The newest class of each section of a division in the year, of the months that are over at the end of a day."""
    newest: dict[str, Section] = {}
    for each in _of_year(dataset, store.version(dataset, ASSESSMENT), on.year, points_written(dataset)):
        if _month_end(each.month) <= on and within(each.division, division):
            newest[each.point] = each
    return [newest[point] for point in sorted(newest)]


@lru_cache(maxsize=16)
def _of_year(dataset: Path, version: int, year: int, _points: int) -> tuple[Section, ...]:
    """Valid rows of a year, by month."""
    if version < 0:
        return ()
    rows = store.read(dataset, ASSESSMENT, first=date(year, 1, 1), last=date(year, 12, 31), columns=COLUMNS).to_pylist()
    places = {each.point: each for each in read_points(dataset) if each.kind == "section"}
    found = [
        Section(row["point"], places[row["point"]].name_zh, _place(places[row["point"]]),
                row["phenomenon_time"].date().replace(day=1), row["level"], row["edition"])
        for row in rows if row["valid"] and row["point"] in places
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda each: (each.month, each.point)))


def _place(point: Point) -> str:
    return point.county or point.city


def _counts(level: int, measure: str) -> bool:
    return level <= GOOD_UP_TO if measure == "good_sections" else level >= WORST


def _share(rows: Iterable[Section], measure: str) -> Fraction | None:
    levels = [each.level for each in rows]
    return Fraction(100 * sum(_counts(each, measure) for each in levels), len(levels)) if levels else None


def _years(dataset: Path, division: str, year: int, measure: str) -> tuple[tuple[int, Fraction], ...]:
    shares = (
        (each, _share(sections(dataset, division, date(each, 12, 31)), measure)) for each in range(year - 6, year)
    )
    return tuple((each, share) for each, share in shares if share is not None)


def _month_end(first: date) -> date:
    return (first.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
