"""What the law said on a day: limits, index tables, levels and rules, with clause, edition and confidence.

Values are chosen by the day of the data, never by the day of the run; `edition` overrides that ("what if").
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NoReturn, TypeVar

from qingyuan.base.errors import UnknownLaw
from qingyuan.standards.catalogue import edition_on, in_force, library, named_edition, standard
from qingyuan.standards.listing import Change, as_lines, changes
from qingyuan.standards.records import (
    EXPECTED,
    IN_FORCE,
    Breakpoints,
    Edition,
    EmissionLimit,
    Level,
    Limit,
    Provision,
    Rule,
    Standard,
)

__all__ = [
    "Breakpoints",
    "Change",
    "Edition",
    "EmissionLimit",
    "Level",
    "Limit",
    "Rule",
    "Standard",
    "as_lines",
    "breakpoints",
    "changes",
    "edition_on",
    "editions",
    "emissions",
    "levels",
    "limit",
    "limits",
    "named_edition",
    "number",
    "rule",
    "standard",
    "standards",
]

P = TypeVar("P", bound=Provision)


def standards() -> list[Standard]:
    """All standards of the library."""
    return list(library())


def editions(code: str) -> list[Edition]:
    """The editions of a standard, oldest first."""
    return list(standard(code).editions)


def limit(code: str, item: str, averaging: str, *, on: date, grade: int = 2, edition: str | None = None) -> Limit:
    """The limit of an item (slug) and averaging for data of a day; UnknownLaw where there is none.

    With `edition` the day only chooses the stage inside it: the nearest of its days counts.
    """
    law = standard(code)
    wanted = [row for row in law.limits if (row.item, row.averaging, row.grade) == (item, averaging, grade)]
    if not wanted:
        _unknown(law, f"limit of grade {grade} for {item}.{averaging}", _keys(law.limits), f"{item}.{averaging}")
    return _only(in_force(wanted, law, on, edition), law, f"limit for {item}.{averaging}", on, edition)


def limits(code: str, *, on: date, edition: str | None = None) -> list[Limit]:
    """All limits in force for data of a day, both grades."""
    law = standard(code)
    return in_force(law.limits, law, on, edition)


def emissions(code: str, source_type: str, *, on: date, edition: str | None = None) -> list[EmissionLimit]:
    """The limits of a kind of source in force for data of a day, of all grades; UnknownLaw for an unknown kind."""
    law = standard(code)
    wanted = [row for row in law.emissions if row.source_type == source_type]
    if not wanted:
        _unknown(law, f"source type {source_type!r}", {source.name for source in law.sources}, source_type)
    return in_force(wanted, law, on, edition)


def breakpoints(
    code: str, item: str, averaging: str, *, on: date | None = None, edition: str | None = None
) -> Breakpoints:
    """The column of the index table for an item and averaging (24h, 1h, 8h), by day or by edition."""
    law = standard(code)
    wanted = [row for row in law.breakpoints if (row.item, row.averaging) == (item, averaging)]
    if not wanted:
        _unknown(law, f"index table for {item}.{averaging}", _keys(law.breakpoints), f"{item}.{averaging}")
    return _only(in_force(wanted, law, on, edition), law, f"index table for {item}.{averaging}", on, edition)


def levels(code: str = "HJ 633", *, on: date | None = None, edition: str | None = None) -> list[Level]:
    """The levels of the index, best first, by day or by edition."""
    law = standard(code)
    return sorted(in_force(law.levels, law, on, edition), key=lambda row: row.level)


def rule(code: str, name: str, *, on: date | None = None, edition: str | None = None) -> Rule:
    """A rule of a standard by its name, by day or by edition.

    UnknownLaw for an unknown name, for one not in force then, and for one only announced (`expected`).
    """
    law = standard(code)
    wanted = [row for row in law.rules if row.name == name]
    if not wanted:
        _unknown(law, f"rule {name!r}", {row.name for row in law.rules}, name)
    found = in_force(wanted, law, on, edition)
    used = [row for row in found if row.status == IN_FORCE]
    if not used and any(row.status == EXPECTED for row in found):
        raise UnknownLaw(
            f"{law.code} {name} is only announced and not confirmed, so it is never used",
            "`qingyuan law show` shows it; compare it with the text of the standard first",
        )
    return _only(used, law, f"rule {name!r}", on, edition)


def number(code: str, name: str, *, on: date | None = None, edition: str | None = None) -> Decimal:
    """The value of a rule that is a number; UnknownLaw as for `rule`, TypeError when it is words."""
    value = rule(code, name, on=on, edition=edition).value
    if not isinstance(value, int | Decimal):
        raise TypeError(f"{code} {name} is {value!r}, no number")
    return Decimal(value)


def _only(rows: list[P], law: Standard, what: str, on: date | None, edition: str | None) -> P:
    if len(rows) == 1:
        return rows[0]
    when = " ".join(str(part) for part in (f"edition {edition}" if edition else "", on or "") if part)
    if rows:
        first = ", ".join(str(row.effective) for row in rows)
        raise UnknownLaw(f"{law.code} has several values of {what} in {when}, from {first}", "Give the day")
    raise UnknownLaw(f"{law.code} has no {what} in force for {when}", "See `qingyuan law show`")


def _keys(rows: Iterable[Limit] | Iterable[Breakpoints]) -> set[str]:
    return {f"{row.item}.{row.averaging}" for row in rows}


def _unknown(law: Standard, what: str, known: set[str], wanted: str) -> NoReturn:
    same = sorted(name for name in known if name.startswith(wanted.split(".")[0] + "."))
    near = list(dict.fromkeys((*difflib.get_close_matches(wanted, sorted(known), 3, 0.4), *same[:5])))
    near = near or sorted(known)
    raise UnknownLaw(f"{law.code} has no {what}", f"Near: {', '.join(near)}" if near else "It has none at all")
