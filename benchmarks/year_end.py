"""The forecast of the year's end against two naive ones: ratios of mean absolute errors over simulated and real years."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qingyuan.domains.air import simulated
from qingyuan.domains.air.simulated.story import province
from qingyuan.interfaces.cli.plan_forecast import read_city_days
from qingyuan.plans.facts import plan
from qingyuan.plans.forecast.backtest import backtest, skill
from qingyuan.plans.forecast.computed import history_of, kind_of
from qingyuan.plans.forecast.history import History, of_records

REAL = {
    "Beijing 2014-2015": ("beijing12_hourly_2013-03_2016-02", "1h"),
    "Jilin 2015": ("jilin_city_daily_2013-12_2015-12", "24h"),
}


def simulated_years() -> History:
    """Daily PM2.5 of the simulated cities, 2015 to 2024."""
    city = {station.point: station.city for station in province().stations}
    rows = [
        row
        for month in simulated.simulate(first=datetime(2015, 1, 1), last=datetime(2024, 12, 31, 23))
        for row in _days(month, city)
    ]
    return of_records(rows)


def _days(month: pa.Table, city: dict[str, str]) -> Iterator[tuple[str, date, float]]:
    fine = month.filter(pc.and_(pc.equal(month["property"], "pm25"), pc.is_null(month["flag"])))
    days = pc.floor_temporal(fine["phenomenon_time"], unit="day").cast(pa.date32())
    cities = pa.array([city[point] for point in fine["point"].to_pylist()])
    table = pa.table({"city": cities, "day": days, "value": fine["value"]})
    means = table.group_by(["city", "day"]).aggregate([("value", "mean")])
    yield from zip(*(means[name].to_pylist() for name in ("city", "day", "value_mean")), strict=True)


def _print(name: str, what: str, history: History, kind: str, direction: str) -> None:
    begun = time.perf_counter()
    found = skill(backtest(history, kind, direction))  # type: ignore[arg-type]
    took = time.perf_counter() - begun
    if found is None:
        print(f"{name} {what}: history too short")
        return
    ratios = [found.forecast / each for each in (found.last_year, found.year_to_date)]
    print(
        f"{name} {what}: MAE {found.forecast:.3f}, {ratios[0]:.2f} of last year's, {ratios[1]:.2f} of year to date's;"
        f" 80 % interval held {found.coverage:.0%} of {found.trials}; {1000 * took / found.trials:.1f} ms each"
    )


def main() -> None:
    """Simulated years, then the real ones where they are."""
    history = simulated_years()
    _print("simulated 2016-2024", "PM2.5", history, "mean", "down")
    above = np.where(np.isnan(history.values), np.nan, history.values > 75)
    _print("simulated 2016-2024", "days above 75", History(history.first, history.cities, above), "share", "down")
    air = Path(os.environ.get("QINGYUAN_SHARED", "../shared")) / "data" / "air"
    for name, (file, averaging) in REAL.items():
        if not (air / f"{file}.parquet").exists():
            print(f"{name}: not measured, {air} is missing (set QINGYUAN_SHARED)")
            continue
        rows = read_city_days([air / f"{file}.parquet"], averaging, [], "point")
        for indicator in plan().indicators:
            if indicator.method and (found := history_of(indicator, rows)):
                _print(name, indicator.short.en, found, kind_of(indicator), indicator.direction)


if __name__ == "__main__":
    main()
