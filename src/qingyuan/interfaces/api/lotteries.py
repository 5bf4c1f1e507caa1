"""Random and targeted inspection 双随机: who may be on a roll, its commitment, the draw, the file anyone can verify."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from qingyuan.base.time import now
from qingyuan.cases import lots
from qingyuan.cases.lottery import fairness, record, roll
from qingyuan.cases.models import Lottery
from qingyuan.interfaces import access, rolls
from qingyuan.interfaces.api.operations import Listed, Refusal, needs, one_of
from qingyuan.people.rights import Rights

router = Router(tags=["lotteries"])
SEE = rolls.SEE


class QuotaOut(Schema):
    """How many are inspected. floor: least probability of everyone in the lottery; team: inspectors each."""

    targeted: int
    random: int
    floor: str = "0"
    team: int = 2


class SiteOut(Schema):
    """Who may be inspected."""

    id: str
    name: str
    division: str
    sector: str
    size: str
    risk: int


class InspectorOut(Schema):
    """Who may be sent."""

    id: str
    name: str
    organisation: str = ""


class ConflictOut(Schema):
    """An inspector who must not be sent to an entry, or to anyone of a division."""

    inspector: str
    subject: str
    reason: str


class RollIn(Schema):
    """A roll, as `qingyuan lottery commit` reads it. beacon: which later public value is mixed in, in words."""

    title: str
    division: str
    domain: str
    entries: list[SiteOut] = Field(max_length=rolls.MOST)
    inspectors: list[InspectorOut] = Field(max_length=rolls.MOST)
    quota: QuotaOut
    conflicts: list[ConflictOut] = Field(default_factory=list, max_length=rolls.MOST)
    beacon: str = ""
    source: str = ""


class CommitIn(Schema):
    """A roll to be fixed. simulated: whether it is of simulated rows, as the candidates told it."""

    roll: RollIn
    simulated: bool = False


class ValueIn(Schema):
    """The public value promised by the roll; empty where none was."""

    value: str = Field("", max_length=2000)


class RegistryOut(Schema):
    """What a roll may be taken from; steps of a register."""

    code: str
    title: dict[str, str]
    domain: str


class CandidateOut(SiteOut):
    """A site and what its risk is made of."""

    cases: int
    findings: int


class CandidatesOut(Schema):
    """Sites of a registry, the riskiest first, who could be sent, conflicts told before; ready to be made a roll."""

    domain: str
    simulated: bool
    more: bool
    entries: list[CandidateOut]
    inspectors: list[InspectorOut]
    conflicts: list[ConflictOut]


class LotteryOut(Schema):
    """A lottery in a list. sites: on its roll."""

    id: int
    title: str
    division: str
    domain: str
    by: str
    committed_at: datetime
    drawn_at: datetime | None
    simulated: bool
    sites: int
    quota: QuotaOut


class Lotteries(Listed):
    """A page of lotteries."""

    items: list[LotteryOut]


class DrawnOut(Schema):
    """A site that was drawn, by risk or by lottery, who is sent, and the number of its case in the API."""

    id: str
    name: str
    how: Literal["targeted", "random"]
    inspectors: list[str]
    case: int | None


class CheckOut(Schema):
    """One thing that was checked of the file; found: empty where it holds."""

    code: str
    good: bool
    found: str


class LotteryWhole(LotteryOut):
    """A lottery with its commitment, what was drawn and whether it holds."""

    beacon: str
    source: str
    commitment: dict[str, str]
    drawn: list[DrawnOut]
    checks: list[CheckOut]


class GroupOut(Schema):
    """A group: how many are in the lottery, expected and drawn, the range of 95 of 100 other draws."""

    group: str
    listed: int
    expected: float
    drawn: int
    low: int
    high: int
    usual: bool


class GroupingOut(Schema):
    """A grouping of the fairness sheet; p: how many of 100 other draws stray as far as this one, as a share."""

    by: str
    p: float
    lines: list[GroupOut]


@router.get("/lotteries", response=Lotteries, summary="Lotteries of one's scope, newest first")
@needs(SEE)
def lotteries(
    request: HttpRequest, offset: int = Query(0, ge=0, le=10**9), limit: int = Query(50, ge=1, le=200)
) -> Any:
    """Those committed to and those drawn."""
    found = rolls.lotteries(access.rights(request))
    rows = found.order_by("-committed_at", "-pk").defer("file")[offset : offset + limit]
    return {"count": found.count(), "items": [_out(each) for each in rows]}


@router.get("/lotteries/registries", response=list[RegistryOut], summary="What a roll may be taken from")
@needs(rolls.DRAW)
def lottery_registries(request: HttpRequest) -> Any:
    """Outlets of a dataset, registers."""
    found = rolls.registries(access.rights(request)).values()
    return [{"code": each.code, "title": each.title._asdict(), "domain": each.domain} for each in found]


@router.get("/lotteries/candidates", response=CandidatesOut, summary="Sites and inspectors of a registry for a roll")
@needs(rolls.DRAW)
def lottery_candidates(request: HttpRequest, registry: str, place: str, step: str = "", simulated: bool = False) -> Any:
    """step: of a register, empty: all open; simulated: which records of a register. At most 5,000 sites."""
    rights, step = access.rights(request), step[:64]
    known = rolls.registries(rights).get(registry)
    if known is None or not rights.may(rolls.DRAW, place, known.domain):
        raise roll.BadRoll("There is no such registry at this place", "Choose one of /lotteries/registries.")
    found = rolls.gather(rights, known.code, place, step, simulated, now())
    ranked = found.ranked[: rolls.MOST]
    before = rolls.conflicts(rights, found.domain, found.people, {each.entry.id for each in ranked})
    return {
        "domain": found.domain,
        "simulated": found.simulated,
        "more": len(found.ranked) > rolls.MOST,
        "entries": [{**asdict(each.entry), "cases": each.cases, "findings": each.findings} for each in ranked],
        "inspectors": [asdict(each) for each in found.people],
        "conflicts": [asdict(each) for each in before],
    }


@router.post("/lotteries", response={201: LotteryWhole}, summary="Fix a roll and keep a new secret seed")
@needs(rolls.DRAW)
def lottery_commit(request: HttpRequest, given: CommitIn) -> Any:
    """What is to be published before the draw can be fetched at once as ``file?part=commitment``."""
    made = roll.read(given.roll.dict())
    if not access.rights(request).may(rolls.DRAW, made.division, made.domain):
        raise roll.BadRoll("Your duties do not include this place and domain", "Choose one of yours.")
    kept = lots.commit(made, access.actor(request), now(), given.simulated)
    return Status(201, _whole(kept, access.rights(request)))


@router.get("/lotteries/{number}", response={200: LotteryWhole, 404: Refusal}, summary="One lottery")
@needs(SEE)
def lottery(request: HttpRequest, number: int) -> Any:
    """What was committed to, who was drawn, whether it holds; the seed stands in the file once it is drawn."""
    return _whole(_one(request, number), access.rights(request))


@router.post("/lotteries/{number}/draw", response={200: LotteryWhole, 404: Refusal}, summary="Draw a lottery")
@needs(rolls.DRAW)
def lottery_draw(request: HttpRequest, number: int, given: ValueIn) -> Any:
    """Tell the seed, draw once, and open a case for each one drawn."""
    kept = _one(request, number, rolls.DRAW)
    lots.draw(kept.pk, given.value.strip(), access.actor(request), now())
    return _whole(_one(request, number, rolls.DRAW), access.rights(request))


@router.get(
    "/lotteries/{number}/file", response={200: dict[str, Any], 404: Refusal}, summary="The file anyone can verify"
)
@needs(SEE)
def lottery_file(request: HttpRequest, number: int, part: Literal["commitment", "lottery"] = "lottery") -> Any:
    """For ``qingyuan lottery verify``; before the draw it is the commitment, as it is published."""
    return rolls.published(_one(request, number), part)


@router.get(
    "/lotteries/{number}/fairness",
    response={200: list[GroupingOut], 404: Refusal},
    summary="Who was expected to be drawn and who was",
)
@needs(SEE)
def lottery_fairness(request: HttpRequest, number: int) -> Any:
    """By county, sector and size; empty before the draw."""
    kept = _one(request, number)
    drawn = (kept.file or {}).get("draw")
    parts = fairness.sheet(roll.read(kept.committed["roll"]), drawn["random"], drawn["targeted"]) if drawn else []
    return [
        {"by": part.by, "p": part.p, "lines": [{**asdict(line), "usual": line.usual} for line in part.lines]}
        for part in parts
    ]


def _one(request: HttpRequest, number: int, action: str = SEE) -> Lottery:
    return one_of(rolls.lotteries(access.rights(request), action), number)


def _out(kept: Lottery) -> dict[str, Any]:
    told = {name: getattr(kept, name) for name in LotteryOut.model_fields if name not in ("sites", "quota")}
    return {**told, "sites": len(kept.committed["roll"]["entries"]), "quota": kept.committed["roll"]["quota"]}


def _whole(kept: Lottery, rights: Rights) -> dict[str, Any]:
    committed = kept.committed["roll"]
    checks = record.verify(kept.file, kept.committed) if kept.file else []
    return {
        **_out(kept),
        "beacon": committed["beacon"],
        "source": committed.get("source", ""),
        "commitment": kept.committed["commitment"],
        "drawn": [
            {
                "id": each.entry.id,
                "name": each.entry.name,
                "how": each.how,
                "inspectors": each.inspectors,
                "case": each.case,
            }
            for each in rolls.drawn(kept, rights)
        ],
        "checks": [asdict(each) for each in checks],
    }
