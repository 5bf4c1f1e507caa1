"""What the platform does by itself: proves rectifications by data, finds relapses, escalates deadlines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from qingyuan.cases import acting, custody, dispatching, escalation, kinds, measured, progress, telling
from qingyuan.cases.models import Case, DispatchRound

DaysOf = Callable[[Case, date, date], "Mapping[date, bool | None] | None"]
"""The days of a case's monitor by the assessments: agrees, over, no valid result; None: it could not be asked."""

AHEAD = timedelta(days=3)
"""How far ahead deadlines are looked at: further than any stage begins before one."""
ABOVE = {"overdue": 1, "supervision": 1, "accountability": 2, "notice": 2}
"""How many levels above are told of a stage."""


def prove(at: datetime, days_of: DaysOf) -> int:
    """Judge the days since rectification of every case that waits for them; gives how many changed."""
    waiting = Case.objects.filter(is_open=True, step="verify", needed__gt=0)
    return sum(_proven(case, at, days_of) for case in waiting.iterator(500))


def _proven(case: Case, at: datetime, days_of: DaysOf) -> bool:
    since = case.rectified_on
    if since is None:
        return False
    days = days_of(case, since, at.date())
    if days is None:
        return False
    proof = measured.judge(days, since, at.date(), case.needed)
    cells = [[cell.day.isoformat(), cell.verdict] for cell in proof.cells]
    if cells == case.proof:
        return False
    if proof.relapse is not None:
        acting.relapse(case, f"{proof.relapse:%Y-%m-%d}", at, day=proof.relapse)
        return True
    newly = case.agreeing < case.needed <= proof.agreeing
    case.proof, case.agreeing, case.awaiting = cells, proof.agreeing, not proof.proven
    case.save(update_fields=["proof", "agreeing", "awaiting"])
    if newly:
        telling.tell(case, "proven", at, days=str(proof.agreeing))
    return True


def escalate(at: datetime) -> int:
    """Bring every open case to the stage its deadline has come to, once a stage; gives how many moved."""
    near = Case.objects.filter(is_open=True, until__lte=at + AHEAD)
    return sum(_escalated(case, at) for case in near.iterator(500))


def _escalated(case: Case, at: datetime) -> bool:
    names = [stage.name for stage in escalation.stages()]
    reached = escalation.reached(case.due, at, escalation.working_days)
    if not reached or names.index(reached[-1].name) <= (names.index(case.stage) if case.stage else -1):
        return False
    stage = reached[-1]
    case = acting.system(case, "note", at, note=f"escalation:{stage.name}")
    case.stage = stage.name
    case.save(update_fields=["stage"])
    telling.tell(case, stage.name, at, above=_above(case, stage.name))
    return True


def dispatch(at: datetime) -> int:
    """Regular dispatch: ask where nobody was asked yet (a kind declares it newly), escalate what is missed.

    Gives how many notes of progress came to a stage.
    """
    asked = [name for name, kind in kinds.kinds().items() if kind.dispatch]
    known = DispatchRound.objects.filter(DispatchRound.OPEN, source=progress.SOURCE).values("key")
    for case in Case.objects.filter(is_open=True, kind__in=asked, step__in=kinds.WORKED).exclude(pk__in=known):
        dispatching.ask(progress.subject(case), at)
    return dispatching.escalate(progress.SOURCE, at, lambda each, stage: _missed(each, stage, at))


def _missed(each: DispatchRound, stage: escalation.Stage, at: datetime) -> None:
    """Leave it on the case, and tell its organisation and those above."""
    case = acting.system(Case.objects.get(pk=each.key), "note", at, note=f"dispatch:{stage.name}")
    telling.tell(case, f"dispatch_{stage.name}", at, above=_above(case, stage.name), due=f"{each.due:%Y-%m-%d}")


def _above(case: Case, stage: str) -> tuple[int, ...]:
    found = (custody.above(case.level, case.division, case.domain, step) for step in range(1, ABOVE.get(stage, 0) + 1))
    return tuple(dict.fromkeys(number for each in found for number in each))
