"""Newcomers: devices that call without being registered; what their frames say of them, and taking them in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.db.models import QuerySet

from qingyuan.base.errors import QingyuanError, WrongUsage
from qingyuan.gateway import gate, quarantine, registering, replay
from qingyuan.gateway.hj212.decode import Message, NotAFrame, decode, first
from qingyuan.gateway.journal import QUARANTINE
from qingyuan.gateway.models import Device, Quarantined
from qingyuan.gateway.replay import Replayed

LOOKED_AT = 50
"""Frames read for the codes a newcomer sends."""
TAKEN = 2_000
"""Frames taken again at once."""
SOURCES = ("31", "32")
"""ST of pollution sources: waste gas, waste water (HJ 212, table of system codes)."""


@dataclass(frozen=True)
class Facts:
    """What the frames of a newcomer say. system: ST; password: PW of the newest; codes: of its factors, sorted;
    waiting: frames in quarantine.
    """

    mn: str
    edition: str
    system: str
    password: str
    codes: tuple[str, ...]
    waiting: int

    @property
    def outlet(self) -> bool:
        """Whether it says that it stands at a pollution source."""
        return self.system in SOURCES


def waiting(mn: str) -> QuerySet[Quarantined]:
    """What an MN sent while it was not registered, newest first."""
    return Quarantined.objects.filter(
        mn=mn, reason=gate.UNKNOWN, state=Quarantined.State.OPEN, journal=QUARANTINE
    ).order_by("-record")


def facts(data: Path, mn: str) -> Facts | None:
    """What the newest frames of an MN say; None when none of them can be read."""
    entries = waiting(mn)
    found = (_read(data, each.record) for each in entries[:LOOKED_AT])
    read = [message for message in found if message]
    if not read:
        return None
    codes = {code for message in read for code in message.factors}
    system, password = (first(read[0].header.get(name, "")) for name in ("ST", "PW"))
    return Facts(mn, read[0].edition, system, password, tuple(sorted(codes)), entries.count())


def _read(data: Path, number: int) -> Message | None:
    """A frame of the quarantine; None for one that is none, or is not kept any more."""
    try:
        return decode(quarantine.record_of(data, QUARANTINE, number).raw)
    except (NotAFrame, QingyuanError):
        return None


def promote(data: Path, mn: str, by: str, division: str = "220000") -> tuple[Device, Replayed]:
    """Register a newcomer with the password and edition of its frames, and take them.

    What its codes mean is not said by that: the values are kept as sent. WrongUsage for an MN without frames.
    """
    told = facts(data, mn)
    if told is None:
        raise WrongUsage(f"There is no frame of {mn!r} in quarantine", "Register the device by its form")
    given = {"mn": mn, "edition": told.edition, "password": told.password, "division": division}
    device, _new = registering.register(given, by)
    return device, take(data, mn, by)


def take(data: Path, mn: str, by: str) -> Replayed:
    """Take again all that an MN sent before it was registered; what still cannot be taken is counted."""
    done, reached = Replayed(), 0
    while batch := list(waiting(mn).filter(record__gt=reached).order_by("record")[:TAKEN]):
        reached = batch[-1].record
        part = replay.replay(data, batch, by)
        done.taken, done.left = done.taken + part.taken, done.left + part.left
        done.reasons += part.reasons
    return done
