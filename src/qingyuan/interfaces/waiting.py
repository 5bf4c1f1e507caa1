"""What waits for somebody, of cases, notes of progress, reports and registers: for the pages and the API alike."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from qingyuan.cases import listing, progress, telling
from qingyuan.cases.models import Case, DispatchRound, Notice
from qingyuan.interfaces import access, loading
from qingyuan.registers import scope
from qingyuan.registers.models import NO_DEADLINE, RegisterRecord
from qingyuan.reports.models import Report, State


def cases(request: HttpRequest) -> QuerySet[Case]:
    """Open cases with the person, or with their organisation where nobody has taken them."""
    rights, who = access.rights(request), access.actor(request)
    may = rights.where("cases.act") | rights.where("cases.assign")
    return Case.objects.filter(may, listing.mine(listing.Me(who.account, who.organisation)), is_open=True)


def notes(request: HttpRequest) -> QuerySet[DispatchRound]:
    """Notes of progress asked for of those cases."""
    asked = DispatchRound.objects.filter(DispatchRound.OPEN, source=progress.SOURCE)
    return asked.filter(key__in=cases(request).values("pk"))


def reports(request: HttpRequest) -> QuerySet[Report]:
    """Reports nobody has taken up yet."""
    return Report.objects.filter(access.rights(request).where("reports.handle"), state=State.RECEIVED)


def records(request: HttpRequest) -> QuerySet[RegisterRecord]:
    """Records with a deadline whose present step the person may sign; one without a deadline asks for nothing."""
    mine = scope.waiting(access.rights(request), loading.registers().kinds.values())
    return RegisterRecord.objects.filter(mine, ranked__lt=NO_DEADLINE)


def notices(request: HttpRequest) -> QuerySet[Notice]:
    """What was told to a person of what they may see, newest first."""
    who, rights = access.actor(request), access.rights(request)
    mine = telling.of(who.account or 0, (who.organisation,) if who.organisation else ())
    of_case = rights.where("cases.see", "case__division", "case__domain", "case__site", "case__organisation")
    of_record = rights.where("registers.see", "record__division", "record__domain", "record__site")
    return mine.filter(of_case | of_record)


def told_to(request: HttpRequest) -> Q:
    """The notices that are told to a person."""
    who = access.actor(request)
    own = Q(account=who.account)
    return own | Q(organisation=who.organisation) if who.organisation else own
