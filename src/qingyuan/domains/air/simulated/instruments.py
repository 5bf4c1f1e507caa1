"""Instruments of the simulated stations: site offsets, noise, digits, calibration, repairs, silences."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import numpy.typing as npt

from qingyuan.domains.air.simulated.story import Province, Station
from qingyuan.domains.air.simulated.weather import Clock, Field, persistent, stream

Steps = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

PROPERTIES = ("pm25", "pm10", "so2", "no2", "o3", "co")
PER_UNIT = {"co": 10}
"""Steps the instrument reports a unit: CO a tenth of mg/m3, all others whole ug/m3."""

SITES: dict[str, dict[str, float]] = {
    "urban": {"pm25": 1.03, "pm10": 1.0, "no2": 1.12, "so2": 1.0, "o3": 0.98, "co": 1.03},
    "industrial": {"pm25": 1.12, "pm10": 1.15, "no2": 1.08, "so2": 1.35, "o3": 0.97, "co": 1.12},
    "suburban": {"pm25": 0.96, "pm10": 0.98, "no2": 0.82, "so2": 0.9, "o3": 1.03, "co": 0.95},
    "rural": {"pm25": 0.97, "pm10": 1.08, "no2": 0.62, "so2": 0.8, "o3": 1.05, "co": 0.92},
    "background": {"pm25": 0.78, "pm10": 0.74, "no2": 0.5, "so2": 0.65, "o3": 1.06, "co": 0.8},
}
SPAN_GAS = {"so2": 572, "no2": 376, "o3": 392, "co": 250}
"""What an analyser reads on its calibration gas, in steps; flagged, never air."""

CALIBRATION, MAINTENANCE = 1, 2
FLAGS = (None, "C", "M")
"""HJ 212 data flags by their number here: valid, calibration, maintenance."""


def readings(seed: int, stations: tuple[Station, ...], city: Field, prop: str) -> Steps:
    """What the instruments of one property would show, in reported steps; city (hours, stations)."""
    shape = city.shape
    fixed = 1 + 0.05 * stream(seed, f"offset {prop}").standard_normal(shape[1])
    site = fixed * np.array([SITES[station.site][prop] for station in stations])
    # The neighbourhood is shared by all properties of a station, so particles and gases move together.
    near = persistent(stream(seed, "neighbourhood").standard_normal(shape), 7.0)
    white = stream(seed, f"noise {prop}").standard_normal(shape)
    shown = city * site * np.exp(0.10 * near * (-0.4 if prop == "o3" else 1.0)) + white * _noise(prop, city)
    return np.maximum(np.rint(shown * PER_UNIT.get(prop, 1)), 1).astype(np.int32)


def _noise(prop: str, city: Field) -> Field | float:
    return 0.03 if prop == "co" else 0.9 + 0.035 * city


def flags(seed: int, clock: Clock, stations: tuple[Station, ...]) -> npt.NDArray[np.int8]:
    """Calibration of gas analysers a night a week, three hours of maintenance a month; (hours, stations)."""
    index = np.arange(len(stations))[None, :]
    first_day = np.datetime64(clock.first, "D").astype(np.int64)
    day = first_day + (clock.first.hour + np.arange(clock.hours))[:, None] // 24
    hour = clock.hour[:, None]
    calibrating = ((day + index) % 7 == 0) & (hour == 1 + index % 3)
    serviced = ((day + 11 * index + seed) % 31 == 0) & (hour >= 9) & (hour <= 11)
    return np.where(serviced, MAINTENANCE, np.where(calibrating, CALIBRATION, 0)).astype(np.int8)


def silent(seed: int, clock: Clock, province: Province) -> Mask:
    """Hours without a row, per property: declared silences, failures of station or analyser, lost hours.

    shape (properties, hours, stations)
    """
    shape = (clock.hours, len(province.stations))
    station = _failures(seed, "station", shape, 1 / (24 * 32), 7) | _declared(clock, province)
    return np.stack(
        [
            station
            | _failures(seed, f"analyser {prop}", shape, 1 / (24 * 60), 9)
            | (stream(seed, f"lost {prop}").random(shape) < 0.003)
            for prop in PROPERTIES
        ]
    )


def _failures(seed: int, name: str, shape: tuple[int, int], chance: float, mean_hours: float) -> Mask:
    begins = stream(seed, f"{name} fails").random(shape) < chance
    lengths = stream(seed, f"{name} stays away").exponential(mean_hours, shape) + 1
    left = np.zeros(shape[1])
    result = np.empty(shape, dtype=bool)
    for step in range(shape[0]):
        left = np.maximum(left - 1, begins[step] * lengths[step])
        result[step] = left >= 1
    return result


def _declared(clock: Clock, province: Province) -> Mask:
    result = np.zeros((clock.hours, len(province.stations)), dtype=bool)
    for silence in province.silences:
        rows = slice(_hour(clock, silence.start), _hour(clock, silence.until))
        for column, station in enumerate(province.stations):
            if silence.point in (station.point, station.point[1:5]):
                result[rows, column] = True
    return result


def _hour(clock: Clock, moment: datetime) -> int:
    return min(max(int((moment - clock.first).total_seconds() // 3600), 0), clock.hours)
