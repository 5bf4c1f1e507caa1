"""Lists of cases: scope, filters, order by urgency, counts of every group in one question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from qingyuan.cases import kinds
from qingyuan.cases.models import Case
from qingyuan.places.divisions import next_stem, stem

PAGE = 50
COLUMN = 8
MOST_COUNTED = 10_000
"""Cases that are over are counted, and paged through, so far; older ones are found by words."""
OVER = ("closed", "all")
VIEWS = ("open", "mine", "overdue", "reopened", "waiting", "closed", "all")
STEPS = ("assign", "investigate", "rectify", "verify", "close")
Keys = QuerySet[Any, int] | list[int]
HEAVY = ("values", "searched", "proof", "times", "joint")


@dataclass(frozen=True)
class Me:
    """Who looks: the account, and the organisation they act for."""

    account: int | None
    organisation: int | None


@dataclass(frozen=True)
class Asked:
    """What a list shows. view: one of VIEWS; text: words all of which have to be found."""

    view: str = "open"
    domain: str = ""
    step: str = ""
    place: str = ""
    origin: str = ""
    kind: str = ""
    text: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether more than the view is asked for."""
        return any((self.domain, self.step, self.place, self.origin, self.kind, self.text))


def mine(me: Me) -> Q:
    """The cases that wait for somebody: as handler, or for their organisation where nobody in it has taken them."""
    own = Q(handler=me.account)
    if me.organisation is None:
        return own
    return own | Q(organisation=me.organisation, handler=None) | Q(joined__contains=f",{me.organisation},")


def _views(me: Me, at: datetime) -> dict[str, Q]:
    still = Q(is_open=True)
    return {
        "open": still,
        "mine": still & mine(me),
        "overdue": still & Q(until__lt=at),
        "reopened": still & Q(reopened__gt=0),
        "waiting": still & Q(awaiting=True),
        "closed": Q(is_open=False),
        "all": Q(),
    }


def narrowed(asked: Asked) -> Q:
    """The filters besides the view."""
    found = Q()
    for name in ("domain", "step", "origin", "kind"):
        if value := getattr(asked, name):
            found &= Q(**{name: value})
    if asked.place:
        start = stem(asked.place)
        found &= Q(division__gte=start, division__lt=next_stem(start))
    for word in asked.text.lower().split()[:6]:
        found &= Q(searched__contains=word)
    return found


def numbers(scope: Q, asked: Asked, me: Me, at: datetime) -> QuerySet[Any, int]:
    """Primary keys of the cases asked for: open ones by deadline, closed ones newest first; answered by an index."""
    found = Case.objects.filter(scope, _views(me, at)[asked.view], narrowed(asked))
    order = ("-closed_at", "-id") if asked.view == "closed" else ("-id",) if asked.view == "all" else ("until", "id")
    return found.order_by(*order).values_list("pk", flat=True)


def listed(scope: Q, asked: Asked, me: Me, at: datetime) -> Keys:
    """The same for a page and its counts: words among all cases are looked for once, up to `MOST_COUNTED` and one."""
    found = numbers(scope, asked, me, at)
    return list(found[: MOST_COUNTED + 1]) if asked.text and asked.view in OVER else found


def rows(found: Iterable[int]) -> list[Case]:
    """The cases of these keys, in their order, without their heavy columns."""
    wanted = list(found)
    kept = Case.objects.filter(pk__in=wanted).defer(*HEAVY).in_bulk()
    return [kept[number] for number in wanted if number in kept]


def counts(scope: Q, asked: Asked, me: Me, at: datetime, found: Keys) -> dict[str, int]:
    """Counts of every view, of the filtered list and of its groups by urgency (late, today, week, later), at once.

    found: what `listed` gave.
    """
    chips = {name: each for name, each in _views(me, at).items() if name not in OVER}
    shown = _views(me, at)[asked.view] & narrowed(asked)
    groups = {f"group_{name}": shown & each for name, each in _groups(at).items()}
    still = Case.objects.filter(scope, is_open=True)
    if asked.view in OVER:
        held = still.aggregate(**{name: Count("pk", filter=each) for name, each in chips.items()})
        over = len(found) if isinstance(found, list) else found.order_by()[: MOST_COUNTED + 1].count()
        return {**held, "shown": min(over, MOST_COUNTED), "more": int(over > MOST_COUNTED)}
    asked_for = {**chips, **groups, "shown": shown}
    return dict(still.aggregate(**{name: Count("pk", filter=each) for name, each in asked_for.items()}))


def _groups(at: datetime) -> dict[str, Q]:
    tomorrow = datetime.combine(at.date() + timedelta(days=1), datetime.min.time())
    week = tomorrow + timedelta(days=6)
    return {
        "late": Q(until__lt=at),
        "today": Q(until__gte=at, until__lt=tomorrow),
        "week": Q(until__gte=tomorrow, until__lt=week),
        "later": Q(until__gte=week),
    }


def group_of(case: Case, at: datetime) -> str:
    """The group by urgency a case stands in."""
    if case.until < at:
        return "late"
    days = (case.until.date() - at.date()).days
    return "today" if days == 0 else "week" if days < 7 else "later"


def board(scope: Q, asked: Asked, me: Me, at: datetime) -> dict[str, tuple[int, list[Case]]]:
    """By step: how many, and the most urgent ones; steps of other kinds than the usual ones where a case is at them."""
    found = Case.objects.filter(scope, _views(me, at)["open"] & _views(me, at)[asked.view], narrowed(asked))
    held: Mapping[str, int] = dict(found.order_by().values_list("step").annotate(Count("pk")))
    steps = columns(asked.kind)
    steps += tuple(sorted(step for step in held if step not in steps))
    first = {
        step: list(found.filter(step=step).order_by("until", "id").values_list("pk", flat=True)[:COLUMN])
        for step in steps
        if held.get(step)
    }
    cases = {case.pk: case for case in rows(number for each in first.values() for number in each)}
    return {step: (held.get(step, 0), [cases[number] for number in first.get(step, [])]) for step in steps}


def columns(kind: str = "") -> tuple[str, ...]:
    """The steps a list of a kind (empty: of all) is told apart by: those after its first."""
    return tuple(kinds.kind(kind).flow.steps)[1:] if kind else STEPS


def on_time(scope: Q, since: datetime) -> tuple[int, int]:
    """Cases closed since a moment, and how many of them without having been supervised."""
    closed = Case.objects.filter(scope, is_open=False, step="closed", closed_at__gte=since)
    found = closed.aggregate(all=Count("pk"), well=Count("pk", filter=Q(stage__in=("", "warning"))))
    return found["all"], found["well"]
