"""Events that cases have proven, as scoring rules name them: closed cases that hold, made of findings or reports."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time

from django.db.models import Q

from qingyuan.base.time import isoformat
from qingyuan.cases.models import Case, Origin
from qingyuan.plans import division
from qingyuan.plans.evaluating.known import Event, Trace
from qingyuan.plans.evaluating.rules import Proof, Rules
from qingyuan.plans.facts import Words
from qingyuan.registers.flow.declared import CLOSED
from qingyuan.reports.models import Report
from qingyuan.rules.models import Finding

LEDGER = Words("查实并办结的案件", "cases closed and found true")


def proven(rules: Rules, simulated: bool, first: date, as_of: datetime) -> dict[str, tuple[Event, ...]]:
    """By place (as `plans.division.normal` has it) what was proven in a period.

    A case counts on the day it was closed: what is proven after one period is over counts in the next, never in none.
    Real sheets take real cases only; a case that was opened again proves nothing until it is closed.
    """
    found: dict[str, list[Event]] = {}
    for veto in rules.vetoes:
        for case in _cases(veto.proof, simulated, first, as_of) if veto.proof else ():
            found.setdefault(division.normal(case.division[:6]), []).append(_event(veto.event, case))
    return {place: tuple(events) for place, events in found.items()}


def _cases(proof: Proof, simulated: bool, first: date, as_of: datetime) -> Iterable[Case]:
    found = Case.objects.filter(step=CLOSED, closed_at__gte=datetime.combine(first, time.min), closed_at__lte=as_of)
    found = found.filter(Q(rule__in=proof.rules) | Q(pk__in=_made_of(proof)))
    found = found if simulated else found.filter(simulated=False)
    return [each for each in found.order_by("closed_at", "pk") if each.values.get("holds") in proof.holds]


def _made_of(proof: Proof) -> set[int]:
    """Cases made of such a finding or report, joined to them or not."""
    findings = map(str, Finding.objects.filter(rule__in=proof.rules).values_list("pk", flat=True))
    reports = Report.objects.filter(category__in=proof.reports).values_list("number", flat=True)
    return _origins("finding", findings) | _origins("report", reports)


def _origins(source: str, keys: Iterable[str]) -> set[int]:
    wanted = set(keys)
    pairs = Origin.objects.filter(source=source).values_list("key", "case_id") if wanted else ()
    return {case for key, case in pairs if key in wanted}


def _event(kind: str, case: Case) -> Event:
    closed = case.closed_at or case.opened_at
    held = case.declared.flow.fields["holds"].codes[case.values["holds"]]
    words = Words(f"{case.number} {case.title}（{held.zh}）", f"{case.number} {case.title} ({held.en})")
    return Event(kind, words, closed.date(), Trace("case", LEDGER, case.number, isoformat(closed)))
