"""Who may be on a roll of a lottery by what the platform keeps, within the rights of who draws.

For the pages and the API alike: sites of a dataset's outlets or of a register, their risks, inspectors, conflicts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language

from qingyuan.base.settings import data_dir
from qingyuan.base.time import now
from qingyuan.cases import candidates
from qingyuan.cases.candidates import Candidate, Ranked
from qingyuan.cases.lottery import roll
from qingyuan.cases.lottery.roll import Conflict, Inspector
from qingyuan.cases.models import Case, Lottery
from qingyuan.domains.sources.law import kind_of
from qingyuan.gateway import scope as gateway_scope
from qingyuan.gateway.models import Device
from qingyuan.interfaces import loading
from qingyuan.observations.datasets import Dataset, list_datasets
from qingyuan.people.rights import ANY, Rights
from qingyuan.places.divisions import within
from qingyuan.places.outlets import Outlet, registered
from qingyuan.registers import listing, scope, tallies
from qingyuan.registers.flow import wording
from qingyuan.registers.flow.declared import Kind, Words
from qingyuan.registers.models import RegisterRecord
from qingyuan.rules.models import Finding

SEE, DRAW = "cases.see", "lottery.draw"
MOST = 5000
"""Sites a roll taken from the platform may have."""
OUTLETS, REGISTER = "outlets", "register"
MEDIA = {"gas": Words("废气", "waste gas"), "water": Words("废水", "waste water")}
UNSAID = Words("介质未写明", "medium not said")


@dataclass(frozen=True)
class Registry:
    """What a roll may be taken from. code: ``outlets:<dataset>`` or ``register:<kind>``."""

    code: str
    title: Words
    domain: str


@dataclass(frozen=True)
class Gathered:
    """What was found. ranked: `MOST` + 1 of them tell that there are more."""

    domain: str
    simulated: bool
    ranked: list[Ranked]
    people: list[Inspector]


@dataclass(frozen=True)
class Drawn:
    """A site that was drawn. how: targeted or random; inspectors: names; case: its number in the API."""

    entry: roll.Entry
    how: str
    inspectors: list[str]
    case: int | None


def registries(rights: Rights) -> dict[str, Registry]:
    """What somebody may take a roll from, by code."""
    domains, found = rights.domains(DRAW), []
    if rights.can("sources.see", gateway_scope.DOMAIN) and domains & {ANY, gateway_scope.DOMAIN}:
        for each in _with_outlets():
            title = Words(each.title_zh, each.title_en)
            found.append(Registry(f"{OUTLETS}:{each.slug}", title, gateway_scope.DOMAIN))
    for kind in loading.registers().kinds.values():
        seen = scope.of(rights, kind)
        if domains & {ANY, kind.domain} and (seen.places or seen.few):
            found.append(Registry(f"{REGISTER}:{kind.name}", kind.title, kind.domain))
    return {each.code: each for each in found}


def gather(rights: Rights, code: str, place: str, step: str, simulated: bool, at: datetime) -> Gathered:
    """The sites of a registry at a place, the riskiest first, and who could be sent. code: one of `registries`.

    step: of a register, empty: all open; simulated: of a register, which of its records; outlets are as their dataset.
    """
    what, _colon, name = code.partition(":")
    if what == OUTLETS:
        dataset = next(each for each in _with_outlets() if each.slug == name)
        found, simulated, domain = _outlets(rights, dataset, place), dataset.simulated, gateway_scope.DOMAIN
    else:
        kind = loading.registers().kind(name)
        found, domain = _records(rights, kind, place, step, simulated), kind.domain
    ranked = candidates.ranked(found, *_told(rights, name if what == OUTLETS else "", simulated), at)
    return Gathered(domain, simulated, ranked, candidates.inspectors(rights.divisions(DRAW), domain, at))


def conflicts(rights: Rights, domain: str, people: Iterable[Inspector], sites: Collection[str]) -> list[Conflict]:
    """Conflicts of these inspectors told in earlier lotteries one may draw."""
    return candidates.conflicts_before(lotteries(rights, DRAW).filter(domain=domain), people, sites)


def lotteries(rights: Rights, action: str = SEE) -> QuerySet[Lottery]:
    """The lotteries an action is allowed on."""
    return Lottery.objects.filter(rights.where(action, site="by", organisation=""))


def drawn(kept: Lottery, rights: Rights) -> list[Drawn]:
    """Those drawn, those by risk first; with their cases where one may see them."""
    draw = (kept.file or {}).get("draw", {})
    made = roll.read(kept.committed["roll"])
    sites, people = {each.id: each for each in made.entries}, {each.id: each.name for each in made.inspectors}
    mine = Case.objects.filter(rights.where(SEE), origins__source="lottery", event=f"lottery-{kept.pk}")
    cases = dict(mine.values_list("site", "pk"))
    return [
        Drawn(sites[each], how, [people[one] for one in draw["teams"][each]], cases.get(each))
        for how in ("targeted", "random")
        for each in draw.get(how, [])
    ]


def published(kept: Lottery, part: str) -> dict[str, Any]:
    """The file anyone can verify; before the draw, and as the part ``commitment``, what was committed to."""
    told: dict[str, Any] = kept.committed if part == "commitment" or kept.file is None else kept.file
    return told


def _with_outlets() -> list[Dataset]:
    return [each for each in list_datasets(data_dir()) if registered(each.path)]


def _language() -> str:
    return "en" if (get_language() or "").startswith("en") else "zh"


def _outlets(rights: Rights, dataset: Dataset, place: str) -> list[Candidate]:
    """Outlets of a dataset that one may see and draw from, at the place."""
    devices = {each.place: each for each in Device.objects.filter(dataset=dataset.slug)}
    seen = gateway_scope.outlets(rights, registered(dataset.path), dataset.slug)
    found = []
    for each in gateway_scope.outlets(rights, seen, dataset.slug, DRAW):
        device = devices.get(each.point)
        division = each.division or (device.division if device else gateway_scope.PROVINCE)
        if within(division, place):
            found.append(Candidate(each.point, _name(device) or each.point, division, _sector(each)))
    return found


def _name(device: Device | None) -> str:
    if device is None:
        return ""
    return (_language() == "en" and device.name_en) or device.name_zh or device.name_en


def _sector(outlet: Outlet) -> str:
    """What kind of source an outlet is, by its standard, as said, or by what it discharges."""
    kind = kind_of(outlet)
    if kind:
        return Words(kind.title_zh, kind.title_en).of(_language())
    return outlet.source_type or MEDIA.get(outlet.medium, UNSAID).of(_language())


def _records(rights: Rights, kind: Kind, place: str, step: str, simulated: bool) -> list[Candidate]:
    """Records of a register that one may see and draw from, at the place and step; one a site."""
    asked = listing.Asked(
        place="" if place.endswith("0000") else place, step=step, state="" if step else "open", simulated=simulated
    )
    rows = listing.records(kind, scope.of(rights, kind), asked, now())
    rows = rows.filter(rights.where(DRAW)).order_by("id")[: MOST + 1]
    group = next((each for each in tallies.facets(kind) if kind.fields[each].type == "choice"), "")
    return [_candidate(kind, group, each) for each in rows]


def _candidate(kind: Kind, group: str, each: RegisterRecord) -> Candidate:
    sector = wording.shown(kind.fields[group], each.values.get(group), _language()) if group else ""
    return Candidate(each.site or each.number, each.title[:120] or each.number, each.division, sector or "—")


def _told(rights: Rights, dataset: str, simulated: bool) -> tuple[Any, Any]:
    """Cases and findings that may be counted by whoever draws, of the same world."""
    cases = Case.objects.filter(rights.where(SEE), simulated=simulated)
    findings = Finding.objects.filter(rights.where("findings.see"))
    return cases, findings.filter(dataset=dataset) if dataset else findings.filter(simulated=simulated)
