"""``qingyuan plan forecast | backtest | history``: the year's end expected, judged by the past."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qingyuan.base.errors import WrongUsage
from qingyuan.interfaces.cli.arguments import day

if TYPE_CHECKING:
    import pyarrow as pa

    from qingyuan.plans.facts import Indicator
    from qingyuan.plans.indicators import CityDay

WHY = {
    "no_earlier_year": "history too short: no earlier year observed the days that remain",
    "nothing_this_year": "nothing is observed this year",
}


def add(parts: argparse._SubParsersAction) -> None:
    """Register the commands."""
    forecast = parts.add_parser("forecast", help="value at the year's end, with interval and probability")
    _source(forecast)
    forecast.add_argument("--on", type=day, metavar="DATE", help="last day known; else the last one of the data")
    forecast.set_defaults(run=_forecast)
    tested = parts.add_parser("backtest", help="the forecast made again at past month ends, against naive ones")
    _source(tested)
    tested.add_argument("--from", dest="first", type=int, metavar="YEAR", help="first year to be forecast")
    tested.add_argument("--to", dest="last", type=int, metavar="YEAR", help="last year to be forecast")
    tested.set_defaults(run=_backtest)
    history = parts.add_parser("history", help="keep city-days from before the platform as ground of forecasts")
    _source(history, stored=False)
    history.add_argument("--data", type=Path, metavar="DIR", help="data folder (else QINGYUAN_DATA, else ./var)")
    history.add_argument("--dataset", metavar="SLUG", help="dataset; needed when there are several")
    history.set_defaults(run=_history)


def _source(command: argparse.ArgumentParser, *, stored: bool = True) -> None:
    command.add_argument(
        "--input", nargs="+", type=Path, default=[], required=not stored, metavar="FILE",
        help="observations (hours or days; CSV or Parquet)" + ("; else the dataset" if stored else ""),
    )  # fmt: skip
    command.add_argument("--averaging", metavar="1h|24h", help="averaging of a file that does not say it")
    command.add_argument("--map", action="append", default=[], metavar="OURS=THEIRS", help="name a column")
    command.add_argument("--by", default="city", choices=["city", "point"], help="what counts as a city of the input")
    if stored:
        command.add_argument("--data", type=Path, metavar="DIR", help="data folder (else QINGYUAN_DATA, else ./var)")
        command.add_argument("--dataset", metavar="SLUG", help="dataset; needed when there are several")
        command.add_argument("--place", default="22", metavar="CODE", help="province (22) or city (220100)")
        command.add_argument("--output", type=Path, metavar="FILE", help=".csv, .parquet or .json; else the terminal")


def _city_days(args: argparse.Namespace) -> Sequence[CityDay]:
    """City-days of the input, or of the dataset and what is kept of the years before it."""
    if args.input:
        return read_city_days(args.input, args.averaging, args.map, args.by)
    from qingyuan.base.settings import data_dir
    from qingyuan.interfaces.cli.plan import dataset_of
    from qingyuan.plans import division
    from qingyuan.plans.forecast.earlier import all_city_days
    from qingyuan.plans.indicators import last_full_day, newest_hour

    dataset = dataset_of(args.data or data_dir(), args.dataset)
    newest = newest_hour(dataset)
    last = last_full_day(newest) if newest else date(2999, 12, 31)
    return all_city_days(dataset.path, division.normal(args.place), last)


def read_city_days(files: list[Path], averaging: str | None, pairs: list[str], by: str) -> list[CityDay]:
    """City-days from observations by the law of each day: the assessment air.daily_aqi on the files."""
    from qingyuan.assessments import engines, running
    from qingyuan.assessments.declaration import Options
    from qingyuan.domains.air import DOMAIN
    from qingyuan.interfaces.cli.assess import column_map
    from qingyuan.observations.intake import read_files
    from qingyuan.plans.indicators import ASSESSMENT, city_day

    assessment = next(each for each in DOMAIN.assessments if each.name == ASSESSMENT)
    with tempfile.TemporaryDirectory(prefix="qingyuan-") as folder:
        intake = read_files(
            files,
            mapping=column_map(pairs),
            averaging=averaging,
            workdir=Path(folder),
            needed=set(assessment.inputs),
        )
        with engines.connect("duckdb", spill=Path(folder)) as backend:
            options = Options(by="city" if by == "city" else "point")
            table = running.run(assessment, backend.sql(intake.query), options, stored=True).to_pyarrow()
    for note in intake.notes:
        print(f"note: {note}", file=sys.stderr)
    print(f"{intake.rows_read} rows read, {intake.rows_good} used, {intake.rows_rejected} rejected", file=sys.stderr)
    return [city_day(row) for row in table.to_pylist()]


def _computed() -> list[Indicator]:
    from qingyuan.plans.facts import plan

    return [each for each in plan().indicators if each.method]


def _forecast(args: argparse.Namespace) -> int:
    import pyarrow as pa

    from qingyuan.interfaces.cli import tables

    tables.check(args.output)
    rows = _city_days(args)
    if not rows:
        raise WrongUsage("There is no city-day to forecast from", "Run qingyuan refresh first, or give --input")
    origin = args.on or max(row.day for row in rows)
    found = [_line(indicator, rows, origin) for indicator in _computed()]
    _write(pa.Table.from_pylist(found, schema=_forecast_schema()), args.output)
    return 0


def _forecast_schema() -> pa.Schema:
    import pyarrow as pa

    text = ("indicator", "unit", "origin", "so_far", "forecast", "low", "high")
    fields = [("no", pa.int32()), *((name, pa.string()) for name in text)]
    return pa.schema([*fields, ("probability", pa.float64()), ("light", pa.string()), ("why", pa.string())])


def _line(indicator: Indicator, rows: Sequence[CityDay], origin: date) -> dict[str, Any]:
    """One indicator; the numbers are published with its decimals."""
    from qingyuan.plans.forecast import lights
    from qingyuan.plans.forecast.computed import history_of, published, year_end
    from qingyuan.plans.forecast.yearend import TooShort

    made = year_end(indicator, indicator.target(origin), history_of(indicator, rows), origin)
    line: dict[str, Any] = {
        "no": indicator.no, "indicator": indicator.short.zh, "unit": indicator.unit, "origin": origin.isoformat(),
    }  # fmt: skip
    if isinstance(made, TooShort):
        return line | {"light": "not_computed", "why": WHY[made.reason]}
    names = {"so_far": made.so_far, "forecast": made.value, "low": made.low, "high": made.high}
    line |= {name: str(published(indicator, value)) for name, value in names.items()}
    if made.probability is None:
        return line
    light = lights.of_probability(made.probability)
    return line | {"probability": round(made.probability, 3), "light": light.state, "why": light.reason.zh}


def _backtest(args: argparse.Namespace) -> int:
    import pyarrow as pa

    from qingyuan.interfaces.cli import tables

    tables.check(args.output)
    rows, first, last = _city_days(args), args.first or 0, args.last or 9999
    trials = [
        (indicator, [trial for trial in _trials(indicator, rows) if first <= trial.origin.year <= last])
        for indicator in _computed()
    ]
    found = [_trial_line(indicator, trial) for indicator, several in trials for trial in several]
    names = ("actual", "forecast", "low", "high", "last_year", "year_to_date")
    schema = pa.schema(
        [("no", pa.int32()), ("indicator", pa.string()), ("origin", pa.string())]
        + [(name, pa.float64()) for name in names]
        + [("inside", pa.bool_())]
    )
    if args.output or not found:
        tables.write(pa.Table.from_pylist(found, schema=schema).to_batches(), schema, args.output)
    _summary(trials)
    return 0


def _trials(indicator: Indicator, rows: Sequence[CityDay]) -> list[Any]:
    from qingyuan.plans.forecast.backtest import backtest
    from qingyuan.plans.forecast.computed import history_of, kind_of

    history = history_of(indicator, rows)
    return [] if history is None else backtest(history, kind_of(indicator), indicator.direction)


def _trial_line(indicator: Indicator, trial: Any) -> dict[str, Any]:
    line = {"no": indicator.no, "indicator": indicator.short.zh, "origin": trial.origin.isoformat()}
    names = ("actual", "forecast", "low", "high", "last_year", "year_to_date", "inside")
    return line | {name: getattr(trial, name) for name in names}


def _summary(trials: Sequence[tuple[Indicator, list[Any]]]) -> None:
    """Mean absolute errors by year and of all years, and how many intervals held."""
    from qingyuan.interfaces.cli.tables import print_table
    from qingyuan.plans.forecast.backtest import by_year, skill

    lines = []
    for indicator, several in trials:
        overall = skill(several)
        if overall is None:
            print(f"{indicator.short.zh}: no year can be tried, {WHY['no_earlier_year']}", file=sys.stderr)
            continue
        for name, each in [*((str(year), found) for year, found in by_year(several).items()), ("all", overall)]:
            errors = [f"{value:.3f}" for value in (each.forecast, each.last_year, each.year_to_date)]
            beats = "yes" if each.beats_both else "no"
            lines.append([indicator.short.zh, name, str(each.trials), *errors, f"{each.coverage:.0%}", beats])
    head = ["indicator", "year", "trials", "MAE forecast", "last year", "year to date", "80% held", "beats both"]
    if lines:
        print_table(head, lines)


def _write(table: pa.Table, output: Path | None) -> None:
    from qingyuan.interfaces.cli import tables

    tables.write(table.to_batches(), table.schema, output)


def _history(args: argparse.Namespace) -> int:
    from qingyuan.base.settings import data_dir
    from qingyuan.interfaces.cli.plan import dataset_of
    from qingyuan.plans.forecast import earlier

    dataset = dataset_of(args.data or data_dir(), args.dataset)
    rows = read_city_days(args.input, args.averaging, args.map, args.by)
    strange = sorted({row.city for row in rows if not (row.city.isdigit() and len(row.city) == 6)})
    if strange:
        raise WrongUsage(
            f"{', '.join(strange[:5])} is no code of a city", "Give codes such as 220100, with --map city=COLUMN"
        )
    print(f"{len(rows)} city-days read, {earlier.put(dataset.path, rows)} kept for {dataset.slug}")
    return 0
