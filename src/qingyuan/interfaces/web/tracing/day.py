"""Trace of a day's value: number, assessment, the 24 hours or the stations, the file, the law."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.domains.air.law import ITEMS, index_law, most_values
from qingyuan.domains.air.restating import restate
from qingyuan.interfaces.web import reading, wording
from qingyuan.interfaces.web.context import BY_DATE, Context
from qingyuan.interfaces.web.law import other_edition
from qingyuan.interfaces.web.stations import days as stored
from qingyuan.interfaces.web.stations.lawful import daily_limit, required
from qingyuan.interfaces.web.stations.observed import observations
from qingyuan.interfaces.web.stations.words import flag, mean_text, primary, symbol
from qingyuan.interfaces.web.tracing import basis, source
from qingyuan.interfaces.web.tracing.errors import NothingToTrace
from qingyuan.interfaces.web.tracing.formula import formula_of
from qingyuan.interfaces.web.wording import unit

Row = dict[str, Any]


def day_trace(ctx: Context, point: Row, day: date, asked: str | None) -> dict[str, Any]:
    """The trace of a day; asked: a property, or None for the AQI (then its leading property is followed)."""
    rows = stored.days_of(ctx, point["point"], day, day)
    if not rows:
        raise NothingToTrace(
            _("%(name)s has no result of %(day)s") % {"name": wording.point(point), "day": day.isoformat()},
            _("Choose a day with data, or compute the results again."),
        )
    row = rows[0]
    item = asked or leading(row)
    table = index_law(row["edition"], "day").tables[item]
    formula = formula_of(Decimal(str(row[item])), table) if row[item] is not None else None
    return {
        "kind": "day",
        "point": place(point),
        "day": day.isoformat(),
        "property": item,
        "value": _value(row, asked),
        "evaluation": _evaluation(ctx, point, row, item, formula),
        "hours": _hours(ctx, point, day, item) if point["kind"] == "station" else None,
        "stations": _stations(ctx, point, day, item) if point["kind"] == "city" else None,
        "sources": _sources(ctx, point, day, item) if point["kind"] == "station" else [],
        "basis": basis.index_basis(table, formula),
        "limit": basis.limit_basis(daily_limit(item, day, ctx.edition), row[item]),
        "validity_rule": basis.validity_basis(item, day) if point["kind"] == "station" else None,
    }


def leading(row: Row) -> str:
    """The property that makes the day's AQI: the first primary pollutant, else the largest index."""
    if row["primary"]:
        return str(row["primary"]).split(";")[0]
    known = [item for item in ITEMS if row[f"iaqi_{item}"] is not None]
    return max(known, key=lambda item: row[f"iaqi_{item}"], default="pm25")


def place(point: Row) -> dict[str, Any]:
    """Code, name and kind of a point."""
    return {
        "code": point["point"],
        "name": wording.point(point),
        "kind": point["kind"],
        "city": point["city"],
    }


def _value(row: Row, asked: str | None) -> dict[str, Any]:
    judged = {"level": row["level"], "primary": primary(row["primary"]), "aqi": row["aqi"]}
    if asked is None:
        return {
            **judged,
            "name": "AQI",
            "text": str(row["aqi"]) if row["aqi"] is not None else "—",
            "unit": "",
        }
    text = mean_text(row[asked], asked)
    return {**judged, "name": symbol(asked), "text": text, "unit": unit(asked), "index": row[f"iaqi_{asked}"]}


def _evaluation(ctx: Context, point: Row, row: Row, item: str, formula: Any) -> dict[str, Any]:
    return {
        "name": reading.DAILY,
        "library_version": row["library_version"],
        "edition": row["edition"],
        "assumed": ctx.edition != BY_DATE,
        "validity": validity(point, row, item),
        "symbol": symbol(item),
        "unit": unit(item),
        "mean": mean_text(row[f"{item}_mean"], item, 2),
        "rounded": mean_text(row[item], item),
        "formula": formula.text if formula else None,
        "index": row[f"iaqi_{item}"],
        "indices": [_item(row, each, item) for each in wording.PROPERTIES],
        "what_if": what_if(row, "day"),
    }


