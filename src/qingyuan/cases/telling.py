"""Who is told what: notices in the page, to the organisation that has a case, its handler and who reported it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from qingyuan.cases.models import Case, Notice
from qingyuan.registers.flow.fold import Actor
from qingyuan.registers.models import RegisterRecord

TELLS: dict[str, tuple[str, ...]] = {
    "opened": ("organisation", "joint"),
    "sign": ("organisation", "handler"),
    "return": ("organisation", "handler"),
    "hand_over": ("organisation", "joint", "handler"),
    "note": ("handler",),
    "relapsed": ("organisation", "joint", "handler", "reporter"),
    "reopen": ("organisation", "handler", "reporter"),
    "closed": ("organisation", "reporter"),
    "proven": ("organisation", "handler"),
    "warning": ("organisation", "handler"),
    "overdue": ("organisation", "handler", "above"),
    "supervision": ("organisation", "handler", "above"),
    "accountability": ("organisation", "above"),
    "dispatch_reminder": ("organisation", "handler"),
    "dispatch_warning": ("organisation", "handler"),
    "dispatch_supervision": ("organisation", "handler", "above"),
    "dispatch_notice": ("organisation", "above"),
}
"""By what happened; acts not named here tell nobody. above: the organisations given by the caller."""


def tell(
    case: Case, code: str, at: datetime, *, by: Actor | None = None, above: tuple[int, ...] = (), **told: str
) -> list[Notice]:
    """Make the notices of something that happened to a case; who did it is not told of it."""
    wanted = TELLS.get(code, ())
    organisations = _organisations(case, wanted, above) - {by.organisation if by else None}
    accounts = {getattr(case, name) for name in ("handler", "reporter") if name in wanted}
    accounts -= {None, by.account if by else None}
    facts = {"step": case.step, "by": by.name if by else "", **told}
    made = [Notice(organisation=each, case=case, code=code, told=facts, at=at) for each in sorted(organisations)]
    made += [Notice(account=each, case=case, code=code, told=facts, at=at) for each in sorted(accounts)]
    return Notice.objects.bulk_create(made)


def _organisations(case: Case, wanted: tuple[str, ...], above: tuple[int, ...]) -> set[int]:
    found = {case.organisation} if "organisation" in wanted else set()
    if "joint" in wanted:
        found |= {number for number, _name in case.joint}
    if "above" in wanted:
        found |= set(above)
    return {each for each in found if each is not None}


def tell_of(record: RegisterRecord, organisations: tuple[int, ...], at: datetime) -> list[Notice]:
    """Tell organisations that a record of a register has come to them."""
    facts = {"step": record.step, "kind": record.kind}
    told = [Notice(organisation=each, record=record, code="register", told=facts, at=at) for each in organisations]
    return Notice.objects.bulk_create(told)


def of(account: int, organisations: tuple[int, ...], record: RegisterRecord | None = None) -> QuerySet[Notice]:
    """The notices of a person, newest first; of a record those not read yet, to be marked as read."""
    mine = Q(account=account) | Q(organisation__in=organisations)
    if record is not None:
        return Notice.objects.filter(mine, record=record, read_at=None)
    return Notice.objects.filter(mine).select_related("case", "record").order_by("-at", "-pk")
