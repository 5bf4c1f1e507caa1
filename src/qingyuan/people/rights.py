"""Rights: what an account may do now, by its posts and what was delegated to it, over which places and domains.

Denied by default: without a grant nothing is allowed, and a query filtered by `Rights.where` gives no row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import Q

from qingyuan.people.declared import actions, duties, known
from qingyuan.people.models import Delegation, Organisation, Person, Post
from qingyuan.places.divisions import next_stem, stem, within

ANY = "*"
NOTHING = Q(pk__in=())


@dataclass(frozen=True)
class Grant:
    """One duty as held: level of the organisation, division whose subtree it covers, domain (``*``: any).

    sites: for an enterprise or company the only sites it covers; None for an authority.
    """

    duty: str
    level: str
    division: str
    domain: str
    organisation: int
    sites: frozenset[str] | None = None

    def covers(self, division: str, domain: str, site: str = "") -> bool:
        """Whether a record lies in the scope; one of no place lies in nobody's."""
        if self.domain not in (ANY, domain):
            return False
        if self.sites is not None:
            return bool(site) and site in self.sites
        return within(division, self.division)


class Rights:
    """What somebody may do at a moment."""

    def __init__(self, grants: Iterable[Grant]) -> None:
        self.grants = tuple(grants)

    def can(self, action: str, domain: str = "") -> bool:
        """Whether an action is possible anywhere at all, or in a domain: what entries and buttons ask."""
        return any(not domain or each.domain in (ANY, domain) for each in self._of(action))

    def may(self, action: str, division: str, domain: str, site: str = "") -> bool:
        """Whether an action is allowed on a record of that place, domain and site. Raises UnknownAction.

        Rows that are told only to the organisation they ask (`Action.within`) are asked about by `where`.
        """
        other = actions()[known(action)].within.get(domain)
        covered = any(each.covers(division, domain, site) for each in self._of(action))
        return covered and (other is None or self.may(other, division, domain, site))

    def holds(self, duty: str, level: str | None, division: str, domain: str, site: str = "") -> bool:
        """Whether a step that ``level.duty`` signs may be signed on that record. level None: any level."""
        return any(
            each.duty == duty and level in (None, each.level) and each.covers(division, domain, site)
            for each in self.grants
        )

    def where(
        self,
        action: str,
        division: str = "division",
        domain: str = "domain",
        site: str = "site",
        organisation: str = "organisation",
    ) -> Q:
        """The rows an action is allowed on, as a filter; names are those of the model's fields (may span relations).

        domain "", site "": the rows have none, so only grants for any domain, or of an authority, reach them.
        organisation: who has a row; asked for only where the action is declared ``within`` another; "": the rows name
        none.
        """
        found = NOTHING
        for each in _widest(self._of(action)):
            found |= _filter(each, division, domain, site)
        for inner, other in actions()[action].within.items():
            if domain and self._bound(action, inner, other):
                own = Q(**{f"{organisation}__in": self._organisations()}) if organisation else NOTHING
                found &= ~Q(**{domain: inner}) | self.where(other, division, domain, site) | own
        return found

    def _bound(self, action: str, domain: str, other: str) -> bool:
        """Whether the grants of an action reach rows of a domain the other action does not."""
        wider = [each for each in self._of(other) if each.sites is None and each.domain in (ANY, domain)]
        reaching = (each for each in self._of(action) if each.domain in (ANY, domain))
        return any(
            each.sites is not None or not any(within(each.division, one.division) for one in wider) for each in reaching
        )

    def _organisations(self) -> list[int]:
        return sorted({each.organisation for each in self.grants})

    def held(
        self, duty: str, level: str | None, division: str = "division", domain: str = "domain", site: str = "site"
    ) -> Q:
        """The rows on which `holds` is true for a duty at a level (None: any), as a filter."""
        found = NOTHING
        for each in _widest(each for each in self.grants if each.duty == duty and level in (None, each.level)):
            found |= _filter(each, division, domain, site)
        return found

    def domains(self, action: str) -> frozenset[str]:
        """Domains an action is allowed in, somewhere; ``*`` for any."""
        return frozenset(each.domain for each in self._of(action))

    def divisions(self, action: str) -> frozenset[str]:
        """Divisions whose subtrees an action is allowed in."""
        return frozenset(each.division for each in self._of(action) if each.sites is None)

    def grants_of(self, action: str) -> list[Grant]:
        """The grants that allow an action somewhere."""
        return list(self._of(action))

    def _of(self, action: str) -> Iterable[Grant]:
        allowed = _duties_with(known(action))
        return (each for each in self.grants if each.duty in allowed)


