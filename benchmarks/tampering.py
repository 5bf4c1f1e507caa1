"""How much tampering is found, and how often a clean series is suspected, at the default thresholds.

    python -m benchmarks.tampering ../shared/data/sources [--quick]
    python -m benchmarks.tampering clean.parquet ...

Clean series: the gas turbine (hourly CO and NOx, five years) and the sewage works (daily, two years). The thresholds
of scaled stretches were set on the turbine's 2011-2012 and the works' 1990; 2013-2015 and 1991 are held out. Of the
turbine's process series only those are used that an authority can have, of the works' none that were computed from
the very values looked at. Found: suspicions of tampering cover at least half of the stretch. False alarms:
suspicions on the clean series, a year of one series. Under scaled stretches stands what the likelihood
ratio of the same evidence tells at one false alarm a series-year (tampering_bound.py).
--quick: the held-out part and the four patterns of the target only. The second form takes clean series of your own
in long form (CSV or Parquet, hourly or daily), a plant a point.
"""

from __future__ import annotations

import csv
import gzip
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from benchmarks.tampering_bound import Evidence, evidence, share_told
from qingyuan.interfaces.cli.quality import read_long
from qingyuan.observations.quality import codes, flag
from qingyuan.observations.quality.simulated import PATTERNS, dilution

ROWS_OF_YEARS = {2011: 7411, 2012: 7628, 2013: 7152, 2014: 7158, 2015: 7384}
"""Hours of each year in the turbine's file, which has no dates."""

POLLUTANTS = {"Carbon monoxide": "co", "Nitrogen oxides": "nox"}
UNITS = {"co": "mg/m3", "nox": "mg/m3"}
PROCESS = "process"
"""Unit given to series that are only looked at to explain others."""

COMPANIONS = (
    *("Ambient temperature", "Ambient pressure", "Ambient humidity"),
    *("Turbine energy yield", "Turbine after temperature", "Gas turbine exhaust pressure"),
)
"""Weather, load, temperature and pressure of the exhaust: an authority has the like. What the turbine keeps to
itself (inlet temperature, compressor, filter) explains no more and is left out."""

COMPUTED = "RD-"
"""Removal rates of the sewage works, computed from the concentrations: with them a changed value betrays itself."""

SET_ON, HELD_OUT = (2011, 2012), (2013, 2014, 2015)
"""Years of the turbine."""

HOURS, DAYS = (24, 72, 168, 720), (1, 3, 7, 14, 30)
TARGET = ("constant", "scaled +20 %", "scaled -20 %", "clipped", "replayed")
"""Patterns of which nine in ten are to be found."""

TAMPERING = [code for code, one in codes().items() if one.kind == "tampering"]
NAMED = {
    "constant": {"constant"},
    "scaled +20 %": {"scaled"},
    "scaled -20 %": {"scaled"},
    "scaled +20 %, not rounded": {"scaled", "finer_digits"},
    "clipped": {"clipped"},
    "replayed": {"replayed"},
    "replayed with noise": {"replayed"},
    "fluctuation": {"fluctuation"},
    "clock-shifted 3 slots": {"clock_shifted"},
    "dilution": {"dilution"},
}
"""Codes that name a pattern rightly."""

FACTORS = {"scaled +20 %": 1.2, "scaled -20 %": 0.8}
"""Scaled stretches that a bound is told for."""

Series = dict[str, npt.NDArray[np.float64]]


@dataclass(frozen=True)
class Plant:
    """Clean series of one point over one period, on one grid; units of what is suspected; judged: slots that
    figures are of (all are looked at)."""

    name: str
    start: np.datetime64
    step: np.timedelta64
    averaging: str
    series: Series
    units: Mapping[str, str]
    judged: slice = field(default_factory=lambda: slice(None))

    @property
    def slots(self) -> range:
        """The judged slots."""
        return range(len(next(iter(self.series.values()))))[self.judged]


def turbine(folder: Path, years: tuple[int, ...] = tuple(ROWS_OF_YEARS)) -> Iterator[Plant]:
    """The gas turbine, a plant a year. Its missing hours are not marked, so the rows are taken one after another."""
    (file,) = sorted(folder.glob("gas_turbine*.csv.gz"))[:1]
    with gzip.open(file, "rt") as stream:
        names, *rows = csv.reader(stream)
    table, begin = np.array(rows, float), 0
    lengths = ROWS_OF_YEARS
    if sum(lengths.values()) != len(table):  # another turbine or other years: parts of about a year
        lengths = {year + 1: len(part) for year, part in enumerate(np.array_split(table, round(len(table) / 7347)))}
        years = tuple(lengths)
    for year, hours in lengths.items():
        part = table[begin : begin + hours]
        begin += hours
        known = {*POLLUTANTS, *COMPANIONS}
        series = {POLLUTANTS.get(name, name): part[:, at] for at, name in enumerate(names) if name in known}
        if year in years:
            start = np.datetime64(f"{max(year, 1971)}-01-01", "h")
            yield Plant(f"turbine {year}", start, np.timedelta64(1, "h"), "1h", series, UNITS)


