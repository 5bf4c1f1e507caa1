"""The trace of an hourly value of an outlet: value, correction and limit, observations, the frame, the law."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import Http404

from qingyuan.base.settings import data_dir
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

SHOWN = 12
"""Observations listed; the others are counted."""


def hour(ctx: Context, outlet: Outlet, item: str, moment: datetime) -> dict[str, Any]:
    """The five steps of an hour's value. Http404 when no result of it is stored."""
    rows = outlets.results(ctx, outlets.HOURLY, moment, moment, outlet.point)
    row = next((each for each in rows if each["property"] == item), None)
    if row is None:
        raise Http404(item)
    observed = _observed(ctx, outlet.point, item, moment)
    return {
        "point": outlet.point,
        "time": moment,
        "name": words.property_name(item),
        "value": words.number(row["value"], item),
        "unit": words.unit(row["unit"]),
        "row": row,
        "measured": words.number(row["measured"], item),
        "formula": _formula(row, item),
        "limit": words.number(row["limit"], item) if row["limit"] is not None else "",
        "citation": words.citation(row["clause"]),
        "label": words.limit_label(row["limit"], item, "1h", row["clause"]) if row["limit"] is not None else "",
        "sure": words.confidence([row]),
        "reason": words.reason(row["reason"]),
        "tag": words.tag(row["tag"]) if row["tag"] else "",
        "observed": [_line(each) for each in observed[:SHOWN]],
        "count": len(observed),
        "frame": _frame(observed, item),
    }


def _formula(row: dict[str, Any], item: str) -> str:
    """The correction to reference oxygen with its numbers in it; empty when nothing was corrected."""
    if row["correction"] != "corrected" or None in (row["measured"], row["oxygen"], row["reference_oxygen"]):
        return ""
    measured, result = f"{row['measured']:g}", words.number(row["value"], item)
    return f"{measured} × (21 − {row['reference_oxygen']:g}) / (21 − {row['oxygen']:g}) = {result}"


def _observed(ctx: Context, point: str, item: str, moment: datetime) -> list[dict[str, Any]]:
    last = moment + timedelta(hours=1) - timedelta(microseconds=1)
    table = lake.read_arrow(ctx.dataset.path, properties=[item], points=[point], first=moment, last=last, flagged=True)
    rows: list[dict[str, Any]] = table.to_pylist()
    return sorted(rows, key=lambda row: (row["averaging"] != "1h", row["phenomenon_time"]))


def _line(row: dict[str, Any]) -> dict[str, Any]:
    return {
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
