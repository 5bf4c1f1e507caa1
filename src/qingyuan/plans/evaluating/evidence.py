"""Files given as evidence with a self-assessment or an appeal: kept by their content, cited by the act that follows."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.db import transaction

from qingyuan.cases import files
from qingyuan.people import audit
from qingyuan.plans.evaluating.rounds import KIND, NotNow
from qingyuan.plans.models import SheetFile, Standing

GIVEN_ON = (Standing.Step.SELF, Standing.Step.APPEAL)
"""Steps whose own hand speaks, and may prove what it says."""
MOST = 20
"""Files a step."""


def attach(data: Path, sheet: Standing, name: str, content: bytes, actor: audit.Actor, at: datetime) -> SheetFile:
    """Keep a file with the step a sheet stands at; the same content is kept once. Raises BadFile, NotNow."""
    if sheet.step not in GIVEN_ON or sheet.files.filter(step=sheet.step).count() >= MOST:
        raise NotNow(f"The sheet of {sheet.name} takes no file now", f"At most {MOST} with each step of its own",
                     f"{sheet.name}的评分表现在不收文件，自评和申诉时每步至多 {MOST} 个")  # fmt: skip
    kept = files.keep(data, name, content)
    given = {"step": sheet.step, "name": name[-160:], "type": kept.type, "size": kept.size, "account": actor.account,
             "by": actor.name, "at": at}  # fmt: skip
    with transaction.atomic():
        made, new = SheetFile.objects.get_or_create(sheet=sheet, sha256=kept.sha256, defaults=given)
        if new:
            audit.append(actor, "plan.report", KIND, str(sheet.pk), division=sheet.division, domain=sheet.domain,
                         change={"file": [None, kept.sha256]}, at=at)  # fmt: skip
    return made


def waiting(sheet: Standing) -> tuple[str, ...]:
    """Digests of the files given on the present step that no act has cited yet."""
    cited = {each for step in sheet.steps.all() for each in step.given.get("evidence", ())}
    found = sheet.files.filter(step=sheet.step).values_list("sha256", flat=True)
    return tuple(each for each in found if each not in cited)
