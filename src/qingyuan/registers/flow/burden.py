"""The burden of forms: what people typed into the steps of records, and what was known without asking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import CharField, Count, Manager, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast, Concat, Substr, TruncDate, TruncWeek

PERSON_DAY = Concat(
    Cast("account", CharField()), Value("/"), Cast(TruncDate("at"), CharField()), output_field=CharField()
)
"""A person on a day they acted."""


@dataclass(frozen=True)
class Line:
    """Steps of a kind in a division and week (its Monday). days: persons times days on which they acted."""

    division: str
    kind: str
    week: date
    steps: int
    typed: int
    prefilled: int
    days: int


def lines(steps: Manager[Any], scope: Q, since: datetime, until: datetime, digits: int) -> list[Line]:
    """The burden by division (its code cut to so many digits), kind and week. scope: a filter on the steps."""
    found = _between(steps, scope, since, until).annotate(
        place=Substr("record__division", 1, digits), week=TruncWeek("at")
    )
    groups = found.order_by("week", "place", "record__kind").values_list("place", "record__kind", "week")
    rows = groups.annotate(number=Count("pk"), keyed=Sum("typed"), known=Sum("prefilled"), acted=_days())
    return [Line(place, kind, week.date(), *counted) for place, kind, week, *counted in rows]


def person_days(steps: Manager[Any], scope: Q, since: datetime, until: datetime) -> set[str]:
    """Persons times days on which they acted, each once whatever they acted on."""
    found = _between(steps, scope, since, until).filter(account__isnull=False)
    return set(found.annotate(acted=PERSON_DAY).values_list("acted", flat=True).distinct())


def _between(steps: Manager[Any], scope: Q, since: datetime, until: datetime) -> QuerySet[Any]:
    return steps.filter(scope, at__gte=since, at__lt=until).order_by()


def _days() -> Count:
    return Count(PERSON_DAY, distinct=True, filter=Q(account__isnull=False))
