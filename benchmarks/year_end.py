"""The forecast of the year's end against two naive ones, as a table: indicator by data set, real and simulated.

``--seeds`` simulates other provinces too. The last column is the time of the whole back-test of one indicator.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from qingyuan.domains.air import simulated
from qingyuan.interfaces.cli.plan_forecast import read_city_days
from qingyuan.interfaces.cli.tables import print_table
from qingyuan.interfaces.jobs.demo_earlier import of_year
from qingyuan.plans.facts import plan
from qingyuan.plans.forecast.backtest import backtest, skill
from qingyuan.plans.forecast.computed import history_of, kind_of
from qingyuan.plans.indicators import CityDay

FIRST, LAST = 2015, 2024
REAL = {
    "Beijing 12 stations": ("beijing12_hourly_2013-03_2016-02", "1h", "point"),
    "Beijing as one city": ("beijing12_hourly_2013-03_2016-02", "1h", "city"),
    "Jilin 9 cities": ("jilin_city_daily_2013-12_2015-12", "24h", "point"),
}
BEFORE_2015 = ("220100", "220200")
"""The cities of the Jilin file that were observed in 2014; the other seven began with 2015."""
HEAD = ["data", "indicator", "n", "MAE ours", "last year", "year to date", "80 % held", "better than both", "s"]


def simulated_years(seed: int) -> list[CityDay]:
    """City-days of a simulated province, by the law."""
    tables = simulated.simulate(seed=seed, first=datetime(FIRST, 1, 1), last=datetime(LAST, 12, 31, 23))
    return [row for _year in range(FIRST, LAST + 1) for row in of_year([next(tables) for _month in range(12)])]


def real_years() -> Iterator[tuple[str, Sequence[CityDay]]]:
    """The real files, where they are."""
    air = Path(os.environ.get("QINGYUAN_SHARED", "../shared")) / "data" / "air"
    for name, (file, averaging, by) in REAL.items():
        if not (air / f"{file}.parquet").exists():
            print(f"{name}: not measured, {air} is missing (set QINGYUAN_SHARED)", file=sys.stderr)
            continue
        rows = read_city_days([air / f"{file}.parquet"], averaging, [], by)
        yield name, rows
        if name.startswith("Jilin"):
            yield "Jilin 2 cities of both years", [row for row in rows if row.city in BEFORE_2015]


def lines(name: str, rows: Sequence[CityDay]) -> Iterator[list[str]]:
    """A line for each computed indicator that can be tried on the rows."""
    for indicator in plan().indicators:
        if indicator.method is None or (history := history_of(indicator, rows)) is None:
            continue
        begun = time.perf_counter()
        found = skill(backtest(history, kind_of(indicator), indicator.direction))
        took = time.perf_counter() - begun
        if found is not None:
            errors = [f"{each:.3f}" for each in (found.forecast, found.last_year, found.year_to_date)]
            better = "yes" if found.beats_both else "not than " + ", ".join(found.no_better_than)
            what = [name, indicator.short.en, str(found.trials)]
            yield [*what, *errors, f"{found.coverage:.0%}", better, f"{took:.2f}"]


def main() -> None:
    """Print the table of the real years, and one of each simulated province as it is done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[simulated.SEED, 1, 2], metavar="SEED")
    seeds = parser.parse_args().seeds
    print_table(HEAD, [line for name, rows in real_years() for line in lines(name, rows)])
    for seed in seeds:
        print_table(HEAD, list(lines(f"simulated {FIRST}-{LAST}, seed {seed}", simulated_years(seed))))


if __name__ == "__main__":
    main()
