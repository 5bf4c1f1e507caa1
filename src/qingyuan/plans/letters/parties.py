"""Who signs a letter: a place for its shares of the targets, a department for its tasks and indicators."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qingyuan.base.errors import QingyuanError
from qingyuan.people.models import Organisation
from qingyuan.places.divisions import division as place_of

PLACE, DEPARTMENT = "responsibility_letter", "department_letter"
"""Kinds of register the letters are kept in."""


class NothingIssued(QingyuanError):
    """Nothing is asked of this party, so there is nothing to sign."""


@dataclass(frozen=True)
class Party:
    """A place, or a department of it. organisation: primary key, 0 for the place itself; name: in Chinese."""

    division: str
    name: str
    organisation: int = 0

    @property
    def key(self) -> str:
        """How addresses and digests name it: ``220100``, or ``o12`` of a department."""
        return f"o{self.organisation}" if self.organisation else self.division

    @property
    def kind(self) -> str:
        """The register its letters are kept in."""
        return DEPARTMENT if self.organisation else PLACE

    @property
    def above(self) -> str:
        """Chinese name of who hands down: the place above; of a department, the place it is of."""
        place = place_of(self.division)
        return place.name_zh if self.organisation or place.parent is None else place_of(place.parent).name_zh


def of_place(division: str) -> Party:
    """A place as a party. Raises UnknownDivision."""
    return Party(division, place_of(division).name_zh)


def of_department(office: Organisation) -> Party:
    """A department as a party."""
    return Party(office.division, office.name_zh, office.pk)


@dataclass(frozen=True)
class Content:
    """What a letter binds to: one sentence a target or task, in the order of the plan.

    plan: its code; title: of the plan, in Chinese.
    """

    party: Party
    plan: str
    title: str
    lines: tuple[str, ...]
    simulated: bool

    @property
    def text(self) -> str:
        """The sentences, one a line: what is signed."""
        return "\n".join(self.lines)

    @property
    def digest(self) -> str:
        """SHA-256 of plan, party and text, in hexadecimal digits."""
        return digest_of(self.plan, self.party.key, self.text)

    @property
    def values(self) -> dict[str, Any]:
        """The fields of the register's record."""
        told: dict[str, Any] = {"party": self.party.name, "plan_code": self.plan, "content": self.text}
        told["content_digest"] = self.digest
        return told | ({"organisation": str(self.party.organisation)} if self.party.organisation else {})


def digest_of(plan: str, key: str, text: str) -> str:
    """SHA-256 of what a letter says, in hexadecimal digits."""
    return hashlib.sha256(f"{plan}\n{key}\n{text}".encode()).hexdigest()


def digest_kept(division: str, values: Mapping[str, Any]) -> str:
    """The digest the values of a record ought to carry."""
    office = str(values.get("organisation") or "")
    key = f"o{office}" if office else division
    return digest_of(str(values.get("plan_code") or ""), key, str(values.get("content") or ""))
