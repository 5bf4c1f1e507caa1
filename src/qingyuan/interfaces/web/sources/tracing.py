"""The trace of an hourly value of an outlet: value, correction and limit, observations, the frame, the law."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import Http404

from qingyuan.base.settings import data_dir
from qingyuan.domains.sources.items import MINUTES
from qingyuan.gateway import looking
from qingyuan.gateway.journal import MAIN
from qingyuan.gateway.models import Device
from qingyuan.interfaces.web.context import Context
from qingyuan.interfaces.web.devices import frames
from qingyuan.interfaces.web.devices.words import averaging
from qingyuan.interfaces.web.sources import outlets, words
from qingyuan.interfaces.web.stations.words import flag
from qingyuan.observations import lake
from qingyuan.places.outlets import Outlet

SHOWN = 60
"""Observations listed: all minutes of an hour; were there more, they are counted."""
PAGES = {"minute": "outlet_trace_minute", "hour": "outlet_trace", "day": "outlet_trace_day"}


def written(moment: datetime) -> str:
    """A moment as the address of a trace has it."""
    return f"{moment:%Y-%m-%dT%H:%M}"


def address(ctx: Context, step: str, point: str, item: str, moment: datetime) -> str:
    """Address of the trace of a minute, an hour or a day."""
    return ctx.link(PAGES[step], point, item, written(moment))


def minute(ctx: Context, outlet: Outlet, item: str, moment: datetime) -> dict[str, Any]:
    """The steps of a value as sent. Http404 when there is no record shorter than an hour then."""
    rows = [
        row for row in _observed(ctx, outlet.point, item, moment, timedelta(minutes=1)) if row["averaging"] in MINUTES
    ]
    if not rows:
        raise Http404(item)
    row = rows[0]
    return {
        "point": outlet.point,
        "time": moment,
        "name": words.property_name(item),
        "row": row,
        **_line(ctx, row),
        "source": row["source"],
        "hour": address(ctx, "hour", outlet.point, item, moment.replace(minute=0)),
        "frame": _frame(rows, item),
    }


def day(ctx: Context, outlet: Outlet, item: str, moment: datetime) -> dict[str, Any]:
    """The steps of a day's value, down to its hours. Http404 when no result of it is stored."""
    begins = moment.replace(hour=0, minute=0)
    row = _result(ctx, outlets.DAILY, outlet.point, item, begins)
    last = begins + timedelta(hours=23)
    hours = outlets.results(ctx, outlets.HOURLY, begins, last, outlet.point)
    mine = [each for each in hours if each["property"] == item and begins <= each["phenomenon_time"] <= last]
    return {
        **_headed(outlet, item, begins, row, "24h"),
        "hours": [_hour(ctx, each) for each in sorted(mine, key=lambda each: each["phenomenon_time"])],
        "counted": sum(bool(each["valid"]) for each in mine),
        "given": None if mine else _given(ctx, outlet.point, item, begins),
    }


def _hour(ctx: Context, row: dict[str, Any]) -> dict[str, Any]:
    item = row["property"]
    shown = row["value"] if row["value"] is not None else row["measured"]
    return {
        "time": row["phenomenon_time"],
        "value": words.number(shown, item) if shown is not None else "",
        "unit": words.unit(row["unit"]),
        "valid": row["valid"],
        "why": words.reason(row["reason"]) if row["over"] is None else "",
        "url": address(ctx, "hour", row["point"], item, row["phenomenon_time"]),
    }


def _given(ctx: Context, point: str, item: str, begins: datetime) -> dict[str, Any] | None:
    """The day as it was sent, where no hour of it is known."""
    rows = [row for row in _observed(ctx, point, item, begins, timedelta(minutes=1)) if row["averaging"] == "24h"]
    return {**_line(ctx, rows[0]), "source": rows[0]["source"], "frame": _frame(rows, item)} if rows else None


