"""Figures that may have lost their decimal point: settled by a second mention, or marked with what else they may be.

Two ways of losing it: the point's glyph has a private code (read as a point, see `mapped.GLYPH_POINT`), or it is gone
(898 % for 89.8 %). The second is believed only of texts and tables in which no figure has a point and some are
impossible without one (a leading zero, a share above 100 %).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from qingyuan.plans.reading import units
from qingyuan.plans.reading.draft import Doubt

_HUNDRED = Decimal(100)
_MOST_DECIMALS = 3
TEXT = "text"
"""The scope of figures outside the tables."""
_ALIKE = 0.5
"""Part of the letter pairs of the shorter name that two names of one thing share."""


@dataclass(frozen=True)
class Figure:
    """A printed figure; key: whose it is; scope, row: the table or text it stands in, and the row or sentence of it.

    printed: its digits with the point, if one was read; glyph: that point is a glyph of private code.
    """

    key: Hashable
    scope: Hashable
    row: Hashable
    name: str
    unit: str | None
    printed: str
    value: Decimal
    glyph: bool
    operator: str | None = None

    @property
    def digits(self) -> str:
        """The digits alone."""
        return re.sub(r"\D", "", self.printed)

    @property
    def pointed(self) -> bool:
        """It has a point, of either kind."""
        return "." in self.printed

    @property
    def impossible(self) -> bool:
        """As printed it cannot be: 07, 898 % of a whole."""
        leading = len(self.digits) > 1 and self.digits[0] == "0" and not self.pointed
        return leading or (units.is_share(self.name, self.unit) and self.value > _HUNDRED)


@dataclass(frozen=True)
class Settled:
    """The value a figure is read as, and the doubt that is left."""

    value: Decimal
    doubt: Doubt | None


def settle(figures: Sequence[Figure]) -> dict[Hashable, Settled]:
    """Each figure that may have lost its point: its likeliest value, with a doubt where nothing else proves it."""
    lost = _lost_scopes(figures)
    suspects = [each for each in figures if each.glyph or _may_have_lost(each, lost)]
    return {each.key: _settled(each, figures, suspects) for each in suspects}


def _lost_scopes(figures: Sequence[Figure]) -> set[Hashable]:
    scopes = {each.scope for each in figures}
    return {
        scope
        for scope in scopes
        if any(each.impossible for each in figures if each.scope == scope)
        and not any(each.pointed for each in figures if each.scope == scope)
    }


def _may_have_lost(figure: Figure, lost: set[Hashable]) -> bool:
    if figure.pointed or len(figure.digits) < 2 or figure.value == _HUNDRED:
        return False
    if figure.impossible:
        return True
    whole = units.counts(figure.unit) or (figure.digits.endswith("00") and not units.is_share(figure.name, figure.unit))
    return figure.scope in lost and not whole


def readings(figure: Figure) -> list[Decimal]:
    """All places the point may have had, within what such a figure can be; the whole number first."""
    digits, bound = figure.digits, units.is_share(figure.name, figure.unit) or units.is_index(figure.name, figure.unit)
    found = []
    for decimals in range(min(len(digits), _MOST_DECIMALS + 1)):
        head, tail = digits[: len(digits) - decimals], digits[len(digits) - decimals :]
        if len(head) > 1 and head[0] == "0":
            continue
        value = Decimal(f"{head}.{tail}" if tail else head)
        if not bound or value <= _HUNDRED:
            found.append(value)
    return found


def _settled(figure: Figure, figures: Sequence[Figure], suspects: Sequence[Figure]) -> Settled:
    possible = readings(figure) or [figure.value]
    if len(possible) == 1:
        return Settled(possible[0], None)
    proven = _second_mention(figure, figures, suspects, possible)
    if proven is not None:
        return Settled(proven, None)
    value = figure.value if figure.glyph else _likeliest(figure, possible, figures, suspects)
    others = tuple(each for each in possible if each != value)
    return Settled(value, Doubt("value", figure.digits, others, _reason(figure)) if others else None)


def _reason(figure: Figure) -> str:
    if figure.glyph:
        return "the point is a glyph of private code"
    return "the point may be lost: other figures here are impossible without one"


def _second_mention(
    figure: Figure, figures: Sequence[Figure], suspects: Sequence[Figure], possible: Sequence[Decimal]
) -> Decimal | None:
    """The value another mention of the same thing proves: printed otherwise, or with the same glyph elsewhere."""
    doubted = {each.key for each in suspects}
    for other in figures:
        if (other.scope, other.row) == (figure.scope, figure.row) or other.value not in possible:
            continue
        trusted = (
            other.value == figure.value if figure.glyph else other.key not in doubted or other.digits != figure.digits
        )
        if trusted and alike(figure, other):
            return other.value
    return None


def alike(one: Figure, other: Figure) -> bool:
    """Both are of the same thing: units that are the same, names that share most of their letter pairs."""
    if _unit(one.unit) != _unit(other.unit):
        return False
    pairs, others = _pairs(one.name), _pairs(other.name)
    return bool(pairs and others) and len(pairs & others) >= _ALIKE * min(len(pairs), len(others))


def _unit(unit: str | None) -> str | None:
    for short, long in (
        ("μg/m3", "微克/立方米"),
        ("ug/m3", "微克/立方米"),
        ("mg/m3", "毫克/立方米"),
        ("km2", "平方公里"),
    ):
        if unit == short:
            return long
    return unit


@lru_cache(maxsize=4096)
def _pairs(name: str) -> set[str]:
    bare = re.sub(r"[（）()“”的\s]", "", name)
    return {bare[at : at + 2] for at in range(len(bare) - 1)}


def _likeliest(
    figure: Figure, possible: Sequence[Decimal], figures: Sequence[Figure], suspects: Sequence[Figure]
) -> Decimal:
    """Near the sure value of its row or like; else a round bound as it is; else with the decimals of its table."""
    mates = [each for each in suspects if (each.scope, each.row) == (figure.scope, figure.row) and each is not figure]
    like = [] if mates else _alike_of(figure, suspects)
    sure = next((value for mate in [*mates, *like] if (value := _sure(mate, figures, suspects))), None)
    if sure is not None:
        return min(possible, key=lambda each: abs(each.ln() - sure.ln()) if each else _HUNDRED)
    tabled = figure.scope != TEXT
    peers = [
        each for each in suspects if tabled and each.scope == figure.scope and _unit(each.unit) == _unit(figure.unit)
    ]
    pointed = len(figure.digits) > 2 and _sure_decimals(peers)
    if possible[0] == figure.value and _round(figure) and not pointed:
        return possible[0]
    for near in (_alike_of(figure, suspects), peers):
        fitting = _with_decimals(possible, _sure_decimals(near))
        if fitting is not None:
            return fitting
    return possible[0]


def _sure(figure: Figure, figures: Sequence[Figure], suspects: Sequence[Figure]) -> Decimal | None:
    """Its value where it cannot be whole, or a second mention proves it."""
    possible = readings(figure)
    if figure.impossible and possible:
        return possible[0]
    return _second_mention(figure, figures, suspects, possible)


def _alike_of(figure: Figure, suspects: Sequence[Figure]) -> list[Figure]:
    return [each for each in suspects if each is not figure and alike(figure, each)]


def _round(figure: Figure) -> bool:
    """A bound, or a number that ends in 0 or 5, is mostly a round one."""
    return bool(figure.operator and figure.operator != "=") or figure.digits[-1] in "05"


def _with_decimals(possible: Sequence[Decimal], decimals: int | None) -> Decimal | None:
    if decimals is None:
        return None
    return next((each for each in possible if -int(each.as_tuple().exponent) == decimals), None)


def _sure_decimals(figures: Sequence[Figure]) -> int | None:
    """The decimals most figures of these have that cannot be read otherwise, or only as a share below 100."""
    counted: Counter[int] = Counter()
    for each in figures:
        possible = readings(each)
        if each.impossible and possible:
            counted[-int(possible[0].as_tuple().exponent)] += 1
    return counted.most_common(1)[0][0] if counted else None
