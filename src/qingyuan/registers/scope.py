"""What somebody may see and sign of a kind, by their rights."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from django.db.models import Q

from qingyuan.people.rights import ANY, Grant, Rights
from qingyuan.places.divisions import children, stem
from qingyuan.registers.flow.declared import Kind, Signer
from qingyuan.registers.listing import LIES_IN, Scope
from qingyuan.registers.models import RegisterRecord

SEE = "registers.see"
ORGANISATION = "organisation"
"""Field of a record that is of an organisation rather than of a place."""
COUNTY = 6
"""Digits of the codes down to a county."""


def of(rights: Rights, kind: Kind, action: str = SEE) -> Scope:
    """The records of a kind an action is allowed on; on kept counts too where the rights cover whole counties."""
    records = rights.where(action, division=LIES_IN)
    if not rights.can(action) or not rights.domains(action) & {ANY, kind.domain}:
        return Scope(records & Q(pk__in=()), Q(pk__in=()))
    places = tuple(sorted(stem(code) for code in rights.divisions(action)))
    bound = any(grant.sites is not None for grant in rights.grants)
    whole = not bound and all(len(place) <= 6 for place in places)
    return Scope(records, rights.where(action, site="pk") if whole else None, places, bound and not places)


def holds(rights: Rights, record: RegisterRecord) -> Callable[[Signer], bool]:
    """Whether somebody may sign as a signer on this record."""
    office = str(record.values.get(ORGANISATION) or "")
    return holds_at(rights, record.division, record.domain, record.site, office)


def holds_at(rights: Rights, division: str, domain: str, site: str, office: str = "") -> Callable[[Signer], bool]:
    """The same for a record yet to be opened. office: the organisation it is of, where it names one."""

    def answer(signer: Signer) -> bool:
        if not rights.may("registers.write", division, domain, site):
            return False
        if not signer.of:
            return rights.holds(signer.duty, _level(signer), division, domain, site)
        return any(
            each.covers(division, domain, site) and _stands(each, signer, division, office)
            for each in _matching(rights, signer)
        )

    return answer


def _matching(rights: Rights, signer: Signer) -> list[Grant]:
    level = _level(signer)
    return [each for each in rights.grants if each.duty == signer.duty and level in (None, each.level)]


def _stands(grant: Grant, signer: Signer, division: str, office: str) -> bool:
    """Whether a grant is of the record's own party, or of what stands right above it."""
    if signer.of == "own":
        return str(grant.organisation) == office if office else grant.division == division
    return division in ([grant.division] if office else _below(grant.division))


def _below(division: str) -> list[str]:
    """The divisions right below one of the list; none below a county or what lies in it."""
    return [each.code for each in children(division)] if len(division) == COUNTY else []


def waiting(rights: Rights, kinds: Iterable[Kind]) -> Q:
    """The records whose present step somebody may sign."""
    steps: dict[Signer, list[tuple[str, str]]] = defaultdict(list)
    for kind in kinds:
        for step in kind.steps.values():
            for signer in step.signs:
                steps[signer].append((kind.name, step.name))
    found = Q(pk__in=())
    for signer, at in steps.items():
        if matching := _matching(rights, signer):
            held = rights.held(signer.duty, _level(signer))
            found |= held & _standing(at) & (_whose(matching, signer) if signer.of else Q())
    return found & rights.where("registers.write")


def _whose(grants: Iterable[Grant], signer: Signer) -> Q:
    """The records whose own party, or whose next above, one of the grants is of; as `_stands` answers for one."""
    named, found = f"values__{ORGANISATION}", Q(pk__in=())
    for each in grants:
        if signer.of == "own":
            found |= Q(**{named: str(each.organisation)}) | Q(**{f"{named}__isnull": True}, division=each.division)
        else:
            below = Q(**{f"{named}__isnull": True}, division__in=_below(each.division))
            found |= below | Q(**{f"{named}__isnull": False}, division=each.division)
    return found


def _standing(steps: Iterable[tuple[str, str]]) -> Q:
    found = Q()
    for kind, step in steps:
        found |= Q(kind=kind, step=step)
    return found


def _level(signer: Signer) -> str | None:
    return None if signer.level in ("any", "facility") else signer.level
