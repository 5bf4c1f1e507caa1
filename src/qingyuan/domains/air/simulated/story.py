"""The invented province: its cities, stations, episodes and silences, read from ``province.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from qingyuan.places.points import Point, Rank


@dataclass(frozen=True)
class City:
    """A prefecture: annual levels in ug/m3, factors of ozone and coarse dust, weather lag in hours."""

    code: str
    zh: str
    en: str
    lon: float
    lat: float
    lag: int
    pm25: float
    no2: float
    so2: float
    ozone: float
    coarse: float


@dataclass(frozen=True)
class Station:
    """A station: its county, its rank (national | local) and the kind of site it stands on."""

    point: str
    zh: str
    en: str
    county: str
    lon: float
    lat: float
    rank: Rank
    site: str

    @property
    def city(self) -> str:
        """Division code of its prefecture."""
        return f"{self.point[1:5]}00"


@dataclass(frozen=True)
class Episode:
    """Straw smoke, haze or dust: what it adds at its height, ug/m3, by the first four digits of the city."""

    kind: str
    start: datetime
    hours: int
    fine: dict[str, float]
    coarse: dict[str, float]


@dataclass(frozen=True)
class Silence:
    """A station, or a whole city by its four digits, from which nothing arrives; open end = still silent."""

    point: str
    start: datetime
    until: datetime


@dataclass(frozen=True)
class Province:
    """Everything that is told, not drawn at random."""

    cities: tuple[City, ...]
    stations: tuple[Station, ...]
    seasons: dict[str, list[float]]
    years: dict[int, float]
    episodes: tuple[Episode, ...]
    silences: tuple[Silence, ...]


@cache
def province() -> Province:
    """The simulated province as declared."""
    told: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("province.yaml").read_text(encoding="utf-8"))
    return Province(
        cities=tuple(City(**row) for row in told["cities"]),
        stations=tuple(Station(**row) for row in told["stations"]),
        seasons=told["seasons"],
        years=told["years"],
        episodes=tuple(_episode(row) for row in told["episodes"]),
        silences=tuple(_silence(row) for row in told["silences"]),
    )


def _episode(row: dict[str, Any]) -> Episode:
    start = datetime.fromisoformat(row["from"])
    return Episode(row["kind"], start, row["hours"], row.get("fine", {}), row.get("coarse", {}))


def _silence(row: dict[str, Any]) -> Silence:
    until = datetime.fromisoformat(row["until"]) if "until" in row else datetime(9999, 1, 1)
    return Silence(row["point"], datetime.fromisoformat(row["from"]), until)


def stations() -> list[Point]:
    """The stations as points of the registry, in the order of their codes."""
    return [
        Point(
            point=station.point,
            kind="station",
            name_zh=station.zh,
            name_en=station.en,
            city=station.city,
            county=station.county,
            lon=station.lon,
            lat=station.lat,
            rank=station.rank,
            domain="air",
        )
        for station in province().stations
    ]


def cities() -> list[Point]:
    """The nine prefectures as points of the registry, placed at their seats."""
    return [
        Point(
            point=city.code,
            kind="city",
            name_zh=city.zh,
            name_en=city.en,
            city=city.code,
            county=None,
            lon=city.lon,
            lat=city.lat,
            rank="national",
            domain="air",
        )
        for city in province().cities
    ]
