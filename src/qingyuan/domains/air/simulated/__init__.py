"""A simulated province: two years of hourly air data that look real and are labelled as invented.

    for month in simulate(seed=2025): lake.append(dataset, month)

The same seed gives the same bytes; of two periods with the same first hour the shorter is the beginning of
the longer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from qingyuan.domains.air.simulated.concentrations import concentrations
from qingyuan.domains.air.simulated.instruments import (
    CALIBRATION,
    FLAGS,
    PER_UNIT,
    PROPERTIES,
    SPAN_GAS,
    flags,
    readings,
    silent,
)
from qingyuan.domains.air.simulated.story import cities, province, stations
from qingyuan.domains.air.simulated.weather import Clock, clock, seasonal, weather
from qingyuan.observations.schema import OBSERVATION

__all__ = ["FIRST", "LAST", "SEED", "cities", "months", "simulate", "stations"]

SEED = 2025
FIRST = datetime(2023, 11, 1)
LAST = datetime(2025, 10, 28, 14)
"""Start of the last simulated hour: the screens' "now" of the simulated province."""

UNITS = {"co": "mg/m3"}
DELAY = timedelta(hours=1, minutes=20)

Cube = npt.NDArray[np.int32]


def simulate(seed: int = SEED, first: datetime = FIRST, last: datetime = LAST) -> Iterator[pa.Table]:
    """Hourly records of all stations, one table a calendar month, in the schema OBSERVATION.

    first, last: start of the first and last hour. Rows are ordered by point, property and time; silent hours
    have no row; calibration and maintenance have a value and a flag. line runs through all months from 1.
    """
    hours = clock(first, last)
    values, flag, missing = _province(seed, hours)
    starts = _month_starts(hours)
    line = 1
    for begin, end in zip(starts, [*starts[1:], hours.hours], strict=True):
        rows = slice(begin, end)
        table = _table(seed, hours, begin, values[:, rows], flag[:, rows], missing[:, rows], line)
        line += table.num_rows
        yield table


def months(first: datetime = FIRST, last: datetime = LAST) -> list[str]:
    """The calendar months `simulate` gives a table for, as ``YYYY-MM``."""
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in numbers]


def _province(seed: int, hours: Clock) -> tuple[Cube, npt.NDArray[np.int8], npt.NDArray[np.bool_]]:
    """Values in steps, flag numbers and silences of all hours; each (properties, hours, stations)."""
    land = province()
    sky = weather(seed, hours, land.cities, seasonal(land.seasons["rain"], hours))
    fields = concentrations(land, hours, sky)
    column = [[city.code for city in land.cities].index(station.city) for station in land.stations]
    values = np.stack([readings(seed, land.stations, fields[prop][:, column], prop) for prop in PROPERTIES])
    fine, all_particles = PROPERTIES.index("pm25"), PROPERTIES.index("pm10")
    values[all_particles] = np.maximum(values[all_particles], values[fine])
    flag = np.broadcast_to(flags(seed, hours, land.stations), values.shape).copy()
    for index, prop in enumerate(PROPERTIES):
        _calibrate(values[index], flag[index], SPAN_GAS.get(prop))
    return values, flag, silent(seed, hours, land)


def _calibrate(values: Cube, flag: npt.NDArray[np.int8], span_gas: int | None) -> None:
    """Put the span gas where the analyser is calibrated; particle monitors are not calibrated by gas."""
    calibrating = flag == CALIBRATION
    if span_gas is None:
        flag[calibrating] = 0
    else:
        values[calibrating] = span_gas + values[calibrating] % 5


def _month_starts(hours: Clock) -> list[int]:
    """Index of the first hour of each calendar month."""
    times = np.datetime64(hours.first, "h") + np.arange(hours.hours)
    months = times.astype("datetime64[M]")
    return [0, *(np.flatnonzero(months[1:] != months[:-1]) + 1).tolist()]


def _table(
    seed: int,
    hours: Clock,
    begin: int,
    values: Cube,
    flag: npt.NDArray[np.int8],
    missing: npt.NDArray[np.bool_],
    line: int,
) -> pa.Table:
    """One month: cubes (properties, hours, stations) → rows by station, property, hour."""
    point, prop, hour = np.nonzero(~missing.transpose(2, 0, 1))
    started = np.datetime64(hours.first, "us") + (begin + hour).astype("timedelta64[h]")
    steps = np.array([PER_UNIT.get(name, 1) for name in PROPERTIES])
    month = str(started[0].astype("datetime64[M]")) if len(started) else ""
    columns = [
        _words([station.point for station in province().stations], point),
        _words(list(PROPERTIES), prop),
        _words(["1h"], np.zeros_like(prop)),
        pa.array(started),
        pa.array(values[prop, hour, point] / steps[prop]),
        _words([UNITS.get(name, "ug/m3") for name in PROPERTIES], prop),
        _words(list(FLAGS), flag[prop, hour, point]),
        pa.array(started + np.timedelta64(DELAY)),
        _words([f"simulated:{seed}"], np.zeros_like(prop)),
        pa.array(np.arange(line, line + len(prop), dtype=np.int64)),
        _words([month], np.zeros_like(prop)),
    ]
    return pa.table(columns, schema=OBSERVATION)


def _words(words: list[str | None] | list[str], index: npt.NDArray[np.integer]) -> pa.Array:
    return pc.take(pa.array(words, pa.string()), pa.array(index))
