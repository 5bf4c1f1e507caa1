"""Files added to a case: kept by their content, photographs compared with the case's place and time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from qingyuan.cases import files, photographs
from qingyuan.cases.models import Attachment, Case
from qingyuan.people import audit
from qingyuan.registers.flow.fold import Actor


@dataclass(frozen=True)
class Sent:
    """A file as sent. taken, lon, lat: what the sender's device says, before what a picture says of itself."""

    name: str
    content: bytes
    taken: datetime | None = None
    lon: float | None = None
    lat: float | None = None


def attach(data: Path, case: Case, sent: Sent, actor: Actor, at: datetime) -> Attachment:
    """Keep a file of a case; the same content is kept once. Raises BadFile, BadPhotograph."""
    kept = files.keep(data, sent.name, sent.content)
    told = {"name": sent.name[:160], "type": kept.type, "size": kept.size, "account": actor.account, "by": actor.name}
    given = {**told, **_photograph(case, sent, kept.type, at), "at": at, "step": case.version}
    with transaction.atomic():
        made, new = Attachment.objects.get_or_create(case=case, sha256=kept.sha256, defaults=given)
        if new:
            _audited(case, made, actor, at)
    return made


def _photograph(case: Case, sent: Sent, kind: str, at: datetime) -> dict[str, Any]:
    if kind not in files.PICTURES:
        return {}
    own = photographs.read(sent.content)
    photo = photographs.Photograph(
        own.format, own.width, own.height, sent.taken or own.taken, sent.lon or own.lon, sent.lat or own.lat
    )
    place = (case.lon, case.lat) if case.lon is not None and case.lat is not None else None
    doubts = photographs.doubts(photo, place, case.occurred_at, at)
    return {"taken": photo.taken, "lon": photo.lon, "lat": photo.lat, "doubts": doubts}


def _audited(case: Case, made: Attachment, actor: Actor, at: datetime) -> None:
    audit.append(
        actor, "cases.attach", "case", case.key,
        division=case.division, domain=case.domain, change={"file": [None, made.sha256]}, at=at,
    )  # fmt: skip
