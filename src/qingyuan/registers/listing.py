"""Lists of records: scope, filters, words, order, pages and counts, each by an index or a kept count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast

from qingyuan.places.divisions import next_stem, stem
from qingyuan.registers import searching, tallies
from qingyuan.registers.flow.declared import CLOSED, VOID, Kind
from qingyuan.registers.models import OVER, RegisterRecord, Tally

LIES_IN = "lies_in"
"""Name under which rights filter the division: not the bare column, whose index would cost the order of deadlines."""

COUNTED = 10_000
"""A count that is not kept is counted so far; beyond, it is said to be more."""

Order = Literal["due", "newest", "number"]
ORDERS: Mapping[str, tuple[str, ...]] = {"due": ("ranked", "id"), "newest": ("-id",), "number": ("number",)}


@dataclass(frozen=True)
class Scope:
    """What somebody may see of a kind: on records, and (where it is whole counties) on kept counts.

    records: of the rights; tallies: the same on `Tally`, None where the rights are finer than a county or bound to
    sites; places: stems of the divisions, for the search; few: rights bound to sites, whose records are few.
    """

    records: Q
    tallies: Q | None = None
    places: tuple[str, ...] = ()
    few: bool = False


@dataclass(frozen=True)
class Asked:
    """What a list shows. place: division code; facets: field → value; state: open, closed, overdue, soon, or empty."""

    place: str = ""
    step: str = ""
    state: str = ""
    facets: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    order: Order = "due"
    simulated: bool | None = None


@dataclass(frozen=True)
class Count:
    """A number of records; more: there are more than counted."""

    number: int
    more: bool = False


def records(kind: Kind, scope: Scope, asked: Asked, at: datetime) -> QuerySet[Any]:
    """The records asked for, in order, without their searched words."""
    found = RegisterRecord.objects.alias(**{LIES_IN: Cast("division", CharField())})
    found = _placed(found.filter(scope.records, kind=kind.name), asked.place)
    if len(scope.places) == 1 and not scope.few:
        found = _within(found, scope.places[0])
    if asked.simulated is not None:
        found = found.filter(simulated=asked.simulated)
    if asked.step:
        found = found.filter(step=asked.step)
    for name, column in tallies.facets(kind).items():
        if asked.facets.get(name):
            found = found.filter(**{column: asked.facets[name]})
    found = _in_state(found, asked.state, at)
    if asked.text:
        found = _worded(found, kind, scope, asked)
    return found.order_by(*ORDERS[asked.order]).defer("searched")


def count(kind: Kind, scope: Scope, asked: Asked, at: datetime) -> Count:
    """How many are asked for: from the kept counts where these can tell, else counted up to `COUNTED`."""
    kept = _kept(kind, scope, asked)
    if kept is not None:
        return Count(kept)
    found = records(kind, scope, asked, at).order_by()
    number = found.values("pk")[: COUNTED + 1].count()
    most = searching.MOST if asked.text and not scope.few else COUNTED
    return Count(min(number, most), number > COUNTED or (bool(asked.text) and number >= most))


def counts(kind: Kind, scope: Scope, asked: Asked, column: str) -> dict[str, int] | None:
    """Kept counts by step (``step``) or by the values of a field; None where they are not kept for this scope."""
    found = _tallies(kind, scope, asked)
    if found is None:
        return None
    if column == "step":
        return tallies.by(found.filter(facet=""), "step")
    if not tallies.is_tallied(kind, column):
        return None
    return tallies.by(found.filter(facet=tallies.facets(kind)[column]), "value")


def by_county(kind: Kind, scope: Scope, asked: Asked) -> dict[tuple[str, str], int] | None:
    """Kept counts by county and step: the statistics of a kind; None where they are not kept for this scope."""
    found = _tallies(kind, scope, asked)
    return None if found is None else tallies.by(found.filter(facet=""), "division", "step")


def _tallies(kind: Kind, scope: Scope, asked: Asked) -> QuerySet[Any] | None:
    if scope.tallies is None or len(asked.place) > 6:
        return None
    found = Tally.objects.filter(scope.tallies, kind=kind.name)
    if asked.place:
        found = found.filter(division__gte=stem(asked.place), division__lt=next_stem(stem(asked.place)))
    return found if asked.simulated is None else found.filter(simulated=asked.simulated)


def _kept(kind: Kind, scope: Scope, asked: Asked) -> int | None:
    """The count from kept ones: no words, no deadline, at most one counted facet."""
    facets = {name: value for name, value in asked.facets.items() if value}
    found = _tallies(kind, scope, asked)
    if found is None or asked.text or asked.state in ("overdue", "soon") or len(facets) > 1:
        return None
    name, value = next(iter(facets.items()), ("", ""))
    if name and not tallies.is_tallied(kind, name):
        return None
    found = found.filter(facet=tallies.facets(kind)[name], value=value) if name else found.filter(facet="")
    if asked.step:
        found = found.filter(step=asked.step)
    if asked.state:
        over = Q(step__in=(CLOSED, VOID))
        found = found.filter(over if asked.state == "closed" else ~over)
    return sum(tallies.by(found, "step").values())


def _placed(found: QuerySet[Any], place: str) -> QuerySet[Any]:
    return _within(found, stem(place)) if place else found


def _within(found: QuerySet[Any], start: str) -> QuerySet[Any]:
    """Records of a division by its stem, through the index that keeps the order."""
    if len(start) > 6:
        return found.filter(division__gte=start, division__lt=next_stem(start))
    if len(start) == 6:
        return found.filter(county=start)
    return found.filter(prefecture=start) if len(start) == 4 else found


def _in_state(found: QuerySet[Any], state: str, at: datetime) -> QuerySet[Any]:
    if state == "overdue":
        return found.filter(ranked__lt=at)
    if state == "soon":
        return found.filter(ranked__gte=at, ranked__lt=at + timedelta(days=7))
    if state == "closed":
        return found.filter(ranked=OVER)
    return found.filter(ranked__lt=OVER) if state == "open" else found


def _worded(found: QuerySet[Any], kind: Kind, scope: Scope, asked: Asked) -> QuerySet[Any]:
    if scope.few:
        for word in asked.text.split()[:6]:
            found = found.filter(Q(title__icontains=word) | Q(number__istartswith=word))
        return found
    places = (stem(asked.place),) if asked.place else scope.places
    return searching.matching(found, kind.name, places, asked.text)
