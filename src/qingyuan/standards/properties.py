"""Observed properties: what is measured, under which names and codes, in which unit, within which bounds.

Codes of HJ 524/525 and of HJ 212 are the short ones a device sends; a file may use any name, spelled freely.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

from qingyuan.base import units
from qingyuan.base.errors import UnknownLaw
from qingyuan.base.units import canonical
from qingyuan.standards.schema import Entry, FaultyLibrary, read

FILE = Path(__file__).parent / "properties.yaml"
"""The table of properties."""


@dataclass(frozen=True)
class AtOutlet:
    """What differs where a property is measured at an outlet; None = as elsewhere."""

    unit: str | None
    molar_mass: Decimal | None
    plausible_min: Decimal | None
    plausible_max: Decimal | None


@dataclass(frozen=True)
class ObservedProperty:
    """One property. unit: the platform's; decimals: of the law's record; molar_mass in g/mol for gases.

    plausible_min, plausible_max: generous bounds (inclusive, in `unit`) of nature and instruments.
    codes_2005: of HJ/T 212-2005. outlet: as it is at an outlet, which differs by `emission`.
    """

    slug: str
    name_zh: str
    name_en: str
    symbol: str
    unit: str
    decimals: int
    codes: tuple[str, ...]
    aliases: tuple[str, ...]
    molar_mass: Decimal | None
    plausible_min: Decimal | None
    plausible_max: Decimal | None
    domain: str
    codes_2005: tuple[str, ...] = ()
    emission: AtOutlet | None = None
    outlet: bool = False

    def at_outlet(self) -> ObservedProperty:
        """The property as it is measured at an outlet: another unit, wider bounds, the rounded molar mass."""
        told = vars(self.emission).items() if self.emission else ()
        return replace(self, emission=None, outlet=True, **{key: value for key, value in told if value is not None})

    def factor(self, unit: str, on: date) -> Fraction | None:
        """What a value in a unit is multiplied by to be in `unit`, by the law of the point's kind; None = cannot be.

        Of an outlet (see `at_outlet`) the standard state of HJ 75, of the air that of the day of the data.
        """
        mass = None if self.molar_mass is None else Fraction(self.molar_mass)
        if self.outlet:
            return units.source_factor(unit, self.unit, molar_mass=mass)
        return units.factor(unit, self.unit, molar_mass=mass, on=on)

    def plausible(self, value: Decimal | float) -> bool:
        """Whether a value (in `unit`) lies within the bounds."""
        low, high = self.plausible_min, self.plausible_max
        return (low is None or value >= low) and (high is None or value <= high)


def find(word: str) -> ObservedProperty | None:
    """The property a word means: slug, symbol, code, Chinese or English name; None for an unknown word.

    Case, width, subscripts, blanks and punctuation do not matter (``PM₂.₅``, ``Ｏ3``).
    """
    return _words().get(_plain(word))


def find_with_averaging(word: str) -> tuple[ObservedProperty, str | None] | None:
    """The property of a word that may end in an averaging, and that averaging or None.

    ``PM2.5`` -> (pm25, None), ``PM2.5_24h`` -> (pm25, "24h"), ``O3_8h_24h`` -> (o3, "mda8").
    None when unknown.
    """
    whole = find(word)
    if whole:
        return whole, None
    text = _plain(word)
    for ending, averaging in _endings():
        found = _words().get(text.removesuffix(ending)) if text.endswith(ending) else None
        if found:
            return found, averaging
    return None


def get(slug: str) -> ObservedProperty:
    """The property of a slug; UnknownLaw with near matches."""
    for each in all_properties():
        if each.slug == slug:
            return each
    slugs = [each.slug for each in all_properties()]
    near = difflib.get_close_matches(slug, slugs, 3) or slugs
    raise UnknownLaw(f"There is no observed property {slug!r}", f"Near: {', '.join(near)}")


def all_properties() -> list[ObservedProperty]:
    """All observed properties, in the order of the table."""
    return list(_table()[0])


@cache
def _table() -> tuple[tuple[ObservedProperty, ...], tuple[tuple[str, str], ...]]:
    """Properties, and endings with their averaging (longest first), from the table."""
    file = read(FILE)
    properties = tuple(_property(slug, entry) for slug, entry in file.entries("properties"))
    endings = [(_plain(word), name) for name, word in _averagings(file)]
    file.done()
    return properties, tuple(sorted(endings, key=lambda ending: -len(ending[0])))


def _averagings(file: Entry) -> Iterator[tuple[str, str]]:
    inner = file.inner("averagings")
    for name in inner.content:
        for word in inner.take(name, list):
            yield name, word


def _property(slug: str, entry: Entry) -> ObservedProperty:
    name_zh, name_en = entry.words("name")
    unit = entry.take("unit", str)
    if canonical(unit) != unit:
        entry.wrong("unit", f"{unit!r} is no unit of this library")
    read_property = ObservedProperty(
        slug=slug,
        name_zh=name_zh,
        name_en=name_en,
        symbol=entry.take("symbol", str),
        unit=unit,
        decimals=entry.take("decimals", int),
        codes=tuple(entry.take("codes", list, [])),
        aliases=tuple(entry.take("aliases", list, [])),
        molar_mass=_bound(entry, "molar_mass"),
        plausible_min=_bound(entry, "plausible_min") or Decimal(0),
        plausible_max=_bound(entry, "plausible_max"),
        domain=entry.take("domain", str),
        codes_2005=tuple(entry.take("codes_2005", list, [])),
        emission=_at_outlet(entry.inner("emission")) if "emission" in entry.content else None,
    )
    entry.done()
    return read_property


def _at_outlet(entry: Entry) -> AtOutlet:
    numbers = {key: _bound(entry, key) for key in ("molar_mass", "plausible_min", "plausible_max")}
    unit = entry.take("unit", str, None)
    if unit is not None and canonical(unit) != unit:
        entry.wrong("unit", f"{unit!r} is no unit of this library")
    entry.done()
    return AtOutlet(unit=unit, **numbers)


def _bound(entry: Entry, key: str) -> Decimal | None:
    number = entry.take(key, (int, Decimal), None)
    return None if number is None else Decimal(number)


@cache
def _words() -> dict[str, ObservedProperty]:
    """Every word for every property; FaultyLibrary when one word would mean two."""
    words: dict[str, ObservedProperty] = {}
    for each in all_properties():
        for word in (each.slug, each.symbol, each.name_zh, each.name_en, *each.codes, *each.aliases):
            if words.setdefault(_plain(word), each) is not each:
                raise FaultyLibrary(f"{FILE.name}: {word!r} means {words[_plain(word)].slug} and {each.slug}")
    return words


def _endings() -> tuple[tuple[str, str], ...]:
    return _table()[1]


def _plain(word: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKC", word).casefold() if sign.isalnum())
