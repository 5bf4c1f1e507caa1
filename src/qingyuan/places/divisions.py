"""Administrative divisions 行政区划: province, prefectures and counties, their names and how they nest.

Needs nothing but the list ``jilin.yaml``; polygons are in `qingyuan.places.boundaries`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal

import yaml

from qingyuan.base.errors import QingyuanError

Level = Literal["province", "prefecture", "county"]
FiveLevel = Literal["province", "prefecture", "county", "township", "grid"]


class UnknownDivision(QingyuanError):
    """A division code that is not in the list."""


@dataclass(frozen=True)
class Division:
    """One division. code: GB/T 2260, six digits; centroid: lon, lat in degrees; area_km2: equal-area."""

    code: str
    name_zh: str
    name_en: str
    level: Level
    parent: str | None
    centroid: tuple[float, float]
    area_km2: float


def level_of(code: str) -> Level:
    """The level a six-digit code has by its zeros."""
    if code.endswith("0000"):
        return "province"
    return "prefecture" if code.endswith("00") else "county"


def five_level_of(code: str) -> FiveLevel:
    """The level of any code: a township has nine digits, a grid twelve."""
    return level_of(code) if len(code) == 6 else "township" if len(code) == 9 else "grid"


def stem(code: str) -> str:
    """The digits every code below a division begins with: ``2201`` for 220100, the whole code for a county or below."""
    if len(code) != 6:
        return code
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code


def next_stem(start: str) -> str:
    """The first text after every code that begins with these digits, for a range of an index."""
    return start[:-1] + chr(ord(start[-1]) + 1)


def within(code: str, above: str) -> bool:
    """Whether a division is another or lies below it, at any of the five levels."""
    return bool(code) and code.startswith(stem(above))


def division(code: str) -> Division:
    """The division with this code. Raises UnknownDivision."""
    try:
        return _divisions()[code]
    except KeyError:
        raise UnknownDivision(f"There is no division {code!r}", "Give a six-digit code such as 220100.") from None


def children(code: str) -> list[Division]:
    """The divisions directly below, by code; none below a county. Raises UnknownDivision."""
    division(code)
    return [below for below in _divisions().values() if below.parent == code]


def subtree(code: str) -> list[Division]:
    """The division itself and everything below it, by code. Raises UnknownDivision."""
    found = [division(code)]
    for below in children(code):
        found += subtree(below.code)
    return found


@lru_cache(maxsize=1)
def _divisions() -> dict[str, Division]:
    text = files("qingyuan.places").joinpath("jilin.yaml").read_text("utf-8")
    return {row["code"]: _division(**row) for row in yaml.safe_load(text)["divisions"]}


def _division(code: str, zh: str, en: str, lon: float, lat: float, area: float) -> Division:
    return Division(code, zh, en, level_of(code), _parent(code), (lon, lat), area)


def _parent(code: str) -> str | None:
    above: dict[Level, str | None] = {
        "province": None,
        "prefecture": code[:2] + "0000",
        "county": code[:4] + "00",
    }
    return above[level_of(code)]
