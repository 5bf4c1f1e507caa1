"""Cases: list, one, acts; by the same rights, refusals and conflicts as on the pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.db.models import Q
from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema, Status

from qingyuan.base.time import now
from qingyuan.cases import acting, dispatching, listing, progress
from qingyuan.cases.models import Case, CaseStep
from qingyuan.interfaces import access
from qingyuan.interfaces.api.operations import Listed, Refusal, needs
from qingyuan.registers.flow.declared import Signer
from qingyuan.registers.flow.reasons import Conflict, Refused

router = Router(tags=["cases"])
View = Literal["open", "mine", "overdue", "reopened", "waiting", "closed", "all"]
Verb = Literal["sign", "fill", "return", "note", "reopen", "void"]


class CaseOut(Schema):
    """A case in a list. agreeing of needed: days of data that prove the mending."""

    id: int
    number: str
    kind: str
    title: str
    division: str
    domain: str
    site: str
    severity: str
    origin: str
    step: str
    organisation_name: str
    handler_name: str
    opened_at: datetime
    due: datetime | None
    closed_at: datetime | None
    agreeing: int
    needed: int
    reopened: int
    version: int
    simulated: bool


class StepOut(Schema):
    """One entry of a case's timeline."""

    sequence: int
    step: str
    verb: str
    name: str
    at: datetime
    given: dict[str, Any]
    note: str
    digest: str


class CaseWhole(CaseOut):
    """A case with its values, the days of proof and its timeline."""

    values: dict[str, Any]
    proof: list[list[str]]
    timeline: list[StepOut]


class Cases(Listed):
    """A page of cases."""

    items: list[CaseOut]


class ActIn(Schema):
    """One act. version: as read before; what happened since is told as a conflict."""

    verb: Verb
    version: int
    values: dict[str, Any] = Field(default_factory=dict)
    note: str = ""
    to: str = ""


class Reasons(Refusal):
    """Why an act was refused: a sentence for each field, or for the record."""

    reasons: dict[str, str]


@router.get("/cases", response=Cases, summary="Cases in one's scope")
@needs("cases.see")
def cases(
    request: HttpRequest,
    view: View = "open",
    domain: str = "",
    step: str = "",
    place: str = "",
    kind: str = "",
    q: str = "",
    offset: int = Query(0, ge=0, le=10**9),
    limit: int = Query(50, ge=1, le=500),
) -> Any:
    """Open cases by deadline, closed ones newest first."""
    asked = listing.Asked(view, domain, step, place, "", kind, q[:60])
    who = access.actor(request)
    scope, me = access.rights(request).where("cases.see"), listing.Me(who.account, who.organisation)
    found = listing.numbers(scope, asked, me, now())
    return {"count": found.count(), "items": listing.rows(found[offset : offset + limit])}


class DispatchOut(Schema):
    """A note of progress asked for. case: its number in the API; missed: due days that passed without it."""

    case: int = Field(validation_alias="key")
    number: str
    title: str
    division: str
    domain: str
    organisation_name: str
    due: datetime
    answered_at: datetime | None
    progress: int | None
    done: str
    obstacle: str
    missed: int
    stage: str
    simulated: bool


class Dispatches(Listed):
    """A page of notes of progress."""

    items: list[DispatchOut]


@router.get("/dispatch", response=Dispatches, summary="Notes of progress asked for in regular dispatch")
@needs("cases.see")
def dispatch(
    request: HttpRequest,
    view: Literal["waiting", "missed", "answered", "all"] = "waiting",
    domain: str = "",
    place: str = "",
    organisation: int = Query(0, ge=0, le=10**12),
    q: str = "",
    offset: int = Query(0, ge=0, le=10**9),
    limit: int = Query(50, ge=1, le=500),
) -> Any:
    """Of cases in one's scope; a note is told by filling in progress, done and obstacle of its case."""
    scope = Q(source=progress.SOURCE) & access.rights(request).where("cases.see")
    found = dispatching.found(scope, dispatching.Asked(view, organisation, domain, place, q[:60]), now())
    return {"count": found.count(), "items": list(found[offset : offset + limit])}


@router.get("/cases/{number}", response={200: CaseWhole, 404: Refusal}, summary="One case")
@needs("cases.see")
def case(request: HttpRequest, number: int) -> Any:
    """A case with its timeline; one outside the scope is answered like one that does not exist."""
    return _whole(_case(request, number))


@router.post(
    "/cases/{number}/acts",
    response={200: CaseWhole, 404: Refusal, 409: Reasons, 422: Reasons},
    summary="Act on a case",
)
@needs("cases.act")
def case_act(request: HttpRequest, number: int, given: ActIn) -> Any:
    """Sign, fill, return, note, reopen or void, as the duties allow it."""
    found, rights = _case(request, number), access.rights(request)
    if not any(rights.may(each, found.division, found.domain, found.site) for each in ("cases.act", "cases.assign")):
        raise Http404

    def held(signer: Signer) -> bool:
        level = None if signer.level in ("any", "facility") else signer.level
        return rights.holds(signer.duty, level, found.division, found.domain, found.site)

    doing = acting.Doing(given.verb, access.actor(request), given.version, given.values, given.note, given.to)
    try:
        acting.act(found.pk, doing, held, now())
    except Refused as refused:
        reasons = {each.field or "record": each.words.zh for each in refused.reasons}
        return Status(409 if isinstance(refused, Conflict) else 422, {"detail": str(refused), "reasons": reasons})
    return Status(200, _whole(_case(request, number)))


def _case(request: HttpRequest, number: int) -> Case:
    found = Case.objects.filter(access.rights(request).where("cases.see"), pk=min(number, 2**62)).first()
    if found is None:
        raise Http404
    assert isinstance(found, Case)
    return found


def _whole(case: Case) -> dict[str, Any]:
    names = CaseWhole.model_fields.keys() - {"timeline"}
    steps = CaseStep.objects.filter(record=case).order_by("sequence")
    return {**{name: getattr(case, name) for name in names}, "timeline": list(steps)}
