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

COUNTED = 2000
"""A count that is not kept is counted so far; beyond, it is said to be more."""

FEW = 5000
"""Records of the sites of one enterprise, at most."""

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
    """A number of records; more: there are more than counted; cut: more fit the words than are looked at."""

    number: int
    more: bool = False
    cut: bool = False


def page(kind: Kind, scope: Scope, asked: Asked, at: datetime, first: int, size: int) -> tuple[list[Any], Count]:
    """The records from the `first` (0) on, one more than `size` where there are more, and how many there are in all."""
    found, cut = _asked(kind, scope, asked, at)
    number = _counted(kind, scope, asked, found, cut)
    return (list(found[first : first + size + 1]) if number.number else []), number


def records(kind: Kind, scope: Scope, asked: Asked, at: datetime) -> QuerySet[Any]:
    """The records asked for, in order, without their searched words."""
    return _asked(kind, scope, asked, at)[0]


def _asked(kind: Kind, scope: Scope, asked: Asked, at: datetime) -> tuple[QuerySet[Any], bool]:
    """The records, and whether more fit the words than are looked at."""
    found = _in_scope(kind, scope)
    if asked.place:
        found = _within(found, stem(asked.place))
    if asked.simulated is not None:
        found = found.filter(simulated=asked.simulated)
    if asked.step:
        found = found.filter(step=asked.step)
    for name, column in tallies.facets(kind).items():
        if asked.facets.get(name):
            found = found.filter(**{column: asked.facets[name]})
    found = _in_state(found, asked.state, at)
    found, cut = _worded(found, kind, scope, asked) if asked.text else (found, False)
    return found.order_by(*ORDERS[asked.order]).defer("searched"), cut


def count(kind: Kind, scope: Scope, asked: Asked, at: datetime) -> Count:
    """How many are asked for: from the kept counts where these can tell, else counted up to `COUNTED`."""
    return _counted(kind, scope, asked, *_asked(kind, scope, asked, at))


def counts(kind: Kind, scope: Scope, asked: Asked, column: str) -> dict[str, int] | None:
    """Kept counts by step (``step``) or by the values of a field; None where they are not kept for this scope."""
    found = _tallies(kind, scope, asked)
    if found is None or (column != "step" and not tallies.is_tallied(kind, column)):
        return None
    return tallies.by(found, "step" if column == "step" else tallies.facets(kind)[column])


def by_county(kind: Kind, scope: Scope, asked: Asked) -> dict[tuple[str, str], int] | None:
    """Kept counts by county and step: the statistics of a kind; None where they are not kept for this scope."""
    found = _tallies(kind, scope, asked)
    return None if found is None else tallies.by(found, "division", "step")


def _counted(kind: Kind, scope: Scope, asked: Asked, found: QuerySet[Any], cut: bool) -> Count:
    kept = _kept(kind, scope, asked)
    if kept is not None:
        return Count(kept)
    number = found.order_by().values("pk")[: COUNTED + 1].count()
    return Count(min(number, COUNTED), number > COUNTED or cut, cut)


def _tallies(kind: Kind, scope: Scope, asked: Asked) -> QuerySet[Any] | None:
    if scope.tallies is None or len(asked.place) > 6:
        return None
    found = Tally.objects.filter(scope.tallies, kind=kind.name)
    if asked.place:
        found = found.filter(division__gte=stem(asked.place), division__lt=next_stem(stem(asked.place)))
    return found if asked.simulated is None else found.filter(simulated=asked.simulated)


def _kept(kind: Kind, scope: Scope, asked: Asked) -> int | None:
    """The count from kept ones: no words, no deadline, only counted facets."""
    facets = {name: value for name, value in asked.facets.items() if value}
    found = _tallies(kind, scope, asked)
    if found is None or asked.text or asked.state in ("overdue", "soon"):
        return None
    if not all(tallies.is_tallied(kind, name) for name in facets):
        return None
    found = found.filter(**{tallies.facets(kind)[name]: value for name, value in facets.items()})
    if asked.step:
        found = found.filter(step=asked.step)
    if asked.state:
        over = Q(step__in=(CLOSED, VOID))
        found = found.filter(over if asked.state == "closed" else ~over)
    return sum(tallies.by(found, "step").values())


def _in_scope(kind: Kind, scope: Scope) -> QuerySet[Any]:
    """The records of a kind one may see. Whole counties: by the column that stands in the indexes; few: by number."""
    column = "county" if scope.tallies is not None else "division"
    found = RegisterRecord.objects.alias(**{LIES_IN: Cast(column, CharField())}).filter(scope.records)
    if scope.few:
        own = RegisterRecord.objects.alias(**{LIES_IN: Cast(column, CharField())}).filter(scope.records)
        return found.filter(pk__in=list(own.filter(kind=kind.name).order_by().values_list("pk", flat=True)[:FEW]))
    found = found.filter(kind=kind.name)
    return _within(found, scope.places[0]) if len(scope.places) == 1 else found


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


def _worded(found: QuerySet[Any], kind: Kind, scope: Scope, asked: Asked) -> tuple[QuerySet[Any], bool]:
    if scope.few:
        for word in asked.text.split()[:6]:
            found = found.filter(Q(title__icontains=word) | Q(number__istartswith=word))
        return found, False
    places = (stem(asked.place),) if asked.place else scope.places
    matching = searching.matching(kind.name, places, asked.text)
    return found.filter(pk__in=matching[: searching.MOST]), len(matching) > searching.MOST
