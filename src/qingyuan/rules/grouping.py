"""Many signals, one event: findings that belong together, and why. Which belong together does not depend on order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Q

from qingyuan.rules.declared import Join
from qingyuan.rules.models import Change, Event, Finding
from qingyuan.rules.placing import Places


class Tie(NamedTuple):
    """Why two findings are one event. km: apart, of neighbours."""

    how: str
    km: float | None = None


def regroup(touched: Iterable[Finding], joins: Mapping[str, Join], places: Places, at: datetime) -> None:
    """Find the events of findings that have changed, and of all that hang together with them.

    joins: by rule. Inside a transaction.
    """
    grouping = _Grouping(joins, places)
    waiting = {each.pk: each for each in touched if each.state != Finding.State.RETRACTED and each.rule in joins}
    waiting |= {each.pk: each for each in _companions([*touched])}
    while waiting:
        first = next(iter(waiting.values()))
        members, ties = grouping.whole(first)
        _assign(members, ties, at)
        waiting = {pk: each for pk, each in waiting.items() if pk not in members}


def _companions(touched: list[Finding]) -> Iterable[Finding]:
    """What shares an event with something that has changed: it may have to part from it."""
    events = {each.event_id for each in touched if each.event_id}
    return Finding.objects.filter(event__in=events).exclude(state=Finding.State.RETRACTED)


class _Grouping:
    """Walks from finding to finding along what ties them."""

    def __init__(self, joins: Mapping[str, Join], places: Places) -> None:
        self.joins, self.places = joins, places
        self.widest = max((each.within for each in joins.values()), default=timedelta())

    def whole(self, first: Finding) -> tuple[dict[int, Finding], dict[int, list[dict[str, Any]]]]:
        """Everything that hangs together with a finding, and the ties of each."""
        members, waiting = {first.pk: first}, [first]
        ties: dict[int, list[dict[str, Any]]] = {first.pk: []}
        while waiting:
            here = waiting.pop()
            for other, tie in self._tied(here):
                ties.setdefault(other.pk, [])
                ties[here.pk].append({"finding": other.pk, "how": tie.how, "km": tie.km})
                if other.pk not in members:
                    members[other.pk] = other
                    waiting.append(other)
        return members, ties

    def _tied(self, here: Finding) -> Iterator[tuple[Finding, Tie]]:
        join = self.joins.get(here.rule)
        if join is None:
            return
        near = self.places.near(here.point, join.neighbours_km) if join.neighbours_km else {}
        along = self.places.along(here.point) if join.along else {}
        found = Finding.objects.filter(
            Q(site=here.site) | Q(point__in=[*near, *along]),
            dataset=here.dataset,
            window_from__lte=here.window_to + self.widest,
            window_to__gte=here.window_from - self.widest,
        ).exclude(state=Finding.State.RETRACTED)
        for other in found.exclude(pk=here.pk).order_by("pk"):
            tie = self._tie(here, other, near, along)
            if tie:
                yield other, tie

    def _tie(self, here: Finding, other: Finding, near: Mapping[str, float], along: Mapping[str, str]) -> Tie | None:
        mine, theirs = self.joins[here.rule], self.joins.get(other.rule)
        apart = max(here.window_from, other.window_from) - min(here.window_to, other.window_to)
        if theirs is None or apart > min(mine.within, theirs.within):
            return None
        if here.site == other.site and here.domain == other.domain:
            return Tie("same site")
        if other.point in along and theirs.along:
            return Tie(along[other.point])
        km = near.get(other.point)
        both = km is not None and theirs.neighbours_km is not None and km <= theirs.neighbours_km
        return Tie("neighbour", round(km, 1)) if both and km is not None and here.property == other.property else None


def _assign(members: Mapping[int, Finding], ties: Mapping[int, list[dict[str, Any]]], at: datetime) -> None:
    """One event for all of them: the oldest some of them have, unless others hold it, else a new one."""
    known = sorted({each.event_id for each in members.values() if each.event_id})
    outside = set(
        Finding.objects.filter(event__in=known)
        .exclude(pk__in=members)
        .exclude(state=Finding.State.RETRACTED)
        .values_list("event", flat=True)
    )
    free = [each for each in known if each not in outside]
    event = Event.objects.get(pk=free[0]) if free else _new(min(members.values(), key=lambda each: each.pk), at)
    for finding in members.values():
        via = sorted(ties[finding.pk], key=lambda each: (each["finding"], each["how"]))
        if finding.event_id != event.pk or finding.via != via:
            if finding.event_id and finding.event_id != event.pk:
                was, became = {"event": finding.event_id}, {"event": event.pk}
                Change.objects.create(finding=finding, at=at, what="joined", was=was, became=became)
            finding.event, finding.via = event, via
            finding.save(update_fields=["event", "via"])
    Event.objects.filter(pk__in=free[1:]).update(joined_into=event)


def _new(first: Finding, at: datetime) -> Event:
    return Event.objects.create(
        domain=first.domain, division=first.division, site=first.site, opened_at=at, simulated=first.simulated
    )
