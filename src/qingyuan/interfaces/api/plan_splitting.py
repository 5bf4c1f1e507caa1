"""Splitting targets: what a split would do, a draft, one part by hand, issuing; the functions of the page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest
from ninja import Field, Schema, Status

from qingyuan.base.errors import QingyuanError
from qingyuan.base.time import now
from qingyuan.interfaces import access
from qingyuan.interfaces.api.operations import Refusal, needs, one_of
from qingyuan.interfaces.api.plan_shares import DecompositionWithShares, router, whole
from qingyuan.plans import reconciling, sharing
from qingyuan.plans.decomposing.rules import rules
from qingyuan.plans.decomposing.whole import BadPart, Effect, Infeasible, Part
from qingyuan.plans.facts import plan
from qingyuan.plans.models import Decomposition
from qingyuan.plans.models.book import DOMAIN
from qingyuan.plans.reconciling import Reconciled
from qingyuan.plans.sharing import Asked

Number = Annotated[Decimal, Field(max_digits=17, decimal_places=6)]


class PartIn(Schema):
    """A place directly below. base, hand: in the unit of the parts; weight: in the whole's arithmetic; pull: by share.

    hand: set by hand, null to let it move with the others; reason: needed where it is worse than its base.
    """

    division: str = Field(max_length=12)
    base: Number = Decimal(0)
    weight: Number = Decimal(1)
    pull: Number = Decimal(1)
    hand: Number | None = None
    reason: str = Field("", max_length=200)


class SplitIn(Schema):
    """A target to be split below a division, for one of its days; no parts: those kept, else those in force.

    loosened: why parts may be worse than their bases; weights: where bases and weights come from.
    """

    indicator: int = Field(ge=1, le=999)
    division: str = Field(max_length=12)
    day: date
    method: Literal["equal", "share", "base"] = "equal"
    parts: list[PartIn] = Field(default_factory=list, max_length=200)
    loosened: str = Field("", max_length=200)
    weights: str = Field("", max_length=200)
    simulated: bool = False


class HandIn(Schema):
    """One part set by hand; value null: it moves with the others again."""

    value: Number | None
    reason: str = Field("", max_length=200)


class WholeOut(Schema):
    """What parts make. published: as rounded for publication; difference: to what is asked; met: the target holds."""

    published: str
    difference: str
    met: bool


class ChangedOut(Schema):
    """A part before and after; before: null where nothing was kept."""

    division: str
    before: str | None
    value: str | None
    by_hand: bool


class ReconciledOut(Schema):
    """What a split does: the whole before and after, what the others make up, who is affected; null of a wording.

    asked: the target of the whole; alone: the whole if only the part set had changed; rest: what the others make up for
    it; decomposition, version: of the draft that was kept, null where nothing was.
    """

    asked: str | None
    before: WholeOut | None
    whole: WholeOut | None
    alone: WholeOut | None
    rest: str | None
    affected: list[str]
    parts: list[ChangedOut]
    decomposition: int | None = None
    version: int | None = None


class RefusedOut(Refusal):
    """Why parts were refused, by field; nearest: the whole they can make at most, where no parts make it."""

    reasons: dict[str, str]
    nearest: str | None = None


REFUSED = {404: Refusal, 422: RefusedOut}


@router.post("/plan/target-effect", response={200: ReconciledOut, **REFUSED}, summary="What a split would do")
@needs(sharing.DECOMPOSE, DOMAIN)
def plan_target_tried(request: HttpRequest, given: SplitIn) -> Any:
    """Nothing is kept; the answer is that of the page."""
    return _answer(lambda: _reconciled(request, _asked(request, given)))


@router.post("/plan/targets", response={201: ReconciledOut, **REFUSED}, summary="Keep a split as the draft")
@needs(sharing.DECOMPOSE, DOMAIN)
def plan_target_saved(request: HttpRequest, given: SplitIn) -> Any:
    """In the place of an earlier draft; it holds once it is issued."""
    return _answer(lambda: Status(201, _kept(request, _asked(request, given))))


@router.put(
    "/plan/targets/{number}/parts/{division}", response={200: ReconciledOut, **REFUSED}, summary="Set one part by hand"
)
@needs(sharing.DECOMPOSE, DOMAIN)
def plan_target_part(request: HttpRequest, number: int, division: str, given: HandIn) -> Any:
    """The others move to keep the whole; kept as the draft, which a decomposition in force stays untouched by."""
    kept = _own(request, number)
    return _answer(lambda: _set(request, kept, division[:12], given))


@router.post(
    "/plan/targets/{number}/issue",
    response={200: DecompositionWithShares, 409: Refusal, 404: Refusal},
    summary="Issue a draft to the level below",
)
@needs(sharing.DECOMPOSE, DOMAIN)
def plan_target_issued(request: HttpRequest, number: int) -> Any:
    """Sealed under its digest, in the place of the one before. 409: it is no draft, or the target above has changed."""
    kept = _own(request, number)
    try:
        done = sharing.issue(access.rights(request), access.actor(request), now(), kept)
    except QingyuanError as why:
        return Status(409, {"detail": str(why)})
    return Status(200, whole(request, done))


def _own(request: HttpRequest, number: int) -> Decomposition:
    """One somebody may split; every other is answered like one that does not exist."""
    rights = access.rights(request)
    kept = one_of(sharing.seen(rights, sharing.DECOMPOSE), number)
    if not rights.may(sharing.DECOMPOSE, kept.division, DOMAIN):
        raise Http404
    return kept


def _answer(do: Callable[[], Any]) -> Any:
    try:
        return do()
    except sharing.NotAllowed:
        raise Http404 from None
    except Infeasible as why:
        return Status(422, {"detail": str(why), "reasons": {"parts": str(why)}, "nearest": f"{why.nearest:f}"})
    except BadPart as why:
        return Status(422, {"detail": str(why), "reasons": {f"parts.{why.key}" if why.key else "parts": str(why)}})
    except QingyuanError as why:
        return Status(422, {"detail": str(why), "reasons": {"split": str(why)}})


def _asked(request: HttpRequest, given: SplitIn) -> Asked:
    """Raises NotAllowed, or QingyuanError for an indicator or parts there are not."""
    sharing.must_reach(access.rights(request), given.division)
    if given.indicator not in rules():
        raise QingyuanError(f"The plan has no indicator {given.indicator}", f"It has 1 to {len(plan().indicators)}")
    parts = tuple(_part(each) for each in given.parts)
    if not parts:
        kept = reconciling.kept_of(given.indicator, given.division, given.day, given.simulated)
        parts = sharing.asked_of(kept).parts if kept else ()
    told = (given.method, given.loosened, given.weights, given.simulated)
    return Asked(given.indicator, given.division, given.day, parts, *told)


def _part(given: PartIn) -> Part:
    return Part(given.division, given.base, given.weight, given.pull, given.hand, given.reason.strip())


def _set(request: HttpRequest, kept: Decomposition, division: str, given: HandIn) -> dict[str, Any]:
    asked = reconciling.with_part(sharing.asked_of(kept), division, given.value, given.reason.strip())
    return _kept(request, asked, division)


def _kept(request: HttpRequest, asked: Asked, changed: str = "") -> dict[str, Any]:
    told = _reconciled(request, asked, changed)
    kept = sharing.save(access.rights(request), access.actor(request), now(), asked)
    return {**told, "decomposition": kept.pk, "version": kept.version}


def _reconciled(request: HttpRequest, asked: Asked, changed: str = "") -> dict[str, Any]:
    """What it does to what is kept. Raises as `reconciling.reconciled` does."""
    sharing.must_lie_below(asked)
    if not asked.rule.numeric:
        return _handed_down(asked)
    kept = reconciling.kept_of(asked.indicator, asked.division, asked.day, asked.simulated)
    done = reconciling.reconciled(asked, reconciling.values_of(kept), changed)
    return {
        "asked": f"{sharing.goal(asked).value:f}", "before": _effect(done.effect_before),
        "whole": _effect(done.effect), "alone": _effect(done.alone),
        "rest": None if done.rest is None else f"{done.rest:f}", "affected": list(done.affected),
        "parts": _changes(asked, done),
    }  # fmt: skip


def _handed_down(asked: Asked) -> dict[str, Any]:
    """A target without a number: its wording goes to each part as it stands."""
    parts = [{"division": each.key, "before": None, "value": None, "by_hand": False} for each in asked.parts]
    nothing = dict.fromkeys(("asked", "before", "whole", "alone", "rest"))
    return {**nothing, "affected": [each.key for each in asked.parts], "parts": parts}


def _effect(made: Effect | None) -> dict[str, Any] | None:
    if made is None:
        return None
    return {"published": f"{made.published:f}", "difference": f"{made.difference:f}", "met": made.met}


def _changes(asked: Asked, done: Reconciled) -> list[dict[str, Any]]:
    before = {each: f"{value:f}" for each, value in done.before.items()}
    return [
        {
            "division": each.key, "before": before.get(each.key), "value": f"{done.values[each.key]:f}",
            "by_hand": each.hand is not None,
        }
        for each in asked.parts
    ]  # fmt: skip
