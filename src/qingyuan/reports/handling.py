"""What is done about a report, by officers and by the reporter: every act is an entry and a line of the audit chain."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import or_
from pathlib import Path

from django.db import transaction
from django.db.models import Q

from qingyuan.base.errors import QingyuanError
from qingyuan.people.audit import Actor
from qingyuan.reports import identity
from qingyuan.reports.models import Entry, Report, State, Verb
from qingyuan.reports.taking import REPORTER, note

MOVES: dict[Verb, tuple[tuple[State, ...], State | None]] = {
    Verb.ACCEPTED: ((State.RECEIVED,), State.ACCEPTED),
    Verb.DECLINED: ((State.RECEIVED,), State.DECLINED),
    Verb.ASKED: ((State.RECEIVED, State.ACCEPTED), None),
    Verb.ADDED: ((State.RECEIVED, State.ACCEPTED), None),
    Verb.ANSWERED: ((State.ACCEPTED,), State.ANSWERED),
    Verb.REOPENED: ((State.ANSWERED, State.DECLINED, State.ENDED), State.ACCEPTED),
    Verb.SATISFIED: ((State.ANSWERED,), State.ENDED),
    Verb.ENDED: ((State.ANSWERED, State.DECLINED), State.ENDED),
}
"""From which states an act is possible, and the state it leads to (None: it stays)."""

SAY_WHY = {Verb.DECLINED, Verb.ASKED, Verb.ADDED, Verb.ANSWERED, Verb.REOPENED}
"""Acts that need words."""
REPORTERS = {Verb.ADDED, Verb.REOPENED, Verb.SATISFIED}
REOPEN_DAYS = 30
SHORTEST = 4
"""Characters of a reason: 核实情况."""


OFFICERS = {
    "accept": Verb.ACCEPTED, "decline": Verb.DECLINED, "ask": Verb.ASKED, "answer": Verb.ANSWERED, "end": Verb.ENDED,
}  # fmt: skip
"""What an officer may do, by the name of the act."""


class NotNow(QingyuanError):
    """An act that is not possible in the state the report is in. code: for the wording of the screens."""

    def __init__(self, code: str, what: str, todo: str = "") -> None:
        super().__init__(what, todo)
        self.code = code


def act(report: Report, verb: Verb, by: Actor, at: datetime, text: str = "", case: str = "") -> Report:
    """Do something about a report; gives it as it stands then. Raises NotNow.

    by: `REPORTER` for the reporter, who may add, reopen (within 30 days of the end) and be satisfied.
    """
    if by is REPORTER and verb not in REPORTERS:
        raise NotNow("not_yours", f"{verb} is not for the reporter")
    if verb in SAY_WHY and not text.strip():
        raise NotNow("say_why", f"{report.number}: nothing was said", "Say it in a sentence.")
    with transaction.atomic():
        held = Report.objects.select_for_update().get(pk=report.pk)
        _check(held, verb, at)
        before = held.state
        _move(held, MOVES[verb][1], at, case)
        Entry.objects.create(report=held, at=at, verb=verb, by="" if by is REPORTER else by.name, text=text.strip())
        note(held, by, f"reports.{verb}", at, state=[before, held.state])
    return held


def _check(report: Report, verb: Verb, at: datetime) -> None:
    possible = MOVES[verb][0]
    if report.state not in possible:
        raise NotNow("state", f"{report.number} is {report.state}: {verb} is not possible", "Load the page again.")
    if verb is Verb.REOPENED and report.ended_at and (at - report.ended_at).days > REOPEN_DAYS:
        raise NotNow("too_late", f"{report.number} ended more than {REOPEN_DAYS} days ago", "Report anew.")


def _move(report: Report, to: State | None, at: datetime, case: str) -> None:
    if to:
        report.state = to
        report.ended_at = at if to in (State.ANSWERED, State.DECLINED, State.ENDED) else None
    if case:
        report.case = case
    report.save(update_fields=["state", "ended_at", "case"])


def join(report: Report, first: Report, by: Actor, at: datetime) -> Report:
    """Say that a report tells of the same as an earlier one: both are answered together."""
    with transaction.atomic():
        held, first = (Report.objects.select_for_update().get(pk=each.pk) for each in (report, first))
        if held.pk == first.pk or first.same_as_id:
            raise NotNow("join", f"{held.number} cannot be joined to {first.number}", "Choose the first of the group.")
        _check(held, Verb.ACCEPTED, at)
        held.same_as, held.case, held.state = first, first.case, State.ACCEPTED
        held.save(update_fields=["same_as", "case", "state"])
        Entry.objects.create(report=held, at=at, verb=Verb.JOINED, by=by.name, text=first.number, open=False)
        note(held, by, "reports.joined", at, same_as=["", first.number])
    return held


def link(report: Report, case: str, by: Actor, at: datetime) -> None:
    """Say which case handles a report and those joined to it. case: its number."""
    with transaction.atomic():
        for each in (report, *report.repeats.all()):
            before, each.case = each.case, case
            each.save(update_fields=["case"])
            note(each, by, "reports.case", at, case=[before, case])


def open_identity(data: Path, report: Report, by: Actor, at: datetime, reason: str) -> dict[str, str]:
    """What the reporter told of themself; the reading is in the audit chain before it is given.

    The caller has checked ``reports.identity``. Raises NotNow without a reason or when there is nothing to open.
    """
    if len(reason.strip()) < SHORTEST:
        raise NotNow("say_why", f"{report.number}: no reason was given", "Say why the identity has to be read.")
    if not report.sealed:
        raise NotNow("nothing", f"{report.number} has no identity", "It is anonymous, or was removed on schedule.")
    with transaction.atomic():
        note(report, by, "reports.identity", at, sealed=True, reason=reason.strip())
    return identity.unseal(bytes(report.sealed), identity.private_key(data), report.number)


def may(report: Report) -> list[str]:
    """What an officer may do with a report as it stands."""
    return [name for name, verb in OFFICERS.items() if report.state in MOVES[verb][0]]


def narrowed(state: str, category: str, words: str) -> Q:
    """Reports of a state (open: received or accepted; all) and category, with words in number, text, place or case."""
    found = Q() if state == "all" else Q(state__in=(State.RECEIVED, State.ACCEPTED) if state == "open" else (state,))
    found &= Q(category=category) if category else Q()
    held = (Q(**{f"{name}__icontains": words}) for name in ("number", "text", "place", "case")) if words else ()
    return found & reduce(or_, held, Q())
