"""Which standards the library holds, under which spellings, and what of them was in force on a day."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import TypeVar

from qingyuan.base.errors import UnknownLaw
from qingyuan.standards.reading import read_standard
from qingyuan.standards.records import Edition, Provision, Standard

LIBRARY = Path(__file__).parent / "library"
"""Folder of the library, one file a standard."""

P = TypeVar("P", bound=Provision)

_YEAR = re.compile(r"[-\u2010-\u2015]\s*(\d{4})\s*$")


@cache
def library() -> tuple[Standard, ...]:
    """All standards of the library, by file name; read once. FaultyLibrary where a file breaks the schema."""
    return tuple(read_standard(path) for path in sorted(LIBRARY.glob("*.yaml")))


def standard(code: str) -> Standard:
    """The standard of a code, spelled freely (``GB3095``, ``gb 3095-2012``); UnknownLaw with near matches."""
    wanted = _plain(_YEAR.sub("", unicodedata.normalize("NFKC", code)))
    names = _names()
    if wanted in names:
        return names[wanted]
    near = dict.fromkeys(names[name].code for name in difflib.get_close_matches(wanted, names, 3, 0.5))
    known = ", ".join(near) or ", ".join(each.code for each in library())
    raise UnknownLaw(f"The law library has no standard {code!r}", f"{'Near' if near else 'It has'}: {known}")


@cache
def _names() -> dict[str, Standard]:
    """Every spelling of every standard."""
    return {_plain(name): each for each in library() for name in (each.code, *each.aliases)}


def named_edition(code: str) -> Edition | None:
    """The edition a code names by its year (``gb 3095-2012``), or None; UnknownLaw for a wrong year."""
    year = _YEAR.search(unicodedata.normalize("NFKC", code))
    return edition_named(standard(code), year[1]) if year else None


def edition_named(law: Standard, name: str) -> Edition:
    """The edition of that name; UnknownLaw naming those there are."""
    for edition in law.editions:
        if edition.name == name:
            return edition
    has = ", ".join(edition.name for edition in law.editions)
    raise UnknownLaw(f"{law.code} has no edition {name!r}", f"It has: {has}")


def edition_on(code: str, day: date) -> Edition:
    """The edition that judges data of a day.

    Before the first edition's day the first edition judges: it was published earlier and put into force city
    by city (GB 3095-2012 and HJ 633-2012 of 2012-02-29, everywhere from 2016-01-01).
    """
    law = standard(code)
    if day < law.editions[0].effective:
        return law.editions[0]
    for edition in reversed(law.editions):
        if edition.effective <= day <= (edition.until or date.max):
            return edition
    raise UnknownLaw(f"{law.code} has no edition in force on {day}", f"Its last day was {law.editions[-1].until}")


def in_force(rows: Iterable[P], law: Standard, on: date | None, edition: str | None) -> list[P]:
    """The rows in force on a day, or those of a demanded edition (on the nearest of its days).

    Without a day all rows of the edition are given. None before an emission standard's first day: unlike the quality
    standards (see `edition_on`) it has followed another one. UnknownLaw for an unknown edition, or with neither.
    """
    if edition is not None:
        chosen = edition_named(law, str(edition))
    elif on is not None:
        chosen = edition_on(law.code, on)
    else:
        raise UnknownLaw(f"{law.code} was asked for without a day", "Give the day of the data, or an edition")
    own = [row for row in rows if row.edition == chosen.name]
    if on is None:
        return own
    if law.emissions and edition is None and on < chosen.effective:
        return []
    day = min(max(on, chosen.effective), chosen.until or date.max)
    return [row for row in own if row.effective <= day <= (row.until or date.max)]


def _plain(code: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKC", code).casefold() if sign.isalnum())
