"""Rules that give findings, suppression of what they find, the sealed evidence of a finding."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from ninja import Field, Query, Router, Schema

from qingyuan.base.settings import data_dir
from qingyuan.base.time import now, to_wall_clock
from qingyuan.domains import declared
from qingyuan.interfaces import access
from qingyuan.interfaces.api.findings import SEE, FindingOut, finding_of
from qingyuan.interfaces.api.operations import Listed, Refusal, file_of, needs, one_of
from qingyuan.rules import suppressing
from qingyuan.rules.catalogue import catalogue
from qingyuan.rules.declared import Rule
from qingyuan.rules.evidence import sealing
from qingyuan.rules.models import Suppression

router = Router(tags=["findings"])
"""A suppression may not last longer: who needs more says so again."""


class RuleOut(Schema):
    """A rule: what it watches, on which basis, how urgent its findings may be, the kind of case it opens.

    text: its declaration, as the hash of its findings has it.
    """

    code: str
    domain: str
    title: dict[str, str]
    source: str
    basis: list[dict[str, str]]
    severities: list[str]
    opens: str
    text: str


class SuppressIn(Schema):
    """Why nobody needs to be called, until when. wide: at the whole point, not for the finding's item only."""

    until: datetime
    reason: str = Field(min_length=1, max_length=300)
    wide: bool = False


class SuppressionOut(Schema):
    """A window in which findings are kept but call nobody; empty rule, point or property: any."""

    id: int
    rule: str
    division: str
    domain: str
    point: str
    property: str
    since: datetime
    until: datetime
    reason: str
    name: str
    made_at: datetime
    released_at: datetime | None
    released_by: str


class Suppressions(Listed):
    """A page of suppressions."""

    items: list[SuppressionOut]


@router.get("/rules", response=list[RuleOut], summary="The rules of all domains")
@needs(SEE)
def rules(request: HttpRequest) -> Any:
    """By code."""
    return [_rule(each) for _code, each in sorted(catalogue(declared("rules.yaml")).rules.items())]


def _rule(rule: Rule) -> dict[str, Any]:
    day = now().date()
    return {
        "code": rule.code,
        "domain": rule.domain,
        "title": {"zh": rule.title.zh, "en": rule.title.en},
        "source": rule.when.source,
        "basis": [each.cited(day) for each in rule.basis],
        "severities": list(dict.fromkeys(severity for _condition, severity in rule.severity)),
        "opens": rule.opens,
        "text": rule.text,
    }


@router.get("/suppressions", response=Suppressions, summary="Suppression windows in one's scope, newest first")
@needs(SEE)
def suppressions(
    request: HttpRequest,
    standing: bool = True,
    offset: int = Query(0, ge=0, le=10**9),
    limit: int = Query(50, ge=1, le=500),
) -> Any:
    """standing: only those neither released nor over."""
    found = _windows(request, SEE)
    found = found.filter(released_at=None, until__gt=now()) if standing else found
    return {"count": found.count(), "items": list(found.order_by("-made_at", "-pk")[offset : offset + limit])}


@router.post(
    "/findings/{number}/suppressions", response={200: FindingOut, 404: Refusal}, summary="Suppress what a finding finds"
)
@needs(suppressing.ACTION)
def finding_suppress(request: HttpRequest, number: int, given: SuppressIn) -> Any:
    """From the start of the finding's window, for 90 days at most."""
    finding, at = finding_of(request, number, suppressing.ACTION), now()
    until = to_wall_clock(given.until)
    suppressing.suppress(
        finding, since=finding.window_from, until=until, reason=given.reason, wide=given.wide,
        actor=access.actor(request), at=at,
    )  # fmt: skip
    return finding_of(request, number, suppressing.ACTION)


@router.delete("/suppressions/{number}", response={200: SuppressionOut, 404: Refusal}, summary="End a suppression")
@needs(suppressing.ACTION)
def suppression_end(request: HttpRequest, number: int) -> Any:
    """What it covered calls again; one released before stays as it is."""
    made = one_of(_windows(request, suppressing.ACTION), number)
    if made.released_at is None:
        suppressing.release(made, actor=access.actor(request), at=now())
    return made


@router.get(
    "/findings/{number}/evidence",
    response={404: Refusal},
    summary="The sealed evidence file of a finding",
    openapi_extra=file_of("application/zip"),
)
@needs("findings.evidence")
def finding_evidence(request: HttpRequest, number: int) -> HttpResponseBase:
    """A ZIP archive for ``qingyuan evidence verify``; each reading is a line of the audit chain."""
    finding = finding_of(request, number, "findings.evidence")
    file = sealing.taken(data_dir(), finding, access.actor(request), now())
    if file is None:
        raise Http404("The evidence of this finding is not sealed yet.")
    return FileResponse(file.open("rb"), as_attachment=True, filename=file.name)


def _windows(request: HttpRequest, action: str) -> QuerySet[Suppression]:
    return Suppression.objects.filter(access.rights(request).where(action))
