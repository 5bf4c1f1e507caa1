"""Factor codes of HJ 212: what a monitor's code means, and the unit the standard's table prints for it.

The printed unit is a default to fill a form with. A value's unit comes from the site's record.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from qingyuan.standards.records import CONFIDENCES
from qingyuan.standards.schema import Entry, read

FILE = Path(__file__).parent / "factors.yaml"
"""The table of factors."""


@dataclass(frozen=True)
class Factor:
    """One factor. code: of edition 2017; old: of edition 2005, empty when there was none.

    default_unit, default_unit_2005, amount_unit: as printed, empty where the table has none; data_type: digits,
    N5.2 = five before and two after the point; doubtful: the part of the entry that is printed so but hardly meant so.
    """

    code: str
    name_zh: str
    name_en: str
    old: str
    default_unit: str
    default_unit_2005: str
    amount_unit: str
    data_type: str
    doubtful: str
    confidence: str


def find(code: str, edition: str = "2017") -> Factor | None:
    """The factor of a code as devices of that edition send it; None for one outside the table.

    Devices mix editions: a code unknown to the edition's own list is looked up in the other.
    """
    new, old = _by_code()
    first, second = (old, new) if edition == "2005" else (new, old)
    return first.get(code) or second.get(code)


def all_factors() -> list[Factor]:
    """All factors, in the order of the table."""
    return list(_by_code()[0].values())


@cache
def _by_code() -> tuple[dict[str, Factor], dict[str, Factor]]:
    """By the codes of 2017 (and later), and by those of 2005."""
    file = read(FILE)
    new = {code: _factor(code, entry, file) for code, entry in file.entries("factors")}
    old: dict[str, Factor] = {}
    for factor in new.values():
        if factor.old and old.setdefault(factor.old, factor) is not factor:
            file.wrong(factor.code, f"the old code {factor.old} means two factors")
    return new, old


def _factor(code: str, entry: Entry, file: Entry) -> Factor:
    name = entry.inner("name")
    unit, confidence = entry.take("unit", str, ""), entry.take("confidence", str, file.take("confidence", str))
    if confidence not in CONFIDENCES:
        entry.wrong("confidence", f"{confidence!r} is none of {', '.join(CONFIDENCES)}")
    found = Factor(
        code=code,
        name_zh=name.take("zh", str),
        name_en=name.take("en", str, ""),
        old=entry.take("old", str, ""),
        default_unit=unit,
        default_unit_2005=entry.take("unit_2005", str, unit),
        amount_unit=entry.take("amount", str, ""),
        data_type=entry.take("type", str, ""),
        doubtful=entry.take("doubtful", str, ""),
        confidence=confidence,
    )
    name.done()
    entry.done()
    return found
