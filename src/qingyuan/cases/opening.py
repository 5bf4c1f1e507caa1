"""Opening cases: from a finding, a report, a register or by hand; one event makes one case.

What is found again while its case is open is added to that case; what comes back soon after a case was closed, or after
the rectification, is a relapse and opens that case again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from qingyuan.cases import acting, custody, kinds, routing, telling
from qingyuan.cases.models import Case, CaseStep, Counter, Origin
from qingyuan.registers.flow import store
from qingyuan.registers.flow.acts import Given
from qingyuan.registers.flow.fold import Actor

RELAPSE = timedelta(days=30)
"""How long after closing the same monitor's finding opens the case again; the platform's own rule."""


@dataclass(frozen=True)
class Signal:
    """What a case is opened for.

    source, key: what it came from, once; told: its facts for the trace; grouped: whether one event makes one case;
    values: of further fields; to: (organisation, name, level) that gets it, where it is not routed.
    """

    kind: str
    about: str
    division: str
    domain: str
    occurred_at: datetime
    source: str
    key: str
    origin: str = "hand"
    severity: str = "normal"
    site: str = ""
    site_name: str = ""
    point: str = ""
    item: str = ""
    place: tuple[float, float] | None = None
    rule: str = ""
    clause: str = ""
    event: str = ""
    evidence: str = ""
    simulated: bool = False
    parent: int | None = None
    grouped: bool = True
    told: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    to: tuple[int, str, str] | None = None


def by_hand(account: int | None, kind: str, about: str, division: str, domain: str, at: datetime, *,
            key: str, evidence: str, urgent: bool, simulated: bool) -> Signal:  # fmt: skip
    """What an account enters by hand. key: of its form, so that the same one opens one case; empty: each time one."""
    return Signal(
        kind=kind, about=about.strip()[:120], division=division, domain=domain, occurred_at=at, source="hand",
        key=f"{account}-{key or at.isoformat()}"[:64], evidence=evidence.strip()[:4000],
        severity="high" if urgent else "normal", simulated=simulated,
    )  # fmt: skip


def open_case(signal: Signal, at: datetime, actor: Actor = acting.SYSTEM) -> Case:
    """The case of a signal: the one it is in already, an open one of the same event or monitor, else a new one."""
    try:
        with transaction.atomic():
            known = _known(signal)
            if known is not None:
                return known
            if (present := _present(signal)) is not None:
                return _again(present, signal, at)
            return _new(signal, at, actor)
    except IntegrityError:  # another process took the same signal in the same moment
        known = _known(signal)
        if known is None:
            raise
        return known


def _known(signal: Signal) -> Case | None:
    origin = Origin.objects.filter(source=signal.source, key=signal.key).select_related("case").first()
    return origin.case if origin else None


def _present(signal: Signal) -> Case | None:
    """The open case of the same event, else of the same monitor and kind; else the one closed just before."""
    if signal.parent or signal.source == "hand" or not signal.grouped:
        return None
    of_kind = Case.objects.select_for_update().filter(kind=signal.kind, simulated=signal.simulated)
    if signal.event and (same := of_kind.filter(event=signal.event, is_open=True).first()):
        return same
    if not signal.point:
        return None
    monitor = of_kind.filter(point=signal.point, item=signal.item)
    open_one = monitor.filter(is_open=True).first()
    recent = monitor.filter(step="closed", closed_at__gte=signal.occurred_at - RELAPSE).order_by("-closed_at")
    return open_one or recent.first()


def _again(case: Case, signal: Signal, at: datetime) -> Case:
    """Add a signal to its case; after the rectification it is a relapse."""
    _keep(case, signal, at)
    since = case.rectified_on
    if since is not None and signal.occurred_at.date() > since:
        return acting.relapse(case, signal.about, at)
    return acting.remark(case, signal.about, at)


def _new(signal: Signal, at: datetime, actor: Actor) -> Case:
    declared = kinds.kind(signal.kind)
    case = Case(**_columns(signal), number=number(declared.flow.number, at))
    values = {"about": signal.about, "location": signal.place, "evidence": signal.evidence, **signal.values}
    given = {name: value for name, value in values.items() if value}
    opening = Given("open", actor, at, 0, lambda _signer: True, values=given)
    store.open_record(declared.flow, case, CaseStep, opening, acting.aside)
    _keep(case, signal, at)
    case = acting.system(case, "sign", at, actor=actor)
    _routed(case, signal, at)
    case.refresh_from_db()
    telling.tell(case, "opened", at)
    return case


def _columns(signal: Signal) -> dict[str, Any]:
    taken = ("kind", "division", "domain", "site", "site_name", "severity", "origin", "rule", "clause", "event")
    columns = {name: getattr(signal, name) for name in (*taken, "point", "item", "occurred_at", "simulated")}
    place = {"lon": signal.place[0], "lat": signal.place[1]} if signal.place else {}
    return {**columns, **place, "title": signal.about[:200], "parent_id": signal.parent}


def _routed(case: Case, signal: Signal, at: datetime) -> None:
    if signal.to is not None:
        number, name, level = signal.to
        own = {"organisation": number, "organisation_name": name, "level": level, "duty": ""}
        acting.system(case, "hand_over", at, handed=own, note="routed")
        return
    facts = {"kind": signal.kind, "domain": signal.domain, "severity": signal.severity}
    route = routing.route(facts, signal.division)
    handed: dict[str, Any] = {"level": route.level, "duty": route.duty}
    if (lead := custody.lead(route, signal.domain)) is not None:
        handed |= {"organisation": lead[0], "organisation_name": lead[1]}
    beside = (custody.lead(replace(route, duty=duty), signal.domain) for duty in route.joint)
    handed["joint"] = [list(each) for each in beside if each is not None]
    acting.system(case, "hand_over", at, handed=handed, note="routed")


def _keep(case: Case, signal: Signal, at: datetime) -> None:
    Origin.objects.create(case=case, source=signal.source, key=signal.key, at=at, told=dict(signal.told))


def number(pattern: str, at: datetime) -> str:
    """The next number of a pattern: counted by year, never given twice."""
    with transaction.atomic():
        Counter.objects.get_or_create(series=f"case-{at.year}")
        counter = Counter.objects.select_for_update().get(series=f"case-{at.year}")
        counter.last += 1
        counter.save()
    return pattern.replace("{seq:5}", f"{counter.last:05}").format(year=at.year)
