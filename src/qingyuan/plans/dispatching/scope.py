"""Whose reports somebody may see, fill and review: an organisation its own, a dispatcher those of their places.

Which plans they may read is said in `book.scope`.
"""

from __future__ import annotations

from django.db.models import QuerySet

from qingyuan.cases.models import Case
from qingyuan.people.actors import Actor
from qingyuan.people.models import Organisation
from qingyuan.people.rights import Rights
from qingyuan.plans.dispatching.asking import KIND
from qingyuan.plans.models import Plan

DISPATCH, REPORT = "plan.dispatch", "plan.report"


def dispatches(rights: Rights, division: str, domain: str) -> bool:
    """Whether somebody dispatches there."""
    return rights.may(DISPATCH, division, domain)


def sees(rights: Rights, actor: Actor, case: Case) -> bool:
    """Whether somebody may look at a report case."""
    own = actor.organisation is not None and case.organisation == actor.organisation
    return (own and rights.can(REPORT, case.domain)) or dispatches(rights, case.division, case.domain)


def cases(rights: Rights, actor: Actor, plan: Plan) -> QuerySet[Case]:
    """The report cases of a plan somebody may look at."""
    found = Case.objects.filter(kind=KIND, values__plan=plan.code)
    theirs = found.filter(rights.where(DISPATCH, site=""))
    if actor.organisation is not None and rights.can(REPORT, plan.domain):
        theirs = theirs | found.filter(organisation=actor.organisation)
    return theirs


def organisations(rights: Rights, plan: Plan) -> list[Organisation]:
    """The departments somebody may ask."""
    found = Organisation.objects.filter(active=True, kind=Organisation.Kind.DEPARTMENT, duties__isnull=False)
    return [each for each in found.distinct() if dispatches(rights, each.division, plan.domain)]
