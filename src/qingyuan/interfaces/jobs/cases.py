"""What cases do by themselves: open from new findings, are proven by data, relapse, escalate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from qingyuan.assessments import store
from qingyuan.cases import carrying, opening, watching
from qingyuan.cases.models import Case, Counter
from qingyuan.domains.air.law import DAILY_AVERAGING
from qingyuan.interfaces import notifying, reported, workbooks
from qingyuan.interfaces.jobs import plan_dispatch
from qingyuan.observations import lake
from qingyuan.observations.datasets import Dataset, list_datasets
from qingyuan.people.actors import SYSTEM
from qingyuan.reports import retention, rewards
from qingyuan.rules.models import Finding
from qingyuan.standards import law

BATCH = 500
IMPORTING = 20.0
"""Seconds of a look that imports of registers may take; the next look carries them on."""
ORIGINS = {"sources": "monitor", "air": "station", "water": "station", "straw": "satellite"}


@dataclass(frozen=True)
class Done:
    """What one look did.

    taken: findings; proven: cases whose proof changed; escalated: deadlines and notes of progress that moved to a
    stage; reported: reports that got a case; answered: reports answered by one; carried: steps of registers carried
    out, faults: what of them could not be; imported: records opened from workbooks; sent, unsent: notices that
    arrived by mail and webhook, and that did not; asked: reports of plans.
    """

    taken: int
    proven: int
    escalated: int
    reported: int = 0
    answered: int = 0
    carried: int = 0
    faults: tuple[str, ...] = ()
    imported: int = 0
    sent: int = 0
    unsent: int = 0
    asked: int = 0


def look(data: Path, at: datetime) -> Done:
    """One look at everything."""
    datasets = list_datasets(data)
    taken = take_findings(at)
    reports, answered = reported.look(at)
    carried = carrying.carry_out(at)
    asked = _hourly(data, at)
    proven, escalated = watching.prove(at, _monitor(datasets)), watching.escalate(at) + watching.dispatch(at)
    imported = workbooks.look(data, at, IMPORTING)
    sent = notifying.send(at)
    return Done(taken, proven, escalated, reports, answered, carried.steps, carried.faults, imported, *sent, asked)


def _hourly(data: Path, at: datetime) -> int:
    """What once an hour is soon enough for; gives how many reports of plans were asked for.

    Personal data whose time is over are removed, rewards nobody claimed go back, reports of plans are asked for.
    """
    mark, _made = Counter.objects.get_or_create(series="hourly")
    hour = at.toordinal() * 24 + at.hour
    if mark.last >= hour:
        return 0
    retention.remove_personal(data, at, SYSTEM)
    rewards.lapse(at, SYSTEM)
    asked = plan_dispatch.look(at).opened
    mark.last = hour
    mark.save(update_fields=["last"])
    return asked


def take_findings(at: datetime) -> int:
    """Open cases from findings not taken yet, oldest first; one that has ended meanwhile is a matter all the same."""
    mark, _made = Counter.objects.get_or_create(series="findings-taken")
    taken = 0
    idle = (Finding.State.SUPPRESSED, Finding.State.RETRACTED)
    live = Finding.objects.exclude(state__in=idle).exclude(case_kind="").order_by("pk")
    while fresh := list(live.filter(pk__gt=mark.last)[:BATCH]):
        for finding in fresh:
            opening.open_case(signal_of(finding), at)
        mark.last = fresh[-1].pk
        mark.save(update_fields=["last"])
        taken += len(fresh)
    return taken


def signal_of(finding: Any) -> opening.Signal:
    """A finding as the signal of a case."""
    named = finding.name_zh or finding.point
    return opening.Signal(
        kind=finding.case_kind,
        about=f"{named} {finding.property.upper()} {_title(finding)}"[:120],
        division=finding.division,
        domain=finding.domain,
        occurred_at=finding.window_to,
        source="finding",
        key=str(finding.pk),
        origin=ORIGINS.get(finding.domain, "register"),
        severity="high" if finding.severity == "high" else "normal",
        site=finding.site,
        site_name=named[:120],
        point=finding.point,
        item=finding.property[:32],
        rule=finding.rule,
        clause=finding.clause,
        event=str(finding.event_id or ""),
        evidence=_evidence(finding),
        simulated=finding.simulated,
        told={"finding": finding.pk, "evidence": finding.evidence_sha256},
    )


def _title(finding: Any) -> str:
    try:
        return str(yaml.safe_load(finding.declared)["title"]["zh"])
    except (yaml.YAMLError, TypeError, KeyError):
        return str(finding.rule)


def _evidence(finding: Any) -> str:
    window = f"{finding.window_from:%Y-%m-%d %H:%M} 至 {finding.window_to:%Y-%m-%d %H:%M}"
    if finding.value is None:
        return window
    limit = "" if finding.limit is None else f"，限值 {finding.limit:g}"
    return f"{window}，{finding.value:g} {finding.unit}{limit}"


def _monitor(datasets: list[Dataset]) -> watching.DaysOf:
    """Days of a case's monitor from the dataset that holds it; None where none does."""

    def days_of(case: Case, first: date, last: date) -> Mapping[date, bool | None] | None:
        for dataset in (each for each in datasets if each.simulated == case.simulated):
            for read in READERS.get(case.domain, (_outlet,)):
                if (found := read(dataset.path, case, first, last)) is not None:
                    return found
        return None

    return days_of


