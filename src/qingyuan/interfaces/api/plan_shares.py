"""Split targets: decompositions one may see, and the shares of one's own places."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema

from qingyuan.interfaces import access
from qingyuan.interfaces.api.operations import Listed, Refusal, needs, one_of
from qingyuan.plans import sharing
from qingyuan.plans.decomposing.rules import rules
from qingyuan.plans.models import Decomposition, Share
from qingyuan.plans.models.book import DOMAIN

router = Router(tags=["plan"])


class DecompositionOut(Schema):
    """One version of a split target; whole: exact decimal text, null for a wording."""

    id: int
    plan: str
    indicator: int
    division: str
    day: date
    version: int
    state: str
    method: str
    arithmetic: str
    whole: str | None
    weights: str
    loosened: str
    issued_at: datetime | None
    digest: str
    simulated: bool


class ShareOut(Schema):
    """What one place has to reach; numbers are exact decimal texts."""

    division: str
    value: str | None
    wording: str
    base: str
    weight: str
    by_hand: bool
    reason: str


class Decompositions(Listed):
    """A page of decompositions."""

    items: list[DecompositionOut]


class DecompositionWithShares(DecompositionOut):
    """A decomposition with the shares of one's own places."""

    shares: list[ShareOut]


@router.get("/plan/targets", response=Decompositions, summary="Split targets in one's scope")
@needs(sharing.SEE, DOMAIN)
def plan_decompositions(
    request: HttpRequest,
    indicator: int | None = Query(None, ge=1, le=999),
    division: str = Query("", max_length=12),
    state: Literal["draft", "issued", "replaced"] | None = None,
    offset: int = Query(0, ge=0, le=10**9),
    limit: int = Query(50, ge=1, le=500),
) -> Any:
    """Filtered by indicator, the division that was split, and state."""
    found = sharing.seen(access.rights(request))
    found = found.filter(indicator=str(indicator)) if indicator else found
    found = found.filter(division=division) if division else found
    found = found.filter(state=state) if state else found
    return {"count": found.count(), "items": [_out(each) for each in found[offset : offset + limit]]}


@router.get("/plan/targets/{number}", response={200: DecompositionWithShares, 404: Refusal}, summary="One split target")
@needs(sharing.SEE, DOMAIN)
def plan_decomposition(request: HttpRequest, number: int) -> Any:
    """The decomposition of a number; one outside the scope is answered like one that does not exist."""
    rights = access.rights(request)
    return whole(request, one_of(sharing.seen(rights), number))


def whole(request: HttpRequest, kept: Decomposition) -> dict[str, Any]:
    """A decomposition with the shares of one's own places, as `DecompositionWithShares`."""
    shares = sharing.shares_seen(access.rights(request)).filter(decomposition=kept)
    return {**_out(kept), "shares": [_share(each, rules()[int(kept.indicator)].decimals) for each in shares]}


def _out(kept: Decomposition) -> dict[str, Any]:
    same = ("id", "division", "day", "version", "state", "method", "weights", "loosened", "issued_at", "digest")
    return {
        **{name: getattr(kept, name) for name in (*same, "simulated")},
        "plan": kept.plan.code,
        "indicator": int(kept.indicator),
        "arithmetic": sharing.asked_of(kept, []).rule.by,
        "whole": None if kept.whole is None else f"{kept.whole.normalize():f}",
    }


def _share(share: Share, decimals: int) -> dict[str, Any]:
    return {
        "division": share.division,
        "value": None if share.value is None else f"{round(share.value, decimals):f}",
        "wording": share.wording,
        "base": f"{share.base.normalize():f}",
        "weight": f"{share.weight.normalize():f}",
        "by_hand": share.by_hand,
        "reason": share.reason,
    }
