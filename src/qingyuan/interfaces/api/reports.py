"""Public reports for officers: list, one, acts, the sealed identity, rewards. Nothing tells who reported."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status

from qingyuan.base.durable import content_path
from qingyuan.base.settings import data_dir
from qingyuan.base.time import now
from qingyuan.interfaces import access, reported
from qingyuan.interfaces.api.operations import Listed, Refusal, file_of, needs
from qingyuan.reports import handling, rewards
from qingyuan.reports.models import Entry, Photo, Report, Reward, RewardLine

router = Router(tags=["reports"])
HANDLE = "reports.handle"


class PublicReportOut(Schema):
    """A report; case: number of the case that handles it; same_as: number of the earlier report it is answered with."""

    number: str
    category: str
    domain: str
    division: str
    site: str
    text: str
    place: str
    longitude: float | None
    latitude: float | None
    seen_at: datetime | None
    received_at: datetime
    channel: str
    state: str
    case: str
    same_as: str | None
    due: date
    ended_at: datetime | None
    has_identity: bool
    simulated: bool


class PublicReportEntryOut(Schema):
    """A line of a report's timeline. by: empty for the reporter; open: the reporter may read it."""

    at: datetime
    verb: str
    by: str
    text: str
    open: bool


class PhotoOut(Schema):
    """A photo; what it told of place and time."""

    sha256: str
    width: int
    height: int
    taken_at: datetime | None
    longitude: float | None
    latitude: float | None


class PublicReportWhole(PublicReportOut):
    """A report with its timeline and photos, and what can be done."""

    entries: list[PublicReportEntryOut]
    photos: list[PhotoOut]
    may: list[str]


class PublicReports(Listed):
    """A page of reports."""

    items: list[PublicReportOut]


class PublicReportActIn(Schema):
    """One act. text: needed to decline, ask and answer; first: for ``join``, number of the earlier report."""

    verb: Literal["accept", "decline", "ask", "answer", "end", "join"]
    text: str = Field("", max_length=4000)
    first: str = Field("", max_length=32)


class ReasonIn(Schema):
    """Why the identity has to be read."""

    reason: str = Field(max_length=300)


class AmountIn(Schema):
    """Yuan with two decimals at most."""

    amount: Decimal = Field(max_digits=10, decimal_places=2)


class RewardOut(Schema):
    """A reward as the paying office sees it: nothing of the report."""

    number: str
    division: str
    amount: Decimal
    offered_on: date
    claim_until: date
    state: str


class RewardLineOut(Schema):
    """A line of a purse's ledger; balance: what may still be promised after it."""

    sequence: int
    at: datetime
    kind: str
    amount: Decimal
    balance: Decimal
    reward: str
    by: str
    reference: str


class PurseOut(Schema):
    """A division's purse with a page of its ledger, newest first, and its rewards."""

    division: str
    balance: Decimal
    count: int
    items: list[RewardLineOut]
    rewards: list[RewardOut]


class MoveIn(Schema):
    """``fund`` enters a budget (amount, reference: its document); ``pay`` pays a reward against its claim code."""

    do: Literal["fund", "pay"]
    amount: Decimal | None = Field(None, max_digits=10, decimal_places=2)
    number: str = Field("", max_length=32)
    claim: str = Field("", max_length=40)
    reference: str = Field("", max_length=120)


@router.get("/reports", response=PublicReports, summary="Public reports of one's places and domains, those due first")
@needs(HANDLE)
def reports(
    request: HttpRequest,
    state: Literal["open", "received", "accepted", "declined", "answered", "ended", "all"] = "open",
    category: str = Query("", max_length=16),
    q: str = Query("", max_length=80),
    offset: int = Query(0, ge=0, le=10**9),
    limit: int = Query(50, ge=1, le=500),
) -> Any:
    """q: words of number, text, place or case."""
    found = _seen(request).filter(handling.narrowed(state, category, q))
    rows = found.select_related("same_as").order_by("due", "id")[offset : offset + limit]
    return {"count": found.count(), "items": [_out(each) for each in rows]}


@router.get("/reports/{number}", response={200: PublicReportWhole, 404: Refusal}, summary="One report")
@needs(HANDLE)
def report(request: HttpRequest, number: str) -> Any:
    """One of another division answers like one that does not exist."""
    return _whole(_one(request, number))


