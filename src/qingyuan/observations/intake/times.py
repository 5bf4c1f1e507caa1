"""Times as files write them, read as the wall clock of +08:00."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from qingyuan.base.time import to_wall_clock

_LOOSE = re.compile(
    r"(?P<y>\d{4})[-/.年](?P<m>\d{1,2})(?:[-/.月]?)(?P<d>\d{1,2})日?"
    r"(?:[T\s]*(?P<H>\d{1,2})(?:[:时点](?:(?P<M>\d{1,2})分?(?::?(?P<S>\d{1,2})(?:\.\d+)?秒?)?)?)?)?"
    r"\s*(?P<zone>Z|[+-]\d\d:?\d\d)?"
)
"""Year, month, day and hour in the orders met in Chinese exports, digits with or without separators."""

_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:[T\s]*(\d\d)(\d\d)?(\d\d)?|\s+(\d))?")
_HOUR_24 = re.compile(r"(?:[T\s日]|^\d{8})\s*24(?:[:时点]?0{0,2}(?::?0{0,2})?)?\s*(?:Z|[+-]\d\d:?\d\d|分|时)?$")


@dataclass(frozen=True)
class Moment:
    """A time read: naive +08:00 wall clock, whether a zone was written; or the trouble with it."""

    at: datetime | None
    zoned: bool = False
    trouble: str | None = None


def read_time(text: str) -> Moment:
    """The moment a text means; without zone it is taken as +08:00. Never raises."""
    word = text.strip()
    if not word:
        return Moment(None, trouble="no time")
    try:
        if len(word) >= 16 and word[4] == "-":
            return _known(datetime.fromisoformat(word))
        return _loose(word)
    except (ValueError, OverflowError):
        return Moment(None, trouble=_trouble(word))


def _known(at: datetime) -> Moment:
    return Moment(to_wall_clock(at), at.tzinfo is not None)


def _loose(word: str) -> Moment:
    parts = _COMPACT.fullmatch(word)
    if parts:
        return _known(datetime(*[int(part) for part in parts.groups() if part]))  # type: ignore[arg-type]
    found = _LOOSE.fullmatch(word)
    if not found:
        raise ValueError(word)
    numbers = [int(found[part] or 0) for part in ("y", "m", "d", "H", "M", "S")]
    at = datetime(*numbers)  # type: ignore[arg-type]
    zone = datetime.fromisoformat(f"2000-01-01T00:00:00{found['zone']}").tzinfo if found["zone"] else None
    return _known(at.replace(tzinfo=zone))


def _trouble(word: str) -> str:
    if _HOUR_24.search(word):
        return (
            f"time {word!r} has hour 24: write 00:00 of the next day, or 23:00 when the last hour of the day is meant"
        )
    return f"{word!r} is no time: write it as 2026-03-01T00:00:00+08:00"
