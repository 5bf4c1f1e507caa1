"""Who acts, as named at that time: the same in steps of records and in lines of the audit chain."""

from __future__ import annotations

from typing import NamedTuple


class Actor(NamedTuple):
    """Who acts: account (None: nobody's, as the platform itself), name as shown, organisation."""

    account: int | None
    name: str
    organisation: int | None = None


SYSTEM = Actor(None, "system")
