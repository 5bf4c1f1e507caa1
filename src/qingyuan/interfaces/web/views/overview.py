"""The public overview: the briefing, what is left of the plan, the network, the air of now."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from qingyuan.interfaces.web import access, bars, briefing, network, places, reading, scoreboard, todo, traces, wording
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.devices import listing
from qingyuan.interfaces.web.keeping import kept_while


@access.public
@kept_while(scoreboard.standing)
def page(request: HttpRequest) -> HttpResponse:
    """Answer with the overview of the context's place and hour."""
    ctx: Context = request.ctx  # type: ignore[attr-defined]
    cards = air_cards(ctx)
    board = scoreboard.of(ctx)
    counted, due = network.day_completeness(ctx)
    shown: dict[str, Any] = {
        "cards": cards,
        "missing": any(card["lacking"] for card in cards),
        "air_now": briefing.air_now(cards, places.name(ctx.place), _list_behind(ctx), ctx.province),
        "board": board,
        "health": network.health(ctx),
        "silent": [line for line in network.lines(ctx) if not line.online],
        "counted": counted,
        "due": due,
        "share": 100 * counted / due if due else None,
        "work": todo.brief(request),
        "devices": listing.summary(access.rights(request)),
        "before": (ctx.time - timedelta(days=1)).date(),
    }
    return render(request, "overview.html", shown)


def _list_behind(ctx: Context) -> str:
    return ctx.link("air", kind="city" if ctx.province else "station", per="hour")


def air_cards(ctx: Context) -> list[dict[str, Any]]:
    """The nine cities, or the stations of the chosen one: AQI of the hour and the bars of 24 hours."""
    kind: reading.Kind = "city" if ctx.province else "station"
    chosen = [
        point
        for point in reading.points(ctx.dataset).values()
        if point["kind"] == kind and (ctx.province or point["city"] == ctx.place)
    ]
    rows: dict[str, list[reading.Row]] = defaultdict(list)
    found = reading.hours_judged(ctx, ctx.time - timedelta(hours=23), ctx.time, kind)
    for row in found:
        rows[row["point"]].append(row)
    highest = bars.top([row for point in chosen for row in rows[point["point"]]])
    return [
        _card(ctx, point, rows[point["point"]], highest) for point in sorted(chosen, key=lambda each: each["point"])
    ]


def _card(ctx: Context, point: reading.Row, rows: list[reading.Row], highest: float) -> dict[str, Any]:
    now = rows[-1] if rows and rows[-1]["phenomenon_time"] == ctx.time else None
    level = now["level"] if now else None
    return {
        "name": wording.point(point, short=True),
        "url": ctx.link(point["kind"], point["point"]),
        "aqi": now["aqi"] if now else None,
        "level": level,
        "primary": now["primary"] if now else "",
        "trace": traces.of_hour_index(ctx, point["point"], ctx.time, now["primary"]) if now and level else "",
        "bars": bars.bars(rows, ctx.time, highest),
        "lacking": bars.lacking(rows),
    }