def hour(ctx: Context, outlet: Outlet, item: str, moment: datetime) -> dict[str, Any]:
    """The five steps of an hour's value. Http404 when no result of it is stored."""
    row = _result(ctx, outlets.HOURLY, outlet.point, item, moment)
    observed = _observed(ctx, outlet.point, item, moment, timedelta(hours=1))
    return {
        **_headed(outlet, item, moment, row, "1h"),
        "formula": _formula(row, item),
        "tag": words.tag(row["tag"]) if row["tag"] else "",
        "up": address(ctx, "day", outlet.point, item, moment.replace(hour=0)) if _has_day(ctx, outlet, row) else "",
        "observed": [_line(ctx, each) for each in observed[:SHOWN]],
        "count": len(observed),
        "frame": _frame(observed, item),
    }


def _has_day(ctx: Context, outlet: Outlet, row: dict[str, Any]) -> bool:
    begins = row["phenomenon_time"].replace(hour=0)
    days = outlets.results(ctx, outlets.DAILY, begins, begins, outlet.point)
    return any(each["property"] == row["property"] for each in days)


def _result(ctx: Context, name: str, point: str, item: str, moment: datetime) -> dict[str, Any]:
    """The stored result of an item at a moment; Http404 where there is none."""
    rows = outlets.results(ctx, name, moment, moment, point)
    found = next((each for each in rows if each["property"] == item and each["phenomenon_time"] == moment), None)
    if found is None:
        raise Http404(item)
    return found


def _headed(outlet: Outlet, item: str, moment: datetime, row: dict[str, Any], averaging: str) -> dict[str, Any]:
    """What the traces of hours and days tell alike."""
    return {
        "point": outlet.point,
        "time": moment,
        "name": words.property_name(item),
        "value": words.number(row["value"], item),
        "unit": words.unit(row["unit"]),
        "row": row,
        "measured": words.number(row["measured"], item),
        "limit": words.number(row["limit"], item) if row["limit"] is not None else "",
        "citation": words.citation(row["clause"]),
        "label": words.limit_label(row["limit"], item, averaging, row["clause"]) if row["limit"] is not None else "",
        "sure": words.confidence([row]),
        "reason": words.reason(row["reason"]),
    }


def _formula(row: dict[str, Any], item: str) -> str:
    """The correction to reference oxygen with its numbers in it; empty when nothing was corrected."""
    if row["correction"] != "corrected" or None in (row["measured"], row["oxygen"], row["reference_oxygen"]):
        return ""
    measured, result = f"{row['measured']:g}", words.number(row["value"], item)
    return f"{measured} × (21 − {row['reference_oxygen']:g}) / (21 − {row['oxygen']:g}) = {result}"


def _observed(ctx: Context, point: str, item: str, moment: datetime, span: timedelta) -> list[dict[str, Any]]:
    last = moment + span - timedelta(microseconds=1)
    table = lake.read_arrow(ctx.dataset.path, properties=[item], points=[point], first=moment, last=last, flagged=True)
    rows: list[dict[str, Any]] = table.to_pylist()
    return sorted(rows, key=lambda row: (row["averaging"] != "1h", row["phenomenon_time"]))


def _line(ctx: Context, row: dict[str, Any]) -> dict[str, Any]:
    short = row["averaging"] in MINUTES
    return {
        "url": address(ctx, "minute", row["point"], row["property"], row["phenomenon_time"]) if short else "",
        "time": row["phenomenon_time"],
        "averaging": averaging(row["averaging"]),
        "value": row["value"],
        "unit": words.unit(row["unit"]),
        "flag": flag(row["flag"]) if row["flag"] else "",
    }


def _frame(observed: list[dict[str, Any]], item: str) -> dict[str, Any] | None:
    """The frame the first observation came in; None when it came another way."""
    sources = [row["source"] for row in observed if str(row["source"]).startswith("journal:")]
    number = sources[0].partition(":")[2] if sources else ""
    if not number.isdecimal():
        return None
    found = looking.placed(data_dir(), MAIN, int(number))
    if found is None:
        return None
    device = Device.objects.prefetch_related("factors", "keys").filter(mn=found[0].mn).first()
    codes = {each.code for each in device.factors.all() if each.property == item} if device else {item}
    return frames.shown(device, int(number), codes=codes)
