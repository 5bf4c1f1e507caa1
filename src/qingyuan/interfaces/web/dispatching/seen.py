"""Lights as a page sees them: at its time, those of indicators from the scoreboard of its dataset."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest

from qingyuan.base.settings import data_dir
from qingyuan.base.time import now
from qingyuan.interfaces.web import scoreboard
from qingyuan.interfaces.web.context import Context
from qingyuan.observations.datasets import list_datasets
from qingyuan.plans import facts, lights
from qingyuan.plans.dispatching import following
from qingyuan.plans.dispatching.following import Proposal
from qingyuan.plans.dispatching.standing import Key
from qingyuan.plans.lights import Light
from qingyuan.plans.models import Version


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
    return lights.of(version, moment(request), _indicators(request, version), told_by(request))


def proposed(request: HttpRequest, version: Version, found: dict[Key, Light]) -> list[Proposal]:
    """What the rules propose as of the time of the page. found: the lights of the page."""
    states = {key: each.state for key, each in found.items()}
    return following.proposals(version, moment(request), states, told_by(request))


def _indicators(request: HttpRequest, version: Version) -> dict[str, Light]:
    """By key of the item, by the page's dataset, else by the one that goes with the plan; none for another plan."""
    ctx: Context | None = getattr(request, "ctx", None)
    if ctx is None:
        return lights.live(version, list_datasets(data_dir()))
    if version.plan.code != facts.plan().code:
        return {}
    return lights.of_board(version, scoreboard.judged(ctx, facts.plan().division), ctx.time.date())
