"""Trace of an hourly value: number, its index, the observation or the stations, the file, the law."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.domains.air.law import index_law
from qingyuan.interfaces.web import reading, wording
from qingyuan.interfaces.web.context import BY_DATE, Context
from qingyuan.interfaces.web.law import edition_on
from qingyuan.interfaces.web.stations import days as stored
from qingyuan.interfaces.web.stations.observed import observations
from qingyuan.interfaces.web.stations.words import flag, mean_text, symbol
from qingyuan.interfaces.web.tracing import basis, source
from qingyuan.interfaces.web.tracing.day import place, what_if
from qingyuan.interfaces.web.tracing.errors import NothingToTrace
from qingyuan.interfaces.web.tracing.formula import Formula, formula_of
from qingyuan.interfaces.web.wording import UNITS, unit

Row = dict[str, Any]


def hour_trace(ctx: Context, point: Row, at: datetime, item: str) -> dict[str, Any]:
    """The trace of one hour of a property."""
    results = stored.hours_of(ctx, point["point"], at, at)
    row = results[0] if results else None
    raw = observations(ctx.dataset.path, (point["point"],), item, at, at)
    if row is None and not raw:
        raise NothingToTrace(
            _("%(name)s has neither observation nor result at %(time)s")
            % {"name": wording.point(point), "time": at.isoformat(sep=" ", timespec="minutes")},
            _("The hour was not observed."),
        )
    table = index_law(row["edition"] if row else edition_on(at.date()), "hour").tables[item]
    known = row is not None and row[item] is not None
    formula = formula_of(Decimal(str(row[item])), table) if row is not None and known else None
    return {
        "kind": "hour",
        "point": place(point),
        "time": at.isoformat(timespec="minutes"),
        "property": item,
        "value": _value(row, raw, item),
        "evaluation": _evaluation(ctx, row, item, formula) if row else None,
        "observation": observed(raw[0]) if raw else None,
        "stations": _stations(ctx, point, at, item) if point["kind"] == "city" else None,
        "sources": source.of_observations(ctx, raw),
        "basis": basis.index_basis(table, formula),
        "limit": None,
        "particle": item in ("pm10", "pm25"),
        "up": ctx.link("trace_day", point["point"], at.date().isoformat(), property=item),
    }


def observed(row: Row) -> dict[str, Any]:
    """One observation as it was sent: value, unit, flag, time of arrival."""
    return {
        "value": f"{row['value']:.12g}" if row["value"] is not None else None,
        "unit": UNITS.get(row["unit"], row["unit"]),
        "flag": row["flag"],
        "flag_words": flag(row["flag"]) if row["flag"] else "",
        "time": row["phenomenon_time"].isoformat(sep=" ", timespec="minutes"),
        "result_time": row["result_time"].isoformat(sep=" ", timespec="seconds") if row["result_time"] else None,
        "used": row["flag"] is None and row["value"] is not None,
    }


def _value(row: Row | None, raw: list[Row], item: str) -> dict[str, Any]:
    value = row[item] if row is not None else raw[0]["value"] if raw else None
    index = row[f"iaqi_{item}"] if row is not None else None
    return {
        "name": symbol(item),
        "text": mean_text(value, item),
        "unit": unit(item),
        "index": index,
        "level": None,
    }


def _evaluation(ctx: Context, row: Row, item: str, formula: Formula | None) -> dict[str, Any]:
    return {
        "name": reading.HOURLY,
        "library_version": row["library_version"],
        "edition": row["edition"],
        "assumed": ctx.edition != BY_DATE,
        "symbol": symbol(item),
        "unit": unit(item),
        "rounded": mean_text(row[item], item),
        "formula": formula.text if formula else None,
        "index": row[f"iaqi_{item}"],
        "aqi": row["aqi"],
        "level": row["level"],
        "what_if": what_if(row, "hour"),
    }


def _stations(ctx: Context, point: Row, at: datetime, item: str) -> list[dict[str, Any]]:
    known = reading.points(ctx.dataset)
    mine = [
        row for row in reading.hours(ctx.dataset, at, at, "station") if known[row["point"]]["city"] == point["point"]
    ]
    return [_station(ctx, known[row["point"]], row, at, item) for row in mine]


def _station(ctx: Context, station: Row, row: Row, at: datetime, item: str) -> dict[str, Any]:
    return {
        **place(station),
        "text": mean_text(row[item], item),
        "value": row[item],
        "index": row[f"iaqi_{item}"],
        "url": ctx.link("trace_hour", row["point"], at.strftime("%Y-%m-%dT%H:%M"), item),
    }
