"""Actions and duties as declared in ``actions.yaml`` and ``duties.yaml``; every name in one is known to the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from qingyuan.base.errors import QingyuanError


class UnknownAction(QingyuanError):
    """An action or duty nobody declared."""


@dataclass(frozen=True)
class Action:
    """Something that can be done. sealed: each use is a line of the audit chain.

    within: by domain, another action that must be allowed on the same row, unless it is one's own organisation's.
    """

    code: str
    zh: str
    en: str
    sealed: bool = False
    within: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DutyKind:
    """A duty and the actions it allows. second: whoever holds it needs a second factor."""

    code: str
    zh: str
    en: str
    actions: frozenset[str]
    second: bool = False


@lru_cache(maxsize=1)
def actions() -> dict[str, Action]:
    """Every action by code. Raises UnknownAction for one declared within an action that is not."""
    found = {code: Action(code, **row) for code, row in _read("actions.yaml").items()}
    for other in {other for each in found.values() for other in each.within.values()}:
        if other not in found:
            raise UnknownAction(f"There is no action {other!r}", "Declare it in people/actions.yaml.")
    return found


@lru_cache(maxsize=1)
def duties() -> dict[str, DutyKind]:
    """Every duty by code. Raises UnknownAction for an action that is not declared."""
    found = {
        code: DutyKind(code, row["zh"], row["en"], frozenset(row["actions"]), bool(row.get("second")))
        for code, row in _read("duties.yaml").items()
    }
    for each in found.values():
        for action in each.actions:
            known(action)
    return found


def known(action: str) -> str:
    """The action itself. Raises UnknownAction when nobody declared it."""
    if action not in actions():
        raise UnknownAction(f"There is no action {action!r}", "Declare it in people/actions.yaml.")
    return action


def _read(name: str) -> dict[str, Any]:
    return yaml.safe_load(files("qingyuan.people").joinpath(name).read_text("utf-8"))
