"""Which organisations have a duty at a place: who a case is routed to, who stands above."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q

from qingyuan.cases import routing
from qingyuan.cases.models import Case
from qingyuan.people.models import Organisation, Post
from qingyuan.places.divisions import next_stem, stem, within
from qingyuan.registers.flow.declared import Signer

ANY = "*"
HANDLING = ("environment", "inspection", "water", "monitoring", "emergency", "radiation", "grid")
"""Duties of organisations that can have a case."""


def lead(route: routing.Route, domain: str = ANY) -> tuple[int, str] | None:
    """The organisation (number, name) that has the duty of a route there, the one for this very domain first."""
    fits = Q(duties__code=route.duty, duties__division=route.division, duties__domain__in=[ANY, domain])
    found = Organisation.objects.filter(fits, level=route.level, active=True, kind=Organisation.Kind.DEPARTMENT)
    rows = found.order_by("-duties__domain", "pk").values_list("pk", "name_zh")
    return rows.first()


def above(level: str, division: str, domain: str, steps: int = 1) -> tuple[int, ...]:
    """The environment authorities so many levels above: those who supervise."""
    for _step in range(steps):
        level = routing.above(level)
    found = lead(routing.Route(level, "environment", routing.lifted(division, level)), domain)
    return (found[0],) if found else ()


def signing(who: Signer, division: str, domain: str, site: str) -> tuple[int, ...]:
    """The organisations that sign as that signer for a record: the owner of its site, the duty at the level."""
    fits = Q(duties__code=who.duty, duties__domain__in=[ANY, domain], active=True)
    if who.level == "facility":
        kinds = (Organisation.Kind.ENTERPRISE, Organisation.Kind.COMPANY)
        found = Organisation.objects.filter(fits, kind__in=kinds, sites__contains=site) if site else []
        return tuple(dict.fromkeys(each.pk for each in found if site in each.sites.split()))
    finest = routing.level_of(division)
    asked = finest if who.level == "any" else who.level
    level = routing.LEVELS[min(routing.LEVELS.index(asked), routing.LEVELS.index(finest))]
    there = lead(routing.Route(level, who.duty, routing.lifted(division, level)), domain)
    return (there[0],) if there else ()


def choices(division: str, domain: str) -> list[tuple[int, str, str]]:
    """Departments a case of that place may be handed to: (number, name, level), higher ones first."""
    levels = routing.LEVELS[: routing.LEVELS.index(routing.level_of(division)) + 1]
    there = Q()
    for level in levels:
        there |= Q(duties__division=routing.lifted(division, level))
    below = Q(duties__division__startswith=division[:6]) if not division.endswith("00") else Q()
    found = Organisation.objects.filter(
        there | below if below else there,
        duties__domain__in=[ANY, domain],
        duties__code__in=HANDLING,
        active=True,
        kind=Organisation.Kind.DEPARTMENT,
    )
    rows = list(found.distinct().values_list("pk", "name_zh", "level"))
    return sorted(rows, key=lambda row: (routing.LEVELS.index(row[2]), row[0]))


def handed(
    case: Case, organisation: int | None, handler: int | None, joint: Iterable[int], at: datetime
) -> dict[str, Any]:
    """What a hand-over changes: the organisation, else the handler, and those beside; only of those there are."""
    known = {each[0]: each for each in choices(case.division, case.domain)}
    found: dict[str, Any] = {}
    if organisation in known and organisation != case.organisation:
        number, name, level = known[organisation]
        found = {"organisation": number, "organisation_name": name, "level": level, "handler": None, "handler_name": ""}
        found |= place_of(number, case.division)
    elif handler and case.organisation and (whose := dict(people(case.organisation, at)).get(handler)):
        found = {"handler": handler, "handler_name": whose}
    beside = [list(known[each][:2]) for each in joint if each in known]
    return found | ({"joint": beside} if beside else {})


def place_of(organisation: int, division: str) -> dict[str, str]:
    """The place a case gets with its new organisation: that of a township or grid within the place it had."""
    own = str(Organisation.objects.values_list("division", flat=True).get(pk=organisation))
    return {"division": own} if len(own) > len(division) and within(own, division) else {}


def people(organisation: int, at: datetime) -> list[tuple[int, str]]:
    """Accounts (number, name) who hold a post of an organisation now."""
    running = Q(since__lte=at) & (Q(until=None) | Q(until__gt=at))
    found = Post.objects.filter(running, person__organisation=organisation, person__user__is_active=True)
    return sorted(set(found.values_list("person__user_id", "person__name")), key=lambda row: row[1])


def below(codes: frozenset[str]) -> list[tuple[int, str, str]]:
    """Departments in these divisions and below, that can have cases: (number, name, level)."""
    there = Q(pk__in=())
    for code in codes:
        there |= Q(division__gte=stem(code), division__lt=next_stem(stem(code)))
    able = Q(duties__code__in=HANDLING, active=True, kind=Organisation.Kind.DEPARTMENT)
    return list(Organisation.objects.filter(there, able).distinct().values_list("pk", "name_zh", "level")[:300])
