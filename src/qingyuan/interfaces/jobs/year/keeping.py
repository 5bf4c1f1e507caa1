"""The stories of the year about registers: records of the five kinds, signed from step to step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from qingyuan.interfaces import loading
from qingyuan.interfaces.jobs.year import matters, pictures
from qingyuan.interfaces.jobs.year.running import Story, Year, some_day, texts, working
from qingyuan.places.divisions import division
from qingyuan.registers import acting, attachments, known
from qingyuan.registers.flow.acts import Given
from qingyuan.registers.flow.declared import Kind
from qingyuan.registers.flow.fold import Verb
from qingyuan.registers.models import RegisterRecord

DAY = timedelta(days=1)
COUNTS = {"outfall": 150, "coal_boiler": 200, "radioactive_source": 80, "rectification": 60}
"""Records by kind; emergency supplies come in runs of their own (`supplies`)."""
STORES = 12
MOVES = 5
"""How often something of a store comes in or goes out."""
OPEN_SOURCES = 0.8
"""Share of the radioactive sources that stay in use."""


def record(year: Year, name: str, number: int) -> Story:
    """A record is opened and signed on until it is over or the year ends."""
    kind, chance = loading.registers().kind(name), year.chance(name, number)
    where = chance.choice(matters.cities() if name == "rectification" else matters.counties())
    at = working(some_day(year, chance, lately=0.1), chance)
    yield at
    made = opened(year, kind, where, _values(year, kind, kind.first.name, chance, where, at), at)
    while made.step in kind.steps and not _stays(kind, made.step, chance):
        at = _when(made, chance, at)
        yield at
        acted(year, kind, made, "sign", _values(year, kind, made.step, chance, where, at), at)


def supplies(year: Year, number: int) -> Story:
    """Something of a store comes in, then goes out in parts, never more than there is."""
    kind, chance = loading.registers().kind("supplies"), year.chance("supplies", number)
    where = chance.choice(matters.cities())
    item = chance.choice(list(kind.fields["item"].codes))
    store = f"{division(where).name_zh}{chance.choice(texts()['registers']['stores'])}{number + 1}"
    left, at = 0, working(year.begins + DAY * chance.randrange(5, 90), chance)
    for _move in range(MOVES):
        yield at
        moved = chance.randrange(200, 900) if left < 150 else -chance.randrange(20, left // 2)
        made = opened(year, kind, where, _moved(store, item, moved, chance, at), at)
        for _step in range(2):
            at = _when(made, chance, at)
            yield at
            acted(year, kind, made, "sign", {}, at)
        left, at = left + moved, working(at + DAY * chance.randrange(10, 90), chance)


def _moved(store: str, item: str, moved: int, chance: Random, at: datetime) -> dict[str, Any]:
    told = {"store": store, "item": item, "quantity": str(abs(moved)), "moved_on": at.date().isoformat()}
    if moved < 0:
        return {**told, "direction": "outward", "purpose": "演练与处置领用（模拟）"}
    until = at.date() + DAY * chance.randrange(300, 1500)
    return {**told, "direction": "inward", "purpose": "年度采购（模拟）", "best_before": until.isoformat()}


def opened(year: Year, kind: Kind, where: str, values: dict[str, Any], at: datetime) -> RegisterRecord:
    """A new record, opened by somebody who may."""
    who = year.staff.signer(kind.opens, where, kind.domain)
    assert who is not None, (kind.name, where)
    found, sources = known.values(kind, where, "", values, at)
    holds = who.holds(where, kind.domain)
    given = Given("open", who.actor, at, 0, holds, values={**values, **found}, known=sources)
    change = acting.open_record(kind, acting.Place(where, simulated=True), given)
    assert isinstance(change.record, RegisterRecord)
    return change.record


def acted(year: Year, kind: Kind, made: RegisterRecord, verb: Verb, values: dict[str, Any], at: datetime) -> None:
    """One act on a record by somebody who may sign its step; the record is read again."""
    made.refresh_from_db()
    who = year.staff.signer(kind.steps[made.step].signs, made.division, made.domain, made.site)
    assert who is not None, (kind.name, made.step, made.division)
    holds = who.holds(made.division, made.domain, made.site)
    change = acting.act(kind, made.pk, Given(verb, who.actor, at, made.version, holds, values=values))
    attachments.note(kind, change, at)
    made.refresh_from_db()


def _when(made: RegisterRecord, chance: Random, at: datetime) -> datetime:
    begun = max(at, made.entered_at)
    there = min(max((made.due or begun + 40 * DAY) - begun, DAY), 200 * DAY)
    late = begun + there * chance.choices([chance.uniform(0.15, 0.95), chance.uniform(1.05, 1.6)], [85, 15])[0]
    return working(late.replace(microsecond=0), chance)


def _stays(kind: Kind, step: str, chance: Random) -> bool:
    return kind.name == "radioactive_source" and step == "hold" and chance.random() < OPEN_SOURCES


def _values(year: Year, kind: Kind, step: str, chance: Random, where: str, at: datetime) -> dict[str, Any]:
    """What a step takes: none where everything is known from the step before."""
    make = VALUES.get((kind.name, step))
    return make(year.data, chance, where, at) if make else {}


def _survey(data: Path, chance: Random, where: str, at: datetime) -> dict[str, Any]:
    said = texts()["registers"]
    river, kind = chance.choice(said["waters"]), chance.choice(said["outfall_names"])
    name = f"{division(where).name_zh}{river}{kind}{chance.randrange(1, 90):02}号"
    return {
        "name": name, "location": list(matters.near(where, chance)), "flowing": chance.random() < 0.6,
        "category": chance.choice(["industrial", "sewage_works", "agricultural", "other", "other"]),
        "water": river, "found_on": at.date().isoformat(),
    }  # fmt: skip


def _measured(data: Path, chance: Random, where: str, at: datetime) -> dict[str, Any]:
    drawn = {"nh3n": chance.lognormvariate(0.3, 0.8), "cod": chance.lognormvariate(3.3, 0.6),
             "total_p": chance.lognormvariate(-1.2, 0.6)}  # fmt: skip
    return {**{name: f"{value:.2f}" for name, value in drawn.items()}, "sampled_on": at.date().isoformat()}


def _traced(data: Path, chance: Random, where: str, at: datetime) -> dict[str, Any]:
    said, flow = texts()["registers"], chance.randrange(20, 4000)
    measure = chance.choices(["remove", "merge", "standardise", "none_needed"], [2, 3, 4, 3])[0]
    return {
        "source": chance.choice(said["sources"]),
        "flow": str(flow),
        "permitted_flow": str(flow + chance.randrange(500)),
        "evidence": chance.choice(said["evidence"]), "measure": measure,
    }  # fmt: skip


def _mended(data: Path, chance: Random, where: str, at: datetime) -> dict[str, Any]:
    works = [{"what": "管道改造", "cost": str(chance.randrange(20, 900) * 1000)}]
    return {"done_on": at.date().isoformat(), "works": works}


def _boiler(data: Path, chance: Random, where: str, at: datetime) -> dict[str, Any]:
    capacity, user = chance.choice([2, 4, 6, 10, 15, 20, 35]), chance.choice(texts()["registers"]["users"])
    return {
        "name": f"{division(where).name_zh}{user}（模拟）{capacity}t锅炉",
        "location": list(matters.near(where, chance)), "capacity": str(capacity), "built_up": chance.random() < 0.7,
        "heating": chance.choice(["heating", "process", "both"]), "coal": str(capacity * chance.randrange(150, 900)),
        "built_on": f"{chance.randrange(1998, 2018)}-09-01",
    }  # fmt: skip


def _planned(data: Path, chance: Random, where: str, at: datetime) -> dict[str, Any]:
    until = at.date() + DAY * chance.randrange(60, 260)
    way = chance.choice(["demolish", "district", "gas", "electric", "biomass"])
    return {"way": way, "until": until.isoformat(), "replaced_by": "区域集中供热（模拟）"}


def _stopped(data: Path, chance: Random, where: str, at: datetime) -> dict[str, Any]:
    photo = pictures.drawn("boiler", chance, at, matters.near(where, chance))
    return {"stopped_on": at.date().isoformat(), "photos": [attachments.store(data, f"{at:%Y%m%d}.jpg", photo)]}


def _accepted(data: Path, chance: Random, where: str, at: datetime) -> dict[str, Any]:
    return {"deregistered": True, "subsidy": str(chance.randrange(2, 40) * 10000)}


def _source(data: Path, chance: Random, where: str, at: datetime) -> dict[str, Any]:
    nuclide = chance.choice(["Co-60", "Cs-137", "Ir-192", "Am-241", "Se-75"])
    activity = 10 ** chance.randrange(8, 14)
    made, holder = at.date() - DAY * chance.randrange(200, 3000), f"SIM-{where}-{chance.randrange(10**6):06}"
    return {
        "code": f"{chance.randrange(10**11):011}{nuclide[0]}", "nuclide": nuclide, "activity": str(activity),
        "made_on": made.isoformat(), "holder": holder, "store": list(matters.near(where, chance)),
        "licence": f"模拟辐证[{chance.randrange(1000, 9999)}]", "licensed": str(activity * 10),
        "use": chance.choice(texts()["registers"]["uses"]),
    }  # fmt: skip


def _going(data: Path, chance: Random, where: str, at: datetime) -> dict[str, Any]:
    return {"going": "recall"}


def _recalled(data: Path, chance: Random, where: str, at: datetime) -> dict[str, Any]:
    return {"received_by": "城市放射性废物库（模拟）", "received_on": at.date().isoformat()}


def _task(data: Path, chance: Random, where: str, at: datetime) -> dict[str, Any]:
    place = division(where).name_zh
    return {
        "problem": f"{place}{chance.choice(texts()['registers']['problems'])}", "goal": "按期完成并通过验收",
        "round": chance.choice(["central", "look_back", "provincial", "warning_film"]),
        "topic": chance.choice(["air", "water", "soil", "ecology", "other"]), "duty_holder": f"{place}生态环境局",
        "due_on": (at.date() + DAY * chance.randrange(90, 420)).isoformat(), "listed_on": at.date().isoformat(),
        "place": list(matters.near(where, chance)),
    }  # fmt: skip


def _measures(data: Path, chance: Random, where: str, at: datetime) -> dict[str, Any]:
    leader = chance.choice(texts()["surnames"]) + chance.choice(texts()["given"])
    until = (at.date() + DAY * chance.randrange(30, 200)).isoformat()
    return {"leader": leader, "measures": [{"what": "工程建设与日常巡查", "who": leader, "until": until}]}


def _put_right(data: Path, chance: Random, where: str, at: datetime) -> dict[str, Any]:
    return {"progress": "100", "result": "工程完成，台账齐全", "spent": str(chance.randrange(30, 2000) * 10000)}


def _judged(data: Path, chance: Random, where: str, at: datetime) -> dict[str, Any]:
    good = chance.random() < 0.9
    return {"accepted": good, "opinion": "符合验收标准" if good else "佐证不足，退回完善"}


def _public(data: Path, chance: Random, where: str, at: datetime) -> dict[str, Any]:
    return {"published_on": at.date().isoformat(), "published_at": "https://example.invalid/notice"}


VALUES: dict[tuple[str, str], Callable[[Path, Random, str, datetime], dict[str, Any]]] = {
    ("outfall", "survey"): _survey,
    ("outfall", "measure"): _measured,
    ("outfall", "trace"): _traced,
    ("outfall", "mend"): _mended,
    ("coal_boiler", "list"): _boiler,
    ("coal_boiler", "plan"): _planned,
    ("coal_boiler", "stop"): _stopped,
    ("coal_boiler", "accept"): _accepted,
    ("radioactive_source", "licence"): _source,
    ("radioactive_source", "hold"): _going,
    ("radioactive_source", "recall"): _recalled,
    ("rectification", "list"): _task,
    ("rectification", "plan"): _measures,
    ("rectification", "rectify"): _put_right,
    ("rectification", "verify"): _judged,
    ("rectification", "publish"): _public,
}
"""What each step takes, by kind and step."""