@router.post(
    "/reports/{number}/acts", response={200: PublicReportWhole, 404: Refusal, 409: Refusal}, summary="Act on a report"
)
@needs(HANDLE)
def report_act(request: HttpRequest, number: str, given: PublicReportActIn) -> Any:
    """Take up (its case is opened), decline, ask, answer, end, or join to an earlier one."""
    found, by = _one(request, number), access.actor(request)
    try:
        if given.verb == "join":
            handling.join(found, _one(request, given.first), by, now())
        else:
            reported.take_up(handling.act(found, handling.OFFICERS[given.verb], by, now(), given.text), now())
    except handling.NotNow as why:
        return Status(409, {"detail": str(why)})
    return Status(200, _whole(_one(request, number)))


@router.post(
    "/reports/{number}/identity",
    response={200: dict[str, str], 404: Refusal, 409: Refusal},
    summary="Read the sealed identity",
)
@needs("reports.identity")
def report_identity(request: HttpRequest, number: str, given: ReasonIn) -> Any:
    """Person, reason and time stand in the audit chain before it is given."""
    found = _one(request, number, "reports.identity")
    try:
        told = handling.open_identity(data_dir(), found, access.actor(request), now(), given.reason)
    except handling.NotNow as why:
        return Status(409, {"detail": str(why)})
    return Status(200, told)


@router.post(
    "/reports/{number}/reward", response={200: PublicReportWhole, 404: Refusal, 409: Refusal}, summary="Grant a reward"
)
@needs("rewards.offer")
def report_reward(request: HttpRequest, number: str, given: AmountIn) -> Any:
    """Out of the purse of the report's city; its number is told to the reporter only."""
    found = _one(request, number, "rewards.offer")
    try:
        purse = found.division[:4] + "00"
        rewards.offer(data_dir(), found, given.amount, access.actor(request), now(), purse)
    except handling.NotNow as why:
        return Status(409, {"detail": str(why)})
    return Status(200, _whole(found))


@router.get(
    "/reports/{number}/photos/{sha256}",
    response={404: Refusal},
    summary="A photo of a report",
    openapi_extra=file_of("image/jpeg"),
)
@needs(HANDLE)
def report_photo(request: HttpRequest, number: str, sha256: str) -> HttpResponseBase:
    """A JPEG without hidden data."""
    kept = get_object_or_404(Photo, report=_one(request, number), sha256=sha256).sha256
    file = content_path(data_dir() / "photos", kept)
    if not file.is_file():
        raise Http404("The photo was removed on schedule.")
    return FileResponse(file.open("rb"), content_type="image/jpeg")


@router.get("/rewards/{purse}", response={200: PurseOut, 404: Refusal}, summary="The reward ledger of a division")
@needs("rewards.pay")
def rewards_of(
    request: HttpRequest,
    purse: str,
    offset: int = Query(0, ge=0, le=10**9),
    limit: int = Query(50, ge=1, le=500),
) -> Any:
    """Nothing here says which report a reward was for."""
    division = _purse(request, purse)
    lines = RewardLine.objects.filter(division=division).order_by("-sequence")
    return {
        "division": division,
        "balance": rewards.balance(division),
        "count": lines.count(),
        "items": list(lines[offset : offset + limit]),
        "rewards": list(Reward.objects.filter(division=division)[:limit]),
    }


@router.post(
    "/rewards/{purse}/moves",
    response={200: PurseOut, 404: Refusal, 409: Refusal},
    summary="Enter a budget or pay a reward",
)
@needs("rewards.pay")
def rewards_move(request: HttpRequest, purse: str, given: MoveIn) -> Any:
    """A reward is paid to whoever shows number and claim code."""
    division, by = _purse(request, purse), access.actor(request)
    try:
        if given.do == "fund":
            rewards.fund(division, given.amount or Decimal(0), by, now(), given.reference)
        else:
            rewards.pay(given.number, given.claim, by, now(), given.reference, division)
    except handling.NotNow as why:
        return Status(409, {"detail": str(why)})
    return Status(200, rewards_of(request, division, 0, 50))


def _purse(request: HttpRequest, code: str) -> str:
    if code not in rewards.purses(access.rights(request)):
        raise Http404
    return code


def _seen(request: HttpRequest, action: str = HANDLE) -> QuerySet[Report]:
    return Report.objects.filter(access.rights(request).where(action))


def _one(request: HttpRequest, number: str, action: str = HANDLE) -> Report:
    found: Report = get_object_or_404(_seen(request, action).select_related("same_as"), number=number)
    return found


def _out(found: Report) -> dict[str, Any]:
    told = {name: getattr(found, name, None) for name in PublicReportOut.model_fields}
    return {**told, "same_as": found.same_as.number if found.same_as else None, "has_identity": bool(found.sealed)}


def _whole(found: Report) -> dict[str, Any]:
    return {
        **_out(found),
        "entries": list(Entry.objects.filter(report=found).order_by("id")),
        "photos": list(Photo.objects.filter(report=found)),
        "may": handling.may(found),
    }
