"""What a case's letters and chart are made of."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest

from qingyuan.cases import acting, custody, kinds
from qingyuan.cases.letters import written
from qingyuan.cases.models import Case, CaseStep
from qingyuan.interfaces.web import context, reading
from qingyuan.interfaces.web.cases import words
from qingyuan.observations.datasets import Dataset
from qingyuan.people.audit import Actor
from qingyuan.people.models import Organisation
from qingyuan.people.rights import Rights
from qingyuan.places import divisions
from qingyuan.places.outlets import registered
from qingyuan.registers.flow.declared import Words


def short(name: str) -> Words:
    """The short name of a letter."""
    told = written.templates()[name]["short"]
    return Words(told["zh"], told["en"])


def letter(case: Case, name: str, at: datetime, actor: Actor) -> written.Letter:
    """A letter of a case, signed by the organisation of who asks. Raises NoLetter."""
    sender = Organisation.objects.filter(pk=actor.organisation or 0).values_list("name_zh", flat=True).first()
    return written.write(name, facts(case, at), sender or "", at.date(), simulated=case.simulated)


def facts(case: Case, at: datetime) -> dict[str, str]:
    """The facts letters name, in Chinese; empty where they are not known."""
    proof = acting.proof_of(case)
    above = custody.above(case.level, case.division, case.domain)
    higher = Organisation.objects.filter(pk__in=above).values_list("name_zh", flat=True).first()
    found = CaseStep.objects.filter(record=case).order_by("sequence").values_list("at", flat=True).first()
    return {
        "about": case.title,
        "number": case.number,
        "organisation": case.organisation_name,
        "opened": f"{found:%Y年%m月%d日%H时%M分}" if found else "",
        "source": "平台",
        "place": words.place(case.division).replace(" · ", ""),
        "evidence": str(case.values.get("evidence", "")),
        "clause": case.clause,
        "leader": case.leader,
        "due": written.chinese_date(case.due.date()) if case.due else "",
        "step": kinds.kind(case.kind).flow.title_of(case.step).zh,
        "overdue": f"{(at - case.due).days} 天" if case.due and case.due < at else "",
        "proof_days": str(case.needed) if case.needed else "",
        "site_name": case.site_name or case.site,
        "above": higher or "",
        "proof": f"整改后监测数据连续达标 {proof.agreeing} 天。" if proof and proof.proven else "",
        "opinion": str(case.values.get("opinion", "")),
        "plan_title": case.title.partition(" ")[0],
        "reasons": str(case.values.get("reasons", "")),
        "question": str(case.values.get("question", "")),
        "due_day": written.chinese_date(date.fromisoformat(day)) if (day := case.values.get("due_day")) else "",
    }


def chart(request: HttpRequest, case: Case) -> dict[str, Any] | None:
    """Where the series of a case's monitor comes from; None where no dataset holds it."""
    ctx = getattr(request, "ctx", None)
    if ctx is None or not case.point or not case.item:
        return None
    air = case.domain == "air"
    name = "station_series" if air else "outlet_series"
    held = [ctx.dataset, *(each for each in context.datasets() if each.simulated == case.simulated)]
    found = next((each for each in held if (_stations if air else _outlets)(each, case.point)), None)
    if found is None:
        return None
    url = ctx.link(name, case.point, dataset=found.slug)
    return {"url": url, "item": case.item, "days": 30, "source": found.title_zh}


def _outlets(dataset: Dataset, point: str) -> bool:
    return any(each.point == point for each in registered(dataset.path))


def _stations(dataset: Dataset, point: str) -> bool:
    return point in reading.points(dataset)


def divisions_of(rights: Rights, action: str) -> list[tuple[str, str]]:
    """The divisions somebody may do an action in, down to the counties."""
    found: dict[str, str] = {}
    for code in sorted(rights.divisions(action)):
        known = [divisions.division(code)] if len(code) == 6 else []
        for each in [*known, *(below for one in known for below in divisions.subtree(one.code))]:
            found[each.code] = words.place(each.code)
    return sorted(found.items())
