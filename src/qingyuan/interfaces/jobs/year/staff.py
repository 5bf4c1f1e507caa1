"""Who acts in the year: somebody in every simulated office, and who of them may sign what, by their real rights."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from random import Random

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User

from qingyuan.people import rights
from qingyuan.people.models import Organisation, Person, Post
from qingyuan.people.rights import Rights
from qingyuan.places.divisions import stem
from qingyuan.registers.flow.declared import Signer
from qingyuan.registers.flow.fold import Actor

SINCE = datetime(2024, 1, 1)


@dataclass(frozen=True)
class Member:
    """Somebody of an office: as steps and as audit lines name them, and what they may do."""

    actor: Actor
    rights: Rights
    stem: str

    def holds(self, division: str, domain: str, site: str = "") -> Callable[[Signer], bool]:
        """Whether they may sign as a signer on a record of that place."""

        def held(signer: Signer) -> bool:
            level = None if signer.level in ("any", "facility") else signer.level
            return self.rights.holds(signer.duty, level, division, domain, site)

        return held


class Staff:
    """The people of all simulated offices, those of the place itself first."""

    def __init__(self, chance: Random, surnames: str, given: list[str], at: datetime) -> None:
        _fill_offices(chance, surnames, given)
        people = Person.objects.filter(organisation__simulated=True).select_related("user", "organisation")
        found = [
            Member(
                Actor(each.user_id, each.name, each.organisation_id),
                rights.of(each.user, at),
                stem(each.organisation.division),
            )
            for each in people.order_by("pk")
        ]
        self.members = sorted(found, key=lambda each: -len(each.stem))
        self._known: dict[tuple[object, ...], Member | None] = {}

    def signer(
        self, signers: Iterable[Signer], division: str, domain: str, site: str = "", among: Iterable[int] | None = None
    ) -> Member | None:
        """Somebody who may sign as one of these, nearest to the place first. among: organisations, if it is theirs."""
        key = (tuple(signers), division, domain, site, None if among is None else frozenset(among))
        if key not in self._known:
            self._known[key] = next((each for each in self.members if _fits(each, *key)), None)
        return self._known[key]

    def able(self, action: str, division: str, domain: str) -> Member | None:
        """Somebody who may do an action there."""
        key = (action, division, domain)
        if key not in self._known:
            found = (each for each in self.members if each.rights.may(action, division, domain))
            self._known[key] = next(found, None)
        return self._known[key]

    def named(self, account: str) -> Member:
        """The member with this account."""
        number = User.objects.get(username=account).pk
        return next(each for each in self.members if each.actor.account == number)


def _fits(
    one: Member, signers: tuple[Signer, ...], division: str, domain: str, site: str, among: frozenset[int] | None
) -> bool:
    return (among is None or one.actor.organisation in among) and any(
        one.holds(division, domain, site)(each) for each in signers
    )


def _fill_offices(chance: Random, surnames: str, given: list[str]) -> None:
    """One person in every simulated office that has none; nobody signs in with these accounts."""
    empty = list(Organisation.objects.filter(simulated=True, people=None).prefetch_related("duties").order_by("pk"))
    users = User.objects.bulk_create(User(username=f"m{each.pk:04}", password=make_password(None)) for each in empty)
    people = Person.objects.bulk_create(
        Person(user=user, organisation=each, name=chance.choice(surnames) + chance.choice(given))
        for user, each in zip(users, empty, strict=True)
    )
    Post.objects.bulk_create(
        Post(person=person, duty=duty, since=SINCE)
        for person, each in zip(people, empty, strict=True)
        for duty in each.duties.all()
    )
