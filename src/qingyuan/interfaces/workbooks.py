"""Imports of workbooks carried on, by the open page and by the jobs alike, with the rights the account has now."""

from __future__ import annotations

import time
from datetime import datetime
from math import inf
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User

from qingyuan.base.errors import QingyuanError
from qingyuan.interfaces import loading
from qingyuan.people import rights
from qingyuan.people.models import Person
from qingyuan.registers import intake, scope
from qingyuan.registers.flow.declared import Kind, Signer, Words
from qingyuan.registers.flow.fold import Actor
from qingyuan.registers.flow.reasons import Reason, Refused
from qingyuan.registers.models import Import

FOLDER = "registers"
"""Below the data folder: attachments and prepared imports."""


def look(data: Path, at: datetime, seconds: float = inf) -> int:
    """Carry on what runs, a batch of each in turn, for so many seconds; gives how many records were opened."""
    ends, opened = time.monotonic() + seconds, 0
    while runs := list(Import.objects.filter(state="running").order_by("pk")):
        for run in runs:
            opened += go_on(run, data, at).done - run.done
            if time.monotonic() > ends:
                return opened
    return opened


def go_on(run: Import, data: Path, at: datetime) -> Import:
    """Open the next batch; one that is refused opens nothing, and the import stands as failed with the reasons."""
    try:
        kind = loading.registers().kind(run.kind)
        return intake.advance(run.pk, kind, data / FOLDER, *_importing(run, kind, at), at)
    except Refused as refused:
        return intake.failed(run.pk, Words("；".join(refused.of("zh")), "; ".join(refused.of("en"))))
    except QingyuanError as problem:
        return intake.failed(run.pk, Words(str(problem), str(problem)))


def _importing(run: Import, kind: Kind, at: datetime) -> tuple[Actor, Any]:
    """Who imports, and what they may sign as by division and site. Refused where the account may import no more."""
    user = User.objects.filter(pk=run.account).first()
    held = rights.of(user, at) if user else rights.Rights(())
    if user is None or not held.can("registers.import", kind.domain):
        told = Words(
            "该账号现在不能导入台账，请恢复职责后继续", "The account may not import now: restore its duty and go on"
        )
        raise Refused([Reason("not_yours", told)])
    person = Person.objects.filter(user=user).first()
    actor = Actor(user.pk, person.name, person.organisation_id) if person else Actor(user.pk, user.get_username(), None)

    def holds(division: str, site: str) -> Any:
        may = held.may("registers.import", division, kind.domain, site)
        return scope.holds_at(held, division, kind.domain, site) if may else _nothing

    return actor, holds


def _nothing(_signer: Signer) -> bool:
    return False
