"""``qingyuan plan normalise``: the trend of a pollutant without the weather's share, or that it cannot be told."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qingyuan.base.errors import UnreadableInput

if TYPE_CHECKING:
    import pyarrow as pa

    from qingyuan.plans.forecast.weather import Trend

OBSERVED = ("temperature", "pressure", "dew_point", "precipitation", "wind_speed", "wind_direction")
SAID = {
    "trend": "a trend that the weather does not explain 去除天气影响后有趋势",
    "no_trend": "no trend can be told from chance 去除天气影响后看不出趋势",
    "not_separable": "could not be separated from weather 天气影响不能分离",
    "could_not_ask": "weather was not observed: could not ask 没有气象观测，问不到",
    "too_short": "too few days with values: the seasons have not come round twice 时段太短",
}


def add(parts: argparse._SubParsersAction) -> None:
    """Register the command."""
    command = parts.add_parser("normalise", help="trend of a pollutant without the weather's share")
    command.add_argument("--input", nargs="+", type=Path, required=True, metavar="FILE", help="values and weather")
    command.add_argument("--property", default="pm25", metavar="NAME", help="pollutant (pm25)")
    command.add_argument("--by", default="point", choices=["point", "city"], help="one series a point or a city")
    command.add_argument("--averaging", metavar="1h|24h", help="averaging of a file that does not say it")
    command.add_argument("--map", action="append", default=[], metavar="OURS=THEIRS", help="name a column")
    command.add_argument("--output", type=Path, metavar="FILE", help=".csv, .parquet or .json; else the terminal")
    command.add_argument("--series", type=Path, metavar="FILE", help="write the normalised daily values, too")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Read, take the weather out of each series, tell the trends."""
    import pyarrow as pa

    from qingyuan.interfaces.cli import tables

    tables.check(args.output)
    tables.check(args.series)
    daily = _daily(args)
    trends = {point: _trend(rows) for point, rows in sorted(_by_point(daily).items())}
    if not trends:
        raise UnreadableInput(f"There is no value of {args.property} in the input", "Name it with --property")
    found = pa.Table.from_pylist([_line(point, trend) for point, trend in trends.items()], schema=_schema())
    tables.write(found.to_batches(), found.schema, args.output)
    if args.series:
        values = pa.Table.from_pylist(_normalised(trends))
        tables.write(values.to_batches(), values.schema, args.series)
    return 0


def _daily(args: argparse.Namespace) -> pa.Table:
    """Daily means of the pollutant and the weather, one row a point (or city) and day; columns are properties."""
    from qingyuan.assessments import engines
    from qingyuan.interfaces.cli.assess import column_map
    from qingyuan.observations.intake import read_files
    from qingyuan.standards import properties

    wanted = properties.find(args.property)
    if wanted is None:
        raise UnreadableInput(f"{args.property!r} is no observed property", "Name one such as pm25")
    with tempfile.TemporaryDirectory(prefix="qingyuan-") as folder:
        intake = read_files(
            args.input,
            mapping=column_map(args.map),
            averaging=args.averaging,
            workdir=Path(folder),
            needed={wanted.slug, *OBSERVED},
        )
        with engines.connect("duckdb", spill=Path(folder)) as backend:
            return backend.sql(_question(intake.query, wanted.slug, args.by)).to_pyarrow()


def _question(rows: str, pollutant: str, by: str) -> str:
    """Precipitation is summed; the wind is taken apart hour by hour, with its speed, before it is averaged."""
    means = ", ".join(
        f"avg(value) FILTER (property = '{name}') AS {name}" for name in OBSERVED if name != "wind_direction"
    )
    return f"""
        WITH good AS (SELECT * FROM ({rows}) WHERE flag IS NULL AND averaging IN ('1h', '24h') AND value IS NOT NULL),
        wind AS (
            SELECT s.{by} AS point, s.phenomenon_time::DATE AS day,
                avg(s.value * sin(radians(d.value))) AS wind_east, avg(s.value * cos(radians(d.value))) AS wind_north
            FROM good s JOIN good d USING (point, phenomenon_time)
            WHERE s.property = 'wind_speed' AND d.property = 'wind_direction' GROUP BY ALL),
        days AS (
            SELECT {by} AS point, phenomenon_time::DATE AS day,
                avg(value) FILTER (property = '{pollutant}') AS value, {means}
            FROM good WHERE {by} IS NOT NULL GROUP BY ALL)
        SELECT * FROM days LEFT JOIN wind USING (point, day) ORDER BY point, day"""


def _by_point(daily: pa.Table) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in daily.to_pylist():
        found.setdefault(row["point"], []).append(row)
    return {point: rows for point, rows in found.items() if any(row["value"] is not None for row in rows)}


def _trend(rows: list[dict[str, Any]]) -> Trend:
    from qingyuan.plans.forecast.weather import WEATHER, normalise

    def column(name: str) -> list[float]:
        return [float("nan") if row[name] is None else row[name] for row in rows]

    return normalise([row["day"] for row in rows], column("value"), {name: column(name) for name in WEATHER})


def _schema() -> pa.Schema:
    import pyarrow as pa

    numbers = ("trend_percent_a_year", "low", "high", "explained", "time_left")
    return pa.schema(
        [("point", pa.string()), ("answer", pa.string())]
        + [(name, pa.float64()) for name in numbers]
        + [("days", pa.int64()), ("said", pa.string())]
    )


def _line(point: str, trend: Trend) -> dict[str, Any]:
    return {
        "point": point,
        "answer": trend.answer,
        "trend_percent_a_year": _short(trend.slope),
        "low": _short(trend.low),
        "high": _short(trend.high),
        "explained": _short(trend.explained),
        "time_left": _short(trend.time_left),
        "days": len(trend.days),
        "said": SAID[trend.answer],
    }


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _normalised(trends: dict[str, Trend]) -> list[dict[str, Any]]:
    return [
        {"point": point, "day": day.isoformat(), "normalised": value}
        for point, trend in trends.items()
        for day, value in zip(trend.days, trend.normalised, strict=True)
    ]
