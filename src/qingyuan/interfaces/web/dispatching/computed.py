"""Lights of the indicators the platform computes, from the dataset of the page."""

from __future__ import annotations

from django.http import HttpRequest

from qingyuan.interfaces.web.context import Context
from qingyuan.plans import facts, lights
from qingyuan.plans.forecast import kept
from qingyuan.plans.lights import Light
from qingyuan.plans.models import Item, Version
from qingyuan.plans.scoreboard import scoreboard
from qingyuan.registers.flow.declared import Words


def lights_of(request: HttpRequest, version: Version) -> dict[str, Light]:
    """By key of the item; none where the page has no dataset, or the plan is not the one of the scoreboard."""
    ctx: Context | None = getattr(request, "ctx", None)
    known = facts.plan()
    if ctx is None or version.plan.code != known.code:
        return {}
    keys = dict(version.items.filter(kind=Item.Kind.INDICATOR).values_list("number", "key"))
    rows = kept.judged(scoreboard(ctx.dataset.path, ctx.time, known.division), ctx.dataset.path).rows
    return {
        keys[str(row.no)]: Light(
            lights.OF_VERDICT[row.state], Words(row.reason.zh, row.reason.en), ctx.time.date(), {"value": row.value}
        )
        for row in rows
        if row.computed and str(row.no) in keys
    }
