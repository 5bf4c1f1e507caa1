"""The stories of the year about cases: matters found, inspections drawn, the platform's own mornings."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from random import Random

from qingyuan.cases import carrying, lots, opening, watching
from qingyuan.cases.lottery.roll import Conflict, Entry, Inspector, Quota, Roll
from qingyuan.cases.models import Case
from qingyuan.gateway.simulated import Device
from qingyuan.interfaces.jobs.year import matters
from qingyuan.interfaces.jobs.year.running import Story, Year, some_day, texts, working
from qingyuan.interfaces.jobs.year.speaking import afterwards
from qingyuan.interfaces.jobs.year.working import handled

DAY = timedelta(days=1)
PROVING = 5
"""Days between two looks at the proof of mendings."""


def found(year: Year, kind: str, number: int) -> Story:
    """A matter is found, becomes a case and is worked on; some have a case below them."""
    _count, make, months = matters.MATTERS[kind]
    chance = year.chance(kind, number)
    at = some_day(year, chance, months=months)
    yield at
    case = opening.open_case(make(kind, year, chance, at, f"{kind}-{number}"), at)
    if kind == "exceedance" and number % 14 == 0 and case.opened_at == at:
        _child(year, case, chance, at + timedelta(hours=2))
    yield from handled(year, case.pk, afterwards, at)


def _child(year: Year, parent: Case, chance: Random, at: datetime) -> None:
    about = chance.choice(texts()["said"]["child"]).format(title=parent.title)[:120]
    signal = opening.Signal(
        "device", about, parent.division, parent.domain, at, "simulated", f"below-{parent.pk}", origin="hand",
        site=parent.site, site_name=parent.site_name, parent=parent.pk, simulated=True,
    )  # fmt: skip
    below = opening.open_case(signal, at)
    year.tell(handled(year, below.pk, afterwards, at))


def mornings(year: Year) -> Story:
    """Every morning deadlines and effects of registers; every few days the data after mendings; all at the end."""
    for day in range((year.ends - year.begins).days):
        at = (year.begins + day * DAY).replace(hour=8, minute=10)
        yield at
        if day % PROVING == 0:
            watching.prove(at, days_of)
        watching.escalate(at)
        carrying.carry_out(at)
    yield year.ends
    watching.prove(year.ends, days_of)
    watching.escalate(year.ends)
    carrying.carry_out(year.ends)


def days_of(case: Case, first: date, last: date) -> Mapping[date, bool | None]:
    """Simulated days of a monitor: most agree, some have no result, a few are over."""
    days = [first + number * DAY for number in range((last - first).days + 1)]
    return {day: _day(case, day) for day in days}


def _day(case: Case, day: date) -> bool | None:
    drawn = hashlib.sha256(f"{case.point} {case.item} {day}".encode()).digest()[0]
    return None if drawn < 12 else drawn > 13


def lottery(year: Year, title: str, division: str, days_ago: int) -> Story:
    """A random inspection: the roll published, two days later the draw, a case for everyone drawn."""
    chance = year.chance("lottery", title)
    at = working(year.ends - days_ago * DAY, chance)
    yield at
    who = year.staff.able("lottery.draw", division, "sources")
    assert who is not None
    seed = hashlib.sha256(f"{year.seed} {title}".encode()).hexdigest()
    kept = lots.commit(_roll(year, title, division, chance), who.actor, at, simulated=True, seed=seed)
    at = working(at + 2 * DAY, chance)
    yield at
    for case in lots.draw(kept.pk, "", who.actor, at):
        year.tell(handled(year, case.pk, afterwards, at))


def _roll(year: Year, title: str, division: str, chance: Random) -> Roll:
    asked = [each for each in year.devices if each.kind.slug in ("gas", "water") and _lies_in(each, division)]
    entries = tuple(
        Entry(each.outlet, each.name_zh, each.division, each.kind.name_zh, chance.choice(["大", "中", "小"]),
              chance.randrange(1, 9)) for each in asked
    )  # fmt: skip
    surnames, given = texts()["surnames"], texts()["given"]
    inspectors = tuple(
        Inspector(f"I{number:02}", chance.choice(surnames) + chance.choice(given), "执法支队（模拟）")
        for number in range(1, 17)
    )
    conflicts = (Conflict("I01", entries[0].id, "亲属任职"), Conflict("I02", entries[-1].division, "曾在当地任职"))
    size = len(entries)
    quota = Quota(targeted=max(1, size // 20), random=max(2, size // 10), floor="0.02", team=2)
    return Roll(title, division, "sources", entries, inspectors, quota, conflicts)


def _lies_in(device: Device, division: str) -> bool:
    return division.endswith("0000") or device.division.startswith(division[:4])


__all__ = ["days_of", "found", "lottery", "mornings"]
