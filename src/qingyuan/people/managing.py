"""Organisations, people and their posts as whoever manages a subtree of divisions sees and changes them.

Nobody grants what they do not hold: a duty may be given over a scope only by somebody who holds all of its actions
there, or who manages accounts there and is of the platform's set-up.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from qingyuan.people.models import Organisation, Person
from qingyuan.people.rights import Rights
from qingyuan.places.divisions import next_stem, stem

MANAGE = "accounts.manage"


def organisations(held: Rights, words: str = "", kind: str = "", division: str = "") -> QuerySet[Organisation]:
    """The organisations somebody manages, by words of the name, kind and subtree."""
    found = Organisation.objects.filter(held.where(MANAGE, domain="", site=""))
    for word in words.split()[:5]:
        found = found.filter(Q(name_zh__icontains=word) | Q(name_en__icontains=word) | Q(division__startswith=word))
    if kind:
        found = found.filter(kind=kind)
    if division:
        found = found.filter(division__gte=stem(division), division__lt=next_stem(stem(division)))
    return found


def people(held: Rights, words: str = "", organisation: int | None = None) -> QuerySet[Person]:
    """The people of the organisations somebody manages, by words of their name, account or organisation."""
    found = Person.objects.filter(held.where(MANAGE, division="organisation__division", domain="", site=""))
    for word in words.split()[:5]:
        near = Q(name__icontains=word) | Q(user__username__icontains=word) | Q(organisation__name_zh__icontains=word)
        found = found.filter(near)
    if organisation is not None:
        found = found.filter(organisation_id=organisation)
    return found.select_related("user", "organisation").order_by("name", "pk")
