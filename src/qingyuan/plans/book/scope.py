"""Which plans somebody may read, and where they may act. A plan of a place is read by everybody below it."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from qingyuan.people.rights import Rights
from qingyuan.places.divisions import division
from qingyuan.plans.models import Plan, Version

DRAFTS = ("plan.edit", "plan.adopt")
"""Actions whose holders read drafts too."""


def above(code: str) -> set[str]:
    """The divisions a division lies in, itself included; those below a county are cut to their county first."""
    found: set[str] = set()
    at: str | None = code[:6]
    while at:
        found.add(at)
        at = division(at).parent
    return found


def plans(rights: Rights) -> QuerySet[Plan]:
    """The plans somebody may read: of their places, and of the places these lie in."""
    higher = {each for code in rights.divisions("plan.see") for each in above(code)}
    return Plan.objects.filter(rights.where("plan.see", site="") | Q(division__in=higher))


def may(rights: Rights, action: str, plan: Plan) -> bool:
    """Whether an action is allowed on a plan."""
    return rights.may(action, plan.division, plan.domain)


def versions(rights: Rights) -> QuerySet[Version]:
    """The versions somebody may read: adopted ones of the plans they read, drafts where they may edit or adopt."""
    seen = Version.objects.filter(plan__in=plans(rights)).select_related("plan")
    drafts = Q(pk__in=())
    for action in DRAFTS:
        drafts |= rights.where(action, division="plan__division", domain="plan__domain", site="")
    return seen.filter(Q(state__in=(Version.State.ADOPTED, Version.State.REPLACED)) | drafts)
