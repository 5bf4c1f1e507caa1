"""A report comes in: checked field by field, sealed, numbered, and answered with a tracking code told only once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import cos, radians
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet

from qingyuan.base.durable import keep_content
from qingyuan.base.working_days import add_working_days
from qingyuan.people import audit
from qingyuan.people.audit import Actor
from qingyuan.places import boundaries, divisions
from qingyuan.reports import codes, identity, keys, photos
from qingyuan.reports.declared import categories, declared
from qingyuan.reports.models import Entry, Photo, Report, Verb

REPORTER = Actor(None, "reporter", None)
METRES_A_DEGREE = 111_320


@dataclass
class Told:
    """What somebody told, as typed or chosen. identity: name, telephone, mail, account, each may be missing."""

    category: str = ""
    text: str = ""
    place: str = ""
    division: str = ""
    longitude: float | None = None
    latitude: float | None = None
    seen_at: datetime | None = None
    identity: dict[str, str] = field(default_factory=dict)
    pictures: Sequence[bytes] = ()
    channel: str = Report.Channel.WEB
    simulated: bool = False


def faults(told: Told, at: datetime) -> dict[str, str]:
    """What has to be mended, by field: a code of the fault. Empty when the report can be taken."""
    limits, found = declared()["limits"], {}
    if told.category not in categories():
        found["category"] = "choose"
    if len(told.text.strip()) < 5:
        found["text"] = "too_short"
    elif len(told.text) > limits["text"]:
        found["text"] = "too_long"
    if told.seen_at and told.seen_at > at + timedelta(minutes=10):
        found["seen_at"] = "not_yet"
    if told.longitude is None and not (told.division and told.place.strip()):
        found["place"] = "where"
    elif not division_of(told):
        found["place"] = "outside"
    return found | _faulty_pictures(told.pictures, limits)


def _faulty_pictures(pictures: Sequence[bytes], limits: dict[str, int]) -> dict[str, str]:
    if len(pictures) > limits["photos"]:
        return {"photos": "too_many"}
    return {"photos": "too_large"} if any(len(each) > limits["photo_bytes"] for each in pictures) else {}


def division_of(told: Told) -> str:
    """The division a report belongs to: of its place on the map, else the one chosen; empty when there is none."""
    if told.longitude is not None and told.latitude is not None:
        return boundaries.within(told.longitude, told.latitude) or ""
    try:
        return divisions.division(told.division).code
    except divisions.UnknownDivision:
        return ""


def receive(data: Path, told: Told, at: datetime, address: str = "", by: Actor = REPORTER) -> tuple[Report, str]:
    """Keep a report; gives it and its tracking code. The report must be without `faults`; NoPhoto for a bad photo."""
    taken = [(photos.read(content), content) for content in told.pictures]
    code = codes.make()
    public = identity.public_key(data) if any(told.identity.values()) else b""
    with transaction.atomic():
        report = Report(
            number=_number(at),
            code=codes.digest(code),
            category=told.category,
            domain=categories()[told.category].domain,
            division=division_of(told),
            text=told.text.strip(),
            place=told.place.strip()[:200],
            longitude=told.longitude,
            latitude=told.latitude,
            seen_at=told.seen_at,
            received_at=at,
            channel=told.channel,
            due=due(at),
            address=address,
            simulated=told.simulated,
        )
        if public:
            report.sealed = identity.seal({k: v for k, v in told.identity.items() if v}, public, report.number)
        report.save()
        for photo, sent in taken:
            _keep_photo(data, report, photo, sent)
        Entry.objects.create(report=report, at=at, verb=Verb.RECEIVED, by=by.name if by.account else "")
        note(report, by, "reports.receive", at, state=["", report.state])
    return report, code


def note(report: Report, by: Actor, action: str, at: datetime, sealed: bool = False, **change: object) -> None:
    """Append to the audit chain what was done about a report."""
    audit.append(
        by, action, "report", report.number,
        division=report.division, domain=report.domain, change=change, at=at, sealed=sealed,
    )  # fmt: skip


def due(at: datetime) -> date:
    """Day by which a report received at a moment must be answered."""
    return at.date() + timedelta(days=declared()["deadlines"]["answer"]["days"])


def accept_by(report: Report) -> date:
    """Day by which it must be said whether the report is taken up: working days from receipt."""
    return add_working_days(report.received_at.date(), declared()["deadlines"]["accept"]["days"])


def _number(at: datetime) -> str:
    start = f"R{at.year}-"
    last = Report.objects.filter(number__startswith=start).order_by("-number").values_list("number", flat=True).first()
    return f"{start}{int(last.removeprefix(start)) + 1 if last else 1:06d}"


def _keep_photo(data: Path, report: Report, photo: photos.Taken, sent: bytes) -> None:
    Photo.objects.create(
        report=report,
        sha256=keep_content(data / "photos", photo.shown),
        original=keep_content(data / "photos" / "originals", sent),
        width=photo.width,
        height=photo.height,
        taken_at=photo.taken_at,
        longitude=photo.longitude,
        latitude=photo.latitude,
    )


def address_mark(data: Path, address: str, at: datetime) -> str:
    """What is kept of a network address: a keyed digest that changes every day."""
    return keys.keyed(data, f"address {at:%Y-%m-%d}", address) if address else ""


def nearby(report: Report) -> QuerySet[Report]:
    """Open reports of the same kind, near in place and time, that may tell of the same thing; nearest in time first."""
    near, days = declared()["near"], timedelta(days=declared()["near"]["days"])
    others = Report.objects.exclude(pk=report.pk).filter(
        category=report.category,
        received_at__range=(report.received_at - days, report.received_at + days),
        same_as=None,
        simulated=report.simulated,
    )
    if report.longitude is None or report.latitude is None:
        return others.filter(division=report.division, place=report.place)
    high = near["metres"] / METRES_A_DEGREE
    wide = high / max(cos(radians(report.latitude)), 0.1)
    return others.filter(
        longitude__range=(report.longitude - wide, report.longitude + wide),
        latitude__range=(report.latitude - high, report.latitude + high),
    )
