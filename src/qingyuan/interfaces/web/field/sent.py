"""Acts that come from a phone: done once however often they are sent, settled when somebody else acted meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from qingyuan.base.errors import QingyuanError
from qingyuan.cases import acting, attaching
from qingyuan.cases.models import Case, CaseStep, Sent
from qingyuan.interfaces.web.cases import words
from qingyuan.interfaces.web.field import tasks
from qingyuan.registers.flow.declared import Field, Signer
from qingyuan.registers.flow.fold import Actor
from qingyuan.registers.flow.reasons import Conflict
from qingyuan.registers.flow.wording import shown as told_of


class Differs(Exception):
    """Somebody else gave another value of the same field meanwhile. told: as the phone shows both."""

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(told["field"])
        self.told = told


@dataclass(frozen=True)
class Arrived:
    """An act as it arrives. seen: version on the phone; done_at: when it was done there."""

    id: UUID
    seen: int
    done_at: datetime
    choice: str
    figure: str
    note: str
    pictures: Sequence[attaching.Sent]


def read(form: Mapping[str, str], pictures: Sequence[tuple[str, bytes, str]], at: datetime) -> Arrived:
    """What a phone sent. pictures: name, bytes, what the phone told of each as JSON. QingyuanError otherwise."""
    try:
        done_at = datetime.fromisoformat(form["at"]).replace(tzinfo=None)
        return Arrived(
            UUID(form["id"]), int(form["version"]), min(done_at, at), form.get("choice", ""),
            form.get("figure", ""), form.get("note", "")[:2000], [_picture(*each) for each in pictures],
        )  # fmt: skip
    except (KeyError, ValueError):
        raise QingyuanError(_("This act is not complete"), _("Open the task again and repeat it.")) from None


def _picture(name: str, content: bytes, told: str) -> attaching.Sent:
    facts = json.loads(told or "{}")
    at = datetime.fromisoformat(facts["at"]).replace(tzinfo=None) if facts.get("at") else None
    return attaching.Sent(name, content, at, _degrees(facts.get("lon"), 180), _degrees(facts.get("lat"), 90))


def _degrees(value: Any, most: int) -> float | None:
    return float(value) if isinstance(value, int | float) and abs(value) <= most else None


def take(data: Path, case: Case, arrived: Arrived, actor: Actor, holds: Callable[[Signer], bool], at: datetime) -> None:
    """Do the act, unless it was done before. Raises Refused, Conflict, Differs, BadFile, BadPhotograph."""
    if Sent.objects.filter(pk=arrived.id).exists():
        return
    values = _values(case, arrived)
    seen = _settled(case, arrived, values)
    try:
        with transaction.atomic():
            Sent.objects.create(id=arrived.id, account=actor.account, case=case, at=arrived.done_at, received_at=at)
            for picture in arrived.pictures:
                attaching.attach(data, case, picture, actor, at)
            acting.act(case.pk, acting.Doing("sign", actor, seen, values, _note(arrived, at)), holds, at)
    except IntegrityError:
        if not Sent.objects.filter(pk=arrived.id).exists():
            raise


def _note(arrived: Arrived, at: datetime) -> str:
    late = int((at - arrived.done_at).total_seconds() // 60)
    return f"done on the phone at {arrived.done_at:%m-%d %H:%M}, sent {late} min later" if late > 1 else ""


def _values(case: Case, arrived: Arrived) -> dict[str, Any]:
    given = (
        (tasks.choice_of(case), arrived.choice),
        (tasks.figure_of(case), arrived.figure),
        (tasks.text_of(case), arrived.note),
    )
    return {field.name: value for field, value in given if field is not None and value != ""}


def _settled(case: Case, arrived: Arrived, values: Mapping[str, Any]) -> int:
    """The version to act on: the present one when what others did since touches nothing that is given here."""
    since = list(CaseStep.objects.filter(record=case, sequence__gt=arrived.seen).order_by("sequence"))
    moved = next((each for each in since if each.verb not in ("fill", "note")), None)
    if moved is not None:
        return arrived.seen  # the step itself has passed: the act says who did it
    for step in since:
        for name, theirs in step.given.get("values", {}).items():
            field = case.declared.flow.fields[name]
            if name in values and not _same(field, values[name], theirs):
                raise Differs(_both(case, field, values[name], theirs, step))
    return case.version


def _same(field: Field, mine: Any, theirs: Any) -> bool:
    if field.type != "number":
        return str(mine) == str(theirs)
    try:
        return float(mine) == float(theirs)
    except (TypeError, ValueError):
        return False


def _both(case: Case, field: Field, mine: Any, theirs: Any, step: Any) -> dict[str, Any]:
    return {
        "field": {"choice": "choice", "number": "figure"}.get(field.type, "note"),
        "label": words.of(field.title),
        "yours": str(mine),
        "theirs": str(theirs),
        "yours_shown": told_of(field, mine, "zh"),
        "theirs_shown": told_of(field, theirs, "zh"),
        "by": step.name,
        "at": step.at.isoformat(),
        "version": case.version,
    }


__all__ = ["Arrived", "Conflict", "Differs", "read", "take"]
