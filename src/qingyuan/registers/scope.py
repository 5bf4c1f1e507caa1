"""What somebody may see and sign of a kind, by their rights."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from django.db.models import Q

from qingyuan.people.rights import ANY, Rights
from qingyuan.places.divisions import stem
from qingyuan.registers.flow.declared import Kind, Signer
from qingyuan.registers.listing import LIES_IN, Scope
from qingyuan.registers.models import RegisterRecord

SEE = "registers.see"


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
    return holds_at(rights, record.division, record.domain, record.site)


def holds_at(rights: Rights, division: str, domain: str, site: str) -> Callable[[Signer], bool]:
    """The same for a record yet to be opened."""

    def answer(signer: Signer) -> bool:
        if not rights.may("registers.write", division, domain, site):
            return False
        return rights.holds(signer.duty, _level(signer), division, domain, site)

    return answer


def waiting(rights: Rights, kinds: Iterable[Kind]) -> Q:
    """The records whose present step somebody may sign."""
    steps: dict[Signer, list[tuple[str, str]]] = defaultdict(list)
    for kind in kinds:
        for step in kind.steps.values():
            for signer in step.signs:
                steps[signer].append((kind.name, step.name))
    found = Q(pk__in=())
    for signer, at in steps.items():
        if any(each.duty == signer.duty and _level(signer) in (None, each.level) for each in rights.grants):
            found |= rights.held(signer.duty, _level(signer)) & _standing(at)
    return found & rights.where("registers.write")


def _standing(steps: Iterable[tuple[str, str]]) -> Q:
    found = Q()
    for kind, step in steps:
        found |= Q(kind=kind, step=step)
    return found


def _level(signer: Signer) -> str | None:
    return None if signer.level in ("any", "facility") else signer.level
