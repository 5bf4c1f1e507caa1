"""Who may be on a roll by what the platform keeps: sites with their risk, inspectors, conflicts told before."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from qingyuan.cases.lottery.roll import Conflict, Entry, Inspector
from qingyuan.cases.models import Case, Lottery
from qingyuan.people.models import Organisation, Post
from qingyuan.places.divisions import next_stem, stem
from qingyuan.rules.models import Finding

OPEN_CASE, FINDING, DAYS = 3, 1, 365
"""What an open case, and a finding of so many last days, add to a risk of 1."""
INSPECTING = "inspection"
"""Duty of those who are sent."""
REMEMBERED = 50
"""Lotteries of before whose conflicts are remembered."""


@dataclass(frozen=True)
class Candidate:
    """A site that may be inspected. id: its code, under which its cases and findings are kept."""

    id: str
    name: str
    division: str
    sector: str = "—"
    size: str = "—"


@dataclass(frozen=True)
class Ranked:
    """An entry, and what its risk is made of: open cases, findings of the last `DAYS` days."""

    entry: Entry
    cases: int
    findings: int


def ranked(
    found: Iterable[Candidate], cases: QuerySet[Case], findings: QuerySet[Finding], at: datetime
) -> list[Ranked]:
    """Each site once, the riskiest first. cases, findings: those that may be counted; inspections are no problems."""
    sites = {each.id: each for each in reversed(list(found))}
    open_ones = _by_site(cases.filter(is_open=True).exclude(kind="inspection"))
    told = _by_site(
        findings.filter(opened_at__gte=at - timedelta(days=DAYS)).exclude(
            state__in=(Finding.State.SUPPRESSED, Finding.State.RETRACTED)
        )
    )
    made = [_ranked(each, open_ones.get(each.id, 0), told.get(each.id, 0)) for each in sites.values()]
    return sorted(made, key=lambda each: (-each.entry.risk, each.entry.id))


def _by_site(rows: QuerySet[Case] | QuerySet[Finding]) -> dict[str, int]:
    counted = rows.exclude(site="").order_by().values_list("site").annotate(number=Count("pk"))
    return dict(counted)


def _ranked(each: Candidate, cases: int, findings: int) -> Ranked:
    risk = 1 + OPEN_CASE * cases + FINDING * findings
    entry = Entry(each.id, each.name, each.division, each.sector, each.size, risk)
    return Ranked(entry, cases, findings)


def inspectors(places: Collection[str], domain: str, at: datetime) -> list[Inspector]:
    """Who has the duty of inspection now for a domain, at a department of these divisions or below."""
    there = Q(pk__in=())
    for start in map(stem, places):
        there |= Q(duty__division__gte=start, duty__division__lt=next_stem(start))
    posts = Post.objects.filter(
        there, Q(until=None) | Q(until__gt=at), since__lte=at,
        duty__code=INSPECTING, duty__domain__in=("*", domain),
        duty__organisation__active=True, duty__organisation__kind=Organisation.Kind.DEPARTMENT,
        person__user__is_active=True,
    )  # fmt: skip
    posts = posts.select_related("person", "duty__organisation")
    people = {each.person_id: each for each in posts.order_by("duty__organisation", "person__name", "person")}
    return [Inspector(f"P{pk}", each.person.name, each.duty.organisation.name_zh) for pk, each in people.items()]


def conflicts_before(
    lotteries: QuerySet[Lottery], people: Iterable[Inspector], subjects: Collection[str]
) -> list[Conflict]:
    """Conflicts of these inspectors told in the last lotteries that still say something; each once, the latest reason.

    subjects: sites of the roll; a conflict with a whole division is kept as it is.
    """
    ids, found = {each.id for each in people}, dict[tuple[str, str], Conflict]()
    for committed in lotteries.order_by("-committed_at").values_list("committed", flat=True)[:REMEMBERED]:
        for each in (Conflict(**told) for told in committed["roll"]["conflicts"]):
            if each.inspector in ids and (each.subject in subjects or each.subject.isdecimal()):
                found.setdefault((each.inspector, each.subject), each)
    return list(found.values())