def validity(point: Row, row: Row, item: str) -> dict[str, Any]:
    """How many hours, windows or stations were valid, how many are needed, and whether that is enough."""
    count = row[f"{item}_hours"] or 0
    if point["kind"] == "city":
        words = _("%(count)d of %(all)d stations valid") % {"count": count, "all": row["stations"]}
        return {"ok": row[item] is not None, "count": count, "of": row["stations"], "text": words}
    least = required(item, row["day"])
    of = {"count": count, "all": most_values(item), "least": least}
    hours = _("%(count)d / %(all)d h, at least %(least)d are required") % of
    windows = _("%(count)d / %(all)d windows of 8 h, at least %(least)d are required") % of
    return {
        "ok": row[item] is not None,
        "count": count,
        "of": most_values(item),
        "text": windows if item == "o3" else hours,
    }


def _item(row: Row, each: str, lead: str) -> dict[str, Any]:
    index = row[f"iaqi_{each}"]
    return {
        "property": each,
        "symbol": symbol(each),
        "text": mean_text(row[each], each),
        "index": index,
        "lead": each == lead,
    }


def what_if(row: Row, per: str) -> dict[str, Any]:
    """The same concentrations by the other edition."""
    other = other_edition(row["edition"])
    judged = restate([row], other, per)[0]
    same = judged["aqi"] == row["aqi"] and judged["level"] == row["level"]
    return {"edition": other, "aqi": judged["aqi"], "level": judged["level"], "same": same}


def _hours(ctx: Context, point: Row, day: date, item: str) -> dict[str, Any]:
    start = datetime.combine(day, datetime.min.time())
    found = {
        row["phenomenon_time"]: row
        for row in observations(ctx.dataset.path, (point["point"],), item, start, start + timedelta(hours=23))
    }
    bars = [_bar(ctx, point, item, start + timedelta(hours=h), found) for h in range(24)]
    top = max((bar["value"] for bar in bars if bar["state"] == "used"), default=0.0)
    for bar in bars:
        bar["height"] = round(40 * bar["value"] / top, 1) if bar["state"] == "used" and top else 0
        bar["y"] = round(46 - bar["height"], 1)
        bar["largest"] = bar["state"] == "used" and bar["value"] == top
    return {
        "bars": bars,
        "top": next((bar for bar in bars if bar["largest"]), None),
        "ends": _ends(bars),
        "why": "; ".join(f"{bar['hour']}:00 {flag(bar['flag'])}" for bar in bars if bar["state"] == "excluded"),
        "used": sum(bar["state"] == "used" for bar in bars),
        "excluded": sum(bar["state"] == "excluded" for bar in bars),
        "missing": sum(bar["state"] == "missing" for bar in bars),
    }


def _ends(bars: list[dict[str, Any]]) -> tuple[bool, bool]:
    """Whether the first and the last hour have room for a label beside the largest one's."""
    hour = next((bar["hour"] for bar in bars if bar["largest"]), 12)
    return hour > 5, hour < 18


def _bar(ctx: Context, point: Row, item: str, at: datetime, found: dict[datetime, Row]) -> dict[str, Any]:
    row = found.get(at)
    value, flag = (row["value"], row["flag"]) if row else (None, None)
    state = "missing" if value is None else "excluded" if flag else "used"
    words = mean_text(value, item, 0) if value is not None else _("missing")
    return {
        "time": at.isoformat(timespec="minutes"),
        "hour": at.hour,
        "value": value,
        "flag": flag,
        "state": state,
        "text": words,
        "x": round(1 + at.hour * 15.83, 1),
        "middle": min(max(round(8 + at.hour * 15.83, 1), 34), 347),
        "url": ctx.link("trace_hour", point["point"], at.strftime("%Y-%m-%dT%H:%M"), item) if row else "",
    }


def _stations(ctx: Context, point: Row, day: date, item: str) -> list[dict[str, Any]]:
    known = reading.points(ctx.dataset)
    rows = reading.days(ctx.dataset, day, day, "station")
    mine = [row for row in rows if known.get(row["point"], {}).get("city") == point["point"]]
    return [_station(ctx, known[row["point"]], row, day, item) for row in mine]


def _station(ctx: Context, station: Row, row: Row, day: date, item: str) -> dict[str, Any]:
    return {
        **place(station),
        "text": mean_text(row[item], item),
        "value": row[f"{item}_mean"] if row[item] is not None else None,
        "index": row[f"iaqi_{item}"],
        "hours": row[f"{item}_hours"],
        "of": most_values(item),
        "url": ctx.link("trace_day", row["point"], day.isoformat(), property=item),
    }


def _sources(ctx: Context, point: Row, day: date, item: str) -> list[dict[str, Any]]:
    start = datetime.combine(day, datetime.min.time())
    rows = observations(ctx.dataset.path, (point["point"],), item, start, start + timedelta(hours=23))
    return source.of_observations(ctx, rows)
