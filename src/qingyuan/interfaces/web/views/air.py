"""Air: the results of cities or stations for one day or hour, as a table to filter and to take away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from qingyuan.interfaces.web import access, excel, law, places, reading, traces, wording
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.keeping import kept

PAGE = 50
ITEMS = wording.PROPERTIES
SORTS = ("name", "city", "aqi", *ITEMS)
LEVELS = range(1, 7)


@dataclass(frozen=True)
class Choice:
    """What the table shows: kind (city|station), per (day|hour), text, levels, validity, order."""

    kind: str
    per: str
    words: str
    levels: tuple[int, ...]
    valid: str
    sort: str
    down: bool

    @property
    def filtered(self) -> bool:
        """Whether any row may be hidden by the choice."""
        return bool(self.words or self.levels or self.valid)


def choice(request: HttpRequest, ctx: Context) -> Choice:
    """The choice an address makes; what it does not know is left out."""
    ask = request.GET
    sort = ask.get("sort", "aqi")
    return Choice(
        kind="station" if ask.get("kind") == "station" or (not ctx.province and ask.get("kind") != "city") else "city",
        per="hour" if ask.get("per") == "hour" else "day",
        words=ask.get("q", "").strip()[:60],
        levels=tuple(level for level in LEVELS if str(level) in ask.getlist("level")),
        valid=ask.get("valid", "") if ask.get("valid") in ("yes", "no") else "",
        sort=sort if sort in SORTS else "aqi",
        down=ask.get("order", "down" if sort == "aqi" else "up") == "down",
    )


def day_of(ctx: Context) -> date:
    """The day the table speaks of: the chosen one; by default the last one that is over."""
    return ctx.time.date() - timedelta(days=1) if ctx.is_latest and ctx.time.hour < 23 else ctx.time.date()


def rows_of(ctx: Context, chosen: Choice) -> list[dict[str, Any]]:
    """One row a point of the place, in the chosen order, before filtering by words, levels and validity."""
    kind: reading.Kind = "station" if chosen.kind == "station" else "city"
    if chosen.per == "hour":
        found = reading.hours_judged(ctx, ctx.time, ctx.time, kind)
    else:
        found = reading.days_judged(ctx, day_of(ctx), day_of(ctx), kind)
    results = {row["point"]: row for row in found}
    limits = law.daily_limits(day_of(ctx), ctx.edition_in_force) if chosen.per == "day" else {}
    points = [
        point
        for point in reading.points(ctx.dataset).values()
        if point["kind"] == kind and (ctx.province or point["city"] == ctx.place)
    ]
    return [_row(ctx, chosen, point, results.get(point["point"]), limits) for point in points]


def _row(
    ctx: Context, chosen: Choice, point: reading.Row, result: reading.Row | None, limits: dict[str, Any]
) -> dict[str, Any]:
    cells = [_cell(ctx, chosen, point["point"], item, result, limits.get(item)) for item in ITEMS]
    known = result is not None and result["aqi"] is not None
    return {
        "point": point["point"],
        "name": wording.point(point),
        "city": places.name(point["city"], short=True),
        "url": ctx.link(point["kind"], point["point"]),
        "aqi": result["aqi"] if result else None,
        "level": result["level"] if result else None,
        "primary": result["primary"] if result and known else None,
        "trace": _index_trace(ctx, chosen, point["point"], result) if result and known else "",
        "cells": cells,
        "values": {cell["item"]: cell["value"] for cell in cells},
        "valid": bool(result and result["valid"]),
        "edition": result["edition"] if result else "",
        "clause": result["clause"] if result else "",
    }


def _index_trace(ctx: Context, chosen: Choice, point: str, result: reading.Row) -> str:
    if chosen.per == "day":
        return traces.of_day(ctx, point, day_of(ctx))
    return traces.of_hour_index(ctx, point, ctx.time, result["primary"])


def _value_trace(ctx: Context, chosen: Choice, point: str, item: str) -> str:
    if chosen.per == "day":
        return traces.of_day(ctx, point, day_of(ctx), item)
    return traces.of_hour(ctx, point, ctx.time, item)


def _cell(
    ctx: Context, chosen: Choice, point: str, item: str, result: reading.Row | None, limit: Any
) -> dict[str, Any]:
    value = result[item] if result else None
    return {
        "item": item,
        "value": value,
        "text": wording.number(value, wording.decimals(item)),
        "over": value is not None and limit is not None and value > float(limit.value),
        "why": "" if value is not None else wording.lacking(result, item),
        "trace": _value_trace(ctx, chosen, point, item) if value is not None else "",
    }


def filtered(rows: list[dict[str, Any]], chosen: Choice) -> list[dict[str, Any]]:
    """The rows that fit the words, levels and validity, in order; rows without a value stand last."""
    words = chosen.words.casefold()
    kept = [
        row
        for row in rows
        if (not words or any(words in row[key].casefold() for key in ("name", "city", "point")))
        and (not chosen.levels or row["level"] in chosen.levels)
        and (not chosen.valid or row["valid"] == (chosen.valid == "yes"))
    ]
    known = [row for row in kept if _key(row, chosen.sort) is not None]
    unknown = [row for row in kept if _key(row, chosen.sort) is None]
    return sorted(known, key=lambda row: (_key(row, chosen.sort), row["point"]), reverse=chosen.down) + unknown


def _key(row: dict[str, Any], sort: str) -> Any:
    return row["values"][sort] if sort in ITEMS else row[sort]


def columns(ctx: Context, chosen: Choice) -> list[dict[str, Any]]:
    """Heads of the six item columns: symbol, unit, and the limit the cells are compared with."""
    limits = law.daily_limits(day_of(ctx), ctx.edition_in_force) if chosen.per == "day" else {}
    return [
        {"item": item, "symbol": wording.SYMBOLS[item], "unit": wording.unit(item), "limit": limits.get(item)}
        for item in ITEMS
    ]


@access.needs("air.see", "air")
@kept
def page(request: HttpRequest) -> HttpResponse:
    """The table, one page of it, or its workbook with ``export=xlsx``."""
    ctx: Context = request.ctx  # type: ignore[attr-defined]
    chosen = choice(request, ctx)
    everything = rows_of(ctx, chosen)
    rows = filtered(everything, chosen)
    if request.GET.get("export") == "xlsx":
        return _workbook(request, ctx, chosen, rows)
    part: Page[dict[str, Any]] = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    shown = {
        "chosen": chosen,
        "rows": part,
        "total": len(everything),
        "found": len(rows),
        "columns": columns(ctx, chosen),
        "when": ctx.time if chosen.per == "hour" else day_of(ctx),
        "yesterday": chosen.per == "day" and day_of(ctx) != ctx.time.date(),
        "levels": [(level, wording.level(level, short=True)) for level in LEVELS],
        "kept": [(key, value) for key, value in ctx.given],
    }
    return render(request, "air.html", shown)


def _workbook(request: HttpRequest, ctx: Context, chosen: Choice, rows: list[dict[str, Any]]) -> HttpResponse:
    heads = columns(ctx, chosen)
    when = ctx.time if chosen.per == "hour" else datetime.combine(day_of(ctx), datetime.min.time())
    made = excel.air_table(ctx, rows, heads, when, chosen.per, request.user.get_username())
    name = f"qingyuan-{ctx.dataset.slug}-{chosen.kind}-{when:%Y%m%d%H}.xlsx"
    return excel.download(made, name)


urlpatterns = [path("air/", page, name="air")]