Read = Callable[[Path, Case, date, date], "dict[date, bool | None] | None"]


def _rows(dataset: Path, name: str, point: str, first: date, last: date) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = store.read(dataset, name, first=first, last=last, points=[point]).to_pylist()
    return found


def _outlet(dataset: Path, case: Case, first: date, last: date) -> dict[date, bool | None] | None:
    """A day agrees when its mean is valid and no interval of it was over the limit."""
    if store.version(dataset, "sources.daily") < 0:
        return None
    days = [row for row in _rows(dataset, "sources.daily", case.point, first, last) if row["property"] == case.item]
    if not days:
        return None
    over = {
        row["phenomenon_time"].date()
        for row in _rows(dataset, "sources.exceedance", case.point, first, last)
        if row["property"] == case.item and row["over"]
    }
    found: dict[date, bool | None] = {
        row["phenomenon_time"].date(): (True if row["valid"] else None) and not row["over"] for row in days
    }
    return {**found, **dict.fromkeys(over, False)}


def _air(dataset: Path, case: Case, first: date, last: date) -> dict[date, bool | None] | None:
    """A day agrees when its valid value keeps to the daily limit of grade 2 in force that day."""
    if store.version(dataset, "air.daily_aqi") < 0:
        return None
    rows = _rows(dataset, "air.daily_aqi", case.point, first, last)
    return {row["phenomenon_time"].date(): _within(row, case.item) for row in rows} if rows else None


def _within(row: dict[str, Any], item: str) -> bool | None:
    value = row.get(item)
    if value is None or item not in DAILY_AVERAGING:
        return None
    limit = law.limit("GB 3095", item, DAILY_AVERAGING[item], on=row["phenomenon_time"].date())
    return bool(value <= limit.value)


def _water(dataset: Path, case: Case, first: date, last: date) -> dict[date, bool | None] | None:
    """A day agrees when half of its values are valid and all those keep to the limit the case was found by.

    Above it or below it (dissolved oxygen), as the finding was. None without such a finding or without values.
    """
    keys = case.origins.filter(source="finding").values_list("key", flat=True)
    findings = Finding.objects.filter(pk__in=[int(key) for key in keys], point=case.point, property=case.item)
    found = findings.exclude(limit=None).exclude(value=None).order_by("-window_to").first()
    if found is None or lake.version(dataset) < 0:
        return None
    limit, above = float(found.limit or 0), float(found.value or 0) > float(found.limit or 0)
    rows = lake.read_arrow(
        dataset, properties=[case.item], points=[case.point], averaging=found.averaging or None,
        first=first, last=last, flagged=True,
    ).to_pylist()  # fmt: skip
    days: dict[date, list[bool | None]] = {}
    for row in rows:
        value = None if row["flag"] else row["value"]
        within = None if value is None else (value <= limit if above else value >= limit)
        days.setdefault(row["phenomenon_time"].date(), []).append(within)
    return {day: _agrees(told) for day, told in days.items()} if days else None


def _agrees(told: list[bool | None]) -> bool | None:
    valid = [each for each in told if each is not None]
    if False in valid:
        return False
    return True if len(valid) * 2 >= len(told) else None


READERS: dict[str, tuple[Read, ...]] = {"air": (_air,), "water": (_outlet, _water)}
"""Who is asked for the days of a monitor, by the domain of the case; an outlet where nothing is said."""
