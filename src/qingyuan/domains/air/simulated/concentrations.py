"""Concentrations of the simulated cities: seasons, heating, traffic, ozone chemistry, declared episodes.

All fields are (hours, cities), ug/m3, CO in mg/m3. Invented relations of a plausible size, no model of
reality.
"""

from __future__ import annotations

import numpy as np

from qingyuan.domains.air.simulated.story import City, Episode, Province
from qingyuan.domains.air.simulated.weather import Clock, Field, Weather, seasonal

TRAFFIC = np.interp(
    np.arange(24), [0, 4, 7, 9, 13, 16, 18, 20, 23], [0.88, 0.74, 1.2, 1.24, 0.84, 0.92, 1.28, 1.24, 0.96]
)
LAYER = np.interp(
    np.arange(24), [0, 5, 8, 10, 14, 16, 19, 21, 23], [0.12, 0.05, 0.2, 0.12, -0.3, -0.28, 0.05, 0.17, 0.16]
)
SUN = np.interp(np.arange(24), [0, 4, 7, 11, 14, 15, 17, 20, 23], [0.06, 0.0, 0.05, 0.72, 1.0, 1.0, 0.86, 0.32, 0.1])
EVENING = np.interp(np.arange(24), [0, 6, 10, 14, 17, 19, 22, 23], [0.95, 0.7, 0.45, 0.35, 0.6, 1.0, 1.0, 0.98])


def concentrations(province: Province, clock: Clock, weather: Weather) -> dict[str, Field]:
    """Property slug → field of the cities."""
    fine = _fine(province, clock, weather)
    smoke = _episodes(province, clock, "fine")
    no2 = _no2(province, clock, weather)
    coarse = _coarse(province, clock, weather) + _episodes(province, clock, "coarse")
    return {
        "pm25": fine + smoke + 0.12 * _episodes(province, clock, "coarse"),
        "pm10": 1.1 * (fine + smoke) + coarse,
        "no2": no2 + 0.04 * smoke,
        "so2": _so2(province, clock, weather),
        "co": 0.32 + 0.0085 * (fine + smoke) + 0.004 * no2,
        "o3": _ozone(province, clock, weather, no2),
    }


def _levels(province: Province, name: str) -> Field:
    return np.array([[float(getattr(city, name)) for city in province.cities]])


def _cold(clock: Clock) -> Field:
    """1 in the heating season (20 October to 10 April), 0 outside, with a week's transition."""
    day = clock.day_of_year[:, None]
    return np.clip(np.maximum((day - 289) / 7, (103 - day) / 7), 0, 1)


def _fine(province: Province, clock: Clock, weather: Weather) -> Field:
    years = np.vectorize(province.years.get)(clock.year, 1.0)[:, None]
    heating = _cold(clock)
    daily = LAYER[clock.hour][:, None] * (0.7 + 0.5 * heating)
    spread = 0.44 + 0.16 * heating
    level = _levels(province, "pm25") * seasonal(province.seasons["pm25"], clock) * years
    return level * np.exp(spread * weather.stagnation - spread**2 / 2 + daily) * (1 - 0.45 * weather.washed)


def _coarse(province: Province, clock: Clock, weather: Weather) -> Field:
    level = _levels(province, "coarse") * seasonal(province.seasons["coarse"], clock)
    traffic = 0.8 + 0.2 * TRAFFIC[clock.hour][:, None]
    return level * traffic * np.exp(0.45 * weather.wind - 0.1) * (1 - 0.7 * weather.washed)


def _no2(province: Province, clock: Clock, weather: Weather) -> Field:
    level = _levels(province, "no2") * seasonal(province.seasons["no2"], clock)
    weekend = np.where(clock.weekend, 0.86, 1.055)[:, None]
    return level * weekend * TRAFFIC[clock.hour][:, None] * np.exp(0.33 * weather.stagnation - 0.05)


def _so2(province: Province, clock: Clock, weather: Weather) -> Field:
    level = _levels(province, "so2") * seasonal(province.seasons["so2"], clock)
    daily = np.exp(0.8 * LAYER[clock.hour])[:, None]
    return level * daily * np.exp(0.35 * weather.stagnation - 0.06) * (1 - 0.3 * weather.washed)


def _ozone(province: Province, clock: Clock, weather: Weather, no2: Field) -> Field:
    rise = seasonal(province.seasons["ozone"], clock) * SUN[clock.hour][:, None]
    heat = np.exp(0.36 * weather.heat - 0.065) * (1 - 0.35 * weather.washed)
    night = seasonal(province.seasons["ozone_night"], clock)
    burnt = 0.75 * no2 * (1 - 0.5 * SUN[clock.hour][:, None])
    return np.maximum(_levels(province, "ozone") * (night + rise * heat) - burnt, 3.0)


def _episodes(province: Province, clock: Clock, part: str) -> Field:
    total = np.zeros((clock.hours, len(province.cities)))
    for episode in province.episodes:
        begin = int((episode.start - clock.first).total_seconds() // 3600)
        span = range(max(begin, 0), min(begin + episode.hours, clock.hours))
        if span:
            rows = np.array(span)
            total[rows] += _shape(episode, rows - begin, clock.hour[rows]) * _heights(episode, part, province.cities)
    return total


def _shape(episode: Episode, since: Field, hour: Field) -> Field:
    """Rise within a sixth of the episode, fade in its last third; straw smoke follows the evening."""
    rise = np.clip(since / (episode.hours / 6), 0, 1)
    fade = np.clip((episode.hours - since) / (episode.hours / 3), 0, 1)
    daily = EVENING[hour] if episode.kind == "straw" else 1.0
    return (rise * fade * daily)[:, None]


def _heights(episode: Episode, part: str, cities: tuple[City, ...]) -> Field:
    heights: dict[str, float] = getattr(episode, part)
    return np.array([[heights.get(city.code[:4], 0.0) for city in cities]])
