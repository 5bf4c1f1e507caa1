"""Where a number's trace stands: one function a kind of number."""

from __future__ import annotations

from datetime import date, datetime

from qingyuan.interfaces.web.context import Context


def of_day(ctx: Context, point: str, day: date, item: str = "") -> str:
    """Trace of a daily result: of its index, or of one item's value."""
    return ctx.link("trace_day", point, day.isoformat(), property=item)


def of_hour(ctx: Context, point: str, at: datetime, item: str) -> str:
    """Trace of an hourly value."""
    return ctx.link("trace_hour", point, f"{at:%Y-%m-%dT%H:%M}", item)


def of_hour_index(ctx: Context, point: str, at: datetime, primary: str | None) -> str:
    """Trace of an hourly index: that of the item that makes it, PM2.5 where none stands out."""
    return of_hour(ctx, point, at, (primary or "").split(";")[0] or "pm25")


def of_indicator(ctx: Context, number: int, place: str = "") -> str:
    """Trace of an indicator of the plan, for the context's place or another."""
    return ctx.link("trace_indicator", number, **({"place": place} if place else {}))