def plants_of(files: Sequence[str]) -> Iterator[Plant]:
    """Clean series in long form, a plant a point and averaging (1h or 24h)."""
    from qingyuan.observations.quality.declared import suspected
    from qingyuan.observations.quality.grid import laid_out

    table = pa.concat_tables([read_long(Path(file)) for file in files], promote_options="default")
    for grid in laid_out(table, np.ones(table.num_rows, bool)).grids:
        units = {column.prop: column.unit for column in grid.columns if suspected(column.unit)}
        series = {column.prop: column.values for column in grid.columns}
        if grid.even and units:
            step = grid.step.astype("timedelta64[h]")
            yield Plant(grid.point, grid.times[0].astype("datetime64[h]"), step, grid.averaging, series, units)


def sewage_works(folder: Path, year: int | None = None) -> Plant:
    """The sewage works, daily; days without a row are gaps. year: the one that is judged (both are looked at)."""
    (file,) = sorted(folder.glob("uci_water*.data"))[:1]
    with file.open() as stream:
        names, *rows = [row for row in csv.reader(stream) if row and row[0]]
    days = [_day(row[0]) for row in rows if row[0].startswith("D-")]
    first = min(days)
    table = np.full((int((max(days) - first).astype(int)) + 1, len(names) - 1), np.nan)
    for day, row in zip(days, (row for row in rows if row[0].startswith("D-")), strict=True):
        table[int((day - first).astype(int))] = [float(cell) if cell.strip() != "?" else np.nan for cell in row[1:]]
    series = {name: table[:, at] for at, name in enumerate(names[1:]) if not name.startswith(COMPUTED)}
    units = {name: unit for name in series for start, unit in _SEWAGE_UNITS.items() if name.startswith(start)}
    start, step = first.astype("datetime64[h]"), np.timedelta64(24, "h")
    edges = [int((np.datetime64(f"{one}-01-01", "D") - first).astype(int)) for one in (year, year + 1)] if year else ()
    judged = slice(*(min(max(edge, 0), len(table)) for edge in edges)) if year else slice(None)
    return Plant("sewage works", start, step, "24h", series, units, judged)


_SEWAGE_UNITS = {"ZN": "mg/L", "DBO": "mg/L", "DQO": "mg/L", "SS-": "mg/L", "SED": "mL/L", "COND": "uS/cm"}


def _day(word: str) -> np.datetime64:
    day, month, year = word.removeprefix("D-").split("/")
    return np.datetime64(f"19{year}-{int(month):02d}-{int(day):02d}", "D")


def table_of(plant: Plant, units: Mapping[str, str]) -> pa.Table:
    """The plant in long form; series without a unit here are process series."""
    parts = []
    for name, values in plant.series.items():
        there = np.flatnonzero(~np.isnan(values))
        words = {"point": plant.name, "property": name, "averaging": plant.averaging, "unit": units.get(name, PROCESS)}
        columns = {key: pa.array([word] * len(there)) for key, word in words.items()}
        times = pa.array((plant.start + there * plant.step).astype("datetime64[us]"))
        parts.append(pa.table({**columns, "phenomenon_time": times, "value": pa.array(values[there])}))
    return pa.concat_tables(parts)


def false_alarms(plant: Plant) -> dict[str, int]:
    """Suspicions on the clean plant by code; pieces of one event with the same code count once."""
    found = flag(table_of(plant, plant.units), tests=TAMPERING).findings.to_pylist()
    counted: dict[str, int] = {}
    for one in found:
        if _slot(plant, one["begin"]) in plant.slots:
            counted[one["code"]] = counted.get(one["code"], 0) + 1
    return counted


def series_years(plant: Plant) -> float:
    """Judged years of suspected series in a plant."""
    hours = len(plant.slots) * (plant.step / np.timedelta64(1, "h"))
    return float(len(plant.units) * hours / 8766)


@dataclass(frozen=True)
class Rate:
    """Stretches tampered with, of which found, and found under the right name."""

    tried: int
    found: int
    named: int


def tampered(plant: Plant, name: str, pattern: str, slots: int, count: int = 5) -> Rate:
    """Tamper with some stretches of one series and count those that are found."""
    chance = np.random.default_rng(zlib.crc32(f"{plant.name} {name} {slots}".encode()))
    values = plant.series[name]
    stretches = _stretches(plant, name, slots, count, chance)
    for begin in stretches:
        values = PATTERNS[pattern](values, begin, begin + slots, chance)
    return _counted(plant, {name: values}, name, stretches, slots, pattern)


