"""Many signals, one event: findings that belong together, and why. Which belong together does not depend on order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from qingyuan.rules.declared import Join
from qingyuan.rules.models import HEAVY, Change, Event, Finding
from qingyuan.rules.placing import Places

MANY = 400
"""Places a query names at most."""
TOGETHER = 100
"""Findings written in one statement, which grows with their number squared."""


class Tie(NamedTuple):
    """Why two findings are one event. km: apart, of neighbours."""

    how: str
    km: float | None = None


def regroup(touched: Iterable[Finding], joins: Mapping[str, Join], places: Places, at: datetime) -> None:
    """Find the events of findings that have changed, and of all that hang together with them.

    joins: by rule. Inside a transaction.
    """
    changed = [*touched]
    waiting = {each.pk: each for each in changed if each.state != Finding.State.RETRACTED and each.rule in joins}
    waiting |= {each.pk: waiting.get(each.pk, each) for each in _companions(changed)}
    grouping = _Grouping(joins, places)
    grouping.reach(waiting)
    wholes: list[list[Finding]] = []
    placed: set[int] = set()
    for pk in waiting:
        if pk not in placed:
            wholes.append(grouping.whole(pk))
            placed.update(each.pk for each in wholes[-1])
    _assign(wholes, grouping.ties, at)


def _companions(touched: list[Finding]) -> Iterable[Finding]:
    """What shares an event with something that has changed: it may have to part from it."""
    events = {each.event_id for each in touched if each.event_id}
    return _standing().filter(event__in=events)


def _standing() -> QuerySet[Finding]:
    return Finding.objects.exclude(state=Finding.State.RETRACTED).defer(*HEAVY)


class _Grouping:
    """Walks from findings to findings along what ties them, one query a step; each finding is one object throughout.

    ties: of each finding reached, those it is tied to.
    """

    def __init__(self, joins: Mapping[str, Join], places: Places) -> None:
        self.joins, self.places = joins, places
        self.widest = max((each.within for each in joins.values()), default=timedelta())
        self.near: dict[tuple[str, float], dict[str, float]] = {}
        self.known: dict[int, Finding] = {}
        self.at_point: dict[str, dict[int, Finding]] = defaultdict(dict)
        self.at_site: dict[str, dict[int, Finding]] = defaultdict(dict)
        self.ties: dict[int, list[dict[str, Any]]] = {}

    def reach(self, first: Mapping[int, Finding]) -> None:
        """Find the ties of some findings, and of all they lead to."""
        fresh = dict(first)
        self._know(fresh.values())
        while fresh:
            beside = {pk: self._beside(each) for pk, each in fresh.items()}
            self._know(
                self._around(fresh.values(), {point for near, along in beside.values() for point in (*near, *along)})
            )
            for pk, here in fresh.items():
                self.ties[pk] = list(self._tied(here, *beside[pk]))
            tied = {each["finding"] for pk in fresh for each in self.ties[pk]}
            fresh = {pk: self.known[pk] for pk in sorted(tied - self.ties.keys())}

    def whole(self, first: int) -> list[Finding]:
        """Everything that hangs together with a finding that was reached."""
        members, waiting = {first: self.known[first]}, [first]
        while waiting:
            for tie in self.ties[waiting.pop()]:
                other = tie["finding"]
                if other not in members:
                    members[other] = self.known[other]
                    waiting.append(other)
        return list(members.values())

    def _know(self, found: Iterable[Finding]) -> None:
        for each in found:
            one = self.known.setdefault(each.pk, each)
            self.at_point[one.point][one.pk] = self.at_site[one.site][one.pk] = one

    def _beside(self, here: Finding) -> tuple[dict[str, float], dict[str, str]]:
        """Points so near to a finding that it may be tied to one there, and points along its river."""
        join = self.joins.get(here.rule)
        if join is None:
            return {}, {}
        near = self._near(here.point, join.neighbours_km) if join.neighbours_km else {}
        return near, self.places.along(here.point) if join.along else {}

    def _near(self, point: str, km: float) -> dict[str, float]:
        if (point, km) not in self.near:
            self.near[point, km] = self.places.near(point, km)
        return self.near[point, km]

    def _around(self, fresh: Collection[Finding], points: set[str]) -> Iterable[Finding]:
        """What may be tied to some findings; asked for without places where they are many."""
        sites = {each.site for each in fresh}
        place = Q(site__in=sites) | Q(point__in=points) if len(sites) + len(points) <= MANY else Q()
        return _standing().filter(
            place,
            dataset__in={each.dataset for each in fresh},
            window_from__lte=max(each.window_to for each in fresh) + self.widest,
            window_to__gte=min(each.window_from for each in fresh) - self.widest,
        )

    def _tied(self, here: Finding, near: Mapping[str, float], along: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """The ties of a finding, by the number of the other."""
        if here.rule not in self.joins:
            return
        others = dict(self.at_site[here.site])
        for point in (*near, *along):
            others |= self.at_point.get(point, {})
        for pk in sorted(others.keys() - {here.pk}):
            tie = self._tie(here, others[pk], near, along)
            if tie:
                yield {"finding": pk, "how": tie.how, "km": tie.km}

    def _tie(self, here: Finding, other: Finding, near: Mapping[str, float], along: Mapping[str, str]) -> Tie | None:
        mine, theirs = self.joins[here.rule], self.joins.get(other.rule)
        apart = max(here.window_from, other.window_from) - min(here.window_to, other.window_to)
        if theirs is None or here.dataset != other.dataset or apart > min(mine.within, theirs.within):
            return None
        if here.site == other.site and here.domain == other.domain:
            return Tie("same site")
        if other.point in along and theirs.along:
            return Tie(along[other.point])
        km = near.get(other.point)
        both = km is not None and theirs.neighbours_km is not None and km <= theirs.neighbours_km
        return Tie("neighbour", round(km, 1)) if both and km is not None and here.property == other.property else None


def _assign(wholes: Sequence[Sequence[Finding]], ties: Mapping[int, list[dict[str, Any]]], at: datetime) -> None:
    """One event for each whole: the oldest some of it have, unless others hold it, else a new one."""
    held = _held({each.event_id for members in wholes for each in members if each.event_id})
    events = [_event(members, held, at) for members in wholes]
    Event.objects.bulk_create([each for each in events if each.pk is None])
    moved, told = [], []
    for members, event in zip(wholes, events, strict=True):
        for finding in members:
            via = sorted(ties[finding.pk], key=lambda each: (each["finding"], each["how"]))
            if finding.event_id == event.pk and finding.via == via:
                continue
            if finding.event_id and finding.event_id != event.pk:
                was, became = {"event": finding.event_id}, {"event": event.pk}
                told.append(Change(finding=finding, at=at, what="joined", was=was, became=became))
            finding.event, finding.via = event, via
            moved.append(finding)
    Finding.objects.bulk_update(moved, ["event", "via"], batch_size=TOGETHER)
    Change.objects.bulk_create(told)


def _held(events: set[int]) -> dict[int, set[int]]:
    """The findings of each event."""
    found: dict[int, set[int]] = defaultdict(set)
    for event, pk in _standing().filter(event__in=events).values_list("event", "pk"):
        found[event].add(pk)
    return found


def _event(members: Sequence[Finding], held: dict[int, set[int]], at: datetime) -> Event:
    """The event of a whole, new ones not stored yet; `held` follows."""
    numbers = {each.pk for each in members}
    known = sorted({each.event_id for each in members if each.event_id})
    free = [each for each in known if held[each] <= numbers]
    for each in known:
        held[each] -= numbers
    if not free:
        return _new(min(members, key=lambda each: each.pk), at)
    held[free[0]] |= numbers
    event = Event(pk=free[0])
    if free[1:]:
        Event.objects.filter(pk__in=free[1:]).update(joined_into=event)
    return event


def _new(first: Finding, at: datetime) -> Event:
    return Event(domain=first.domain, division=first.division, site=first.site, opened_at=at, simulated=first.simulated)
