"""Delegation during leave: posts given to a colleague for a time, by whoever asks."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema, Status

from qingyuan.base.time import now
from qingyuan.interfaces import access
from qingyuan.interfaces.api.operations import LARGEST, Refusal, one_of, signed_in
from qingyuan.people import leave
from qingyuan.people.models import Delegation, Person

router = Router(tags=["people"])


class DelegationOut(Schema):
    """Posts (their duties) given by one to another, from a moment until another."""

    id: int
    giver: str
    taker: str
    duties: list[str]
    since: datetime
    until: datetime
    reason: str
    ended_at: datetime | None


class LendableOut(Schema):
    """A post one may give, and to whom."""

    posts: dict[int, str]
    colleagues: dict[int, str]


class DelegationIn(Schema):
    """Numbers of posts and of a colleague, as ``/me/delegations/choices`` tells them; first and last day."""

    posts: list[int] = Field(min_length=1, max_length=200)
    taker: int = Field(ge=0, le=LARGEST)
    since: date
    until: date
    reason: str = Field(min_length=1, max_length=200)


@router.get("/me/delegations", response=list[DelegationOut], summary="What one gave and was given during leave")
@signed_in
def delegations(request: HttpRequest) -> Any:
    """The newest first."""
    person = Person.objects.filter(user=request.user.pk).first()
    return [_out(each) for each in leave.of(person)[:100]] if person else []


@router.get("/me/delegations/choices", response={200: LendableOut, 404: Refusal}, summary="What one may give to whom")
@signed_in
def delegation_choices(request: HttpRequest) -> Any:
    """One's own posts; colleagues of the organisation, the one above and those below."""
    person = _person(request)
    return {
        "posts": {each.pk: each.duty.code for each in leave.own_posts(person, now())},
        "colleagues": {each.pk: each.name for each in leave.colleagues(person)},
    }


@router.post("/me/delegations", response={201: DelegationOut, 404: Refusal}, summary="Give posts to a colleague")
@signed_in
def delegation_give(request: HttpRequest, given: DelegationIn) -> Any:
    """From the first day until the end of the last one; 184 days at most."""
    person, at = _person(request), now()
    taker = get_object_or_404(leave.colleagues(person), pk=given.taker)
    posts = list(leave.own_posts(person, at).filter(pk__in=[each for each in given.posts if 0 <= each <= LARGEST]))
    span = datetime.combine(given.since, time()), datetime.combine(given.until, time(23, 59, 59))
    made = leave.give(person, taker, posts, *span, given.reason, actor=access.actor(request), at=at)
    return Status(201, _out(made))


@router.post("/me/delegations/{number}/end", response={200: DelegationOut, 404: Refusal}, summary="End what one gave")
@signed_in
def delegation_end(request: HttpRequest, number: int) -> Any:
    """From now on; only who gave it may."""
    own = leave.of(_person(request)).filter(giver__user=request.user.pk)
    found = one_of(own, number)
    leave.end(found, access.actor(request), now())
    return Status(200, _out(own.get(pk=found.pk)))


def _person(request: HttpRequest) -> Person:
    """The person of the account; one without is answered like one that does not exist."""
    found = Person.objects.filter(user=request.user.pk).select_related("organisation").first()
    if found is None:
        raise Http404
    return found


def _out(each: Delegation) -> dict[str, Any]:
    told = {name: getattr(each, name) for name in ("id", "since", "until", "reason", "ended_at")}
    duties = sorted({post.duty.code for post in each.posts.select_related("duty")})
    return {**told, "giver": each.giver.name, "taker": each.taker.name, "duties": duties}
