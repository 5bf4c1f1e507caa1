"""What words find among the records somebody may see, by kind; for the dialog of the pages and for the API."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from qingyuan.cases import listing
from qingyuan.cases.models import Case
from qingyuan.gateway import scope
from qingyuan.gateway.models import Device
from qingyuan.interfaces import loading
from qingyuan.people.rights import Rights
from qingyuan.places.divisions import stem
from qingyuan.registers import searching
from qingyuan.registers.models import RegisterRecord
from qingyuan.reports.models import Report
from qingyuan.rules.models import HEAVY, Finding


def devices(rights: Rights, words: str) -> QuerySet[Device]:
    """By MN and name in either language."""
    fits = Q(mn__icontains=words) | Q(name_zh__icontains=words) | Q(name_en__icontains=words)
    return scope.devices(rights).filter(fits)


def cases(rights: Rights, words: str) -> QuerySet[Case]:
    """By number, matter and site, the newest first."""
    found = Case.objects.filter(rights.where("cases.see"), listing.narrowed(listing.Asked(text=words)))
    return found.defer(*listing.HEAVY).order_by("-id")


def records(rights: Rights, words: str) -> tuple[QuerySet[RegisterRecord], bool]:
    """Records of every register by its index of words, those of a few sites by title and number; the newest first.

    And whether there are more than the index tells, `searching.MOST`.
    """
    found, more = (
        RegisterRecord.objects.filter(rights.where("registers.see"), kind__in=loading.registers().kinds),
        False,
    )
    if places := sorted(stem(code) for code in rights.divisions("registers.see")):
        keys = searching.matching("", places, words)
        found, more = found.filter(pk__in=keys), len(keys) > searching.MOST
    else:
        found = found.filter(Q(title__icontains=words) | Q(number__istartswith=words))
    return found.defer("values", "searched").order_by("-id"), more


def findings(rights: Rights, spoken: Q) -> QuerySet[Finding]:
    """The newest first. spoken: what the words mean, `named` or more."""
    return Finding.objects.filter(rights.where("findings.see"), spoken).defer(*HEAVY).order_by("-id")


def named(words: str) -> Q:
    """Findings whose point, name, item or rule holds the words."""
    held = Q()
    for name in ("point", "name_zh", "name_en", "property", "rule"):
        held |= Q(**{f"{name}__icontains": words})
    return held


def reports(rights: Rights, words: str) -> QuerySet[Report]:
    """By number only: what was told stays on its page."""
    return Report.objects.filter(rights.where("reports.handle"), number__icontains=words).order_by("-id")
