"""Weather of the simulated province: shared patterns that travel eastward, rain, seasons of the year.

Every random field is drawn hour after hour from its own stream, so a shorter period gives the same hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from qingyuan.domains.air.simulated.story import City

Field = npt.NDArray[np.float64]

LEAD = 48
"""Hours drawn before the first one, so that weather can arrive late at the eastern cities."""

MID_MONTHS = np.array([-15.5, 15.5, 45, 74.5, 105, 135.5, 166, 196.5, 227.5, 258, 288.5, 319, 349.5, 380.5])


@dataclass(frozen=True)
class Clock:
    """The hours of the simulation: first hour, day of the year, hour of the day, weekend, year."""

    first: datetime
    day_of_year: Field
    hour: npt.NDArray[np.int64]
    weekend: npt.NDArray[np.bool_]
    year: npt.NDArray[np.int64]

    @property
    def hours(self) -> int:
        """Number of hours."""
        return len(self.hour)


def clock(first: datetime, last: datetime) -> Clock:
    """The hours first..last, both included."""
    times = np.arange(np.datetime64(first, "h"), np.datetime64(last, "h") + 1)
    days = times.astype("datetime64[D]")
    years = days.astype("datetime64[Y]")
    weekday = (days.astype(np.int64) + 3) % 7
    return Clock(
        first,
        (days - years.astype("datetime64[D]")).astype(np.float64),
        times.astype(np.int64) % 24,
        weekday >= 5,
        years.astype(np.int64) + 1970,
    )


def seasonal(values: list[float], clock: Clock) -> Field:
    """Twelve mid-month values, linear between them; shape (hours, 1)."""
    ring = [values[-1], *values, values[0]]
    return np.interp(clock.day_of_year, MID_MONTHS, ring)[:, None]


def stream(seed: int, name: str) -> np.random.Generator:
    """The random stream of one field of one simulation."""
    return np.random.default_rng([seed, *name.encode()])


def persistent(noise: Field, hours: float) -> Field:
    """First-order memory of `hours`, unit variance; noise (n, columns) of unit variance."""
    keep = float(np.exp(-1 / hours))
    fresh = float(np.sqrt(1 - keep * keep))
    state = noise[0].copy()
    result = np.empty_like(noise)
    for step, drawn in enumerate(noise):
        state *= keep
        state += fresh * drawn
        result[step] = state
    return result


def smooth(noise: Field, hours: float) -> Field:
    """Second-order memory: patterns that build up and fade over several times `hours`, unit variance."""
    keep = float(np.exp(-1 / hours))
    once = persistent(noise, hours)
    spread = np.sqrt((1 + keep * keep) / (1 - keep * keep))
    return persistent(once, hours) / spread


@dataclass(frozen=True)
class Weather:
    """Per hour and city, unit variance unless said: stagnation, heat, wind; washed (0..1, 1 = fresh rain)."""

    stagnation: Field
    heat: Field
    wind: Field
    washed: Field


def weather(seed: int, clock: Clock, cities: tuple[City, ...], rain_share: Field) -> Weather:
    """The weather of the cities; rain_share (hours, 1) is the share of rainy hours in the season."""
    return Weather(
        _pattern(seed, "stagnation", clock, cities, 17, 0.8),
        _pattern(seed, "heat", clock, cities, 22, 0.85),
        _pattern(seed, "wind", clock, cities, 9, 0.7),
        _washed(_pattern(seed, "rain", clock, cities, 5, 0.75), rain_share),
    )


def _pattern(seed: int, name: str, clock: Clock, cities: tuple[City, ...], memory: float, shared: float) -> Field:
    length = clock.hours + LEAD
    common = smooth(stream(seed, name).standard_normal((length, 1)), memory)[:, 0]
    own = smooth(stream(seed, f"{name} of the city").standard_normal((length, len(cities))), memory)
    own_share = np.sqrt(1 - shared * shared)
    columns = [
        shared * common[LEAD - city.lag : length - city.lag] + own_share * own[LEAD:, index]
        for index, city in enumerate(cities)
    ]
    return np.stack(columns, axis=1)


def _washed(rain: Field, share: Field) -> Field:
    raining = rain > 1.75 - 5.2 * share
    memory = np.zeros(rain.shape[1])
    result = np.empty_like(rain)
    for step, wet in enumerate(raining):
        memory = np.where(wet, 1.0, memory * np.exp(-1 / 16))
        result[step] = memory
    return result
