"""Lights as a page sees them: at its time, those of computed indicators from its dataset."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest

from qingyuan.base.time import now
from qingyuan.interfaces.web import scoreboard
from qingyuan.interfaces.web.context import Context
from qingyuan.plans import facts, lights
from qingyuan.plans.dispatching import following
from qingyuan.plans.dispatching.following import Proposal
from qingyuan.plans.dispatching.standing import Key
from qingyuan.plans.lights import Light
from qingyuan.plans.models import Item, Version


def moment(request: HttpRequest) -> datetime:
    """The time of the top bar where somebody went back to it; else now, whatever the last hour with data is.

    The clock of simulated data stands at its last hour.
    """
    ctx = getattr(request, "ctx", None)
    return now() if ctx is None or (ctx.is_latest and not ctx.simulated) else min(ctx.time, now())


def told_by(request: HttpRequest) -> datetime:
    """Until when what was asked and reported counts: till now at the latest hour, else the time of the page."""
    ctx = getattr(request, "ctx", None)
    return now() if ctx and ctx.is_latest else moment(request)


def lights_of(request: HttpRequest, version: Version) -> dict[Key, Light]:
    """Every light of a version as of the time of the page; at its latest hour with all that was reported since."""
    return lights.of(version, moment(request), _computed(request, version), told_by(request))


def proposed(request: HttpRequest, version: Version, found: dict[Key, Light]) -> list[Proposal]:
    """What the rules propose as of the time of the page. found: the lights of the page."""
    states = {key: each.state for key, each in found.items()}
    return following.proposals(version, moment(request), states, told_by(request))


def _computed(request: HttpRequest, version: Version) -> dict[str, Light]:
    """By key of the item; none where the page has no dataset, or the plan is not the one of the scoreboard."""
    ctx: Context | None = getattr(request, "ctx", None)
    known = facts.plan()
    if ctx is None or version.plan.code != known.code:
        return {}
    keys = dict(version.items.filter(kind=Item.Kind.INDICATOR).values_list("number", "key"))
    rows = scoreboard.judged(ctx, known.division).rows
    return {
        keys[str(row.no)]: Light(lights.OF_VERDICT[row.state], row.reason, ctx.time.date(), {"value": row.value})
        for row in rows
        if row.computed and str(row.no) in keys
    }
