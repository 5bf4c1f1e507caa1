"""The roll of a lottery: what is fixed and published before anybody can know the draw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any

from qingyuan.base.errors import QingyuanError


class BadRoll(QingyuanError):
    """A roll nobody could draw from: an entry, an inspector or the quota does not fit."""


@dataclass(frozen=True)
class Entry:
    """Who may be inspected. risk: a whole number above 0, the larger the likelier; division: code of the place."""

    id: str
    name: str
    division: str
    sector: str
    size: str
    risk: int


@dataclass(frozen=True)
class Inspector:
    """Who may be sent."""

    id: str
    name: str
    organisation: str = ""


@dataclass(frozen=True)
class Conflict:
    """An inspector who must not be sent: to an entry, or (``subject`` a division code) to anyone there."""

    inspector: str
    subject: str
    reason: str


@dataclass(frozen=True)
class Quota:
    """How many are inspected. targeted: by risk from the top; random: by lottery among the rest.

    floor: least probability of everyone in the lottery, as text (``"0.02"`` or ``"1/50"``); team: inspectors each.
    """

    targeted: int
    random: int
    floor: str = "0"
    team: int = 2

    @property
    def least(self) -> Fraction:
        """The floor as an exact fraction. Raises BadRoll."""
        try:
            return Fraction(self.floor)
        except (ValueError, ZeroDivisionError):
            raise BadRoll(f"The floor {self.floor!r} is no number", 'Write it as "0.02" or "1/50".') from None


@dataclass(frozen=True)
class Roll:
    """Everything that is decided before the draw. beacon: which later public value is mixed in, in words; or empty.

    source: where entries and risks were taken from, in words; empty for a roll written by hand.
    """

    title: str
    division: str
    domain: str
    entries: tuple[Entry, ...]
    inspectors: tuple[Inspector, ...]
    quota: Quota
    conflicts: tuple[Conflict, ...] = field(default=())
    beacon: str = ""
    source: str = ""

    def plain(self) -> dict[str, Any]:
        """As JSON writes it."""
        return asdict(self)


PARTS: dict[str, type] = {"entries": Entry, "inspectors": Inspector, "conflicts": Conflict}


def read(given: Mapping[str, Any]) -> Roll:
    """A roll as JSON holds it, checked. Raises BadRoll naming the record."""
    try:
        parts: dict[str, Any] = {
            name: tuple(kind(**each) for each in given.get(name, [])) for name, kind in PARTS.items()
        }
        rest = {key: value for key, value in given.items() if key not in (*PARTS, "quota")}
        roll = Roll(**rest, **parts, quota=Quota(**given["quota"]))
    except (TypeError, KeyError, AttributeError) as fault:
        raise BadRoll(f"The roll cannot be read: {fault}", "Compare it with docs/cases.md.") from None
    check(roll)
    return roll


def check(roll: Roll) -> None:
    """Refuse a roll that nobody could draw from. Raises BadRoll."""
    for text in (roll.title, roll.division, roll.domain, roll.beacon, roll.source, roll.quota.floor):
        if not isinstance(text, str) or "\0" in text:
            raise BadRoll(f"{text!r} is no text", "Write it in quotation marks.")
    for record in (*roll.entries, *roll.inspectors, *roll.conflicts):
        _texts(record)
    _unique("entry", (each.id for each in roll.entries))
    _unique("inspector", (each.id for each in roll.inspectors))
    for entry in roll.entries:
        _whole(f"The risk of entry {entry.id}", entry.risk, 1)
    for name in ("targeted", "random", "team"):
        _whole(f"The quota's {name}", getattr(roll.quota, name), int(name == "team"))
    _fits(roll)
    known = {each.id for each in roll.inspectors}
    for conflict in roll.conflicts:
        if conflict.inspector not in known:
            raise BadRoll(f"A conflict names inspector {conflict.inspector}, who is not on the roll", "Mend the list.")


def _fits(roll: Roll) -> None:
    asked, quota = len(roll.entries), roll.quota
    if quota.targeted + quota.random > asked:
        told = f"{quota.targeted} + {quota.random} are to be inspected, but the roll has {asked} entries"
        raise BadRoll(told, "Lower the quota or complete the roll.")
    rest = asked - quota.targeted
    if quota.least < 0 or quota.least * rest > quota.random:
        told = f"A floor of {quota.floor} for {rest} entries needs {float(quota.least * rest):.1f} draws"
        raise BadRoll(f"{told}, the quota has {quota.random}", "Lower the floor or raise the random quota.")


def _unique(what: str, ids: Iterable[str]) -> None:
    counted = Counter(ids)
    twice = [each for each, times in counted.items() if times > 1 or not each]
    if not counted:
        raise BadRoll(f"The roll has no {what}", "Complete the roll.")
    if twice:
        raise BadRoll(f"{what.capitalize()} {twice[0]!r} is empty or stands twice", "Give each one id, once.")


def _texts(record: object) -> None:
    for name, value in vars(record).items():
        if name != "risk" and (not isinstance(value, str) or "\0" in value):
            raise BadRoll(f"{name} of {record} is no text", "Write it in quotation marks.")


def _whole(what: str, value: object, least: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise BadRoll(f"{what} is {value!r}", f"Give a whole number of at least {least}.")
