"""Suppression: a window, a scope and a reason. What is found in it is kept and shown, and calls nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from qingyuan.base.errors import WrongUsage
from qingyuan.people import audit
from qingyuan.people.audit import Actor
from qingyuan.places.divisions import within
from qingyuan.rules.models import Finding, Suppression

ACTION = "findings.suppress"
LONGEST = timedelta(days=90)
"""A suppression may not last longer: who needs more says so again."""


class TooLong(WrongUsage):
    """A suppression that would last longer than `LONGEST`."""


def standing(rule: str) -> list[Suppression]:
    """The suppressions not released that a rule's findings may fall under."""
    return list(Suppression.objects.filter(Q(rule="") | Q(rule=rule), released_at=None))


def covering(finding: Finding, among: Sequence[Suppression] | None = None) -> Suppression | None:
    """The suppression a finding falls under by the start of its window; None when there is none.

    among: what stands for its rule, where it was asked for before.
    """
    return next((each for each in (standing(finding.rule) if among is None else among) if _covers(each, finding)), None)


def _covers(each: Suppression, finding: Finding) -> bool:
    scope = ("rule", "site", "point", "property")
    return (
        each.domain == finding.domain
        and each.since <= finding.window_from < each.until
        and all(getattr(each, name) in ("", getattr(finding, name)) for name in scope)
        and within(finding.division, each.division)
    )


@transaction.atomic
def suppress(
    finding: Finding, *, since: datetime, until: datetime, reason: str, wide: bool, actor: Actor, at: datetime
) -> Suppression:
    """Suppress a rule at the finding's line (wide: at the whole point) for a window, with a line in the audit chain.

    WrongUsage without a reason or with a window that ends before it begins, TooLong with one that ends too late.
    """
    if until > at + LONGEST:
        raise TooLong(f"A suppression may last {LONGEST.days} days", "Choose an earlier end.")
    if not reason.strip():
        raise WrongUsage("A suppression needs a reason", "Say why nobody needs to be called.")
    if until <= since:
        raise WrongUsage(f"The window ends at {until:%Y-%m-%d %H:%M}, before it begins", "Give a later end.")
    made = Suppression.objects.create(
        rule=finding.rule, division=finding.division, domain=finding.domain, site=finding.site, point=finding.point,
        property="" if wide else finding.property, since=since, until=until, reason=reason.strip()[:300],
        account=actor.account, name=actor.name, made_at=at,
    )  # fmt: skip
    _told(made, actor, {"until": [None, until.isoformat()], "reason": [None, made.reason]}, at)
    _settle(made, "suppressed", at)
    return made


@transaction.atomic
def release(made: Suppression, *, actor: Actor, at: datetime) -> None:
    """End a suppression; what it covered calls again."""
    made.released_at, made.released_by = at, actor.name
    made.save(update_fields=["released_at", "released_by"])
    _told(made, actor, {"released_at": [None, at.isoformat()]}, at)
    _settle(made, "released", at)


def _told(made: Suppression, actor: Actor, change: dict[str, Any], at: datetime) -> None:
    told = {**change, "rule": made.rule, "point": made.point}
    audit.append(
        actor, ACTION, "suppression", str(made.pk), division=made.division, domain=made.domain, change=told, at=at
    )


def _settle(made: Suppression, what: str, at: datetime) -> None:
    """Bring the findings of its scope into the state that follows now."""
    from qingyuan.rules.keeping import move, state_of

    scope = {name: getattr(made, name) for name in ("rule", "point", "property") if getattr(made, name)}
    found = Finding.objects.filter(window_from__gte=made.since, window_from__lt=made.until, domain=made.domain, **scope)
    for finding in found.exclude(state=Finding.State.RETRACTED):
        state = state_of(finding)
        if state != finding.state:
            move(finding, state, what, at, made.reason)
