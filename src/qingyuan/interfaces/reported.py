"""Reports and their cases: a report taken up opens a case, a case closed answers its reports, a reporter reopens it.

The rooms of reports and cases do not know each other; the number of the case on the report is all that joins them.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qingyuan.cases import acting, opening
from qingyuan.cases.models import Case
from qingyuan.people.audit import SYSTEM, Actor
from qingyuan.reports import handling
from qingyuan.reports.declared import categories
from qingyuan.reports.models import Report, State, Verb

HOLDS = {"yes": "经调查，情况属实。", "partly": "经调查，情况部分属实。", "no": "经调查，情况不属实。"}
ABOUT = 60
"""Characters of what was told that stand in the title of its case."""


def look(at: datetime) -> tuple[int, int]:
    """Everything that waits: how many reports got a case (or theirs opened again), how many were answered."""
    taken_up = Report.objects.filter(state=State.ACCEPTED, same_as=None).order_by("pk")
    taken = sum(take_up(each, at) for each in taken_up)
    return taken, sum(answer(case, at) for case in _answering())


def take_up(report: Report, at: datetime) -> bool:
    """Open the case of a report that was taken up, or open it again where the reporter is not content."""
    if report.state != State.ACCEPTED or report.same_as_id:
        return False
    case = Case.objects.filter(number=report.case).first() if report.case else None
    if case is None:
        with transaction.atomic():
            handling.link(report, opening.open_case(_signal(report), at).number, SYSTEM, at)
        return True
    return _reopened(report, case, at)


def _signal(report: Report) -> opening.Signal:
    """What was told, without who told it."""
    about = f"{categories()[report.category].zh}：{report.place or report.text}"
    return opening.Signal(
        kind="public_report",
        about=about[:ABOUT],
        division=report.division,
        domain=report.domain,
        occurred_at=report.seen_at or report.received_at,
        source="report",
        key=report.number,
        origin="report",
        site=report.site,
        place=_place(report),
        evidence=report.text[:4000],
        simulated=report.simulated,
        grouped=False,
        told={"report": report.number},
    )


def _place(report: Report) -> tuple[float, float] | None:
    if report.longitude is None or report.latitude is None:
        return None
    return report.longitude, report.latitude


def _reopened(report: Report, case: Case, at: datetime) -> bool:
    """A reporter who reopened after the case was closed opens the case again."""
    if case.step != "closed" or case.closed_at is None:
        return False
    said = report.entries.filter(verb=Verb.REOPENED, at__gte=case.closed_at).last()
    if said is None:
        return False
    acting.system(case, "reopen", at, note=f"{report.number}：{said.text}"[:4000], to="investigate")
    return True


def _answering() -> list[Case]:
    """Closed cases with a report that is not answered yet."""
    waiting = Report.objects.filter(state=State.ACCEPTED).exclude(case="").values_list("case", flat=True)
    return list(Case.objects.filter(step="closed", number__in=waiting, closed_at__isnull=False))


def answer(case: Case, at: datetime) -> int:
    """Tell the reporters of a closed case what came of it; how many were told."""
    if case.step != "closed":
        return 0
    waiting = Report.objects.filter(case=case.number, state=State.ACCEPTED)
    unheard = waiting.filter(entries__verb=Verb.REOPENED, entries__at__gte=case.closed_at).values("pk")
    told = list(waiting.exclude(pk__in=unheard))
    by = Actor(None, case.organisation_name or SYSTEM.name, case.organisation)
    for report in told:
        handling.act(report, Verb.ANSWERED, by, at, _answer(case))
    return len(told)


def _answer(case: Case) -> str:
    """What was found, done and decided, in the words of those who did it."""
    values = case.values
    parts = [HOLDS.get(str(values.get("holds")), ""), values.get("measures", ""), values.get("acceptance", "")]
    return "\n".join(str(part) for part in parts if part) or "已办结。"


__all__ = ["answer", "look", "take_up"]
