"""What waits for somebody, of cases, registers and reports: the count of the rail and the lines of "My work"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.base.time import now
from qingyuan.cases import listing
from qingyuan.cases.models import FAR
from qingyuan.interfaces import loading, waiting
from qingyuan.interfaces.web import access
from qingyuan.interfaces.web.cases import words as case_words
from qingyuan.interfaces.web.registers import words as register_words
from qingyuan.interfaces.web.reports import words as report_words
from qingyuan.reports import taking

SECONDS = 30
"""How long a count is kept for a person."""
MOST = 1000
"""Things of a kind that are counted; more are told as more."""
FIRST = 5
"""Things on the overview."""
SHOWN = 200
"""Things of a kind on the page, the most urgent first."""


@dataclass(frozen=True)
class Task:
    """One thing to do. what: the act that is asked; of: the kind it belongs to; due: None without a deadline."""

    title: str
    number: str
    what: str
    of: str
    place: str
    due: datetime | None
    icon: str
    url: str
    simulated: bool = False


def count(request: HttpRequest) -> int:
    """How many things wait for the person; four questions, kept for half a minute. `MOST` of a kind at most."""
    if not request.user.is_authenticated:
        return 0
    key = f"todo:{request.user.pk}:{hash(access.rights(request).grants)}"
    return int(cache.get_or_set(key, lambda: _counted(request), SECONDS) or 0)


def _counted(request: HttpRequest) -> int:
    parts = (each(request) for each in (waiting.cases, waiting.notes, waiting.reports, waiting.records))
    return sum(each.order_by().values("pk")[:MOST].count() for each in parts)


def tasks(request: HttpRequest, most: int = SHOWN) -> list[Task]:
    """What waits for the person, `most` of a kind, the nearest deadline first."""
    found = [*_cases(request, most), *_notes(request, most), *_reports(request, most), *_records(request, most)]
    return sorted(found, key=lambda each: (each.due or FAR, each.number))


def brief(request: HttpRequest) -> dict[str, Any] | None:
    """For the overview: how many things wait, and the first few; None for who has no duty."""
    if not request.user.is_authenticated or not access.rights(request).grants:
        return None
    at = now()
    lines = [(each, due_words(each, at)) for each in tasks(request, FIRST)[:FIRST]]
    return {"count": count(request), "lines": lines}


def _cases(request: HttpRequest, most: int) -> Iterator[Task]:
    for case in waiting.cases(request).defer(*listing.HEAVY).order_by("until", "pk")[:most]:
        what = _("wait for data that agree") if case.awaiting else _sign(case_words.step(case))
        due = None if case.until == FAR else case.until
        yield Task(
            case.title, case.number, what, _("Case"), case_words.place(case.division), due, case.declared.icon,
            reverse("case", args=[case.pk]), case.simulated,
        )  # fmt: skip


def _notes(request: HttpRequest, most: int) -> Iterator[Task]:
    for each in waiting.notes(request).order_by("due", "pk")[:most]:
        yield Task(
            each.title, each.number, _("tell the progress"), _("Regular dispatch"),
            case_words.place(each.division), each.due, "board", reverse("case", args=[each.key]), each.simulated,
        )  # fmt: skip


def _reports(request: HttpRequest, most: int) -> Iterator[Task]:
    for report in waiting.reports(request).order_by("received_at", "pk")[:most]:
        due = datetime.combine(taking.accept_by(report), time(23, 59, 59))
        yield Task(
            report_words.category(report.category), report.number, _("take up or decline"), _("Public report"),
            report_words.division(report.division), due, "user", reverse("reports_one", args=[report.number]),
            report.simulated,
        )  # fmt: skip


def _records(request: HttpRequest, most: int) -> Iterator[Task]:
    kinds = loading.registers().kinds
    for record in waiting.records(request).defer("values", "searched").order_by("ranked", "pk")[:most]:
        kind = kinds[record.kind]
        yield Task(
            record.title, record.number, _sign(register_words.step(kind, record.step)), register_words.of(kind.title),
            register_words.place(record.division), record.due, "book",
            reverse("register_record", args=[record.kind, record.pk]), record.simulated,
        )  # fmt: skip


def _sign(step: str) -> str:
    return _("sign “%(step)s”") % {"step": step}


def group_of(task: Task, at: datetime) -> str:
    """The group by urgency a thing stands in: late, today, week or later."""
    if task.due is None:
        return "later"
    days = (task.due.date() - at.date()).days
    return "late" if task.due < at else "today" if days < 1 else "week" if days < 7 else "later"


def due_words(task: Task, at: datetime) -> tuple[str, str]:
    """State and words of a deadline."""
    if task.due is None:
        return "none", "—"
    if task.due < at:
        return "bad", case_words.late(at - task.due)
    if task.due.date() == at.date():
        return "tight", "24:00" if (task.due.hour, task.due.minute) == (23, 59) else f"{task.due:%H:%M}"
    return "none", f"{task.due:%m-%d}" if task.due.year == at.year else f"{task.due:%Y-%m-%d}"
