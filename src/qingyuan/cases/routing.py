"""Where a case goes: level and duty by kind, domain and severity; the division is the case's own at that level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from qingyuan.base.errors import QingyuanError

LEVELS = ("province", "city", "county", "township", "grid")
DIGITS = {"province": 2, "city": 4, "county": 6, "township": 9, "grid": 12}


class NoWay(QingyuanError):
    """A case cannot be handed to such a level."""


@dataclass(frozen=True)
class Route:
    """Who leads: duty at a level, in a division; joint: duties beside it at the same place."""

    level: str
    duty: str
    division: str
    joint: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def table() -> dict[str, Any]:
    """The routes as declared."""
    return dict(yaml.safe_load(files("qingyuan.cases").joinpath("routing.yaml").read_text("utf-8")))


def route(facts: Mapping[str, str], division: str, rows: Sequence[Mapping[str, Any]] | None = None) -> Route:
    """Where a case of these facts (kind, domain, severity) goes; a case without a finer place goes higher."""
    lines = table()["routes"] if rows is None else rows
    row = next((each for each in lines if _fits(each, facts)), table()["otherwise"])
    level = LEVELS[min(LEVELS.index(row["level"]), LEVELS.index(level_of(division)))]
    return Route(level, row["duty"], lifted(division, level), tuple(row.get("joint", ())))


def _fits(row: Mapping[str, Any], facts: Mapping[str, str]) -> bool:
    return all(facts.get(key) == row[key] for key in ("kind", "domain", "severity") if key in row)


def level_of(division: str) -> str:
    """The level of a division by its digits."""
    if len(division) > 6:
        return "township" if len(division) <= 9 else "grid"
    return "province" if division.endswith("0000") else "city" if division.endswith("00") else "county"


def lifted(division: str, level: str) -> str:
    """The division at a level that holds another one: 220104003 at city is 220100. Raises NoWay below it."""
    if LEVELS.index(level) > LEVELS.index(level_of(division)):
        raise NoWay(f"{division} has no {level}", "Hand the case to a level that holds its place.")
    return division[: DIGITS[level]].ljust(6, "0")


def above(level: str) -> str:
    """The level above; the province is its own."""
    return LEVELS[max(0, LEVELS.index(level) - 1)]