def thinned(plant: Plant, name: str, slots: int, count: int = 5) -> Rate:
    """Dilution to 80 %, with an oxygen series invented 模拟 from the load, since the turbine's file has none."""
    chance = np.random.default_rng(slots)
    load = plant.series["Turbine energy yield"]
    restless = np.convolve(chance.standard_normal(len(load)), 0.8 ** np.arange(30), "full")[: len(load)]
    oxygen = np.round(15.5 - 0.12 * (load - 130) / 10 + 0.06 * restless, 2)
    values = plant.series[name]
    stretches = _stretches(plant, name, slots, count, chance)
    for begin in stretches:
        oxygen, values = dilution(oxygen, values, begin, begin + slots, 0.8)
    return _counted(plant, {name: values, "oxygen": oxygen}, name, stretches, slots, "dilution")


def _stretches(plant: Plant, name: str, slots: int, count: int, chance: np.random.Generator) -> list[int]:
    """Begins of stretches, spread over what is judged, at least a stretch apart, with enough values to tamper with."""
    clean, judged = plant.series[name], plant.slots
    count = max(1, min(count, len(judged) // (4 * slots) - 1))
    width = (len(judged) - 2 * slots) // count
    begins = []
    for at in range(count):
        for _ in range(50):
            begin = judged.start + slots + at * width + int(chance.integers(0, max(1, width - 2 * slots)))
            if (~np.isnan(clean[begin : begin + slots])).mean() > 0.7:
                begins.append(begin)
                break
    return begins


def _counted(plant: Plant, series: Series, name: str, stretches: list[int], slots: int, pattern: str) -> Rate:
    """Test the plant with these series in place of its own; found: at least half of the altered values covered."""
    changed = replace(plant, series={**plant.series, **series})
    altered = (series[name] != plant.series[name]) & ~np.isnan(series[name])
    found = flag(table_of(changed, {name: plant.units[name]}), tests=TAMPERING).findings.to_pylist()
    spells = [(one["code"], _slot(plant, one["begin"]), _slot(plant, one["end"])) for one in found]
    right = [spell for spell in spells if spell[0] in NAMED[pattern]]
    tried = [slice(begin, begin + slots) for begin in stretches if altered[begin : begin + slots].any()]
    counts = [sum(_covered(altered, where, these) for where in tried) for these in (spells, right)]
    return Rate(len(tried), *counts)


def _slot(plant: Plant, moment: datetime) -> int:
    return int((np.datetime64(moment, "h") - plant.start) // plant.step)


def _covered(altered: npt.NDArray[np.bool_], where: slice, spells: list[tuple[str, int, int]]) -> bool:
    covered = np.zeros(len(altered), bool)
    for _, first, last in spells:
        covered[first:last] = True
    return bool(covered[where][altered[where]].mean() >= 0.5)


def summed(rates: Iterable[Rate]) -> Rate:
    """Several counts as one."""
    counts = [(rate.tried, rate.found, rate.named) for rate in rates]
    return Rate(*(sum(column) for column in zip(*counts, strict=True)))


def print_false_alarms(label: str, plants: Sequence[Plant]) -> None:
    """Suspicions a series-year on clean series, by code."""
    years = sum(series_years(plant) for plant in plants)
    counts: dict[str, int] = {}
    for plant in plants:
        for code, count in false_alarms(plant).items():
            counts[code] = counts.get(code, 0) + count
    told = ", ".join(f"{code} {count / years:.2f}" for code, count in counts.items()) or "none"
    print(f"clean {label}: {sum(counts.values()) / years:.2f} false alarms a series-year in {years:.0f} ({told})")


def print_rates(
    label: str,
    plants: Sequence[Plant],
    names: Sequence[str],
    patterns: Iterable[str] = tuple(PATTERNS),
    at_best: bool = True,
) -> list[list[Rate]]:
    """A line a pattern: share found by length of the stretch, and of all the share found under the right name.

    at_best: whether two lines more tell what the likelihood ratio alone would find of scaled stretches. Returns the rates of the target's patterns by length.
    """
    lengths, unit = _lengths(plants[0])
    rates = []
    for pattern in patterns:
        found = [
            summed(tampered(plant, name, pattern, slots) for plant in plants for name in names) for slots in lengths
        ]
        _print_line(label, pattern, found, lengths, unit)
        if at_best and pattern in FACTORS:
            _print_best(label, plants, names, FACTORS[pattern])
        if pattern in TARGET:
            rates.append(found)
    return rates


def _print_best(label: str, plants: Sequence[Plant], names: Sequence[str], factor: float) -> None:
    lengths, unit = _lengths(plants[0])
    for told in (True, False):
        found = [bound(plants, names, factor, slots, told) for slots in lengths]
        shares = "  ".join(f"{slots:>3} {unit} {share:4.0%}" for slots, share in zip(lengths, found, strict=True))
        known = "place and factor" if told else "the length only"
        print(f"{label:<13}   ratio told {known:<19} {shares}", flush=True)


def bound(plants: Iterable[Plant], names: Sequence[str], factor: float, slots: int, told: bool) -> float:
    """The share of scaled stretches that the likelihood ratio tells; told: begin, end and factor known."""
    shares = [share_told(_evidence(plant, name), factor, slots, told) for plant in plants for name in names]
    return float(np.nanmean(shares))


_SEEN: dict[tuple[str, str], Evidence] = {}


def _evidence(plant: Plant, name: str) -> Evidence:
    if (plant.name, name) not in _SEEN:
        others = [series for other, series in plant.series.items() if other != name]
        per_day = max(1, int(np.timedelta64(24, "h") / plant.step))
        _SEEN[plant.name, name] = evidence(plant.series[name], others, per_day)
    return _SEEN[plant.name, name]


def print_target(label: str, lengths: Sequence[int], unit: str, rates: Sequence[Sequence[Rate]]) -> None:
    """Share found of the target's patterns together, every pattern and series alike, by length and over all."""
    by_length = [
        float(np.mean([one[at].found / one[at].tried for one in rates if one[at].tried])) for at in range(len(lengths))
    ]
    told = "  ".join(f"{slots:>3} {unit} {share:4.0%}" for slots, share in zip(lengths, by_length, strict=True))
    print(f"{label}: of constant, scaled, clipped, replayed found {told}   all lengths alike {np.mean(by_length):.0%}")


def _lengths(plant: Plant) -> tuple[Sequence[int], str]:
    return (HOURS, "h") if plant.step <= np.timedelta64(4, "h") else (DAYS, "d")


def _print_line(label: str, pattern: str, rates: Sequence[Rate], lengths: Sequence[int], unit: str) -> None:
    told = [f"{length:>3} {unit} {_share(rate.found, rate.tried)}" for length, rate in zip(lengths, rates, strict=True)]
    whole = summed(rates)
    named = _share(whole.named, whole.tried)
    print(f"{label:<13} {pattern:<26} found {'  '.join(told)}   named {named} of {whole.tried}", flush=True)


def _share(count: int, of: int) -> str:
    """A percentage; nothing where nothing was altered (a value held for one slot stays what it was)."""
    return f"{count / of:4.0%}" if of else "   -"


def print_part(folder: Path, label: str, years: tuple[int, ...], works_year: int, patterns: Sequence[str]) -> None:
    """False alarms and detection in some years of the turbine and one of the sewage works."""
    plants, works = list(turbine(folder, years)), [sewage_works(folder, works_year)]
    print(f"--- {label}: turbine {years[0]}-{years[-1]}, sewage works {works_year}")
    print_false_alarms("turbine", plants)
    print_false_alarms("sewage works", works)
    hourly: list[list[Rate]] = []
    at_best = years == HELD_OUT
    for name in UNITS:
        hourly += print_rates(f"turbine {name}", plants, [name], patterns, at_best)
        if len(patterns) > len(TARGET):
            diluted = [summed(thinned(plant, name, slots) for plant in plants) for slots in HOURS]
            _print_line(f"turbine {name}", "dilution", diluted, HOURS, "h")
    daily = print_rates("sewage works", works, list(works[0].units), patterns, at_best)
    print_target(f"{label}, turbine", HOURS, "h", hourly)
    print_target(f"{label}, sewage works", DAYS, "d", daily)


def main(folder: Path, quick: bool = False) -> None:
    """Print what the thresholds were set on, and what was held out."""
    if not quick:
        print_part(folder, "set on", SET_ON, 1990, TARGET)
    print_part(folder, "held out", HELD_OUT, 1991, TARGET if quick else tuple(PATTERNS))


def main_of_files(files: Sequence[str]) -> None:
    """The same for clean series in long form."""
    for plant in plants_of(files):
        print_false_alarms(plant.name, [plant])
        for name in plant.units:
            print_rates(f"{plant.name} {name}", [plant], [name])


if __name__ == "__main__":
    given = [word for word in sys.argv[1:] if not word.startswith("--")]
    if Path(given[0]).is_dir():
        main(Path(given[0]), "--quick" in sys.argv)
    else:
        main_of_files(given)
