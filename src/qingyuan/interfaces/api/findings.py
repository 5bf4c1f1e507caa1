"""Findings in one's scope, why they were made, and their history."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router, Schema

from qingyuan.base.time import to_wall_clock
from qingyuan.domains import DOMAINS, declared
from qingyuan.interfaces import access
from qingyuan.interfaces.api.operations import Listed, Refusal, needs, one_of
from qingyuan.rules.catalogue import catalogue
from qingyuan.rules.explaining import explain
from qingyuan.rules.models import Finding

router = Router(tags=["findings"])
SEE = "findings.see"


class FindingOut(Schema):
    """A finding; times are the wall clock of +08:00."""

    id: int
    rule: str
    severity: str
    state: str
    dataset: str
    division: str
    domain: str
    site: str
    point: str
    property: str
    averaging: str
    opened_at: datetime
    changed_at: datetime
    window_from: datetime
    window_to: datetime
    ended_at: datetime | None
    value: float | None
    unit: str
    limit: float | None
    clause: str
    edition: str
    confidence: str
    case_kind: str
    event_id: int | None
    evidence_sha256: str
    simulated: bool


class Findings(Listed):
    """A page of findings."""

    items: list[FindingOut]


class ChangeOut(Schema):
    """A line of a finding's history."""

    at: datetime
    what: str
    was: dict[str, Any]
    became: dict[str, Any]
    reason: str


class PartOut(Schema):
    """A part of the explanation, its sentences in both languages."""

    part: str
    zh: list[str]
    en: list[str]


class Explained(Schema):
    """Why a finding was made, and what became of it."""

    finding: FindingOut
    parts: list[PartOut]
    series: list[dict[str, Any]]
    history: list[ChangeOut]


@router.get("/findings", response=Findings, summary="Findings in one's scope, most urgent first")
@needs(SEE)
def findings_listed(
    request: HttpRequest,
    state: Literal["open", "relapsed", "suppressed", "ended", "retracted"] | None = None,
    rule: str = Query("", max_length=64),
    changed_after: datetime | None = None,
    offset: int = Query(0, ge=0, le=10**9),
    limit: int = Query(50, ge=1, le=500),
) -> Any:
    """Filtered by state, rule and when they last changed."""
    found = _mine(request)
    found = found.filter(state=state) if state else found
    found = found.filter(rule=rule) if rule else found
    found = found.filter(changed_at__gt=to_wall_clock(changed_after)) if changed_after else found
    return {"count": found.count(), "items": list(found.defer("series", "declared")[offset : offset + limit])}


@router.get("/findings/{number}", response={200: Explained, 404: Refusal}, summary="One finding, explained")
@needs(SEE)
def finding_one(request: HttpRequest, number: int) -> Any:
    """The finding of a number; one outside the scope is answered like one that does not exist."""
    finding = finding_of(request, number)
    rule = catalogue(declared("rules.yaml")).rules.get(finding.rule)
    parts = explain(finding, rule, {each.name: each for domain in DOMAINS for each in domain.assessments})
    return {
        "finding": finding,
        "parts": [
            {"part": each.name, "zh": [line[0] for line in each.lines], "en": [line[1] for line in each.lines]}
            for each in parts
        ],
        "series": finding.series,
        "history": list(finding.changes.all()),
    }


def finding_of(request: HttpRequest, number: int, action: str = SEE) -> Finding:
    """The finding of a number an action is allowed on; else it is answered like one that does not exist."""
    return one_of(_mine(request, action), number)


def _mine(request: HttpRequest, action: str = SEE) -> QuerySet[Finding]:
    return Finding.objects.filter(access.rights(request).where(action))
