"""Cases: list, one, acts; by the same rights, refusals and conflicts as on the pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Field, File, Query, Router, Schema, Status
from ninja.files import UploadedFile

from qingyuan.base.errors import WrongUsage
from qingyuan.base.settings import data_dir
from qingyuan.base.time import now
from qingyuan.cases import acting, attaching, custody, dispatching, files, kinds, listing, opening, progress
from qingyuan.cases.models import Attachment, Case, CaseStep
from qingyuan.interfaces import access, reported
from qingyuan.interfaces.api.operations import LARGEST, Listed, Refusal, file_of, needs, one_of
from qingyuan.people.managing import known_division
from qingyuan.registers.flow.declared import Signer
from qingyuan.registers.flow.reasons import Conflict, Refused

router = Router(tags=["cases"])
View = Literal["open", "mine", "overdue", "reopened", "waiting", "closed", "all"]
Verb = Literal["sign", "fill", "return", "note", "hand_over", "reopen", "void"]


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


class CaseStepOut(Schema):
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
    timeline: list[CaseStepOut]


class Cases(Listed):
    """A page of cases."""

    items: list[CaseOut]


class ActIn(Schema):
    """One act. version: as read before; what happened since is told as a conflict.

    organisation, handler, joint: of ``hand_over``, by their numbers of ``/cases/{number}/hands``.
    """

    verb: Verb
    version: int
    values: dict[str, Any] = Field(default_factory=dict)
    note: str = ""
    to: str = ""
    organisation: int | None = Field(None, ge=0, le=LARGEST)
    handler: int | None = Field(None, ge=0, le=LARGEST)
    joint: list[int] = Field(default_factory=list, max_length=20)


class CaseIn(Schema):
    """A case entered by hand. key: of whoever enters it; the same one opens it once."""

    kind: str
    about: str = Field(min_length=1, max_length=120)
    division: str
    domain: str = Field(max_length=24)
    evidence: str = Field("", max_length=4000)
    urgent: bool = False
    simulated: bool = False
    key: str = Field("", max_length=40)


class HandOut(Schema):
    """An organisation a case may be handed to."""

    number: int
    name: str
    level: str


class HandsOut(Schema):
    """Whom a case may be handed to: organisations, people of the one in charge by their accounts."""

    organisations: list[HandOut]
    handlers: dict[int, str]


class FileOut(Schema):
    """A file of a case; doubts: why a photograph may not show the case."""

    id: int
    sha256: str
    name: str
    type: str
    size: int
    taken: datetime | None
    lon: float | None
    lat: float | None
    doubts: list[Any]
    by: str
    at: datetime


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
    """Sign, fill, return, note, hand over, reopen or void, as the duties allow it."""
    found, rights = _able(request, number), access.rights(request)

    def held(signer: Signer) -> bool:
        level = None if signer.level in ("any", "facility") else signer.level
        return rights.holds(signer.duty, level, found.division, found.domain, found.site)

    hands = (given.organisation, given.handler, given.joint, now())
    handed = custody.handed(found, *hands) if given.verb == "hand_over" else {}
    doing = acting.Doing(given.verb, access.actor(request), given.version, given.values, given.note, given.to, handed)
    try:
        acting.act(found.pk, doing, held, now())
        reported.answer(_case(request, number), now())
    except Refused as refused:
        reasons = {each.field or "record": each.words.zh for each in refused.reasons}
        return Status(409 if isinstance(refused, Conflict) else 422, {"detail": str(refused), "reasons": reasons})
    return Status(200, _whole(_case(request, number)))


@router.post("/cases", response={201: CaseWhole}, summary="Enter a case by hand")
@needs("cases.act")
def case_open(request: HttpRequest, given: CaseIn) -> Any:
    """Of a kind that is opened by hand, at a place and domain of one's duties."""
    known, at = kinds.kinds().get(given.kind), now()
    if known is None or not known.by_hand or not given.about.strip():
        raise WrongUsage("There is no such kind of case to be opened by hand", "Choose another kind; say what it is.")
    right = access.rights(request).may("cases.act", given.division, given.domain, "")
    if not right or not known_division(given.division) or not given.domain.isidentifier():
        raise WrongUsage("Your duties do not include this place and domain", "Choose one of yours.")
    signal = opening.by_hand(
        request.user.pk, given.kind, given.about, given.division, given.domain, at, key=given.key,
        evidence=given.evidence, urgent=given.urgent, simulated=given.simulated,
    )  # fmt: skip
    made = opening.open_case(signal, at, access.actor(request))
    return Status(201, _whole(_case(request, made.pk)))


@router.get("/cases/{number}/hands", response={200: HandsOut, 404: Refusal}, summary="Whom a case may be handed to")
@needs("cases.act")
def case_hands(request: HttpRequest, number: int) -> Any:
    """For the act ``hand_over``."""
    found = _able(request, number)
    offices = custody.choices(found.division, found.domain)
    people = custody.people(found.organisation, now()) if found.organisation else []
    told = [{"number": key, "name": name, "level": level} for key, name, level in offices]
    return {"organisations": told, "handlers": dict(people)}


@router.get("/cases/{number}/files", response={200: list[FileOut], 404: Refusal}, summary="Files of a case")
@needs("cases.see")
def case_files(request: HttpRequest, number: int) -> Any:
    """Photographs with their place and time."""
    return list(Attachment.objects.filter(case=_case(request, number)).order_by("pk"))


@router.post("/cases/{number}/files", response={200: list[FileOut], 404: Refusal}, summary="Add a file to a case")
@needs("cases.act")
def case_attach(request: HttpRequest, number: int, file: UploadedFile = File(...)) -> Any:  # noqa: B008 - ninja's way
    """A photograph or a PDF of at most 20 MB; photographs are compared with the case's place and time."""
    found = _case(request, number)
    if not access.rights(request).may("cases.act", found.division, found.domain, found.site):
        raise Http404
    if (file.size or 0) > files.LARGEST:
        raise files.BadFile("The file is larger than 20 MB", "Send a smaller one.")
    sent = attaching.Sent(file.name or "file", file.read())
    attaching.attach(data_dir(), found, sent, access.actor(request), now())
    return Status(200, case_files(request, number))


@router.get(
    "/cases/{number}/files/{file}", response={404: Refusal}, summary="A file of a case", openapi_extra=file_of("*/*")
)
@needs("cases.see")
def case_file(request: HttpRequest, number: int, file: int) -> HttpResponse:
    """As it was sent."""
    kept = one_of(Attachment.objects.filter(case=_case(request, number)), file)
    return HttpResponse(files.read(data_dir(), kept.sha256), content_type=kept.type)


def _able(request: HttpRequest, number: int) -> Case:
    """A case somebody may act on; every other is answered like one that does not exist."""
    found, rights = _case(request, number), access.rights(request)
    if not any(rights.may(each, found.division, found.domain, found.site) for each in ("cases.act", "cases.assign")):
        raise Http404
    return found


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
