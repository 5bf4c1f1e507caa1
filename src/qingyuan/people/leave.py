"""Delegation during leave: posts given to a colleague for a time, with a reason; both see it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from qingyuan.base.errors import WrongUsage
from qingyuan.people import audit
from qingyuan.people.audit import Actor
from qingyuan.people.models import Delegation, Person, Post

LONGEST = timedelta(days=184)


def own_posts(person: Person, at: datetime) -> QuerySet[Post]:
    """The posts a person holds themselves; what was lent to them cannot be lent on."""
    running = Q(until=None) | Q(until__gt=at)
    return person.posts.filter(running, duty__organisation__active=True).select_related("duty")


def colleagues(person: Person) -> QuerySet[Person]:
    """Who may be given posts: people of the same organisation, of the one above it and of those below it."""
    office = person.organisation
    near = Q(organisation=office) | Q(organisation__parent=office)
    if office.parent_id:
        near |= Q(organisation_id=office.parent_id)
    active = Q(user__is_active=True, organisation__active=True)
    return Person.objects.filter(near & active).exclude(pk=person.pk).select_related("organisation").order_by("name")


def give(
    giver: Person,
    taker: Person,
    posts: Sequence[Post],
    since: datetime,
    until: datetime,
    reason: str,
    *,
    actor: Actor,
    at: datetime,
) -> Delegation:
    """Give posts to a colleague for a time. WrongUsage for whom, what or when it cannot be."""
    if not colleagues(giver).filter(pk=taker.pk).exists():
        raise WrongUsage(f"{taker} is no colleague", "Choose somebody of the organisation, the one above or one below")
    own = set(own_posts(giver, at).values_list("pk", flat=True))
    if not posts or not {each.pk for each in posts} <= own:
        raise WrongUsage("These posts are not the giver's", "Choose posts the giver holds now")
    if not (since < until <= since + LONGEST and until > at) or not reason.strip():
        raise WrongUsage("The time or the reason is missing", f"Give a reason and at most {LONGEST.days} days to come")
    with transaction.atomic():
        made = Delegation.objects.create(
            giver=giver, taker=taker, since=since, until=until, reason=reason.strip()[:200]
        )
        made.posts.set(posts)
        told = {"taker": [None, taker.name], "posts": [None, [str(each.duty.code) for each in posts]]}
        _tell(made, {**told, "since": [None, since], "until": [None, until], "reason": [None, made.reason]}, actor, at)
    return made


def end(delegation: Delegation, actor: Actor, at: datetime) -> None:
    """End a delegation from now on; an ended one stays as it is."""
    with transaction.atomic():
        if Delegation.objects.filter(pk=delegation.pk, ended_at=None).update(ended_at=at):
            _tell(delegation, {"ended_at": [None, at]}, actor, at)


def of(person: Person) -> QuerySet[Delegation]:
    """What a person gave and was given, the newest first."""
    found = Delegation.objects.filter(Q(giver=person) | Q(taker=person)).select_related("giver", "taker")
    return found.prefetch_related("posts__duty").order_by("-since", "-pk")


def _tell(delegation: Delegation, change: dict[str, object], actor: Actor, at: datetime) -> None:
    place = delegation.giver.organisation.division
    audit.append(actor, "delegate", "delegation", str(delegation.pk), division=place, domain="", change=change, at=at)