@lru_cache(maxsize=256)
def _duties_with(action: str) -> frozenset[str]:
    return frozenset(code for code, duty in duties().items() if action in duty.actions)


def _widest(grants: Iterable[Grant]) -> list[Grant]:
    """One grant a scope, leaving out scopes that lie in a wider one: short filters that an index can answer."""
    scopes = {(each.division, each.domain, each.sites): each for each in grants}
    return [one for one in scopes.values() if not any(_lies_in(one, other) for other in scopes.values())]


def _lies_in(one: Grant, other: Grant) -> bool:
    """Whether everything of one scope is of another, larger one; the sites of an enterprise may lie anywhere."""
    if one.sites is not None or other.sites is not None or other.domain not in (ANY, one.domain):
        return False
    return within(one.division, other.division) and (one.division, one.domain) != (other.division, other.domain)


def _filter(grant: Grant, division: str, domain: str, site: str) -> Q:
    if (grant.domain != ANY and not domain) or (grant.sites is not None and not (site and grant.sites)):
        return NOTHING
    kept = Q() if grant.domain == ANY else Q(**{domain: grant.domain})
    if grant.sites is not None:
        return kept & Q(**{f"{site}__in": sorted(grant.sites)})
    start = stem(grant.division)
    return kept & Q(**{f"{division}__gte": start, f"{division}__lt": next_stem(start)})


SET_UP = (Grant("accounts", "province", "220000", ANY, 0), Grant("audit", "province", "220000", ANY, 0))
"""What a superuser holds without any post: setting the platform up."""


def of(user: Any, at: datetime) -> Rights:
    """Rights of an account at a moment, kept on the account for the request."""
    held = getattr(user, "_rights", None)
    if held is None or held[0] != at.replace(second=0, microsecond=0):
        held = (at.replace(second=0, microsecond=0), Rights(_grants(user, at)))
        user._rights = held
    return held[1]


def _grants(user: Any, at: datetime) -> list[Grant]:
    if not user.is_authenticated or not user.is_active:
        return []
    return [*(SET_UP if user.is_superuser else ()), *(_grant(each) for each in _posts(user, at))]


def _posts(user: Any, at: datetime) -> Iterable[Post]:
    """Posts held and lent now, in one query that reads no others: every page asks for them."""
    me = Person.objects.filter(user=user, organisation__active=True).values("pk")
    lent = Delegation.objects.filter(taker__in=me, since__lte=at, until__gt=at, ended_at=None).values("posts")
    running = Q(since__lte=at) & (Q(until=None) | Q(until__gt=at))
    found = Post.objects.filter(running, Q(person__in=me) | Q(pk__in=lent), person__user__is_active=True)
    return found.filter(duty__organisation__active=True).select_related("duty__organisation")


def _grant(post: Post) -> Grant:
    organisation = post.duty.organisation
    own_sites = organisation.kind in (Organisation.Kind.ENTERPRISE, Organisation.Kind.COMPANY)
    sites = frozenset(organisation.sites.split()) if own_sites else None
    return Grant(post.duty.code, organisation.level, post.duty.division, post.duty.domain, organisation.pk, sites)
