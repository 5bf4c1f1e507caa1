"""Regular dispatch 调度: who has an open matter is asked for its progress every so many working days.

The engine knows subjects only: whoever owns a matter (cases here, tasks of a plan) says when it is asked of
(`ask`), when no more (`release`) and what was answered (`answer`). One note is open at a time; due days that pass
without it are counted as missed, and bring it from stage to stage (escalation.yaml, ``dispatch``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum

from qingyuan.base.working_days import add_working_days, working_days_between
from qingyuan.cases import escalation
from qingyuan.cases.escalation import Stage
from qingyuan.cases.models import DispatchRound
from qingyuan.places.divisions import next_stem, stem

END_OF_DAY = time(23, 59, 59)
AHEAD = timedelta(days=2)
"""Further ahead than any stage begins before a due day."""

Tell = Callable[[DispatchRound, Stage], None]
"""Tells those concerned that an open round has come to a stage."""


@dataclass(frozen=True)
class Subject:
    """What progress is asked of. source, key: what it is, once; every: working days between two due days."""

    source: str
    key: int
    every: int
    number: str
    title: str
    division: str
    domain: str
    site: str = ""
    organisation: int | None = None
    organisation_name: str = ""
    simulated: bool = False


@dataclass(frozen=True)
class Note:
    """A note of progress. progress: percent done, 0 to 100."""

    progress: int
    done: str
    obstacle: str = ""
    by: str = ""


def ask(subject: Subject, at: datetime) -> DispatchRound:
    """Ask for the next note, where none is open; an open one follows its subject to a new holder or place."""
    given = {name: value for name, value in vars(subject).items() if name not in ("source", "key", "every")}
    told = DispatchRound.objects.filter(DispatchRound.OPEN, source=subject.source, key=subject.key)
    if told.update(**given):
        return told.get()
    last = DispatchRound.objects.filter(source=subject.source, key=subject.key).order_by("-due").first()
    began = last.due.date() if last and last.over_at is None else at.date()
    made, _new = DispatchRound.objects.get_or_create(
        source=subject.source, key=subject.key, answered_at=None, over_at=None,
        defaults={**given, "every": subject.every, "asked_at": at, "due": next_due(began, subject.every, at)},
    )  # fmt: skip
    return made


def next_due(began: date, every: int, at: datetime) -> datetime:
    """The first due day after a moment, counted every so many working days from a day; it lasts to its end."""
    passed = max(0, working_days_between(began, at.date())) // every
    day = add_working_days(began, every * (passed + 1))
    return datetime.combine(day, END_OF_DAY)


def answer(source: str, key: int, note: Note, at: datetime) -> DispatchRound | None:
    """Take a note for the open round; None where none is asked for. The next is asked by the subject's `ask`."""
    found = waiting(source, key)
    if found is None:
        return None
    found.progress, found.done, found.obstacle, found.by = note.progress, note.done, note.obstacle, note.by[:120]
    found.answered_at, found.missed = at, missed(found, at)
    found.save()
    return found


def release(source: str, key: int, at: datetime) -> None:
    """No more is asked of a subject: what is not due yet is taken back, what was missed stays told."""
    told = DispatchRound.objects.filter(DispatchRound.OPEN, source=source, key=key)
    told.filter(due__gte=at).delete()
    for each in told:
        each.over_at, each.missed = at, missed(each, at)
        each.save(update_fields=["over_at", "missed"])


def waiting(source: str, key: int) -> DispatchRound | None:
    """The note that is asked of a subject now."""
    return DispatchRound.objects.filter(DispatchRound.OPEN, source=source, key=key).first()


def rounds(source: str, key: int) -> QuerySet[DispatchRound]:
    """All that was asked of a subject, newest first."""
    return DispatchRound.objects.filter(source=source, key=key).order_by("-due")


def missed(each: DispatchRound, at: datetime) -> int:
    """Due days that have passed by a moment without the note."""
    if at <= each.due:
        return 0
    return 1 + max(0, working_days_between(each.due.date(), at.date()) - 1) // each.every


def escalate(source: str, at: datetime, tell: Tell) -> int:
    """Count what is missed, and bring open rounds to their stage, each once; gives how many moved."""
    near = DispatchRound.objects.filter(DispatchRound.OPEN, source=source, due__lte=at + AHEAD).order_by("due", "pk")
    return sum(_moved(each, at, tell) for each in near.iterator(500))


def _moved(each: DispatchRound, at: datetime, tell: Tell) -> bool:
    names = ["", *(stage.name for stage in escalation.stages("dispatch"))]
    reached = escalation.reached(each.due, at, escalation.working_days, "dispatch")
    count, before = missed(each, at), each.stage
    newer = bool(reached) and names.index(reached[-1].name) > names.index(before)
    if not newer and count == each.missed:
        return False
    each.stage, each.missed = reached[-1].name if newer else before, count
    each.save(update_fields=["stage", "missed"])
    if newer:
        tell(each, reached[-1])
    return newer


VIEWS = ("waiting", "missed", "answered", "all")
PAGE = 50


@dataclass(frozen=True)
class Asked:
    """What a list shows. view: one of VIEWS; organisation: its number; place: a division; text: words to be found."""

    view: str = "waiting"
    organisation: int = 0
    domain: str = ""
    place: str = ""
    text: str = ""


def found(scope: Q, asked: Asked, at: datetime) -> QuerySet[DispatchRound]:
    """The rounds asked for, the longest due first; those that are over, newest first."""
    chosen = DispatchRound.objects.filter(scope, _views(at)[asked.view], _narrowed(asked))
    return chosen.order_by("due", "pk") if asked.view == "waiting" else chosen.order_by("-due", "-pk")


def by_organisation(scope: Q, asked: Asked, at: datetime) -> list[dict[str, Any]]:
    """Of every organisation: rounds asked, still waited for, missed, and due days that passed; most missed first."""
    chosen = DispatchRound.objects.filter(scope, _narrowed(asked)).order_by().values("organisation")
    rows = chosen.annotate(
        name=Max("organisation_name"),
        asked=Count("pk"),
        waiting=Count("pk", filter=DispatchRound.OPEN),
        days=Sum("missed"),
        late=Count("pk", filter=_views(at)["missed"]),
    )
    return sorted((dict(row) for row in rows), key=lambda row: (-row["late"], -row["days"], str(row["name"])))


def _views(at: datetime) -> dict[str, Q]:
    """Still waited for; missed: past due or told late, or never; answered; all."""
    late = Q(missed__gt=0) | Q(DispatchRound.OPEN, due__lt=at)
    return {"waiting": DispatchRound.OPEN, "missed": late, "answered": Q(answered_at__isnull=False), "all": Q()}


def _narrowed(asked: Asked) -> Q:
    chosen = Q(domain=asked.domain) if asked.domain else Q()
    if asked.organisation:
        chosen &= Q(organisation=asked.organisation)
    if asked.place:
        chosen &= Q(division__gte=stem(asked.place), division__lt=next_stem(stem(asked.place)))
    for word in asked.text.split()[:6]:
        chosen &= Q(title__icontains=word) | Q(number__icontains=word)
    return chosen
