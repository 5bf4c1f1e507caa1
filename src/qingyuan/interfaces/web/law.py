"""The law of the context: which edition applies, what the top bar calls it, limits in the head of a table."""

from __future__ import annotations

from datetime import date

from qingyuan.domains.air.law import DAILY_AVERAGING
from qingyuan.standards import law

AIR = ("GB 3095", "HJ 633")
"""Standards behind the air pages: concentration limits and the index."""


def edition_on(day: date) -> str:
    """Edition of the air quality index in force on a day: "2012" or "2026"."""
    return law.edition_on("HJ 633", day).name


def other_edition(edition: str) -> str:
    """The edition that "what if" asks for beside one: "2026" beside "2012", and back."""
    return "2012" if edition == "2026" else "2026"


def names(edition: str) -> list[str]:
    """Names of the standards of an edition, e.g. ``GB 3095—2012``."""
    return [f"{code}—{edition}" for code in AIR]


def daily_limits(day: date, edition: str) -> dict[str, law.Limit]:
    """Grade 2 limits of the daily values by item: 24-hour means, and the 8-hour maximum of ozone."""
    rows = law.limits("GB 3095", on=day, edition=edition)
    return {row.item: row for row in rows if row.grade == 2 and row.averaging == DAILY_AVERAGING.get(row.item, "24h")}
